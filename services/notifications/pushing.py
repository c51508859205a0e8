"""Devices, and pushes to them."""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from services.notifications.domain import Verdict, is_settled, settle
from services.notifications.judging import judged
from services.notifications.messages import SendPush
from services.notifications.push import DeadToken, Note, Platform, Push, PushOff, PushRefused
from services.notifications.records import (
    Channel,
    Device,
    Ended,
    Notification,
    NotificationPreferences,
    State,
)
from thestack import (
    BadInput,
    Caller,
    Clock,
    Connection,
    Id,
    Once,
    Owned,
    Page,
    Part,
    Permission,
    Problem,
    Retry,
    Store,
    signed_in,
)

MOST_DEVICES = 10
ENDPOINTS = "arn:aws:sns:{region}:{account}:endpoint/*"

pushing = Part()


class PushUnavailable(Problem, code="PUSH_UNAVAILABLE"):
    """Nothing delivers to this platform here."""


class TooManyDevices(Problem, code="TOO_MANY_DEVICES"):
    """A user has ten devices at most; remove one."""


@pushing.provide(
    permissions=[
        # IAM knows of SNS no other resource than topics: these four it grants on all or on none.
        Permission("sns:CreatePlatformEndpoint", on=["*"]),
        Permission("sns:GetEndpointAttributes", on=["*"]),
        Permission("sns:SetEndpointAttributes", on=["*"]),
        Permission("sns:DeleteEndpoint", on=["*"]),
        Permission("sns:Publish", on=[ENDPOINTS]),
    ]
)
def push() -> Push:
    """SNS, for the platforms whose applications `infra.py` names for the environment; without one push is
    off.
    """
    # Here, because AWS's client is for the functions that ask for it alone.
    from services.notifications.push_sns import SnsPush, client

    return SnsPush(client(), applications(os.environ))


def applications(environ: Mapping[str, str]) -> dict[Platform, str]:
    """The platform applications that a function's variables name."""
    found = {platform: environ.get(f"PUSH_{platform}", "") for platform in Platform}
    return {platform: arn for platform, arn in found.items() if arn}


@pushing.mutation(allow=signed_in)
async def register_device(
    platform: Platform,
    token: Annotated[str, Field(min_length=1, max_length=4096)],
    replaces: Id | None = None,
    *,
    devices: Store[Device],
    caller: Caller,
    clock: Clock,
    push: Push,
) -> Device:
    """Let the caller's device take pushes, by the token that its platform gave the app. `replaces` is the
    device as it was known by an earlier token. A device that somebody else used before is theirs no more.
    """
    mine, id = devices.owned_by(caller.id), Id(sha256(f"{platform}/{token}".encode()).hexdigest())
    known = (await mine.page(Device.by_time)).nodes
    others = {each.id for each in known} - {id, replaces}
    if len(others) >= MOST_DEVICES:
        raise TooManyDevices
    try:
        endpoint = await push.register(platform, token)
    except PushOff:
        raise PushUnavailable from None
    except PushRefused:
        raise BadInput("This is no token of that platform.", field=("token",)) from None
    for before in (await devices.within(id).page(Device.by_token)).nodes:
        if before.owner_id != caller.id:
            await devices.owned_by(before.owner_id).delete(before)
    for before in known:
        if before.id == replaces and before.id != id:
            await push.drop(before.endpoint)
            await mine.delete(before)
        elif before.id == id:
            before.endpoint, before.registered_at = endpoint, clock.now()
            return await mine.put(before)
    return await mine.put(
        Device(
            id=id,
            owner_id=caller.id,
            platform=platform,
            endpoint=endpoint,
            registered_at=clock.now(),
        )
    )


@pushing.mutation(allow=signed_in)
async def remove_device(id: Id, *, mine: Owned[Device], push: Push) -> Device:
    """Let a device of the caller's take no pushes any more."""
    device = await mine.get(id)
    await push.drop(device.endpoint)
    await mine.delete(device)
    return device


@pushing.query(allow=signed_in)
async def my_devices(page: Page, *, mine: Owned[Device]) -> Connection[Device]:
    """The caller's devices, in the order in which they were registered."""
    return await mine.page(Device.by_time, page)


@pushing.queue(retry=Retry(attempts=8, first_delay=timedelta(seconds=2)), cyclic=True)
async def send_push(
    message: SendPush,
    /,
    *,
    notifications: Store[Notification, SendPush],
    devices: Store[Device],
    preferences: Store[NotificationPreferences],
    ended: Store[Ended],
    once: Once,
    push: Push,
    clock: Clock,
) -> None:
    """Push to each of the user's devices, once; who has none is told nothing, and nothing is noted."""
    user, now = message.to_user, clock.now()
    rows, own = notifications.owned_by(user), devices.owned_by(user)
    notification = await rows.get(message.cause)
    reached = (await own.page(Device.by_time)).nodes
    if not reached or is_settled(notification, Channel.PUSH):
        return
    _, verdict = await judged(
        user, Channel.PUSH, notification.topic, notification.about, preferences, ended, now
    )
    if verdict is None:
        verdict = Verdict(State.FAILED, "no device takes pushes any more")
        note = Note(notification.title, message.text, notification.about)
        for device in reached:
            try:
                key = f"{user}/{notification.id}/{device.id}"
                id = await once(key, partial(push.send, device.endpoint, note), shared=True)
                verdict = Verdict(State.SENT, id=id)
            except DeadToken:
                await push.drop(device.endpoint)
                await own.delete(device)
            except PushRefused as refused:
                if verdict.state is not State.SENT:
                    verdict = Verdict(State.FAILED, str(refused))
    settle(notification, Channel.PUSH, verdict, now)
    later = None
    if verdict.until:
        later = message.at(verdict.until, name=f"push/{user}/{notification.id}")
    await rows.put(notification, emit=later)
