"""A consumer's queue, the rule that feeds it and the source that empties it are as its definition says."""

from collections.abc import Callable
from typing import Any

import pytest

from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.infra.errors import SynthesisError

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]
TIMES = "from datetime import timedelta\n"
PACK = """
class Pack(Message, queue="packing", group="order_id"{keywords}):
    order_id: Id

@service.queue({options})
async def pack(message: Pack, /) -> None: ...
"""
ORDERS = """
from enum import StrEnum

class Priority(StrEnum):
    HIGH = "HIGH"
    LOW = "LOW"

class Placed(ForeignEvent, name="order.placed", version=2, source="orders"):
    order_id: Id
    total: int
    note: str
    priority: Priority

class Urgent(Filter[Placed]):
    priority: OneOf[Priority] | None = None
    total: Range[int] | None = None
    note: Text | None = None

@service.on(where=Urgent({where}))
async def rush(event: Placed, /) -> None: ...
"""


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {id: each["Properties"] for id, each in template["Resources"].items() if each["Type"] == kind}


def test_a_queue_that_keeps_order_and_its_dlq_are_fifo(define: Define, template: Synthesize) -> None:
    made = template(define("ordered", PACK.format(keywords="", options="")))
    queues = {each["QueueName"]: each for each in of_type(made, "AWS::SQS::Queue").values()}
    assert set(queues) == {"test-ordered-packing.fifo", "test-ordered-packing-dlq.fifo"}
    for queue in queues.values():
        assert (queue["FifoQueue"], queue["DeduplicationScope"]) == (True, "messageGroup")
        assert queue["FifoThroughputLimit"] == "perMessageGroupId"


def test_a_standard_queue_has_none_of_it(define: Define, template: Synthesize) -> None:
    made = template(define("plain", PACK.format(keywords="", options="").replace(', group="order_id"', "")))
    for queue in of_type(made, "AWS::SQS::Queue").values():
        assert not {"FifoQueue", "DelaySeconds"} & set(queue)


def test_the_options_of_a_consumer_are_those_of_its_queue_and_source(
    define: Define, template: Synthesize
) -> None:
    text = TIMES + PACK.replace(', group="order_id"', "").format(
        keywords=", delay=timedelta(seconds=30)",
        options="batch=500, window=timedelta(seconds=20), concurrency=7, retry=Retry(attempts=5),"
        "function=Function(timeout=timedelta(minutes=2))",
    )
    made = template(define("tuned", text))
    (source,) = of_type(made, "AWS::Lambda::EventSourceMapping").values()
    assert (source["BatchSize"], source["MaximumBatchingWindowInSeconds"]) == (500, 20)
    assert source["ScalingConfig"] == {"MaximumConcurrency": 7}
    queue = next(each for each in of_type(made, "AWS::SQS::Queue").values() if "RedrivePolicy" in each)
    assert (queue["DelaySeconds"], queue["VisibilityTimeout"]) == (30, 6 * 120 + 20)
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 7
    (function,) = of_type(made, "AWS::Lambda::Function").values()
    assert function["Timeout"] == 120


def test_a_visibility_is_the_definitions_and_one_that_is_too_short_is_refused(
    define: Define, template: Synthesize
) -> None:
    text = TIMES + PACK.format(keywords="", options="visibility=timedelta(seconds=240)")
    model = define("hidden", text)
    made = template(model)
    queue = next(each for each in of_type(made, "AWS::SQS::Queue").values() if "RedrivePolicy" in each)
    assert queue["VisibilityTimeout"] == 240
    slow = Environment(name="slow", mail_sender="a@b.example", consumer_timeout=60)
    with pytest.raises(SynthesisError, match="`visibility` of 360 s or more"):
        template(model, slow)


def test_a_filter_is_part_of_the_rule_for_the_version_that_it_is_of(
    define: Define, template: Synthesize
) -> None:
    where = 'priority=OneOf(eq=Priority.HIGH), total=Range(at_least=5, below=10), note=Text(begins_with="!")'
    made = template(define("picky", ORDERS.format(where=where)))
    (rule,) = (each for each in of_type(made, "AWS::Events::Rule").values() if "EventPattern" in each)
    assert rule["EventPattern"] == {
        "source": ["orders"],
        "detail-type": ["order.placed"],
        "detail": {
            "$or": [
                {
                    "data": {
                        "priority": ["HIGH"],
                        "total": [{"numeric": [">=", 5, "<", 10]}],
                        "note": [{"prefix": "!"}],
                    }
                },
                {"dataversion": [{"anything-but": [2]}]},
            ]
        },
    }


def test_a_filter_that_says_nothing_leaves_nothing_out(define: Define, template: Synthesize) -> None:
    made = template(define("open", ORDERS.format(where="")))
    (rule,) = (each for each in of_type(made, "AWS::Events::Rule").values() if "EventPattern" in each)
    assert rule["EventPattern"] == {"source": ["orders"], "detail-type": ["order.placed"]}


