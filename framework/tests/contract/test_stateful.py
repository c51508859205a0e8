"""What of a template holds what no deployment can make again."""

from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from thestack.contract.promise import StatefulResource
from thestack.contract.stateful import stateful_of
from thestack.contract.stateful_types import STATEFUL

DOCUMENTED = {
    "AWS::DynamoDB::Table": {"AttributeDefinitions", "LocalSecondaryIndexes"},
    "AWS::DynamoDB::GlobalTable": {"AttributeDefinitions"},
}
"""What only the documentation says, under "Update requires: Replacement"."""


def test_tables_buckets_queues_and_pools_are_kept_and_functions_are_not() -> None:
    resources = {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "dev-todo"}},
        "Files": {"Type": "AWS::S3::Bucket"},
        "Mail": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}},
        "UserPool": {"Type": "AWS::Cognito::UserPool", "Properties": {}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "dev-todo-graphql"}},
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
    }
    kept = stateful_of({"Resources": resources}, "dev")
    assert [each.id for each in kept] == ["Files", "Mail", "Table", "UserPool"]
    assert kept[1].fixed == {}
    assert kept[2] == StatefulResource(
        "Table", "AWS::DynamoDB::Table", {"TableName": "{environment}-todo"}, {}
    )


def test_the_same_stack_in_two_environments_keeps_the_same() -> None:
    assert stateful_of(stack("dev"), "dev") == stateful_of(stack("production-eu"), "production-eu")


def test_a_name_that_only_holds_the_environments_is_left() -> None:
    (bus,) = stateful_of({"Resources": {"Bus": resource("Events::EventBus", Name="my-dev-bus/dev")}}, "dev")
    assert bus.fixed == {"Name": "my-dev-bus/dev"}


def test_the_order_of_keys_attributes_and_indexes_says_nothing() -> None:
    turned = stack("dev")
    for listed in turned["Resources"]["Table"]["Properties"].values():
        if isinstance(listed, list):
            listed.reverse()
    assert stateful_of(turned, "dev") == stateful_of(stack("dev"), "dev")


def test_what_is_switched_off_is_as_if_left_out() -> None:
    (off,) = stateful_of({"Resources": {"Mail": resource("SQS::Queue", FifoQueue=False)}}, "dev")
    assert off.fixed == {}


def test_a_property_within_another_is_found() -> None:
    broker = resource("MSK::Cluster", BrokerNodeGroupInfo={"ClientSubnets": ["a"], "InstanceType": "small"})
    (kept,) = stateful_of({"Resources": {"Broker": broker}}, "dev")
    assert kept.fixed == {"BrokerNodeGroupInfo/ClientSubnets": ["a"]}


def test_what_replaces_is_what_cloudformation_says() -> None:
    """cfn-lint brings CloudFormation's registry along, which says what only a creation can set."""
    for type, kind in STATEFUL.items():
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type).schema
        always, sometimes = (
            {path.removeprefix("/properties/") for path in schema.get(key, [])}
            for key in ("createOnlyProperties", "conditionalCreateOnlyProperties")
        )
        always = {each for each in always if not any(each.startswith(f"{other}/") for other in always)}
        said = set(kind.replacing) - DOCUMENTED.get(type, set())
        assert always <= said, type
        assert said <= always | sometimes, type


def resource(type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type}", "Properties": properties}


def stack(environment: str) -> dict[str, Any]:
    key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "lsi")]
    local = [
        {
            "IndexName": name,
            "KeySchema": [key[0], {"AttributeName": "lsi", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        for name in ("by_a", "by_b")
    ]
    bucket = {"Fn::Join": ["", [f"{environment}-todo-files-", {"Ref": "AWS::AccountId"}]]}
    return {
        "Resources": {
            "Table": resource(
                "DynamoDB::Table",
                TableName=f"{environment}-todo",
                KeySchema=key,
                AttributeDefinitions=attributes,
                LocalSecondaryIndexes=local,
                GlobalSecondaryIndexes=[
                    {"IndexName": name, "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}
                    for name in ("x", "y")
                ],
            ),
            "Files": resource("S3::Bucket", BucketName=bucket),
            "Secret": resource("SecretsManager::Secret", Name=f"{environment}/todo/key"),
        }
    }
