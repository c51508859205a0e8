"""Devices and pushes, over a push that stays in memory."""

from services.notifications import service as notifications
from services.notifications.push import Platform, Push, PushRefused
from services.notifications.push_memory import MemoryPush
from services.notifications.pushing import MOST_DEVICES, applications
from services.notifications.tests.notified import ALICE, BOB, World, reminder
from thestack.testing import Harness

REGISTER = (
    "mutation ($p: Platform!, $t: String!, $r: ID) {"
    " registerDevice(platform: $p, token: $t, replaces: $r) { id endpoint } }"
)
REMOVE = "mutation ($id: ID!) { removeDevice(id: $id) { id } }"
MINE = "{ myDevices { nodes { id platform endpoint } } }"


async def register(world: World, token: str, who: object = ALICE, **more: str) -> dict[str, str]:
    found: dict[str, str] = (await world.ask(REGISTER, who, p="FCM", t=token, **more))["registerDevice"]
    return found


async def devices(world: World, who: object = ALICE) -> list[str]:
    return [each["id"] for each in (await world.ask(MINE, who))["myDevices"]["nodes"]]


async def code(world: World, query: str, who: object = ALICE, **variables: object) -> str:
    answer = await world.service.ask(query, who, **variables)  # type: ignore[arg-type]
    return str(answer["errors"][0]["extensions"]["code"])


async def reminded(world: World, id: str = "r", **changes: str) -> None:
    await world.deliver(reminder(id, **changes))
    await world.settle()


async def test_every_device_is_told(world: World) -> None:
    for token in ("phone", "tablet"):
        await register(world, token)
    await reminded(world)
    assert sorted(endpoint for endpoint, _ in world.push.sent) == ["FCM/phone", "FCM/tablet"]


async def test_a_device_that_registers_again_is_the_same_one(world: World) -> None:
    first, again = [await register(world, "phone") for _ in range(2)]
    assert first == again
    await reminded(world)
    assert len(world.push.sent) == 1


async def test_a_new_token_takes_the_place_of_the_old_one(world: World) -> None:
    old = await register(world, "old")
    new = await register(world, "new", r=old["id"])
    assert await devices(world) == [new["id"]]
    await reminded(world)
    assert [endpoint for endpoint, _ in world.push.sent] == ["FCM/new"]


async def test_a_device_that_somebody_else_signs_in_on_is_theirs_alone(world: World) -> None:
    await register(world, "shared")
    await register(world, "shared", BOB)
    assert (await devices(world), len(await devices(world, BOB))) == ([], 1)
    await reminded(world)
    assert world.push.sent == []
    await reminded(world, "b", to_user="bob")
    assert len(world.push.sent) == 1


async def test_a_removed_device_is_told_nothing_and_nobody_else_removes_it(world: World) -> None:
    device = await register(world, "phone")
    assert await code(world, REMOVE, BOB, id=device["id"]) == "NOT_FOUND"
    await world.ask(REMOVE, id=device["id"])
    await reminded(world)
    assert (world.push.sent, await devices(world)) == ([], [])


async def test_a_user_has_ten_devices_and_may_register_one_of_them_again(world: World) -> None:
    for number in range(MOST_DEVICES):
        last = await register(world, f"phone {number}")
    assert await code(world, REGISTER, p="FCM", t="one more") == "TOO_MANY_DEVICES"
    await register(world, "phone 0")
    await register(world, "one more", r=last["id"])
    assert len(await devices(world)) == MOST_DEVICES


async def test_a_token_that_is_none_is_refused(world: World) -> None:
    for token in ("", "   ", "x" * 4097):
        assert await code(world, REGISTER, p="FCM", t=token) == "BAD_USER_INPUT"


async def test_a_dead_token_is_dropped_and_the_others_are_told(world: World) -> None:
    dead, alive = await register(world, "dead"), await register(world, "alive")
    world.push.kill(dead["endpoint"])
    await reminded(world)
    assert [endpoint for endpoint, _ in world.push.sent] == [alive["endpoint"]]
    assert await devices(world) == [alive["id"]]
    assert (await world.states())[0]["PUSH"] == "SENT"


async def test_when_no_device_is_left_the_record_says_so(world: World) -> None:
    world.push.kill((await register(world, "dead"))["endpoint"])
    await reminded(world)
    assert (await world.states())[0]["PUSH"] == "FAILED"
    assert await devices(world) == []


async def test_a_push_that_fails_is_tried_again_and_reaches_each_device_once(world: World) -> None:
    for token in ("phone", "tablet"):
        await register(world, token)
    world.push.fail_once(ConnectionError("throttled"))
    await reminded(world)
    assert sorted(endpoint for endpoint, _ in world.push.sent) == ["FCM/phone", "FCM/tablet"]
    assert world.dead_letters == []


async def test_a_refused_push_is_recorded_and_not_tried_again(world: World) -> None:
    await register(world, "phone")
    world.push.fail_once(PushRefused("too long"))
    await reminded(world)
    pushes = [each for each in (await world.notified())[0]["deliveries"] if each["channel"] == "PUSH"]
    assert [(each["state"], each["reason"]) for each in pushes] == [("FAILED", "too long")]
    assert world.push.sent == []


async def test_a_muted_push_is_not_sent(world: World) -> None:
    await register(world, "phone")
    await world.prefer(muted=[{"channel": "PUSH", "topic": "REMINDERS"}])
    await reminded(world)
    assert await world.states() == [{"EMAIL": "SENT", "PUSH": "UNSUBSCRIBED"}]


async def test_without_an_application_push_is_off() -> None:
    harness = Harness(notifications, ports={Push: MemoryPush(Platform.APNS)})
    answer = await harness["notifications"].ask(REGISTER, ALICE, p="FCM", t="phone")
    assert answer["errors"][0]["extensions"]["code"] == "PUSH_UNAVAILABLE"


def test_applications_are_what_the_functions_variables_name() -> None:
    arn = "arn:aws:sns:eu-central-1:123456789012:app/GCM/todos"
    assert applications({"PUSH_FCM": arn, "PUSH_APNS": "", "PATH": "/"}) == {Platform.FCM: arn}
