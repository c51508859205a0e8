"""What follows from what a user did: e-mails, counters; duplicates, poison, redrive."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.steps import todos
from tests.e2e.steps.telling import equal, expect
from tests.e2e.steps.world import World
from thestack.definition import names

TAP = "demo-tap"
COUNT, SEND = "analytics.count", "notifications.send_email"
ACTIVITY = (
    "query ($since: Date!, $until: Date!) { activity(since: $since, until: $until)"
    " { edges { node { day created completed deleted } } } }"
)
SENT = "{ sentEmails(first: 50) { nodes { id subject about } } }"


def tap(world: World) -> None:
    """A queue of the demo's own on the bus, which keeps a copy of each event for later."""
    began = time.perf_counter()
    sqs, events = world.stack.client("sqs"), world.stack.client("events")
    world.notes["tap"] = url = sqs.create_queue(QueueName=TAP)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = {"Name": TAP, "EventBusName": names.bus(world.stack.environment)}
    made = events.put_rule(**rule, EventPattern=json.dumps({"source": ["todo"]}))["RuleArn"]
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": made}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    target = {"Id": "tap", "Arn": arn}
    events.put_targets(Rule=rule["Name"], EventBusName=rule["EventBusName"], Targets=[target])
    world.story.current.tell(
        "aws events put-rule, put-targets: what todo says also goes to a queue of this demo", made, began
    )


def emailed(world: World) -> None:
    """Alice's e-mail is in SES, once, and remembered as sent."""
    found = world.eventually("alice's e-mail in SES", lambda: mails(world, "Done: buy oat milk"))
    equal(len(found), 1, "e-mails with that subject")
    equal(found[0]["To"], ["alice@example.com"], "to whom it went")


def joined(world: World) -> None:
    """One query, two subgraphs: the todo from one, its e-mails from the other."""
    first = world.notes["todos"][0]

    def look() -> dict[str, Any] | None:
        todo: dict[str, Any] = world.ask("alice", todos.JOINED, id=first).data["todo"]
        return todo if todo["emails"] else None

    todo = world.eventually("the e-mail at the todo", look)
    subjects = [email["subject"] for email in todo["emails"]]
    equal((todo["status"], subjects), ("DONE", ["Done: buy oat milk"]), "the todo with its e-mails")


def counted(world: World) -> None:
    """Sam's counters hold what happened; alice may not ask."""
    wanted = {"created": len(todos.TITLES) + 1, "completed": 1, "deleted": 1}
    world.eventually("the counters", lambda: _activity(world) == wanted and wanted)
    equal(world.ask("sam", ACTIVITY, **_days()).codes, [], "codes for sam")
    equal(world.ask("alice", ACTIVITY, **_days()).codes, ["FORBIDDEN"], "code for alice")


def twice(world: World) -> None:
    """The same event a second time, by the same bus and queue: the consumer knows it, and nothing changes."""
    before = _activity(world)
    envelope = world.eventually("a copy of a todo.created", lambda: _copy(world, "todo.created"))
    began = time.perf_counter()
    entry = {
        "EventBusName": names.bus(world.stack.environment),
        "Source": envelope["source"],
        "DetailType": envelope["type"],
        "Detail": json.dumps(envelope),
    }
    answer = world.stack.client("events").put_events(Entries=[entry])
    equal(answer["FailedEntryCount"], 0, "refused entries")
    world.story.current.tell(
        f"aws events put-events: {envelope['type']} {envelope['id']} again", "accepted", began
    )
    world.eventually("the consumer's word on it", lambda: _outcomes(world, "duplicate"))
    equal(_activity(world), before, "the counters")


def poisoned(world: World) -> None:
    """The e-mail can't be sent: after three attempts its message is in the DLQ; all else goes on."""
    world.command("fault", "deny", SEND, "ses:SendEmail")
    second = world.notes["todos"][1]
    equal(world.ask("alice", todos.COMPLETE, id=second).data["completeTodo"]["status"], "DONE", "status")
    letters = world.eventually("the dead letter", lambda: _dead_letters(world))
    equal(letters, 1, "dead letters")
    (letter,) = world.command("dlq", "list", SEND)
    expect(
        "not authorized" in letter["reason"] or "AccessDenied" in letter["reason"],
        f"the reason is {letter['reason']!r}",
    )
    equal(letter["attempts"], 3, "attempts")
    equal(mails(world, _subject(world)), [], "e-mails sent")
    wanted = {"created": len(todos.TITLES) + 1, "completed": 2, "deleted": 1}
    world.eventually(
        "the counters, which the fault does not concern", lambda: _activity(world) == wanted and wanted
    )


def redriven(world: World) -> None:
    """The cause is taken away, the message goes back to its queue and takes effect, once."""
    world.command("fault", "clear", SEND)
    equal(world.command("dlq", "redrive", SEND, "--all")["redriven"], 1, "messages redriven")
    found = world.eventually("the e-mail", lambda: mails(world, _subject(world)))
    equal(len(found), 1, "e-mails with that subject")
    about = world.notes["todos"][1]

    def look() -> list[Any] | None:
        nodes = world.ask("alice", SENT).data["sentEmails"]["nodes"]
        return [node for node in nodes if node["about"] == about] or None

    equal(len(world.eventually("the record of it", look)), 1, "records of that e-mail")
    equal(world.command("dlq", "list"), [], "dead letters of all consumers")
    equal(world.command("dlq", "redrive", SEND, "--all")["redriven"], 0, "messages redriven the second time")
    equal(len(mails(world, _subject(world))), 1, "e-mails with that subject, still")


def _subject(world: World) -> str:
    return f"Done: {todos.TITLES[1]}"


def mails(world: World, subject: str) -> list[dict[str, Any]]:
    """The mails with a subject that SES has sent."""
    answer = world.http.get(f"{world.stack.endpoint}/_ministack/ses/messages").json()
    return [mail for sent in answer["messages"].values() for mail in sent if mail["Subject"] == subject]


def _days() -> dict[str, str]:
    today = datetime.now(UTC).date()
    return {"since": str(today - timedelta(days=1)), "until": str(today + timedelta(days=1))}


def _activity(world: World) -> dict[str, int]:
    body = {"query": ACTIVITY, "variables": _days()}
    headers = {"authorization": f"Bearer {world.people['sam'].access_token}"}
    edges = world.http.post(world.stack.graphql, json=body, headers=headers).json()["data"]["activity"][
        "edges"
    ]
    return {kind: sum(edge["node"][kind] for edge in edges) for kind in ("created", "completed", "deleted")}


def _copy(world: World, kind: str) -> dict[str, Any] | None:
    taken = world.stack.client("sqs").receive_message(QueueUrl=world.notes["tap"], MaxNumberOfMessages=10)
    details = (json.loads(message["Body"])["detail"] for message in taken.get("Messages", ()))
    return next((detail for detail in details if detail["type"] == kind), None)


def _outcomes(world: World, outcome: str) -> str | None:
    group = names.log_group(f"{world.stack.environment}-analytics-on-count")
    for event in world.stack.client("logs").filter_log_events(logGroupName=group)["events"]:
        if f'"outcome":"{outcome}"' in event["message"]:
            return str(event["message"])
    return None


def _dead_letters(world: World) -> int:
    sqs, count = world.stack.client("sqs"), "ApproximateNumberOfMessages"
    name = names.dead_letter_queue(world.stack.environment, "notifications/email")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"][count])
