"""E-mails: each goes out once, to the address in the profile, and is remembered."""

import asyncio
from datetime import timedelta

import pytest

from services.notifications.tests.notified import ALICE, BOB, World, email
from thestack import MailThrottled, Uncertain
from thestack.ports import Delivery
from thestack.runtime.once import LEASE
from thestack.testing import BEGIN, Outcome


async def test_it_mails_the_address_in_the_profile_and_remembers(world: World) -> None:
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    assert [(mail.to, mail.subject) for mail in world.mailer.sent] == [("alice@example.com", "Done: milk")]
    query = "{ sentEmails { nodes { subject about } } }"
    answer = await world.ask(query)
    assert answer["sentEmails"]["nodes"] == [{"subject": "Done: milk", "about": "t-1"}]
    assert (await world.ask(query, BOB))["sentEmails"]["nodes"] == []
    assert await world.states() == [{"EMAIL": "SENT"}]


async def test_a_mail_has_two_parts_and_the_headers_of_one_click(world: World) -> None:
    await world.deliver(email())
    (mail,) = world.mailer.sent
    assert "Well done." in mail.text
    assert "<p" not in mail.text
    assert mail.html
    assert "Well done.</p>" in mail.html
    link = mail.headers["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://api.example/public/hooks/main/notifications/unsubscribe?token=")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.text
    assert link in mail.html
    assert mail.tags == {"tenant": "main", "topic": "UPDATES"}


async def test_a_repeated_request_mails_once(world: World) -> None:
    outcomes = [await world.deliver(email()) for _ in range(3)]
    assert outcomes == [[Outcome.EFFECTED], [Outcome.DUPLICATE], [Outcome.DUPLICATE]]
    assert len(world.mailer.sent) == 1


async def test_requests_of_one_cause_mail_once_whoever_sends_them(world: World) -> None:
    requests = [email(id, cause="c-1") for id in ("1", "2", "3")]
    for each in requests[:2]:
        assert await world.deliver(each) == [Outcome.EFFECTED]
    await world.deliver(email("4", cause="c-1", to_user="bob"))
    await world.deliver(email("5", cause="c-2"))
    assert sorted(mail.to for mail in world.mailer.sent) == [
        "alice@example.com",
        "alice@example.com",
        "bob@example.com",
    ]
    assert [len(await world.notified(scope)) for scope in (ALICE, BOB)] == [2, 1]


async def test_two_messages_of_one_cause_at_the_same_time_mail_once(world: World) -> None:
    consumer = world.service.consumer("send_email")
    deliveries = [Delivery(id, email(id, cause="c").to_json(), 1, "receipt") for id in ("1", "2")]
    outcomes = await asyncio.gather(*(consumer.take(each) for each in deliveries))
    assert [outcome for outcome, _ in outcomes] == [Outcome.EFFECTED] * 2
    await world.settle()
    world.clock.advance(timedelta(minutes=2))
    await world.settle()
    assert len(world.mailer.sent) == 1
    assert await world.states() == [{"EMAIL": "SENT"}]


async def test_a_mailer_that_fails_is_asked_again_and_mails_once(world: World) -> None:
    world.mailer.fail(ConnectionError("no route"), times=2)
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    assert [(each.at - BEGIN).total_seconds() for each in world.attempts] == [0, 1, 3]
    assert len(world.mailer.sent) == 1


async def test_a_mailer_that_stays_down_leaves_a_dead_letter_which_redriven_mails_once(
    world: World,
) -> None:
    world.mailer.fail(ConnectionError("no route"))
    assert await world.deliver(email()) == [Outcome.PARKED]
    world.mailer.accept()
    assert await world.redrive() == [Outcome.EFFECTED]
    assert len(world.mailer.sent) == 1


async def test_a_rate_limit_is_met_by_backoff_and_no_mail_is_dropped(world: World) -> None:
    world.mailer.fail(MailThrottled("Maximum sending rate exceeded."), times=8)
    requests = [email(str(number), about=f"t-{number}") for number in range(3)]
    for each in requests:
        assert await world.deliver(each) == [Outcome.EFFECTED]
    assert await world.states() == [{"EMAIL": "DEFERRED"}] * 3
    await _until_quiet(world)
    assert sorted(mail.subject for mail in world.mailer.sent) == ["Done: milk"] * 3
    assert await world.states() == [{"EMAIL": "SENT"}] * 3
    assert world.dead_letters == []
    times = sorted({(each.at - BEGIN).total_seconds() for each in world.attempts})
    assert times[:3] == [0, 15, 45]


