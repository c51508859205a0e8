"""Nothing that holds data is deleted or replaced by accident."""

from typing import Any

import pytest

from thestack.contract.findings import Finding, Level
from thestack.contract.promise import Contract, StackShape, StatefulResource
from thestack.contract.stateful_changes import allow, stateful_changes, unused

ALL = {"ProjectionType": "ALL"}


def table(*indexes: str, **fixed: Any) -> StatefulResource:
    keys = {name: {"KeySchema": {"HASH": {"AttributeName": name}}, "Projection": ALL} for name in indexes}
    return StatefulResource("Table", "AWS::DynamoDB::Table", fixed, keys)


def queue(id: str = "Mail", **fixed: Any) -> StatefulResource:
    return StatefulResource(id, "AWS::SQS::Queue", fixed, {})


def pool(**fixed: Any) -> StatefulResource:
    return StatefulResource("UserPool", "AWS::Cognito::UserPool", fixed, {})


def attributes(**types: str) -> dict[str, dict[str, str]]:
    return {name: {"AttributeType": type} for name, type in types.items()}


def keeping(*resources: StatefulResource) -> Contract:
    return Contract("todo", stateful=resources)


def judged(before: Contract, after: Contract) -> list[Finding]:
    return list(stateful_changes({"todo": before}, {"todo": after}))


def test_what_stays_and_what_is_new_is_fine() -> None:
    kept = keeping(table("a"), queue(QueueName="mail"))
    assert judged(kept, kept) == []
    assert judged(keeping(), kept) == []
    assert list(stateful_changes({}, {"todo": kept})) == []


def test_a_resource_that_is_gone_is_deleted() -> None:
    (finding,) = judged(keeping(table(), queue("Mail")), keeping(table()))
    assert (finding.code, finding.level, finding.about) == ("C601", Level.BREAKING, "Mail")
    assert finding.message == "the queue Mail is deleted, with all that it holds"
    assert "--allow todo.Mail" in finding.help


def test_a_service_that_is_gone_is_one_finding_with_all_that_it_keeps() -> None:
    (finding,) = stateful_changes({"todo": keeping(table(), queue("Mail"))}, {})
    assert (finding.code, finding.level, finding.about) == ("C601", Level.BREAKING, "")
    assert "table Table, queue Mail" in finding.message
    assert list(stateful_changes({"todo": keeping()}, {})) == []


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        (queue(QueueName="a"), queue(QueueName="b"), "QueueName was a, is b"),
        (queue(), queue(FifoQueue=True), "FifoQueue was not there, is True"),
        (queue("Table"), table(), "AWS::SQS::Queue became AWS::DynamoDB::Table"),
        (
            table(KeySchema={"HASH": {"AttributeName": "pk"}}),
            table(KeySchema={"HASH": {"AttributeName": "id"}}),
            "KeySchema HASH AttributeName was pk, is id",
        ),
        (
            table(AttributeDefinitions=attributes(pk="S", a="S")),
            table(AttributeDefinitions=attributes(pk="S", a="N")),
            "AttributeDefinitions a AttributeType was S, is N",
        ),
        (
            table(),
            table(LocalSecondaryIndexes={"x": {}}),
            "LocalSecondaryIndexes was not there, is {'x': {}}",
        ),
    ],
)
def test_a_changed_property_that_only_a_creation_sets_replaces(
    before: StatefulResource, after: StatefulResource, how: str
) -> None:
    (finding,) = judged(keeping(before), keeping(after))
    assert (finding.code, finding.level, finding.about) == ("C602", Level.BREAKING, after.id)
    assert finding.message.endswith(f"is replaced by an empty one: {how}")


