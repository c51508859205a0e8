"""What a user was told: a list, how much of it is unread, and marks."""

import asyncio

from services.notifications.reading import AT_ONCE
from services.notifications.tests.notified import ALICE, BOB, World, email, reminder

UNREAD = "{ unreadNotifications }"
ONE = "mutation ($id: ID!) { markNotificationRead(id: $id) { id readAt } }"
ALL = "mutation { markAllNotificationsRead }"
LIST = (
    "query ($f: Int, $a: String, $u: Boolean!) { myNotifications(first: $f, after: $a, unread: $u) {"
    " nodes { title } pageInfo { hasNextPage endCursor } } }"
)


async def unread(world: World, who: object = ALICE) -> int:
    return int((await world.ask(UNREAD, who))["unreadNotifications"])


async def test_the_list_is_the_callers_own_latest_first_and_by_pages(world: World) -> None:
    for number in range(3):
        await world.deliver(email(str(number), subject=f"mail {number}"))
    await world.deliver(email("b", to_user="bob"))
    first = (await world.ask(LIST, f=2, u=False))["myNotifications"]
    assert first["pageInfo"]["hasNextPage"] is True
    rest = (await world.ask(LIST, f=2, a=first["pageInfo"]["endCursor"], u=False))["myNotifications"]
    titles = [each["title"] for each in (*first["nodes"], *rest["nodes"])]
    assert sorted(titles) == ["mail 0", "mail 1", "mail 2"]
    assert len(await world.notified(BOB)) == 1


async def test_one_is_marked_as_read_once(world: World) -> None:
    for id in ("1", "2"):
        await world.deliver(email(id))
    assert (await unread(world), await unread(world, BOB)) == (2, 0)
    id = (await world.notified())[0]["id"]
    for _ in range(2):
        marked = (await world.ask(ONE, id=id))["markNotificationRead"]
        assert marked["readAt"] is not None
    assert await unread(world) == 1
    left = (await world.ask(LIST, f=10, u=True))["myNotifications"]["nodes"]
    assert len(left) == 1
    assert (await world.service.ask(ONE, BOB, id=id))["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_all_are_marked_in_as_many_calls_as_it_takes(world: World) -> None:
    await asyncio.gather(*(world.deliver(email(str(number))) for number in range(AT_ONCE + 5)))
    assert await unread(world) == AT_ONCE + 5
    assert (await world.ask(ALL))["markAllNotificationsRead"] == 5
    assert (await world.ask(ALL))["markAllNotificationsRead"] == 0
    assert (await world.ask(ALL))["markAllNotificationsRead"] == 0
    assert await unread(world) == 0


async def test_a_notification_counts_once_by_however_many_channels_it_comes(world: World) -> None:
    await world.ask('mutation { registerDevice(platform: FCM, token: "t") { id } }')
    await world.deliver(reminder())
    await world.settle()
    assert await unread(world) == 1


async def test_what_was_not_sent_is_told_too(world: World) -> None:
    await world.prefer(muted=[{"channel": "EMAIL", "topic": "UPDATES"}])
    await world.deliver(email())
    ((told,),) = [each["deliveries"] for each in await world.notified()]
    assert (told["state"], told["reason"]) == ("UNSUBSCRIBED", "the user wants none")
