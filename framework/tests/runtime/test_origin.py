"""Who knows the secret that CloudFront says: kept for a while, asked for again, and compared in full."""

from datetime import timedelta

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.ports.secrets import MissingSecret
from thestack.runtime.origin import Origin
from thestack.testing.circumstances import fixed_clock

KEPT = timedelta(minutes=5)


class Store:
    """A store that counts how often it is asked, and can fail."""

    def __init__(self, value: str | None) -> None:
        self.value, self.asked = value, 0

    async def fetch(self, name: str) -> str:
        self.asked += 1
        if self.value is None:
            raise MissingSecret(f"there is no parameter {name}")
        return self.value


@pytest.fixture
def clock() -> FixedClock:
    return fixed_clock()


def origin(store: Store, clock: FixedClock) -> Origin:
    return Origin(store, "/dev/edge/origin", clock, KEPT)


async def test_what_is_known_is_not_asked_for_again_until_its_time_is_over(clock: FixedClock) -> None:
    store = Store("old")
    known = origin(store, clock)
    await known.warm()
    for _ in range(3):
        assert await known.vouches_for("old")
    assert store.asked == 1
    store.value = "new"
    clock.advance(KEPT)
    assert not await known.vouches_for("old")
    assert await known.vouches_for("new")
    assert store.asked == 2


async def test_a_new_one_is_accepted_at_once_and_beside_the_old_one(clock: FixedClock) -> None:
    store = Store("old")
    known = origin(store, clock)
    assert await known.vouches_for("old")
    store.value = "new old"
    clock.advance(timedelta(seconds=2))
    assert await known.vouches_for("new")
    assert await known.vouches_for("old")


async def test_whoever_guesses_does_not_ask_the_store_at_every_try(clock: FixedClock) -> None:
    store = Store("one")
    known = origin(store, clock)
    await known.warm()
    for guess in ("", "o", "one two", "onE", "öne", "x" * 10_000):
        assert not await known.vouches_for(guess)
    assert store.asked == 1


async def test_an_outage_of_the_store_says_nothing_against_what_is_known(clock: FixedClock) -> None:
    store = Store("one")
    known = origin(store, clock)
    await known.warm()
    store.value = None
    clock.advance(KEPT)
    assert await known.vouches_for("one")
    assert not await known.vouches_for("two")


async def test_where_nothing_is_known_the_outage_is_told_and_nobody_is_let_in(clock: FixedClock) -> None:
    store = Store(None)
    known = origin(store, clock)
    await known.warm()
    with pytest.raises(MissingSecret):
        await known.vouches_for("one")
    store.value = "one"
    assert await known.vouches_for("one")
