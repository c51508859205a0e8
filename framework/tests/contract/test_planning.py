"""One order that keeps every promise at each step, or the smallest set of changes that conflict."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import thestack.router
from thestack.contract.composition import Composed, compose_each
from thestack.contract.mixed import Mixed
from thestack.contract.operations import Operation
from thestack.contract.order import Action
from thestack.contract.planning import PathMistake, Plan, plan
from thestack.contract.promise import Contract, Expectation, Heard, Said, Sent, StatefulResource, World
from thestack.toolchain.tools import ensure_npm, node_executable

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",'
    ' import: ["@key", "@external", "@requires"])\n'
)
TODO = LINK + 'type Query { todo: Todo } type Todo @key(fields: "id") { id: ID! }'
TITLED = TODO.replace("id: ID! }", "id: ID! title: String }")
MEDIA = LINK + "type Query { media: String }"
REQUIRING = (
    MEDIA + ' type Todo @key(fields: "id") '
    '{ id: ID! title: String @external image: String @requires(fields: "title") }'
)
Planner = Callable[..., Plan]


@pytest.fixture(scope="session")
def composer() -> Callable[[Sequence[Mapping[str, str]]], Sequence[Composed]]:
    root = Path(__file__).resolve().parents[3]
    source = Path(thestack.router.__file__).parent
    packages = ensure_npm(source, root / ".stack" / "node", "the router's packages", print)
    return lambda sets: compose_each(sets, node=node_executable(), node_modules=packages)


@pytest.fixture
def planned(composer: Any) -> Planner:
    """The plan from one world to another, for all that differs between them."""

    def make(
        before: World,
        after: World,
        path: str = "",
        *,
        services: Collection[str] = (),
        asks: str = "",
        allowed: Collection[str] = (),
    ) -> Plan:
        every = before.keys() | after.keys()
        changed = {name for name in every if before.get(name) != after.get(name)}
        operations = [Operation("Asked", "frontends/web/operations/a.graphql", "web", asks)] if asks else []
        mixed = Mixed(before, after, services or changed, composer, operations, allowed)
        return plan(mixed, path.split())

    return make


def world(*contracts: Contract) -> World:
    return {each.service: each for each in contracts}


def graph(service: str, sdl: str, **parts: Any) -> Contract:
    return Contract(service, sdl=sdl, **parts)


def schema(needed: str, optional: str = "") -> dict[str, Any]:
    names = [*needed.split(), *optional.split()]
    return {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": needed.split(),
        "additionalProperties": False,
    }


def shop(fields: str, version: int = 1) -> Contract:
    return Contract("shop", says=(Said("order.placed", version, schema(fields)),))


def depot(**versions: str) -> Contract:
    """Reads the order, of each version the fields that are given."""
    schemas = {int(version[1:]): schema(fields) for version, fields in versions.items()}
    return Contract("depot", hears=(Heard("order.placed", "shop", max(schemas), schemas, ("pack",)),))


def steps(found: Plan) -> list[str]:
    return [str(each.step) for each in found.steps]


def reasons(found: Plan) -> dict[str, str]:
    return {str(each.step): each.reason for each in found.steps}


def test_what_depends_on_nothing_goes_in_the_order_of_its_names(planned: Planner) -> None:
    found = planned(world(), world(graph("todo", TODO), graph("media", MEDIA), Contract("platform")))
    assert steps(found) == ["deploy platform", "deploy media", "router", "deploy todo", "router"]
    assert reasons(found)["deploy media"] == "waits for nothing"
    assert found.batches == [["platform", "media", "router"], ["todo", "router"]]


def test_who_requires_a_field_waits_until_the_router_has_it(planned: Planner) -> None:
    found = planned(
        world(graph("media", MEDIA), graph("todo", TODO)),
        world(graph("media", REQUIRING), graph("todo", TITLED)),
    )
    assert found.batches == [["todo", "router"], ["media", "router"]]
    assert reasons(found)["deploy media"].startswith("after the router took in todo: without it, ")
    assert "title" in reasons(found)["deploy media"]


def test_a_field_that_moves_is_taken_in_from_both_at_once(planned: Planner) -> None:
    moving = "extend type Query { files: String }"
    found = planned(
        world(graph("media", MEDIA), graph("todo", TODO + moving)),
        world(graph("media", MEDIA + moving), graph("todo", TODO)),
        asks="query Asked { files }",
    )
    assert steps(found) == ["deploy media", "deploy todo", "router"]
    assert "at once: without todo, " in found.steps[-1].reason
    assert found.batches == [["media", "todo", "router"]]


def test_a_reader_of_both_versions_goes_before_the_writer_of_the_new(planned: Planner) -> None:
    found = planned(
        world(shop("id"), depot(v1="id")), world(shop("id by", version=2), depot(v1="id", v2="id by"))
    )
    assert steps(found) == ["deploy depot", "deploy shop"]
    assert "after deploy depot: without it, " in reasons(found)["deploy shop"]
    assert "`order.placed` version 2 of shop can't be read by depot.pack" in reasons(found)["deploy shop"]


def test_a_queue_is_there_before_somebody_sends_to_it(planned: Planner) -> None:
    mail = Contract("mail", takes=(Said("mail/letters", 1, schema("to")),))
    sender = Contract("app", sends=(Sent("mail/letters", 1, schema("to")),))
    assert steps(planned(world(Contract("app"), Contract("mail")), world(sender, mail))) == [
        "deploy mail",
        "deploy app",
    ]
    assert steps(planned(world(sender, mail), world(Contract("app"), Contract("mail")))) == [
        "deploy app",
        "deploy mail",
    ]


def test_who_asks_another_service_waits_until_the_router_answers(planned: Planner) -> None:
    asks = Expectation("titles", "todo", "query", "{ todo { title } }", {"todo": None})
    before = world(Contract("app"), graph("todo", TODO))
    after = world(Contract("app", expects=(asks,)), graph("todo", TITLED))
    assert steps(planned(before, after)) == ["deploy todo", "router", "deploy app"]
    found = planned(before, after, "todo app router")
    assert found.refused is not None
    assert str(found.refused[0]) == "deploy app"
    back = planned(after, before, asks="{ todo { id } }")
    assert steps(back) == ["deploy app", "deploy todo", "router"]


def test_old_functions_say_what_they_said_until_the_router_calls_the_new(planned: Planner) -> None:
    def shopping(fields: str) -> Contract:
        return graph("shop", TODO, says=(Said("order.placed", 1, schema(fields)),))

    before, after = world(shopping("id"), Contract("depot")), world(shopping("id by"), depot(v1="id by"))
    changed = {**after, "shop": graph("shop", TITLED, says=after["shop"].says)}
    assert steps(planned(before, changed)) == ["deploy shop", "router", "deploy depot"]
    found = planned(before, changed, "shop depot router")
    assert found.refused is not None
    assert str(found.refused[0]) == "deploy depot"


def test_an_example_of_an_event_that_is_new_waits_for_who_says_it(planned: Planner) -> None:
    expects = Expectation("orders", "shop", "event", "order.placed", {"id": "1"})
    before = world(Contract("app"), Contract("shop"))
    after = world(Contract("app", expects=(expects,)), shop("id"))
    assert steps(planned(before, after)) == ["deploy app", "deploy shop"]
    assert planned(after, {**after, "shop": Contract("shop")}).conflict is not None


def test_a_service_whose_promise_stays_is_deployed_where_it_is_named(planned: Planner) -> None:
    same = world(graph("todo", TODO), shop("id"))
    assert steps(planned(same, same, services=["shop", "todo"])) == ["deploy shop", "deploy todo", "router"]


def test_a_service_that_goes_is_destroyed_when_nobody_sends_to_it_any_more(planned: Planner) -> None:
    mail = Contract("mail", takes=(Said("mail/letters", 1, schema("to")),))
    sender = Contract("zoo", sends=(Sent("mail/letters", 1, schema("to")),))
    found = planned(world(sender, mail), world(Contract("zoo")))
    assert steps(found) == ["deploy zoo", "destroy mail"]
    assert found.steps[-1].step.action is Action.DESTROY
    assert found.batches == [["zoo"]]


def test_a_change_that_fits_nothing_conflicts_alone(planned: Planner) -> None:
    found = planned(
        world(shop("id by"), depot(v1="id by"), graph("todo", TODO)),
        world(shop("id"), depot(v1="id by"), graph("todo", TITLED)),
    )
    assert found.conflict is not None
    assert not found.found
    assert found.conflict.services == ("shop",)
    ((when, finding),) = found.conflict.reasons
    assert when == "shop first"
    assert "`by`" in finding.message
    assert found.conflict.way_out.startswith(
        "expand, migrate, contract: first deploy readers that accept both"
    )


def test_changes_that_need_each_other_at_once_conflict_together(planned: Planner) -> None:
    def sending(queue: str) -> World:
        mail = Contract("mail", takes=(Said(queue, 1, schema("to")),))
        return world(Contract("app", sends=(Sent(queue, 1, schema("to")),)), mail)

    found = planned(
        {**sending("mail/letters"), "todo": graph("todo", TODO)},
        {**sending("mail/notes"), "todo": graph("todo", TITLED)},
    )
    assert found.conflict is not None
    assert found.conflict.services == ("app", "mail")
    assert {when for when, _ in found.conflict.reasons} == {"app first", "mail first"}


def test_a_step_that_can_not_be_taken_back_is_no_step(planned: Planner) -> None:
    def own(reads: dict[str, Any], writes: dict[str, Any], version: int) -> World:
        heard = Heard("order.placed", "shop", version, {1: schema("id"), version: reads}, ("count",))
        return world(Contract("shop", says=(Said("order.placed", version, writes),), hears=(heard,)))

    before = own(schema("id"), schema("id"), 1)
    found = planned(before, own(schema("id", "by"), schema("id by"), 1))
    assert found.conflict is not None
    assert any("after a rollback" in finding.message for _, finding in found.conflict.reasons)

    found = planned(before, own(schema("id by"), schema("id by"), 2))
    assert steps(found) == ["deploy shop"]
    assert "after a rollback" in found.steps[0].notes[0]


def test_changes_of_which_each_alone_is_fine_conflict_together(planned: Planner) -> None:
    whole, part = (f"type Page {{ size: {type} }} extend type Query {{ %s: Page }}" for type in ("Int", "ID"))
    found = planned(
        world(graph("media", MEDIA), graph("todo", TODO), graph("zoo", LINK + "type Query { zoo: Int }")),
        world(
            graph("media", MEDIA + whole % "pages"),
            graph("todo", TODO + part % "sheets"),
            graph("zoo", LINK + "type Query { zoo: Int zebra: Int }"),
        ),
    )
    assert found.conflict is not None
    assert found.conflict.services == ("media", "todo")
    assert {when for when, _ in found.conflict.reasons} == {"media and todo together"}
    assert "composes with the other" in found.conflict.way_out


def test_what_is_kept_is_not_deleted_by_any_order_unless_it_is_named(planned: Planner) -> None:
    table = StatefulResource("Table", "AWS::DynamoDB::Table", {}, {})
    before, after = world(Contract("todo", stateful=(table,))), world(Contract("todo"))
    found = planned(before, after)
    assert found.conflict is not None
    assert found.conflict.services == ("todo",)
    assert "--allow" in found.conflict.way_out
    assert steps(planned(before, after, allowed=["todo.Table"])) == ["deploy todo"]


def test_a_proposed_path_is_verified(planned: Planner) -> None:
    before = world(shop("id"), depot(v1="id"))
    after = world(shop("id by", version=2), depot(v1="id", v2="id by"))
    assert steps(planned(before, after, "depot shop")) == ["deploy depot", "deploy shop"]
    found = planned(before, after, "shop depot")
    assert found.refused is not None
    step, findings = found.refused
    assert str(step) == "deploy shop"
    assert "can't be read by depot.pack" in findings[0].message


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("depot", "leaves out shop"),
        ("depot shop depot", "depot is named twice"),
        ("depot shop todo", "todo is none of the services to deploy"),
    ],
)
def test_a_path_that_is_none_is_told(planned: Planner, path: str, says: str) -> None:
    with pytest.raises(PathMistake, match=says):
        planned(world(), world(shop("id"), depot(v1="id")), path)


def test_the_router_has_everything_at_the_end_of_a_path(planned: Planner) -> None:
    with pytest.raises(PathMistake, match="before the router has todo: end it with `router`"):
        planned(world(), world(graph("todo", TODO), graph("media", MEDIA)), "media router todo")


def test_more_than_six_services_go_by_a_way_that_keeps_every_promise(planned: Planner) -> None:
    others = [Contract(f"s{number}") for number in range(8)]
    changed = [Contract(f"s{number}", description="changed") for number in range(8)]
    found = planned(
        world(shop("id"), depot(v1="id"), *others),
        world(shop("id by", version=2), depot(v1="id", v2="id by"), *changed),
    )
    assert len(found.steps) == 10
    assert steps(found).index("deploy depot") < steps(found).index("deploy shop")
