"""Definitions that hypothesis makes up: the text of a `service.py`, right by construction."""

from dataclasses import dataclass

from hypothesis import strategies as st

HEAD = '''\
"""A service that nobody wrote."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from thestack import (
    Caller, Clock, Connection, Counter, Entity, Event, Filter, ForeignEvent, Id, Index, Input, Interface, Key,
    Message, OneOf, Owned, Page, Patch, Problem, Range, Reader, Service, Store, Text, UNSET, Unset, Value,
    created, deprecated, group, new_id, owner, public, scalar, signed_in, union, updated, visible_to,
)

service = Service("{name}")
Money = Annotated[Decimal, scalar("Money", parse=Decimal, serialize=str)]
'''
SCALARS = {
    "str": ('"x"', "String"),
    "int": ("1", "Int"),
    "float": ("1.5", "Float"),
    "bool": ("True", "Boolean"),
    "Id": ('Id("x")', "ID"),
    "date": ("date(2026, 1, 2)", "Date"),
    "Money": ('Decimal("1.5")', "Money"),
}
"""Scalars with a default and their GraphQL name."""
SORTS = ("str", "int", "date")
NAMES = ("size", "weight", "colour", "note", "due_on", "is_open", "parent_id", "unit_price")


@dataclass(frozen=True)
class Written:
    """A field: its annotation, default (None: required) and GraphQL type."""

    name: str
    annotation: str
    default: str | None
    graphql: str

    def __str__(self) -> str:
        return f"    {self.name}: {self.annotation}" + (f" = {self.default}" if self.default else "")


@dataclass(frozen=True)
class Shape:
    """An object type by its name, with what its GraphQL fields are expected to be."""

    name: str
    fields: tuple[Written, ...]


@dataclass(frozen=True)
class Definition:
    """The text of a definition, and the object types that it must give."""

    name: str
    text: str
    shapes: tuple[Shape, ...]


def _field(name: str, kinds: tuple[str, ...]) -> st.SearchStrategy[Written]:
    """A field of one of the kinds: plain, optional, in a list; with and without a default."""

    def written(drawn: tuple[str, str, bool]) -> Written:
        kind, form, has_default = drawn
        default, graphql = SCALARS.get(kind, (None, kind))
        match form:
            case "optional":
                return Written(name, f"{kind} | None", "None" if has_default else None, graphql)
            case "list":
                return Written(name, f"list[{kind}]", "[]" if has_default else None, f"[{graphql}!]!")
            case _:
                given = default if has_default else None
                return Written(name, kind, given, f"{graphql}!")

    forms = st.sampled_from(["plain", "plain", "optional", "list"])
    return st.tuples(st.sampled_from(kinds), forms, st.booleans()).map(written)


def _fields(kinds: tuple[str, ...], most: int = 5) -> st.SearchStrategy[tuple[Written, ...]]:
    names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=most, unique=True)
    return names.flatmap(lambda chosen: st.tuples(*(_field(name, kinds) for name in chosen)))


@st.composite
def definitions(draw: st.DrawFn, name: str = "made") -> Definition:
    """A definition with enums, values, interfaces, entities, events, unions, filters and operations."""
    enum, value = draw(st.sampled_from(["Mood", "State"])), draw(st.sampled_from(["Size", "Place"]))
    prefix = name.title()
    enum, value, node = f"{prefix}{enum}", f"{prefix}{value}", f"{prefix}Node"
    members = draw(st.lists(st.sampled_from(["OPEN", "DONE", "LOST"]), min_size=1, unique=True))
    scalars = tuple(SCALARS)
    inner = draw(_fields(scalars, 3))
    text = [HEAD.format(name=name), f"\nclass {enum}(StrEnum):"]
    text += [f'    {member} = "{member}"' for member in members]
    text += [f"\n\nclass {value}(Value):", *map(str, inner)]
    text += [f"\n\nclass {node}(Interface):", "    id: Id"]
    shapes = [Shape(value, inner)]
    for number in range(draw(st.integers(1, 3))):
        made, lines = draw(_entity(f"{prefix}Thing{number}", node, (*scalars, enum, value), name, number))
        shapes.append(made)
        text += lines
    return Definition(name, "\n".join(text) + "\n", tuple(shapes))


@st.composite
def _entity(
    draw: st.DrawFn, name: str, node: str, kinds: tuple[str, ...], service: str, number: int
) -> tuple[Shape, list[str]]:
    owned, is_node = draw(st.booleans()), draw(st.booleans())
    fields = draw(_fields(kinds))
    own = (Written("id", "Id", None, "ID!"), Written("owner_id", "Id", None, "ID!"))
    all_fields = (*own, *fields)
    rule = draw(st.sampled_from(["owner", 'owner | group("staff")', "signed_in", "public"]))
    if not owned:
        rule = draw(st.sampled_from(["signed_in", "public", 'group("staff")']))
    keyword = 'key="id", owner="owner_id"' if owned else 'key=Key("owner_id", "id")'
    bases = f"Entity, {node}" if is_node else "Entity"
    by = [each for each in fields if each.annotation in SORTS]
    lines = [f"\n\nclass {name}({bases}, {keyword}, allow={rule}):", f'    """One {name}."""']
    lines += [*map(str, all_fields)]
    lines += [f'    by_{each.name} = Index("owner_id", "{each.name}", sort={each.annotation})' for each in by]
    lines += [
        f'\n\nclass {name}Made(Event, name="{service}.made{number}", version={draw(st.integers(1, 3))}):'
    ]
    lines += ["    thing_id: Id", *map(str, fields)]
    lines += [f'\n\nclass {name}Taken(Problem, code="TAKEN_{number}"):', '    """It is."""']
    result = f'Annotated[{name} | {name}Taken, union("{name}Result")]'
    given = [each for each in fields if "list[" not in each.annotation]
    lines += [f"\n\nclass Make{name}(Input):", "    id: Id", *map(str, given)]
    held = next((each for each in fields if each.annotation in SORTS), None)
    if held:
        lines += [f"\n\nclass {name}Filter(Filter[{name}]):"]
        lines += [f"    {held.name}: Range[{held.annotation}] | None = None"]
    rows = f"Owned[{name}, {name}Made]" if owned else f"Store[{name}, {name}Made]"
    narrowed = "rows" if owned else "rows.within(caller.id)"
    access = f"{name}.by_{by[0].name}.descending(), " if by else ""
    where = f", where: {name}Filter | None = None" if held else ""
    passed = ", where=where" if held else ""
    lines += [
        "\n\n@service.mutation(allow=signed_in)",
        f"async def make_{service}_{number}(input: Make{name}, *, rows: {rows}, caller: Caller) -> {result}:",
        f'    """Make a {name}."""',
        f"    raise {name}Taken",
        "\n\n@service.query(allow=signed_in)",
        f"async def list_{service}_{number}(",
        f"    page: Page{where}, *, rows: {rows}, caller: Caller",
        f") -> Connection[{name}]:",
        f"    return await {narrowed}.page({access}page=page{passed})",
        "\n\n@service.field()",
        f"async def echo(thing: {name}, /, times: int = 2, *, clock: Clock) -> list[str] | None:",
        '    return ["x"] * times',
    ]
    return Shape(name, all_fields), lines
