"""What a change of the public schema means for those who use it."""

from collections.abc import Sequence

import pytest

from thestack.contract.blame import Blame
from thestack.contract.findings import Finding, Level
from thestack.contract.operations import Operation
from thestack.contract.public_changes import PublicSchema

BEFORE = """
type Query {
  todo(id: ID!, at: Place = HOME): Todo
  todos(where: Filter, first: Int = 20): [Todo!]
  node: Node
  any: Any
}
type Mutation { create(input: Create!): Todo }
interface Node { id: ID! }
type Todo implements Node { id: ID! title: String! status: Status! note: String }
type Media implements Node { id: ID! url: String }
union Any = Todo | Media
enum Status { OPEN DONE }
enum Place { HOME WORK }
input Filter { status: Status }
input Create { title: String! place: Place }
"""
TODO = "query One { todo(id: 1, at: WORK) { title status } }"
LIST = "query List($where: Filter) { todos(where: $where) { id } }"
NODE = "query Any { node { id ... on Media { url } } any { ... on Todo { note } } }"
CREATE = "mutation Create($input: Create!) { create(input: $input) { id } }"
ALL = (TODO, LIST, NODE, CREATE)
BY_ID = ["List", "Any", "Create"]
"""Who asks for the id of a todo: also by the interface that it has."""


def found(old: str, new: str, operations: Sequence[str] = ALL) -> list[Finding]:
    assert old in BEFORE
    after = BEFORE.replace(old, new, 1)
    asked = [
        Operation(text.split("(")[0].split()[1], "frontends/web/operations/all.graphql", "web", text)
        for text in operations
    ]
    return list(PublicSchema(BEFORE, after, asked, Blame({"todo": BEFORE}, {"todo": after})).findings())


@pytest.mark.parametrize(
    ("old", "new", "code", "about", "hurt"),
    [
        ("title: String!", "", "C202", "Todo.title", ["One"]),
        ("note: String", "", "C202", "Todo.note", ["Any"]),
        ("url: String ", "url: Int ", "C203", "Media.url", ["Any"]),
        ("Todo implements Node { id: ID!", "Todo implements Node { id: ID", "C203", "Todo.id", BY_ID),
        ("title: String! status", "title: String status", "C203", "Todo.title", ["One"]),
        (", at: Place = HOME", "", "C204", "Query.todo(at:)", ["One"]),
        ("where: Filter,", "where: Filter!,", "C204", "Query.todos(where:)", ["List"]),
        ("note: String", "note(in: ID!): String", "C204", "Todo.note(in:)", ["Any"]),
        ("status: Status }", "status: Status by: ID! }", "C205", "Filter.by", ["List"]),
        ("place: Place", "", "C202", "Create.place", ["Create"]),
        (" WORK", "", "C206", "Place.WORK", ["One", "Create"]),
        ("Any = Todo |", "Any =", "C207", "Any", ["Any"]),
        ("type Media implements Node", "type Media", "C207", "Media", ["Any"]),
        ("interface Node", "union Node = Todo interface Old", "C201", "Node", ["Any"]),
    ],
)
def test_what_an_operation_uses_may_not_go(
    old: str, new: str, code: str, about: str, hurt: list[str]
) -> None:
    finding = next(each for each in found(old, new) if each.level is Level.BREAKING)
    assert (finding.code, finding.about, finding.service) == (code, about, "todo")
    assert finding.hurt == tuple(f"operation {name} of frontends/web/operations/all.graphql" for name in hurt)
    assert finding.help


@pytest.mark.parametrize(
    ("old", "new", "about", "unused_by"),
    [
        ("title: String!", "", "Todo.title", [LIST, NODE, CREATE]),
        ("note: String", "note: Int", "Todo.note", [TODO, LIST]),
        (", at: Place = HOME", "", "Query.todo(at:)", ["query A { todo(id: 1) { id } }"]),
        (" WORK", "", "Place.WORK", ["query A { todo(id: 1, at: HOME) { id } }"]),
        ("OPEN DONE", "OPEN", "Status.DONE", [TODO]),
        ("note: String", "note(in: ID!): String", "Todo.note(in:)", [TODO]),
        ("status: Status }", "status: Status by: ID! }", "Filter.by", [TODO]),
        ("Any = Todo |", "Any =", "Any", [TODO]),
    ],
)
def test_what_no_known_operation_uses_may_go(old: str, new: str, about: str, unused_by: list[str]) -> None:
    (finding,) = (each for each in found(old, new, unused_by) if each.about == about)
    assert (finding.level, finding.hurt) == (Level.DANGEROUS, ())
    assert "no known operation uses" in finding.message


def test_where_no_operations_are_known_everybody_may_use_it() -> None:
    (finding,) = found("title: String!", "", [])
    assert finding.level is Level.BREAKING
    assert "no operation of any client is known" in finding.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("note: String", "note: String due: Int"),
        ("note: String", "note: String!"),
        ("note: String", "note(long: Boolean): String"),
        ("id: ID!, at", "id: ID, at"),
        ("status: Status }", "status: Status by: ID }"),
        ("enum Place", "type New { id: ID } enum Place"),
        ("HOME WORK }", "HOME WORK TRAIN }"),
    ],
)
def test_what_is_added_takes_nothing_from_anybody(old: str, new: str) -> None:
    assert {each.level for each in found(old, new)} == {Level.SAFE}


@pytest.mark.parametrize(
    ("old", "new", "code", "hurt"),
    [
        ("OPEN DONE", "OPEN DONE LATE", "C208", "One"),
        ("enum Status", "type X { id: ID! } union More = Todo | X enum Status", None, None),
        ("= Todo | Media", "= Todo | Media | X type X { id: ID! }", "C208", "Any"),
        ("first: Int = 20", "first: Int = 5", "C209", "List"),
    ],
)
def test_clients_may_have_to_know_of_what_is_new(
    old: str, new: str, code: str | None, hurt: str | None
) -> None:
    dangers = [each for each in found(old, new) if each.level is not Level.SAFE]
    assert [(each.code, each.level) for each in dangers] == ([(code, Level.DANGEROUS)] if code else [])
    assert all(f"operation {hurt} " in each.hurt[0] for each in dangers)


def test_words_about_a_thing_are_no_change_of_it() -> None:
    assert found("type Todo", '"What is to do." type Todo') == []


def test_the_service_that_changed_the_place_is_named() -> None:
    parts = {"todo": "type Todo { id: ID! title: String }", "media": "type Todo { id: ID! url: Int }"}
    blame = Blame(parts, {**parts, "media": "type Todo { id: ID! }", "todo": parts["todo"] + " scalar X"})
    assert blame.of("Todo.url") == ("media",)
    assert blame.of("Todo.url(size:)") == ("media",)
    assert blame.of("X") == ("todo",)
    assert blame.of("Elsewhere") == ("media", "todo")
