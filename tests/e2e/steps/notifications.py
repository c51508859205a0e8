"""What users are told: in two parts, on their devices, as they want it; and who is told nothing."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.steps import events, todos
from tests.e2e.steps.telling import equal, expect
from tests.e2e.steps.world import World
from thestack.definition import names

BOUNCE = Path(__file__).parents[3] / "services/notifications/tests/ses/bounce.json"
REGISTER = "mutation ($t: String!) { registerDevice(platform: FCM, token: $t) { id endpoint } }"
TOLD = "{ myNotifications(first: 20) { nodes { id title about deliveries { channel state reason id } } } }"
UNREAD = "{ unreadNotifications }"
DUE = 2
REMINDED_WITHIN = 120.0
"""Seconds: Scheduler keeps nothing for less than a minute, and the emulator looks every ten seconds."""
READ_ALL = "mutation { markAllNotificationsRead }"


def two_parts(world: World) -> None:
    """Alice's e-mail has a text and a page, and in both the link to unsubscribe."""
    (mail,) = _mails(world, "Done: buy oat milk")
    expect("Well done." in mail["BodyText"] and "<" not in mail["BodyText"], "the text is no plain text")
    expect("One less to do.</p>" in mail["BodyHtml"], "the page does not say it")
    link = _link(mail)
    expect(link in mail["BodyHtml"].replace("&amp;", "&"), "the page has no link to unsubscribe")
    world.story.current.tell("the mail's two parts", mail["BodyText"], time.perf_counter())


def due_soon(world: World) -> None:
    """A todo of alice's is due soon, and her phone takes pushes. Scheduler keeps its reminder."""
    sns, began = world.stack.client("sns"), time.perf_counter()
    made = sns.create_platform_application(
        Name=f"{world.stack.environment}-notifications",
        Platform="GCM",
        Attributes={"PlatformCredential": "none"},
    )
    arn = made["PlatformApplicationArn"]
    world.story.current.tell("aws sns create-platform-application", arn, began)
    device = world.ask("alice", REGISTER, t="a token of alice's phone").data["registerDevice"]
    due = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    id = world.notes["todos"][DUE]
    equal(world.ask("alice", todos.EDIT, id=id, input={"dueAt": due}).codes, [], "codes")
    world.notes["due"] = (id, device["endpoint"])


def reminded(world: World) -> None:
    """It is told by mail and to alice's phone. The emulator's SNS takes the push, gives it an id and delivers
    to nobody; what an app is handed is shown at the port, by the tests of notifications.
    """
    id, endpoint = world.notes["due"]
    mails = world.eventually(
        "the reminder by e-mail", lambda: _mails(world, f"Due: {todos.TITLES[DUE]}"), REMINDED_WITHIN
    )
    equal(len(mails), 1, "e-mails with that subject")
    sent = {"EMAIL": "SENT", "PUSH": "SENT"}
    told = world.eventually("the record of both", lambda: _told(world, "alice", id, sent))
    (push,) = (each for each in told["deliveries"] if each["channel"] == "PUSH")
    expect(bool(push["id"]), "SNS gave the push no id")
    world.story.current.tell(f"the push to {endpoint}, as SNS took it", push["id"], time.perf_counter())


def called_off(world: World) -> None:
    """A todo that is done before it is due has no reminder any more."""
    scheduler = world.stack.client("scheduler")
    group = names.schedule_group(world.stack.environment, "todo")
    before = _schedules(scheduler, group)
    due = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = world.ask("alice", todos.CREATE, input={"title": "call back", "dueAt": due})
    kept = world.eventually("its schedule", lambda: _schedules(scheduler, group) - before)
    equal(len(kept), 1, "schedules of it")
    id = made.data["createTodo"]["id"]
    equal(world.ask("alice", todos.COMPLETE, id=id).data["completeTodo"]["status"], "DONE", "status")
    world.eventually("that it is gone", lambda: not _schedules(scheduler, group) & kept)


def read(world: World) -> None:
    """Alice's notifications are hers, counted, and read."""
    unread = world.ask("alice", UNREAD).data["unreadNotifications"]
    expect(unread >= 2, f"alice has {unread} unread notifications")

    def none_is_left() -> bool:  # one may come in between
        world.ask("alice", READ_ALL)
        return world.ask("alice", UNREAD).data == {"unreadNotifications": 0}

    world.eventually("that she has read them all", none_is_left)
    about = {each["about"] for each in world.ask("bob", TOLD).data["myNotifications"]["nodes"]}
    expect(not about & set(world.notes["todos"]), "bob is told of what is alice's")