AWS_EVENTS = """
class Ended(AwsEvent, source="aws.mediaconvert", detail_type="MediaConvert Job State Change",
            pattern={"status": ["COMPLETE"], "userMetadata": {"environment": ["{environment}"]}}):
    status: str

class Stored(AwsEvent, source="aws.s3", detail_type="Object Created",
             pattern={"bucket": {"name": ["{environment}-{account}"]}}):
    bucket: dict[str, str]

class Placed(ForeignEvent, name="order.placed", version=2, source="orders"):
    order_id: Id
"""


def test_what_aws_says_is_fed_by_a_rule_on_the_default_bus(define: Define, template: Synthesize) -> None:
    text = f"{AWS_EVENTS}\n@service.on()\nasync def ended(event: Ended, /) -> None: ..."
    environment = Environment(name="test", mail_sender="a@b.example", default_tenant="acme")
    made = template(define("listening", text), environment)
    ((id, rule),) = (
        (id, each) for id, each in of_type(made, "AWS::Events::Rule").items() if "EventPattern" in each
    )
    assert "EventBusName" not in rule
    assert rule["EventPattern"] == {
        "source": ["aws.mediaconvert"],
        "detail-type": ["MediaConvert Job State Change"],
        "detail": {"status": ["COMPLETE"], "userMetadata": {"environment": ["test"]}},
    }
    (target,) = rule["Targets"]
    assert '"tenant":"acme"' in target["InputTransformer"]["InputTemplate"]
    assert "InputPath" not in target
    for policy in of_type(made, "AWS::SQS::QueuePolicy").values():
        statement = next(
            s for s in policy["PolicyDocument"]["Statement"] if s.get("Sid") == "DeliverMatchedEvents"
        )
        assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == {"Fn::GetAtt": [id, "Arn"]}


def test_on_the_emulator_what_stands_in_for_aws_is_heard_as_aws(define: Define, template: Synthesize) -> None:
    text = f"{AWS_EVENTS}\n@service.on()\nasync def all(event: Ended | Stored | Placed, /) -> None: ..."
    settings = {"name": "test", "mail_sender": "a@b.example"}
    made = template(define("imitated", text), Environment(**settings, emulated=True))
    ((id, rule),) = (
        (id, each)
        for id, each in of_type(made, "AWS::Events::Rule").items()
        if "emulated.aws.mediaconvert" in str(each.get("EventPattern"))
    )
    assert rule["EventPattern"] == {
        "source": ["emulated.aws.mediaconvert"],
        "detail-type": ["MediaConvert Job State Change"],
        "detail": {"status": ["COMPLETE"], "userMetadata": {"environment": ["test"]}},
    }
    assert '"source":"aws.mediaconvert"' in rule["Targets"][0]["InputTransformer"]["InputTemplate"]
    assert "source" not in rule["Targets"][0]["InputTransformer"]["InputPathsMap"]
    assert "emulated.aws.s3" not in str(made)
    for policy in of_type(made, "AWS::SQS::QueuePolicy").values():
        assert {"Fn::GetAtt": [id, "Arn"]} in policy["PolicyDocument"]["Statement"][0]["Condition"][
            "ArnEquals"
        ]["aws:SourceArn"]
    assert "emulated.aws" not in str(template(define("real", text), Environment(**settings)))


def test_what_aws_says_in_several_ways_and_what_services_say_can_be_heard_by_one(
    define: Define, template: Synthesize
) -> None:
    text = f"{AWS_EVENTS}\n@service.on()\nasync def all(event: Ended | Stored | Placed, /) -> None: ..."
    made = template(define("everywhere", text))
    rules = {
        each.get("EventBusName", "default"): each["EventPattern"]
        for each in of_type(made, "AWS::Events::Rule").values()
        if "EventPattern" in each
    }
    assert rules["test-bus"] == {"source": ["orders"], "detail-type": ["order.placed"]}
    ended, stored = rules["default"]["$or"]
    assert ended["source"] == ["aws.mediaconvert"]
    assert stored["detail"]["bucket"]["name"] == [{"Fn::Join": ["", ["test-", {"Ref": "AWS::AccountId"}]]}]


def test_every_event_is_what_has_our_envelope(define: Define, template: Synthesize) -> None:
    text = "@service.on()\nasync def all(event: AnyEvent, /) -> None: ..."
    made = template(define("curious", text))
    (rule,) = (each for each in of_type(made, "AWS::Events::Rule").values() if "EventPattern" in each)
    assert (rule["EventBusName"], rule["EventPattern"]) == ("test-bus", {"detail": {"specversion": ["1.0"]}})
