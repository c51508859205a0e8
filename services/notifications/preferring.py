"""What users want: by their settings, and by the links in their mails."""

from html import escape
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.notifications.records import Channel, LocalTime, Muted, NotificationPreferences, Topic, usual
from thestack import (
    UNSET,
    BadInput,
    Caller,
    Forbidden,
    Function,
    HookRequest,
    HookResponse,
    Owned,
    Part,
    Patch,
    Secret,
    Store,
    Unset,
    parameter,
    public,
    signed_in,
)

preferring = Part()


class UpdateNotificationPreferences(Patch[NotificationPreferences]):
    zone: str | Unset = UNSET
    quiet_from: LocalTime | Unset | None = UNSET
    quiet_until: LocalTime | Unset | None = UNSET
    muted: list[Muted] | Unset = UNSET


@preferring.query(allow=signed_in)
async def notification_preferences(
    *, mine: Owned[NotificationPreferences], caller: Caller
) -> NotificationPreferences:
    """What the caller wants to be told: everything, at any time, until they say otherwise."""
    return await mine.find(caller.id) or usual(caller.id)


@preferring.mutation(allow=signed_in)
async def update_notification_preferences(
    input: UpdateNotificationPreferences, *, mine: Owned[NotificationPreferences], caller: Caller
) -> NotificationPreferences:
    wishes = input.apply(await mine.find(caller.id) or usual(caller.id))
    if not _is_zone(wishes.zone):
        raise BadInput("This is no time zone; one is `Europe/Berlin`.", field=("input", "zone"))
    if (wishes.quiet_from is None) != (wishes.quiet_until is None):
        raise BadInput("Quiet hours have a beginning and an end.", field=("input", "quietUntil"))
    return await mine.put(wishes)


@preferring.hook(
    "unsubscribe", methods=["GET", "POST"], allow=public, function=Function(requirements="mail.txt")
)
async def unsubscribe(
    request: HookRequest,
    /,
    *,
    preferences: Store[NotificationPreferences],
    key: Annotated[Secret, parameter("unsubscribe-key")],
) -> HookResponse:
    """The link in every mail. GET, which programs that scan mails do too, shows a button; POST unsubscribes,
    by the button or by the mailbox itself (RFC 8058).
    """
    # Here, because what verifies is in this function's bundle, and not in the subgraph's.
    from services.notifications.unsubscribing import ForgedLink, verify

    try:
        ends = verify(request.query.get("token", ""), request.tenant, await key.value())
    except ForgedLink:
        raise Forbidden("This link is not one of ours.") from None
    topic = ends.topic.value.lower()
    if request.method == "GET":
        return HookResponse.page(_asking(topic))
    muted = Muted(channel=Channel.EMAIL, topic=Topic(ends.topic))
    rows = preferences.owned_by(ends.user)
    wishes = await rows.find(ends.user) or usual(ends.user)
    if muted not in wishes.muted:
        wishes.muted = [*wishes.muted, muted]
        await rows.put(wishes)
    return HookResponse.page(_page("Unsubscribed", f"<p>You get no more {escape(topic)} by e-mail.</p>"))


def _asking(topic: str) -> str:
    button = f"<button>No more {escape(topic)}</button>"
    hidden = '<input type="hidden" name="List-Unsubscribe" value="One-Click">'
    return _page(
        "Unsubscribe",
        f'<p>Get no more {escape(topic)} by e-mail?</p><form method="post">{hidden}{button}</form>',
    )


def _page(title: str, body: str) -> str:
    style = "max-width: 32rem; margin: 4rem auto; font: 1rem/1.5 sans-serif"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
        f'<body style="{style}"><h1>{title}</h1>{body}</body></html>'
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
