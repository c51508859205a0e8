"""The search for an order, against rules that are told apart from what they stand for."""

from itertools import permutations

import pytest

from thestack.contract.order import (
    Action,
    Services,
    State,
    Step,
    after,
    find_order,
    find_path,
    reachable,
    states_of,
    steps_from,
)


def anything(state: State, step: Step) -> bool:
    return True


def told(steps: list[Step] | None) -> list[str] | None:
    return None if steps is None else [str(each) for each in steps]


def test_a_service_is_taken_in_by_the_router_before_the_next_is_deployed() -> None:
    services = Services(("a", "b", "c"), frozenset({"a", "c"}))
    assert told(find_order(services, anything)) == ["deploy a", "router", "deploy b", "deploy c", "router"]


def test_what_must_wait_waits() -> None:
    def admits(state: State, step: Step) -> bool:
        return step != Step(Action.DEPLOY, ("a",)) or "b" in state.deployed

    services = Services(("a", "b"), frozenset({"a", "b"}))
    assert told(find_order(services, admits)) == ["deploy b", "router", "deploy a", "router"]


def test_the_router_takes_in_at_once_what_only_fits_together() -> None:
    def admits(state: State, step: Step) -> bool:
        return step.action is not Action.ROUTE or step.services not in {("a",), ("b",)}

    services = Services(("a", "b", "c"), frozenset({"a", "b", "c"}))
    assert told(find_order(services, admits)) == ["deploy a", "deploy b", "router", "deploy c", "router"]


def test_no_order_is_found_where_each_waits_for_the_other() -> None:
    def admits(state: State, step: Step) -> bool:
        return bool(state.deployed)

    assert find_order(Services(("a", "b")), admits) is None


def test_what_is_destroyed_is_let_go_by_the_router_in_the_same_step() -> None:
    services = Services(("a", "old"), frozenset({"a"}), frozenset({"old"}))
    assert told(find_order(services, anything)) == ["deploy a", "router", "destroy old"]
    assert after(State(), Step(Action.DESTROY, ("old",))) == State(frozenset({"old"}), frozenset({"old"}))


@pytest.mark.parametrize("chain", list(permutations("abcd")))
def test_every_order_is_tried(chain: tuple[str, ...]) -> None:
    """Only one order of the four is admitted, whichever it is."""

    def admits(state: State, step: Step) -> bool:
        return step.action is Action.ROUTE or step.services[0] == chain[len(state.deployed)]

    found = find_order(Services(tuple("abcd"), frozenset("abcd")), admits)
    assert found is not None
    assert [each.services[0] for each in found if each.action is Action.DEPLOY] == list(chain)


def test_an_order_that_is_found_is_admitted_at_each_step() -> None:
    def admits(state: State, step: Step) -> bool:
        return step.action is Action.ROUTE or "e" in state.routed or step.services[0] in "ef"

    services = Services(tuple("abcdef"), frozenset("aef"))
    found = find_order(services, admits)
    assert found is not None
    assert all(admits(state, step) for state, step in zip(states_of(found), found, strict=True))
    assert after(states_of(found)[-1], found[-1]) == services.end


def test_many_services_go_by_a_way_that_is_never_taken_back() -> None:
    names = tuple(f"s{number:02}" for number in range(20))

    def admits(state: State, step: Step) -> bool:
        return step.services[0] != "s00" or "s01" in state.deployed

    found = find_path(Services(names, frozenset(names)), admits)
    assert found is not None
    assert [each.services[0] for each in found if each.action is Action.DEPLOY][:2] == ["s01", "s00"]
    assert len(found) == 40


def test_a_way_that_leads_nowhere_is_none() -> None:
    names = tuple(f"s{number}" for number in range(8))
    assert find_path(Services(names), lambda state, step: "s3" not in step.services) is None


def test_what_is_reachable_is_every_state_between() -> None:
    services = Services(("a", "b"), frozenset({"a"}))
    assert len(reachable(services, anything)) == 6
    assert reachable(services, lambda state, step: False) == {State()}


def test_nothing_is_destroyed_while_the_router_has_to_take_something_in() -> None:
    services = Services(("a", "old"), frozenset({"a"}), frozenset({"old"}))
    assert [str(each) for each in steps_from(services, State(frozenset({"a"})), 2)] == ["router"]


def test_few_at_once_comes_first() -> None:
    services = Services(("a", "b"), frozenset({"a", "b"}))
    deployed = State(frozenset({"a"}))
    assert [str(each) for each in steps_from(services, deployed, 1)] == ["router"]
    assert [str(each) for each in steps_from(services, deployed, 2)] == ["router", "deploy b"]
