"""Bounces and complaints, as SES tells them, and what becomes of the next mail."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.notifications.returning import EmailBounced, EmailComplained
from services.notifications.tests.notified import ALICE, SAM, World, email
from thestack.testing import Outcome, said_by_aws

SAID = Path(__file__).parent / "ses"
LIFT = "mutation ($a: String!) { liftSuppression(address: $a) }"


def said(name: str, **changes: Any) -> dict[str, Any]:
    """The detail of a recorded event, with changes to its part that tells what came back."""
    detail: dict[str, Any] = json.loads((SAID / f"{name}.json").read_text(encoding="utf-8"))["detail"]
    detail[name] |= changes
    return detail


async def test_an_address_that_bounces_for_good_gets_no_mail_and_the_record_says_so(world: World) -> None:
    assert await world.deliver(said_by_aws(EmailBounced, said("bounce"))) == [Outcome.EFFECTED]
    assert await world.deliver(email()) == [Outcome.EFFECTED]
    assert world.mailer.sent == []
    ((told,),) = [each["deliveries"] for each in await world.notified()]
    assert (told["state"], told["reason"]) == ("SUPPRESSED", "it bounced")
    await world.deliver(email("2", to_user="bob"))
    assert [mail.to for mail in world.mailer.sent] == ["bob@example.com"]


async def test_who_complains_gets_no_mail(world: World) -> None:
    await world.deliver(said_by_aws(EmailComplained, said("complaint")))
    await world.deliver(email())
    assert (world.mailer.sent, await world.states()) == ([], [{"EMAIL": "SUPPRESSED"}])


@pytest.mark.parametrize("kind", ["Transient", "Undetermined"])
async def test_an_address_that_may_take_mail_later_is_asked_again(world: World, kind: str) -> None:
    await world.deliver(said_by_aws(EmailBounced, said("bounce", bounceType=kind)))
    await world.deliver(email())
    assert len(world.mailer.sent) == 1


async def test_who_says_that_a_mail_is_no_spam_gets_more(world: World) -> None:
    await world.deliver(said_by_aws(EmailComplained, said("complaint", complaintFeedbackType="not-spam")))
    await world.deliver(email())
    assert len(world.mailer.sent) == 1


async def test_a_list_is_its_tenants_own(world: World) -> None:
    detail = said("bounce")
    detail["mail"]["tags"]["tenant"] = ["acme"]
    await world.deliver(said_by_aws(EmailBounced, detail))
    await world.deliver(email())
    assert len(world.mailer.sent) == 1


async def test_an_address_is_suppressed_however_it_is_written(world: World) -> None:
    recipients = [{"emailAddress": "Alice@EXAMPLE.com"}]
    await world.deliver(said_by_aws(EmailBounced, said("bounce", bouncedRecipients=recipients)))
    await world.deliver(email())
    assert world.mailer.sent == []


async def test_what_is_kept_names_no_address(world: World) -> None:
    await world.deliver(said_by_aws(EmailBounced, said("bounce")))
    store: Any = world.service.store
    assert "alice@example.com" not in repr(vars(store))


async def test_staff_lift_a_suppression_and_nobody_else_does(world: World) -> None:
    for event in (said_by_aws(EmailBounced, said("bounce")), said_by_aws(EmailComplained, said("complaint"))):
        await world.deliver(event)
        await world.deliver(event)
    refused = await world.service.ask(LIFT, ALICE, a="alice@example.com")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await world.ask(LIFT, SAM, a="ALICE@example.com"))["liftSuppression"] is True
    assert (await world.ask(LIFT, SAM, a="alice@example.com"))["liftSuppression"] is False
    await world.deliver(email())
    assert len(world.mailer.sent) == 1