def unsubscribed(world: World) -> None:
    """Bob unsubscribes by the link in a mail, without signing in; he gets no more, and the record says so."""
    bobs = world.notes["bobs"]
    world.ask("bob", todos.COMPLETE, id=bobs)
    (mail,) = world.eventually("bob's e-mail", lambda: _mails(world, "Done: bob's own"))
    link = _link(mail)
    _visit(world, "POST", link.replace("/local/notifications", "/acme/notifications"), 403)
    _visit(world, "POST", f"{link[:-5]}AAAAA", 403)
    page = _visit(world, "GET", link, 200)
    expect("<button>" in page, "the page has no button")
    done = _visit(world, "POST", link, 200)
    expect("no more updates" in done, f"it says {done}")
    id = _done_by(world, "bob", "bob's other")
    world.eventually("the record of it", lambda: _told(world, "bob", id, {"EMAIL": "UNSUBSCRIBED"}))
    equal(_mails(world, "Done: bob's other"), [], "e-mails to bob")


def suppressed(world: World) -> None:
    """SES tells that sam's mailbox is gone: no mail to it any more, and the record says so."""
    detail = json.loads(BOUNCE.read_text(encoding="utf-8"))["detail"]
    detail["bounce"]["bouncedRecipients"][0]["emailAddress"] = "sam@example.com"
    tags = {"ses:configuration-set": [names.mail_configuration(world.stack.environment)]}
    detail["mail"]["tags"] = {**tags, "tenant": [world.stack.environment]}
    began, source = time.perf_counter(), names.stand_in("aws.ses")
    entry = {"Source": source, "DetailType": "Email Bounced", "Detail": json.dumps(detail)}
    answer = world.stack.client("events").put_events(Entries=[entry])
    equal(answer["FailedEntryCount"], 0, "refused entries")
    world.story.current.tell(f"aws events put-events: {source}, Email Bounced", "accepted", began)
    group = names.log_group(f"{world.stack.environment}-notifications-on-bounced")
    world.eventually("the consumer's word on it", lambda: _effected(world, group))
    id = _done_by(world, "sam", "sam's own")
    told = world.eventually("the record of it", lambda: _told(world, "sam", id, {"EMAIL": "SUPPRESSED"}))
    equal(told["deliveries"][0]["reason"], "it bounced", "the reason")
    equal(_mails(world, "Done: sam's own"), [], "e-mails to sam")


def _done_by(world: World, who: str, title: str) -> str:
    id = world.ask(who, todos.CREATE, input={"title": title}).data["createTodo"]["id"]
    world.ask(who, todos.COMPLETE, id=id)
    return str(id)


def _told(world: World, who: str, about: str, states: dict[str, str]) -> dict[str, Any] | None:
    """What somebody was told about a todo, once these are the states by channel."""
    nodes = world.ask(who, TOLD).data["myNotifications"]["nodes"]
    for each in nodes:
        found = {one["channel"]: one["state"] for one in each["deliveries"]}
        if each["about"] == about and found == states:
            return dict(each)
    return None


def _visit(world: World, method: str, url: str, status: int) -> str:
    """What a URL answers to a browser, or a mailbox, that has no token."""
    began = time.perf_counter()
    form = {"List-Unsubscribe": "One-Click"} if method == "POST" else None
    response = world.http.request(method, url, data=form)
    world.story.current.tell(f"{method} {url}", f"{response.status_code} {response.text}", began)
    equal(response.status_code, status, f"status of {method}")
    equal(response.headers.get("cache-control"), "no-store", "cache-control")
    return response.text


def _link(mail: dict[str, Any]) -> str:
    found = re.search(r"http\S+/unsubscribe\?token=\S+", mail["BodyText"])
    expect(found is not None, "the text has no link to unsubscribe")
    return found[0] if found else ""


def _mails(world: World, subject: str) -> list[dict[str, Any]]:
    return events.mails(world, subject)


def _schedules(scheduler: Any, group: str) -> set[str]:
    return {each["Name"] for each in scheduler.list_schedules(GroupName=group)["Schedules"]}


def _effected(world: World, group: str) -> str | None:
    for event in world.stack.client("logs").filter_log_events(logGroupName=group)["events"]:
        if '"outcome":"effected"' in event["message"]:
            return str(event["message"])
    return None
