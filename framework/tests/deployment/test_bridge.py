"""While two versions of a function are called, their role grants what either needs."""

from typing import Any

from thestack.deployment.bridge import bridged

READ = {"Sid": "Rows", "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": {"Ref": "Table"}}
WRITE = {"Sid": "Rows", "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": {"Ref": "Table"}}
SECRET = {"Sid": "Key", "Effect": "Allow", "Action": "ssm:GetParameter", "Resource": {"Ref": "Key"}}


def template(*statements: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    policies = [{"PolicyName": "grants", "PolicyDocument": {"Statement": list(statements)}}]
    return {
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": policies}},
        },
        **({"Parameters": parameters} if parameters else {}),
    }


def granted(document: Any) -> list[dict[str, Any]]:
    (policy,) = document["Resources"]["Role"]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def test_what_only_the_version_before_needs_is_still_granted_under_an_id_of_its_own() -> None:
    wider = bridged(template(WRITE), template(READ))
    assert granted(wider) == [WRITE, {**READ, "Sid": "RowsBefore"}]


def test_where_nothing_is_missing_the_template_is_taken_as_it_is() -> None:
    after = template(READ, WRITE)
    assert bridged(after, template(READ)) is after


def test_a_right_brings_the_parameter_that_it_names() -> None:
    before = template(SECRET, Key={"Type": "AWS::SSM::Parameter::Value<String>"})
    wider = bridged(template(READ), before)
    assert wider["Parameters"] == before["Parameters"]
    assert {**SECRET, "Sid": "KeyBefore"} in granted(wider)


def test_a_right_to_what_is_gone_can_not_be_granted() -> None:
    before = template(READ)
    after = template(WRITE)
    del after["Resources"]["Table"]
    assert bridged(after, before) is after


def test_a_table_that_the_stack_lets_go_of_is_named_by_its_arn() -> None:
    index = {"Fn::Join": ["", [{"Fn::GetAtt": ["Table", "Arn"]}, "/index/outbox"]]}
    rows = {"Sid": "Rows", "Effect": "Allow", "Action": "dynamodb:GetItem"}
    before = template({**rows, "Resource": [{"Fn::GetAtt": ["Table", "Arn"]}, index]})
    before["Resources"]["Table"]["Properties"] = {"TableName": "dev-todo"}
    after = template({**rows, "Resource": {"Fn::GetAtt": ["Table2", "Arn"]}})
    after["Resources"]["Table2"] = after["Resources"].pop("Table")
    _, kept = granted(bridged(after, before))
    arn = {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/dev-todo"}
    assert kept["Resource"] == [arn, {"Fn::Join": ["", [arn, "/index/outbox"]]}]
    assert kept["Sid"] == "RowsBefore"
