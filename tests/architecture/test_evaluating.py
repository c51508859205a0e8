"""The evaluator of policies, held to what IAM's documentation says of each rule."""

import pytest

from tests.architecture.evaluating import Policy, Request, decide


def policy(effect: str = "Allow", **statement: object) -> Policy:
    return {"Statement": [{"Effect": effect, "Action": "s3:GetObject", "Resource": "*", **statement}]}


def when(operator: str, value: object) -> Policy:
    return policy(Condition={operator: {"aws:RequestedRegion": value}})


READ = Request("s3:GetObject", "arn:aws:s3:::bucket/key", {"aws:RequestedRegion": "eu-central-1"})
NOWHERE = Request("s3:GetObject", "arn:aws:s3:::bucket/key")


def test_what_nobody_allows_is_not_allowed_and_a_denial_wins() -> None:
    assert decide(READ) == "not allowed"
    assert decide(READ, policy()) == "allowed"
    assert decide(READ, policy(), policy("Deny")) == "denied"


@pytest.mark.parametrize(
    ("statement", "decision"),
    [
        ({"Action": "S3:get*"}, "allowed"),
        ({"Action": ["s3:PutObject"]}, "not allowed"),
        ({"Resource": "arn:aws:s3:::bucket/*"}, "allowed"),
        ({"Resource": "arn:aws:s3:::bucket"}, "not allowed"),
        ({"Resource": "arn:aws:s3:::BUCKET/*"}, "not allowed"),
        ({"Resource": "arn:aws:s3:::bucke?/key"}, "allowed"),
    ],
)
def test_actions_and_resources_are_patterns(statement: dict[str, object], decision: str) -> None:
    assert decide(READ, policy(**statement)) == decision


def test_not_action_is_every_other() -> None:
    document = {"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}
    assert decide(READ, document) == "allowed"
    assert decide(Request("iam:CreateUser"), document) == "not allowed"


@pytest.mark.parametrize(
    ("operator", "value", "here", "nowhere"),
    [
        ("StringEquals", "eu-central-1", True, False),
        ("StringEquals", ["us-east-1", "eu-central-1"], True, False),
        ("StringNotEquals", ["us-east-1", "eu-central-1"], False, True),
        ("StringLike", "eu-*", True, False),
        ("StringNotLike", "eu-*", False, True),
        ("ArnNotLike", "us-*", True, True),
        ("StringEqualsIfExists", "us-east-1", False, True),
        ("Null", "true", False, True),
        ("Null", "false", True, False),
    ],
)
def test_conditions_with_a_key_and_without(operator: str, value: object, here: bool, nowhere: bool) -> None:
    assert (decide(READ, when(operator, value)) == "allowed") is here
    assert (decide(NOWHERE, when(operator, value)) == "allowed") is nowhere


def test_a_condition_on_all_values_holds_for_none() -> None:
    document = policy(Condition={"ForAllValues:StringEquals": {"oam:ResourceTypes": ["a", "b"]}})
    for given, holds in ((["a"], True), (["a", "b"], True), (["a", "c"], False), ([], True)):
        asked = Request("s3:GetObject", context={"oam:ResourceTypes": given})
        assert (decide(asked, document) == "allowed") is holds
    assert decide(NOWHERE, document) == "allowed"


def test_a_resources_policy_asks_who() -> None:
    document = policy(Principal={"Service": "cloudtrail.amazonaws.com"})
    trail = Request("s3:GetObject", principal="service:cloudtrail.amazonaws.com")
    assert decide(trail, document) == "allowed"
    assert decide(Request("s3:GetObject", principal="service:sns.amazonaws.com"), document) == "not allowed"


def test_what_it_does_not_know_is_no_answer() -> None:
    with pytest.raises(AssertionError, match="NumericLessThan"):
        decide(READ, when("NumericLessThan", "3"))
    with pytest.raises(AssertionError, match="policy variable"):
        decide(READ, when("StringEquals", "${aws:username}"))
