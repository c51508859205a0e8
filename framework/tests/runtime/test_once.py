"""Effects that no transaction can hold: once, also over failures and crashes."""

import asyncio

import pytest

from thestack.definition.problems import Unconfirmed
from thestack.ports import Uncertain
from thestack.runtime.once import LEASE, InProgress, OnceEffects

from .conftest import World


class Effect:
    """Something that leaves a mark outside, and may fail or never come back."""

    def __init__(self) -> None:
        self.done = 0
        self.failing: Exception | None = None
        self.crashing = False

    async def __call__(self) -> str:
        if self.failing:
            raise self.failing
        self.done += 1
        if self.crashing:
            raise asyncio.CancelledError
        return f"answer {self.done}"


@pytest.fixture
def once(world: World) -> OnceEffects:
    return OnceEffects(world.ports, "main", "consumer#1")


async def test_the_second_call_answers_what_the_first_one_did(once: OnceEffects) -> None:
    effect = Effect()
    assert [await once("mail", effect) for _ in range(3)] == ["answer 1"] * 3
    assert effect.done == 1


async def test_a_shared_key_is_one_for_all_messages_of_the_tenant(world: World, once: OnceEffects) -> None:
    effect = Effect()
    other = OnceEffects(world.ports, "main", "other#2")
    assert [await each("mail", effect, shared=True) for each in (once, other)] == ["answer 1"] * 2
    assert await once("mail", effect) == "answer 2"
    assert await OnceEffects(world.ports, "away", "other#2")("mail", effect, shared=True) == "answer 3"


async def test_another_key_or_message_is_another_effect(world: World, once: OnceEffects) -> None:
    effect = Effect()
    await once("mail", effect)
    await once("push", effect)
    await OnceEffects(world.ports, "main", "consumer#2")("mail", effect)
    await OnceEffects(world.ports, "other", "consumer#1")("mail", effect)
    assert effect.done == 4


async def test_a_failed_effect_may_be_tried_as_often_as_it_fails(once: OnceEffects) -> None:
    effect = Effect()
    effect.failing = RuntimeError("no")
    for _ in range(5):
        with pytest.raises(RuntimeError):
            await once("mail", effect)
    effect.failing = None
    assert await once("mail", effect) == "answer 1"


async def test_after_a_crash_it_waits_for_the_lease_repeats_once_and_then_asks_a_person(
    world: World, once: OnceEffects
) -> None:
    effect = Effect()
    effect.crashing = True
    with pytest.raises(asyncio.CancelledError):
        await once("mail", effect)
    with pytest.raises(InProgress):
        await once("mail", effect)
    world.clock.advance(2 * LEASE)
    with pytest.raises(asyncio.CancelledError):
        await once("mail", effect)
    world.clock.advance(2 * LEASE)
    with pytest.raises(Unconfirmed):
        await once("mail", effect)
    assert effect.done == 2


async def test_concurrent_calls_run_it_once(once: OnceEffects) -> None:
    effect = Effect()
    answers = await asyncio.gather(*(once("mail", effect) for _ in range(10)), return_exceptions=True)
    assert effect.done == 1
    assert answers.count("answer 1") == 1
    assert all(isinstance(each, InProgress) for each in answers if each != "answer 1")


async def test_an_effect_that_did_not_answer_is_repeated_once_without_waiting_for_a_lease(
    once: OnceEffects,
) -> None:
    done = 0

    async def silent() -> str:
        nonlocal done
        done += 1
        raise Uncertain("no answer within 5 s")

    for expected in (Uncertain, Uncertain, Unconfirmed, Unconfirmed):
        with pytest.raises(expected):
            await once("mail", silent)
    assert done == 2
