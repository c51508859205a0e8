"""An update that DynamoDB does not take at once is several."""

from typing import Any

from thestack.contract.index_steps import index_steps


def test_what_changes_no_index_is_one_step() -> None:
    assert index_steps(stack("a"), stack("a", code=2)) == [stack("a", code=2)]
    assert index_steps({}, stack("a", "b", "c")) == [stack("a", "b", "c")]


def test_one_new_index_comes_with_the_rest() -> None:
    assert index_steps(stack("a"), stack("a", "b", code=2)) == [stack("a", "b", code=2)]


def test_two_new_indexes_come_one_after_the_other_and_the_code_with_the_last() -> None:
    assert index_steps(stack("a"), stack("a", "b", "c", code=2)) == [
        stack("a", "b"),
        stack("a", "b", "c", code=2),
    ]


def test_an_index_goes_after_the_code_that_reads_it() -> None:
    assert index_steps(stack("a", "b"), stack("a", code=2)) == [stack("a", "b", code=2), stack("a", code=2)]


def test_no_step_changes_more_than_one_index_of_a_table() -> None:
    steps = [stack("a", "b", "c"), *index_steps(stack("a", "b", "c"), stack("c", "d", "e", code=2))]
    assert [names(each) for each in steps] == [
        ["a", "b", "c"],
        ["a", "b", "c", "d"],
        ["a", "b", "c", "d", "e"],
        ["b", "c", "d", "e"],
        ["c", "d", "e"],
    ]
    assert [each["Resources"]["Code"]["Properties"]["Version"] for each in steps] == [1, 1, 2, 2, 2]
    for step in steps:
        assert defined(step) == {"pk", *names(step)}


def test_an_index_that_changes_is_dropped_and_made_anew() -> None:
    narrow = stack("a", "b")
    narrow["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"][1]["Projection"] = {
        "ProjectionType": "KEYS_ONLY"
    }
    assert index_steps(stack("a", "b"), narrow) == [stack("a"), narrow]


def test_a_table_whose_last_index_goes_has_none() -> None:
    steps = index_steps(stack("a", "b"), stack())
    assert [names(each) for each in steps] == [["a", "b"], ["b"], []]
    assert steps[-1] == stack()


def test_a_table_that_is_new_or_replaced_is_made_at_once() -> None:
    renamed = stack("a", "b", "c")
    renamed["Resources"]["Table"]["Properties"]["TableName"] = "dev-other"
    assert index_steps(stack("a"), renamed) == [renamed]
    without = {"Resources": {"Code": stack()["Resources"]["Code"]}}
    assert index_steps(without, stack("a", "b")) == [stack("a", "b")]


def names(template: dict[str, Any]) -> list[str]:
    indexes = template["Resources"]["Table"]["Properties"].get("GlobalSecondaryIndexes", [])
    return [each["IndexName"] for each in indexes]


def defined(template: dict[str, Any]) -> set[str]:
    attributes = template["Resources"]["Table"]["Properties"]["AttributeDefinitions"]
    return {each["AttributeName"] for each in attributes}


def stack(*indexes: str, code: int = 1) -> dict[str, Any]:
    """A table with these indexes, each by an attribute of its name."""
    properties: dict[str, Any] = {
        "TableName": "dev-todo",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in sorted({"pk", *indexes})
        ],
    }
    if indexes:
        properties["GlobalSecondaryIndexes"] = [
            {
                "IndexName": name,
                "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            for name in indexes
        ]
    return {
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties},
            "Code": {"Type": "AWS::Lambda::Function", "Properties": {"Version": code}},
        }
    }