def test_attributes_of_indexes_come_and_go_with_them() -> None:
    one = keeping(table("a", AttributeDefinitions=attributes(pk="S", a="S")))
    two = keeping(table("a", "b", AttributeDefinitions=attributes(pk="S", a="S", b="S")))
    assert judged(one, two) == []
    assert [each.code for each in judged(two, one)] == ["C605"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (pool(UsernameAttributes=["email"]), pool(UsernameAttributes=["phone_number"])),
        (pool(AliasAttributes=["email"]), pool()),
        (pool(Schema={"tenant": {"Mutable": True}}), pool(Schema={"tenant": {"Mutable": False}})),
        (pool(Schema={"tenant": {}, "plan": {}}), pool(Schema={"tenant": {}})),
    ],
)
def test_what_aws_refuses_of_a_user_pool_is_told_before(
    before: StatefulResource, after: StatefulResource
) -> None:
    (finding,) = judged(keeping(before), keeping(after))
    assert (finding.code, finding.level, finding.about) == ("C604", Level.BREAKING, "UserPool")


def test_a_user_pool_gets_further_attributes() -> None:
    assert (
        judged(keeping(pool(Schema={"tenant": {}})), keeping(pool(Schema={"tenant": {}, "plan": {}}))) == []
    )


def test_one_new_index_is_fine_and_several_are_several_updates() -> None:
    assert judged(keeping(table("a")), keeping(table("a", "b"))) == []
    (finding,) = judged(keeping(table("a")), keeping(table("a", "b", "c")))
    assert (finding.code, finding.level, finding.about) == ("C603", Level.DANGEROUS, "Table")
    assert "Table needs 2 updates, in this order: +b, +c" in finding.message


def test_an_index_is_not_changed_in_place() -> None:
    narrow = StatefulResource(
        "Table",
        "AWS::DynamoDB::Table",
        {},
        {"a": {**table("a").indexes["a"], "Projection": {"ProjectionType": "KEYS_ONLY"}}},
    )
    (finding,) = judged(keeping(table("a")), keeping(narrow))
    assert (finding.code, finding.level, finding.about) == ("C604", Level.BREAKING, "Table.a")
    assert "Projection ProjectionType was ALL, is KEYS_ONLY" in finding.message


def test_a_dropped_index_may_still_be_read() -> None:
    (finding,) = judged(keeping(table("a", "b")), keeping(table("a")))
    assert (finding.code, finding.level, finding.about) == ("C605", Level.DANGEROUS, "Table.b")


def test_stacks_share_nothing_by_exports() -> None:
    exporting = Contract("todo", stack=StackShape(3, ("TodoTable",), ("MediaBucket",)))
    findings = list(stateful_changes({}, {"todo": exporting}))
    assert [(each.code, each.level, each.about) for each in findings] == [
        ("C606", Level.BREAKING, "TodoTable"),
        ("C606", Level.BREAKING, "MediaBucket"),
    ]


def test_a_stack_leaves_room_to_grow() -> None:
    assert list(stateful_changes({}, {"todo": Contract("todo", stack=StackShape(450))})) == []
    (finding,) = stateful_changes({}, {"todo": Contract("todo", stack=StackShape(451))})
    assert (finding.code, finding.level) == ("C607", Level.BREAKING)


def test_what_is_named_is_refused_no_more_and_nothing_else() -> None:
    findings = judged(keeping(table(), queue("Mail"), queue("Push")), keeping(table()))
    levels = {each.about: each.level for each in allow(findings, ["todo.Mail"])}
    assert levels == {"Mail": Level.DANGEROUS, "Push": Level.BREAKING}
    assert unused(findings, ["todo.Mail", "todo.Sms", "media.Mail"]) == ["media.Mail", "todo.Sms"]


def test_a_whole_service_is_named_by_its_name() -> None:
    (finding,) = allow(stateful_changes({"todo": keeping(table())}, {}), ["todo"])
    assert finding.level is Level.DANGEROUS


def test_what_aws_refuses_is_not_allowed_by_a_name() -> None:
    findings = judged(keeping(pool(AliasAttributes=["email"])), keeping(pool()))
    assert allow(findings, ["todo.UserPool"]) == findings
    assert unused(findings, ["todo.UserPool"]) == ["todo.UserPool"]
