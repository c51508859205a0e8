"""A timer is a schedule that may send to the timer's own queue, and nothing else."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.infra.errors import SynthesisError

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]
TEST = Environment(name="test", mail_sender="no-reply@thestack.example", default_tenant="acme")
SWEEPER = """
@service.cron("0 9 ? * MON-FRI *", zone="Europe/Berlin")
async def sweep_up(*, clock: Clock) -> None: ...
"""


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def test_a_timer_wakes_its_own_queue(define: Define, template: Synthesize) -> None:
    made = template(define("sweeper1", SWEEPER), TEST)
    (schedule,) = of_type(made, "AWS::Scheduler::Schedule")
    assert schedule["Name"] == "test-sweeper1-sweep-up"
    assert schedule["ScheduleExpression"] == "cron(0 9 ? * MON-FRI *)"
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["State"] == "ENABLED"
    target = schedule["Target"]
    woken = json.loads(target["Input"])
    assert woken["id"] == "sweeper1/sweep_up@<aws.scheduler.scheduled-time>"
    assert woken["time"] == "<aws.scheduler.scheduled-time>"
    assert (woken["tenant"], woken["type"]) == ("acme", "sweeper1/sweep_up")
    queue, dead_letters = (made["Resources"][each["Fn::GetAtt"][0]] for each in _queues(target))
    assert queue["Properties"]["QueueName"] == "test-sweeper1-sweep-up"
    assert dead_letters["Properties"]["QueueName"] == "test-sweeper1-sweep-up-dlq"


def test_its_role_may_send_there_and_nothing_else(define: Define, template: Synthesize) -> None:
    made = template(define("sweeper2", SWEEPER), TEST)
    (schedule,) = of_type(made, "AWS::Scheduler::Schedule")
    role = made["Resources"][schedule["Target"]["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == _queues(schedule["Target"])
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_an_environment_can_do_without_timers(define: Define, template: Synthesize) -> None:
    made = template(define("sweeper3", SWEEPER), replace(TEST, timers=False))
    (schedule,) = of_type(made, "AWS::Scheduler::Schedule")
    assert schedule["State"] == "DISABLED"


def test_a_timer_needs_a_tenant(define: Define, template: Synthesize) -> None:
    with pytest.raises(SynthesisError, match=r"sweeper4\.sweep_up is a timer.*set `default_tenant`"):
        template(define("sweeper4", SWEEPER), replace(TEST, default_tenant=None))


def _queues(target: dict[str, Any]) -> list[dict[str, Any]]:
    return [target["Arn"], target["DeadLetterConfig"]["Arn"]]
