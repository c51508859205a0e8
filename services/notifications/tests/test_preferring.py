"""What a user wants is kept: topics, channels, quiet hours, and the link in every mail."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from services.notifications.records import Topic
from services.notifications.tests.notified import ALICE, BOB, KEY, World, email, reminder
from services.notifications.unsubscribing import ForgedLink, Subscription, sign, verify
from thestack import Id
from thestack.testing import BEGIN, Outcome

PREFERENCES = "{ notificationPreferences { zone quietFrom quietUntil muted { channel topic } } }"
UPDATE = "mutation ($i: UpdateNotificationPreferences!) { updateNotificationPreferences(input: $i) { id } }"
MUTED_UPDATES = {"channel": "EMAIL", "topic": "UPDATES"}


async def link_in_a_mail(world: World, **changes: str) -> str:
    """The link to unsubscribe in a mail that was sent."""
    await world.deliver(email("for its link", **changes))
    return world.mailer.sent[-1].headers["List-Unsubscribe"].strip("<>")


async def test_a_user_who_said_nothing_wants_everything(world: World) -> None:
    assert (await world.ask(PREFERENCES))["notificationPreferences"] == {
        "zone": "UTC",
        "quietFrom": None,
        "quietUntil": None,
        "muted": [],
    }


async def test_what_a_user_wants_is_kept_and_theirs_alone(world: World) -> None:
    wishes = {"zone": "Europe/Berlin", "quietFrom": "22:00", "quietUntil": "07:00", "muted": [MUTED_UPDATES]}
    await world.prefer(**wishes)
    assert (await world.ask(PREFERENCES))["notificationPreferences"] == wishes
    assert (await world.ask(PREFERENCES, BOB))["notificationPreferences"]["muted"] == []


@pytest.mark.parametrize(
    "wishes",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"zone": ""},
        {"quietFrom": "22:00"},
        {"quietFrom": "25:00", "quietUntil": "07:00"},
    ],
)
async def test_wishes_that_make_no_sense_are_refused(world: World, wishes: dict[str, str]) -> None:
    answer = await world.service.ask(UPDATE, ALICE, i=wishes)
    assert answer["errors"]
    assert (await world.ask(PREFERENCES))["notificationPreferences"]["zone"] == "UTC"


async def test_a_muted_topic_gets_no_mail_and_the_record_says_so(world: World) -> None:
    await world.prefer(muted=[MUTED_UPDATES])
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    assert world.mailer.sent == []
    assert await world.states() == [{"EMAIL": "UNSUBSCRIBED"}]
    await world.deliver(email("2", to_user="bob"))
    assert len(world.mailer.sent) == 1


async def test_in_quiet_hours_a_mail_is_put_off_to_their_end(world: World) -> None:
    await world.prefer(zone="Europe/Berlin", quietFrom="22:00", quietUntil="07:00")  # it is 04:04 there
    await world.deliver(email())
    await world.settle()
    assert (world.mailer.sent, await world.states()) == ([], [{"EMAIL": "DEFERRED"}])
    world.clock.advance(timedelta(hours=2))
    await world.settle()
    assert world.mailer.sent == []
    world.clock.advance(timedelta(hours=1))
    await world.settle()
    assert (len(world.mailer.sent), await world.states()) == (1, [{"EMAIL": "SENT"}])
    assert world.attempts[-1].at - BEGIN == timedelta(hours=3)
    world.clock.advance(timedelta(days=2))
    await world.settle()
    assert len(world.mailer.sent) == 1


async def test_who_unsubscribes_while_a_mail_is_put_off_gets_none(world: World) -> None:
    link = await link_in_a_mail(world)
    await world.prefer(quietFrom="00:00", quietUntil="07:00")
    await world.deliver(email("late"))
    await world.settle()
    await world.service.visit(link, "POST", form={"List-Unsubscribe": "One-Click"})
    world.clock.advance(timedelta(hours=5))
    await world.settle()
    assert len(world.mailer.sent) == 1
    assert await world.states() == [{"EMAIL": "UNSUBSCRIBED"}, {"EMAIL": "SENT"}]


async def test_the_link_unsubscribes_with_one_click_and_without_a_token(world: World) -> None:
    link = await link_in_a_mail(world)
    response = await world.service.visit(link, "POST", form={"List-Unsubscribe": "One-Click"})
    assert (response.status, "no more updates" in response.body) == (200, True)
    assert (await world.ask(PREFERENCES))["notificationPreferences"]["muted"] == [MUTED_UPDATES]
    await world.deliver(email("2"))
    assert len(world.mailer.sent) == 1
    await world.service.visit(link, "POST")
    assert (await world.ask(PREFERENCES))["notificationPreferences"]["muted"] == [MUTED_UPDATES]


async def test_looking_at_the_link_shows_a_button_and_changes_nothing(world: World) -> None:
    link = await link_in_a_mail(world)
    response = await world.service.visit(link)
    assert response.status == 200
    assert '<form method="post">' in response.body
    assert "<button>" in response.body
    assert (await world.ask(PREFERENCES))["notificationPreferences"]["muted"] == []


async def test_it_ends_the_topic_that_it_is_about_alone(world: World) -> None:
    link = await link_in_a_mail(world)
    await world.service.visit(link, "POST")
    await world.deliver(reminder())
    await world.settle()
    assert [mail.subject for mail in world.mailer.sent] == ["Done: milk", "Due: milk"]


async def test_forged_and_foreign_links_are_refused(world: World) -> None:
    link = await link_in_a_mail(world)
    other_tenant = link.replace("/hooks/main/", "/hooks/acme/")
    token = parse_qs(urlsplit(link).query)["token"][0]
    made_up = sign(Subscription("main", Id("bob"), Topic.UPDATES), "another key")
    for wrong in (
        other_tenant,
        link.replace(token, token[:10] + ("A" if token[10] != "A" else "B") + token[11:]),
        link.replace(token, made_up),
        link.replace(token, ""),
        link.partition("?")[0],
    ):
        for method in ("GET", "POST"):
            response = await world.service.visit(wrong, method)
            assert (response.status, response.body) == (403, "This link is not one of ours."), wrong
    for scope in (ALICE, BOB):
        assert (await world.ask(PREFERENCES, scope))["notificationPreferences"]["muted"] == []
    assert world.service.reported == []


def test_a_link_says_who_where_and_what_and_an_older_key_still_reads_it() -> None:
    ends = Subscription("main", Id("alice"), Topic.REMINDERS)
    token = sign(ends, KEY)
    assert verify(token, "main", f"{KEY}\nnewer") == ends
    assert sign(ends, "older\nnewer") == sign(ends, "newer")
    for tenant, keys in (("acme", KEY), ("main", "newer"), ("main", KEY.partition(" ")[0])):
        with pytest.raises(ForgedLink):
            verify(token, tenant, keys)
