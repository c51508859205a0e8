"""A service that puts messages off has a group of schedules, and may send from it where it sends anyway."""

from collections.abc import Callable
from typing import Any

import pytest

from thestack.definition.model import ServiceModel
from thestack.definition.putting_off import putting_off
from thestack.infra.environment import Environment
from thestack.infra.permissions import permissions

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]
TEST = Environment(name="test", mail_sender="no-reply@thestack.example", retain_data=False)
CALENDAR = """
from datetime import datetime

class Visit(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    at: datetime

class Remind(Message, queue="reminders"):
    id: Id

class Prepare(Message, queue="preparing", group="id"):
    id: Id

@service.queue()
async def remind(message: Remind, /, *, clock: Clock) -> None: ...

@service.queue()
async def prepare(message: Prepare, /, *, clock: Clock) -> None: ...

@service.mutation(allow=signed_in)
async def plan(id: Id, *, mine: Owned[Visit, Remind | Prepare], clock: Clock) -> Visit:
    visit = await mine.get(id)
    return await mine.put(visit, emit=SAID)

def reminder(visit: Visit) -> Remind:
    return Remind(id=visit.id).at(visit.at, name=visit.id)
"""


def test_who_sends_at_once_has_no_schedules(define: Define, template: Synthesize) -> None:
    made = template(define("calendar1", CALENDAR.replace("SAID", "Remind(id=str(visit.at))")), TEST)
    assert not any(each["Type"].startswith("AWS::Scheduler") for each in made["Resources"].values())
    assert "KeepPutOff" not in str(made)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("calendar2", "Remind(id=visit.id).at(visit.at)"),
        ("calendar3", 'Remind(id=visit.id).cancelled("visit")'),
        ("calendar4", "reminder(visit)"),
    ],
)
def test_who_puts_off_is_read_from_the_text(define: Define, name: str, said: str) -> None:
    model = define(name, CALENDAR.replace("SAID", said))
    assert [each.name for each in putting_off(model)] == ["plan"]


def test_the_relay_keeps_schedules_of_its_own_group_alone(define: Define, template: Synthesize) -> None:
    made = template(define("calendar5", CALENDAR.replace("SAID", "reminder(visit)")), TEST)
    group = made["Resources"]["PutOffMessages"]
    assert (group["Type"], group["Properties"]["Name"]) == ("AWS::Scheduler::ScheduleGroup", "test-calendar5")
    relay, role = relay_of(made), scheduler_role(made)
    statements = {each["Sid"]: each for each in policy_of(made, relay["Role"]["Fn::GetAtt"][0])}
    keep, send = statements["KeepPutOff"], statements["SendPutOff"]
    assert {each.partition(":")[0] for each in keep["Action"]} == {"scheduler"}
    assert str(keep["Resource"]).endswith(":schedule/test-calendar5/*']]}")
    assert send["Resource"] == {"Fn::GetAtt": [role, "Arn"]}
    assert send["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    assert relay["Environment"]["Variables"]["THESTACK_SCHEDULER_ROLE"] == send["Resource"]


def test_the_schedules_send_where_the_service_sends(define: Define, template: Synthesize) -> None:
    made = template(define("calendar6", CALENDAR.replace("SAID", "reminder(visit)")), TEST)
    (statement,) = policy_of(made, scheduler_role(made))
    assert statement["Action"] == "sqs:SendMessage"
    *queues, undelivered = statement["Resource"]
    assert [str(each).rpartition(":")[2].rstrip("']}") for each in queues] == [
        "test-calendar6-preparing.fifo",
        "test-calendar6-reminders",
        "test-calendar6-reminders-dlq",
    ]
    assert undelivered == {"Fn::GetAtt": ["RelayUndelivered", "Arn"]}


def test_the_report_names_the_handler(define: Define) -> None:
    model = define("calendar7", CALENDAR.replace("SAID", "reminder(visit)"))
    (relay,) = (each for each in permissions([model], TEST) if each.function.endswith("relay"))
    (keep,) = (each for each in relay.grants if each.sid == "KeepPutOff")
    assert [each.text for each in keep.because] == ["`plan` puts a message off"]


def relay_of(template: dict[str, Any]) -> dict[str, Any]:
    (found,) = (
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["FunctionName"].endswith("relay")
    )
    return dict(found)


def scheduler_role(template: dict[str, Any]) -> str:
    (found,) = (
        name
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::IAM::Role"
        and "scheduler.amazonaws.com" in str(each["Properties"])
        and "lambda.amazonaws.com" not in str(each["Properties"]["AssumeRolePolicyDocument"])
    )
    return found


def policy_of(template: dict[str, Any], role: str) -> list[dict[str, Any]]:
    (policy,) = template["Resources"][role]["Properties"]["Policies"]
    return list(policy["PolicyDocument"]["Statement"])
