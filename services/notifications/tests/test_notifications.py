"""The notifications service by itself, in memory."""

from datetime import UTC, datetime

import pytest

from services.notifications import service as notifications
from thestack.ports import Envelope
from thestack.testing import BEGIN, Harness, Outcome, user

ALICE, BOB = user("alice"), user("bob")
DATA = {"to_user": "alice", "about": "t-1", "subject": "Done: milk", "text": "Well done."}


@pytest.fixture
def harness() -> Harness:
    return Harness(notifications)


def request(id: str = "1", **changes: str) -> Envelope:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Envelope(id, "notifications/email", 1, "todo", "Todo#alice/t-1", moment, "main", DATA | changes)


async def test_it_mails_the_address_in_the_profile_and_remembers(harness: Harness) -> None:
    assert await harness.deliver(request()) == [Outcome.EFFECTED]
    assert [(mail.to, mail.subject) for mail in harness.mailer.sent] == [("alice@example.com", "Done: milk")]
    query = "{ sentEmails { nodes { subject about } } }"
    answer = await harness["notifications"].ask(query, ALICE)
    assert answer["data"]["sentEmails"]["nodes"] == [{"subject": "Done: milk", "about": "t-1"}]
    assert (await harness["notifications"].ask(query, BOB))["data"]["sentEmails"]["nodes"] == []


async def test_a_repeated_request_mails_once(harness: Harness) -> None:
    outcomes = [await harness.deliver(request()) for _ in range(3)]
    assert outcomes == [[Outcome.EFFECTED], [Outcome.DUPLICATE], [Outcome.DUPLICATE]]
    assert len(harness.mailer.sent) == 1


async def test_a_mailer_that_is_busy_is_asked_again_later_and_mails_once(harness: Harness) -> None:
    harness.mailer.refuse("busy", times=2)
    assert await harness.deliver(request()) == [Outcome.EFFECTED]
    assert [(each.at - BEGIN).total_seconds() for each in harness.attempts] == [0, 1, 3]
    assert len(harness.mailer.sent) == 1


async def test_a_mailer_that_stays_down_leaves_a_dead_letter_which_redriven_mails_once(
    harness: Harness,
) -> None:
    harness.mailer.refuse("down")
    assert await harness.deliver(request()) == [Outcome.PARKED]
    harness.mailer.accept()
    assert await harness.redrive() == [Outcome.EFFECTED]
    assert len(harness.mailer.sent) == 1


async def test_todos_tell_what_was_mailed_about_them_to_the_caller(harness: Harness) -> None:
    await harness.deliver(request())
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Todo { emails { subject } } } }"
    representations = [{"__typename": "Todo", "id": id} for id in ("t-1", "t-2")]
    for scope, expected in ((ALICE, [[{"subject": "Done: milk"}], []]), (BOB, [[], []])):
        answer = await harness["notifications"].ask(query, scope, r=representations)
        assert [each["emails"] for each in answer["data"]["_entities"]] == expected


async def test_a_request_for_nobody_ends_in_the_dead_letters(harness: Harness) -> None:
    harness.profiles.forget("alice")
    assert await harness.deliver(request()) == [Outcome.PARKED]
    ((_, refusal),) = harness.dead_letters
    assert (refusal.handler, refusal.cause) == ("notifications.send_email", "UnknownUser")
