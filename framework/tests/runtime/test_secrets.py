"""Secrets and ports of a service's own, as handlers have them."""

import asyncio
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Protocol

import pytest

from thestack import Caller, Clock, Entity, Id, Owned, Secret, Service, parameter, secret, signed_in
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.secrets import MemorySecrets
from thestack.definition.model import SecretModel
from thestack.definition.module import model_of
from thestack.ports import MissingSecret
from thestack.runtime.secrets import CachedSecret, Secrets
from thestack.testing import BEGIN, Harness, memory_secret, user

service = Service("till")
made: list[str] = []


class Payment(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id
    receipt: str


class Payments(Protocol):
    """Takes money."""

    async def charge(self, amount: int) -> str: ...


class Ledger:
    def __init__(self, since: str) -> None:
        self.since = since


class BankPayments:
    def __init__(self, key: Secret, ledger: Ledger) -> None:
        self._key, self._ledger = key, ledger

    async def charge(self, amount: int) -> str:
        return f"{amount} by {await self._key.value()} since {self._ledger.since}"


@service.provide()
async def ledger(*, clock: Clock) -> Ledger:
    await asyncio.sleep(0)
    made.append("ledger")
    return Ledger(f"{clock.now():%Y}")


@service.provide()
def payments(*, key: Annotated[Secret, parameter("bank-key")], ledger: Ledger) -> Payments:
    made.append("payments")
    return BankPayments(key, ledger)


@service.mutation(allow=signed_in)
async def pay(amount: int, *, mine: Owned[Payment], payments: Payments, caller: Caller) -> Payment:
    receipt = await payments.charge(amount)
    return await mine.put(Payment(id=Id(str(amount)), owner_id=caller.id, receipt=receipt))


@service.query(allow=signed_in)
async def length(*, key: Annotated[Secret, secret("other")]) -> int:
    return len(await key.value())


ALICE = user("alice")
PAY = "mutation { a: pay(amount: 1) { receipt } b: pay(amount: 2) { receipt } }"


@pytest.fixture
def harness() -> Callable[..., Harness]:
    made.clear()

    def harness(ports: dict[type[Any], Any] | None = None) -> Harness:
        return Harness(model_of(sys.modules[__name__]), ports=ports)

    return harness


async def test_a_port_is_made_once_of_what_its_provider_asks_for(harness: Callable[..., Harness]) -> None:
    till = harness()["till"]
    assert made == []
    till.secrets.keep("bank-key", "sk_1")
    answer = await till.ask(PAY, ALICE)
    assert answer["data"]["a"] == {"receipt": "1 by sk_1 since 2026"}
    await till.ask(PAY.replace("amount: ", "amount: 1"), ALICE)
    assert made == ["ledger", "payments"]
    assert till.secrets.fetched == ["bank-key"]


async def test_a_test_puts_another_in_its_place(harness: Callable[..., Harness]) -> None:
    class Paid:
        async def charge(self, amount: int) -> str:
            return "free"

    answer = await harness({Payments: Paid()})["till"].ask(PAY, ALICE)
    assert answer["data"]["b"] == {"receipt": "free"}
    assert made == []


async def test_a_handler_asks_for_a_secret_itself(harness: Callable[..., Harness]) -> None:
    till = harness()["till"]
    till.secrets.keep("other", "abc")
    assert (await till.ask("{ length }", ALICE))["data"] == {"length": 3}


async def test_a_missing_secret_is_ours_to_know_and_to_make(harness: Callable[..., Harness]) -> None:
    till = harness()["till"]
    answer = await till.ask("{ length }", ALICE)
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "other" not in str(answer)
    (told,) = till.reported
    assert "thestack secret set till other" in str(told)
    till.secrets.keep("other", "now")
    assert (await till.ask("{ length }", ALICE))["data"] == {"length": 3}


async def test_a_unit_test_makes_one_up() -> None:
    assert await length(key=memory_secret("four")) == 4


class Kept:
    def __init__(self) -> None:
        self.store, self.clock = MemorySecrets(), FixedClock(BEGIN)
        self.secret = CachedSecret("key", "till", self.store, self.clock)
        self.store.keep("key", "first")


async def test_a_secret_is_fetched_when_it_is_needed_and_kept_for_five_minutes() -> None:
    kept = Kept()
    assert kept.store.fetched == []
    assert await kept.secret.value() == "first"
    kept.store.keep("key", "second")
    kept.clock.advance(timedelta(minutes=4, seconds=59))
    assert await kept.secret.value() == "first"
    assert kept.store.fetched == ["key"]
    kept.clock.advance(timedelta(seconds=1))
    assert await kept.secret.value() == "second"


async def test_a_rotated_secret_is_seen_by_who_refreshes() -> None:
    kept = Kept()
    await kept.secret.value()
    kept.store.keep("key", "second")
    assert await kept.secret.refresh() == "second"
    assert await kept.secret.value() == "second"


async def test_who_asks_at_once_shares_one_fetch_also_if_the_first_gives_up() -> None:
    kept = Kept()
    asking = [asyncio.create_task(kept.secret.value()) for _ in range(10)]
    await asyncio.sleep(0)
    asking[0].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert answers[1:] == ["first"] * 9
    assert kept.store.fetched == ["key"]


async def test_a_secret_shows_itself_nowhere() -> None:
    kept = Kept()
    await kept.secret.value()
    secrets = Secrets("till", kept.clock, kept.store, None)
    asked = secrets.secret(SecretModel("key"))
    await asked.value()
    for shown in (repr(kept.secret), str(kept.secret), repr(secrets), repr(asked), f"{asked}"):
        assert "first" not in shown


async def test_one_process_has_one_copy_of_a_secret() -> None:
    kept = Kept()
    secrets = Secrets("till", kept.clock, kept.store, None)
    assert secrets.secret(SecretModel("key")) is secrets.secret(SecretModel("key"))
    with pytest.raises(MissingSecret, match="not at hand"):
        secrets.secret(SecretModel("key", manager=True))