async def test_a_quota_that_lasts_for_half_a_day_leaves_dead_letters_that_can_be_redriven(
    world: World,
) -> None:
    world.mailer.fail(MailThrottled("Daily message quota exceeded."))
    await world.deliver(email())
    await _until_quiet(world)
    assert world.mailer.sent == []
    assert world.clock.now() - BEGIN > timedelta(hours=12)
    ((_, refusal),) = world.dead_letters
    assert refusal.cause == "MailThrottled"
    world.mailer.accept()
    assert await world.redrive() == [Outcome.EFFECTED]
    assert (len(world.mailer.sent), await world.states()) == (1, [{"EMAIL": "SENT"}])


async def test_a_refused_mail_is_recorded_with_its_reason_and_not_tried_again(world: World) -> None:
    world.mailer.refuse("Email address is not verified")
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    ((said,),) = [each["deliveries"] for each in await world.notified()]
    assert (said["state"], said["reason"]) == ("FAILED", "Email address is not verified")
    assert (len(world.attempts), world.dead_letters, world.mailer.sent) == (1, [], [])


async def test_a_lambda_that_dies_after_sending_repeats_the_mail_at_most_once(world: World) -> None:
    """It dies between the provider's answer and the record of it: the one window that SES leaves open, for it
    has no idempotency key.
    """
    world.mailer.fail(asyncio.CancelledError(), times=1, sent=True)
    with pytest.raises(asyncio.CancelledError):
        await world.deliver(email(cause="c"))
    assert len(world.mailer.sent) == 1
    world.clock.advance(LEASE)
    assert await world.deliver(email(cause="c")) == [Outcome.EFFECTED]
    assert len(world.mailer.sent) == 2
    assert await world.deliver(email(cause="c")) == [Outcome.DUPLICATE]
    assert await world.deliver(email("2", cause="c")) == [Outcome.EFFECTED]
    assert len(world.mailer.sent) == 2
    assert await world.states() == [{"EMAIL": "SENT"}]


async def test_a_lambda_that_dies_twice_sends_no_third_mail(world: World) -> None:
    world.mailer.fail(asyncio.CancelledError(), times=2, sent=True)
    for _ in range(2):
        with pytest.raises(asyncio.CancelledError):
            await world.deliver(email(cause="c"))
        world.clock.advance(LEASE)
    assert await world.deliver(email(cause="c")) == [Outcome.PARKED]
    ((_, refusal),) = world.dead_letters
    assert (len(world.mailer.sent), refusal.cause) == (2, "Unconfirmed")


async def test_a_lambda_that_dies_before_sending_mails_once(world: World) -> None:
    world.mailer.fail(asyncio.CancelledError(), times=1)
    with pytest.raises(asyncio.CancelledError):
        await world.deliver(email())
    world.clock.advance(LEASE)
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    assert len(world.mailer.sent) == 1


async def test_a_lost_answer_repeats_the_mail_at_most_once(world: World) -> None:
    world.mailer.fail(Uncertain("no answer"), times=1, sent=True)
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    assert len(world.mailer.sent) == 2


async def test_todos_tell_what_was_mailed_about_them_to_the_caller(world: World) -> None:
    await world.deliver(email())
    query = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Todo { emails { subject } } } }"
    representations = [{"__typename": "Todo", "id": id} for id in ("t-1", "t-2")]
    for scope, expected in ((ALICE, [[{"subject": "Done: milk"}], []]), (BOB, [[], []])):
        answer = await world.ask(query, scope, r=representations)
        assert [each["emails"] for each in answer["_entities"]] == expected


async def test_a_request_for_nobody_ends_in_the_dead_letters(world: World) -> None:
    world.profiles.forget("alice")
    assert await world.deliver(email()) == [Outcome.PARKED]
    ((_, refusal),) = world.dead_letters
    assert (refusal.handler, refusal.cause) == ("notifications.send_email", "UnknownUser")


async def _until_quiet(world: World) -> None:
    """Let everything happen that was put off, each at its time."""
    await world.settle()
    for _ in range(40):
        world.clock.advance(timedelta(minutes=30))
        await world.settle()
