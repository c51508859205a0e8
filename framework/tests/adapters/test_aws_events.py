"""The default bus hands over what a pattern admits, in our envelope; so does the harness."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from framework.tests.adapters.emulator import Emulator
from thestack import AwsEvent
from thestack.definition.event_patterns import admits, filled, is_pattern
from thestack.definition.names import stand_in
from thestack.infra.aws_envelope import aws_envelope
from thestack.ports import Envelope
from thestack.testing import said_by_aws

pytestmark = pytest.mark.aws
TYPE = "Parcel State Change"
DETAIL = {
    "jobId": "1",
    "state": "LOST",
    "weight": 2.5,
    "note": 'a "quote", <id> and é\n',
    "tags": {"environment": "test", "tenant": "acme"},
    "list": [1, None, {"deep": True}],
}


class ParcelMoved(AwsEvent, source="com.example.parcels", detail_type=TYPE):
    job_id: str


def test_the_envelope_of_the_default_bus_is_what_the_harness_delivers(emulator: Emulator) -> None:
    events, queues = emulator.client("events"), emulator.client("sqs")
    url = queues.create_queue(QueueName="parcels")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    transformer: Any = aws_envelope("main")
    events.put_rule(Name="parcels", EventPattern=json.dumps({"source": ["com.example.parcels"]}))
    target = {
        "Id": "queue",
        "Arn": arn,
        "InputTransformer": {
            "InputPathsMap": transformer.input_paths_map,
            "InputTemplate": transformer.input_template,
        },
    }
    events.put_targets(Rule="parcels", Targets=[target])
    put = {"Source": "com.example.parcels", "DetailType": TYPE, "Detail": json.dumps(DETAIL)}
    (entry,) = events.put_events(Entries=[put])["Entries"]
    (message,) = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    handed = Envelope.from_json(message["Body"])
    assert handed == said_by_aws(ParcelMoved, DETAIL, id=entry["EventId"], time=handed.time)


def test_nobody_says_what_aws_says_and_what_stands_in_for_it_is_read_as_it(emulator: Emulator) -> None:
    events, queues = emulator.client("events"), emulator.client("sqs")
    url = queues.create_queue(QueueName="stand-in")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    transformer: Any = aws_envelope("main", "aws.parcels")
    paths, text = transformer.input_paths_map, transformer.input_template
    target = {"Id": "queue", "Arn": arn, "InputTransformer": {"InputPathsMap": paths, "InputTemplate": text}}
    events.put_rule(Name="stand-in", EventPattern=json.dumps({"source": [stand_in("aws.parcels")]}))
    events.put_targets(Rule="stand-in", Targets=[target])
    put = {"DetailType": TYPE, "Detail": json.dumps(DETAIL)}
    refused = events.put_events(Entries=[{**put, "Source": "aws.parcels"}])
    assert refused["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    events.put_events(Entries=[{**put, "Source": stand_in("aws.parcels")}])
    (message,) = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert Envelope.from_json(message["Body"]).source == "aws.parcels"


PATTERNS: tuple[Mapping[str, Any], ...] = (
    {"state": ["LOST"]},
    {"state": ["FOUND", {"prefix": "LO"}]},
    {"state": [{"suffix": "UND"}]},
    {"state": [{"wildcard": "L*T"}]},
    {"state": [{"equals-ignore-case": "lost"}]},
    {"state": [{"anything-but": ["LOST"]}]},
    {"state": [{"anything-but": {"prefix": "LO"}}]},
    {"nothing": [{"exists": False}]},
    {"weight": [{"exists": False}]},
    {"weight": [{"numeric": [">", 2, "<=", 2.5]}]},
    {"weight": [{"numeric": ["=", 3]}]},
    {"tags": {"environment": ["test"], "tenant": [{"anything-but": "main"}]}},
    {"tags": {"environment": ["other"]}},
    {"list": [1]},
    {"list": [None]},
    {"list": [2]},
    {"nothing": {"at": ["all"]}},
    {"$or": [{"state": ["FOUND"]}, {"weight": [{"numeric": [">", 1]}]}]},
    {"$or": [{"state": ["FOUND"]}, {"weight": [{"numeric": [">", 3]}]}]},
)


@pytest.mark.parametrize("pattern", PATTERNS, ids=json.dumps)
def test_the_harness_leaves_out_what_the_bus_does(emulator: Emulator, pattern: Mapping[str, Any]) -> None:
    assert is_pattern(pattern)
    event = {
        "id": "1",
        "account": "123456789012",
        "source": "com.example.parcels",
        "detail-type": TYPE,
        "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": DETAIL,
    }
    answer = emulator.client("events").test_event_pattern(
        EventPattern=json.dumps({"detail": pattern}), Event=json.dumps(event)
    )
    assert admits(pattern, DETAIL) is answer["Result"]


def test_a_place_is_filled_in_by_the_stack_and_any_text_before_that() -> None:
    pattern = {
        "bucket": {"name": ["{environment}-pictures-{account}"]},
        "key": [{"prefix": "{environment}/"}],
    }
    assert admits(pattern, {"bucket": {"name": "test-pictures-1"}, "key": "test/1"})
    assert not admits(pattern, {"bucket": {"name": "test-films-1"}, "key": "test/1"})
    assert filled(pattern, {"{environment}": "test", "{account}": "1"}) == {
        "bucket": {"name": ["test-pictures-1"]},
        "key": [{"prefix": "test/"}],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        {"a": []},
        {"a": "text"},
        {"a": [{"sounds-like": "b"}]},
        {"a": [b"1"]},
        {1: ["a"]},
        {"$or": [{"a": ["b"]}]},
        {"a": [{"anything-but": {1, 2}}]},
    ],
    ids=str,
)
def test_what_is_no_pattern(wrong: Any) -> None:
    assert not is_pattern(wrong)
