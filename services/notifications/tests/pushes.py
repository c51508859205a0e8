"""What every Push does."""

from typing import Protocol

import pytest

from services.notifications.push import DeadToken, Note, Platform, Push, PushOff

NOTE = Note("Due: milk", 'You wanted "milk" \U0001f95b', "t-1")


class PushUnderTest(Protocol):
    """A push for FCM and none for APNs, with the provider at the other end."""

    @property
    def push(self) -> Push: ...

    async def kill(self, endpoint: str) -> None:
        """Let the provider refuse the endpoint's token from now on."""
        ...


class PushConformance:
    """Inherit and give the fixture `phone`, a `PushUnderTest`."""

    async def test_a_device_that_registers_is_reached(self, phone: PushUnderTest) -> None:
        endpoint = await phone.push.register(Platform.FCM, "a token")
        assert await phone.push.send(endpoint, NOTE) != await phone.push.send(endpoint, NOTE)

    async def test_a_token_has_one_endpoint_however_often_it_is_registered(
        self, phone: PushUnderTest
    ) -> None:
        first, again, other = [await phone.push.register(Platform.FCM, token) for token in ("1", "1", "2")]
        assert first == again != other

    async def test_a_platform_that_nothing_delivers_to_is_off(self, phone: PushUnderTest) -> None:
        with pytest.raises(PushOff):
            await phone.push.register(Platform.APNS, "a token")

    async def test_a_dead_token_is_told_from_all_else_and_lives_again_once_registered(
        self, phone: PushUnderTest
    ) -> None:
        endpoint = await phone.push.register(Platform.FCM, "dies")
        await phone.kill(endpoint)
        with pytest.raises(DeadToken):
            await phone.push.send(endpoint, NOTE)
        fresh = await phone.push.register(Platform.FCM, "dies")
        assert await phone.push.send(fresh, NOTE)

    async def test_a_dropped_endpoint_is_dead_and_may_be_dropped_again(self, phone: PushUnderTest) -> None:
        endpoint = await phone.push.register(Platform.FCM, "dropped")
        for _ in range(2):
            await phone.push.drop(endpoint)
        with pytest.raises(DeadToken):
            await phone.push.send(endpoint, NOTE)
        fresh = await phone.push.register(Platform.FCM, "dropped")
        assert await phone.push.send(fresh, NOTE)
