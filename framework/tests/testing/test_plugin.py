"""The fixtures, as a project's tests ask for them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from thestack.testing import BEGIN, FixedClock, Harness, user
from thestack.testing.plugin import GROUP
from thestack.testing.waiting import eventually


@pytest.fixture(scope="session")
def local_stack() -> str:
    """One that is quicker to start than the plugin's."""
    return "a stack"


@pytest.fixture
def needs_the_stack(local_stack: str) -> str:
    return local_stack


async def test_the_harness_has_all_services_of_the_project_joined(harness: Harness) -> None:
    alice = user("alice")
    created = await harness["todo"].ask('mutation { createTodo(input: {title: "x"}) { id } }', alice)
    id = created["data"]["createTodo"]["id"]
    await harness["todo"].ask("mutation ($id: ID!) { completeTodo(id: $id) { id } }", alice, id=id)
    await harness.settle()
    assert {each.consumer for each in harness.attempts} == {
        "analytics.count",
        "notifications.send_email",
        "notifications.todo_ended",
        "todo.subscriptions",
    }


def test_the_clock_stands_still_until_it_is_moved(clock: FixedClock) -> None:
    assert clock.now() == BEGIN
    clock.advance(timedelta(days=1))
    assert clock.now() == BEGIN + timedelta(days=1)


def test_whoever_needs_the_stack_directly_or_not_runs_in_one_worker(
    needs_the_stack: str, request: pytest.FixtureRequest
) -> None:
    assert [mark.args for mark in request.node.iter_markers("xdist_group")] == [(GROUP,)]


def test_the_others_run_anywhere(request: pytest.FixtureRequest) -> None:
    assert list(request.node.iter_markers("xdist_group")) == []


def test_waiting_ends_with_what_came_or_says_what_did_not() -> None:
    coming: Iterator[str] = iter(["", "", "there"])
    assert eventually(lambda: next(coming)) == "there"
    with pytest.raises(AssertionError, match=r"not within 0.1 s: the bus"):
        eventually(lambda: False, within=0.1, what="the bus")
