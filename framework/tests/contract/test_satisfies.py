"""What is called readable is read: of made-up writers, by the real models of made-up readers."""

import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationError, create_model

from framework.tests.contract.made_up import Money, Type, fields, reader, records, writer
from thestack import Event, ForeignEvent, Id, Value, scalar
from thestack.contract.satisfies import Problem, unreadable
from thestack.definition.tolerance import tolerantly

SETTINGS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def compared(written: Any, read: Any, *, strict: bool) -> list[str]:
    found = unreadable(
        written.model_json_schema(by_alias=False, mode="serialization"),
        read.model_json_schema(by_alias=False, mode="validation"),
        strict=strict,
    )
    return [f"{each.path} {each.why}".strip() for each in found]


def dumped(written: Any, value: Any) -> Any:
    """A value as it goes over bus and queues."""
    return json.loads(json.dumps(written.model_validate(value).model_dump(mode="json")))


def parsed(read: Any, data: Any, *, strict: bool) -> None:
    if strict:
        read.model_validate(data)
    else:
        tolerantly(read, data)


@SETTINGS
@given(st.data(), records, st.booleans())
def test_what_is_called_readable_is_read(data: st.DataObject, shape: Type, strict: bool) -> None:
    written, read = writer(shape), reader(data.draw(fields(shape)), strict=strict)
    if not compared(written, read, strict=strict):
        parsed(read, dumped(written, data.draw(shape.values())), strict=strict)


@SETTINGS
@given(records, st.booleans())
def test_what_a_class_writes_it_reads(shape: Type, strict: bool) -> None:
    assert compared(writer(shape), reader(shape, strict=strict), strict=strict) == []


def test_a_scalar_beside_others_writes_its_own_values_alone() -> None:
    made = create_model("Paid", __base__=Value, amounts=(dict[str, Money | list[Any]], ...))
    assert dumped(made, {"amounts": {"one": "1.50", "none": []}}) == {"amounts": {"one": "1.50", "none": []}}


class Kind(StrEnum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"


class More(StrEnum):
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    SOUND = "SOUND"


class Place(Value):
    street: str


class Town(Value):
    street: str
    town: str = ""


class Pair(Value):
    kind: Literal["pair"]
    first: int


class Single(Value):
    kind: Literal["single"]
    only: str


Level = Annotated[int, scalar("Level", parse=int, serialize=str)]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Tagged = Annotated[Pair | Single, Field(discriminator="kind")]
EVERY = ("strict", "tolerant")


def said(**given: Any) -> Any:
    fields = {name: each if isinstance(each, tuple) else (each, ...) for name, each in given.items()}
    return create_model("Said", __base__=Event, __cls_kwargs__={"name": "it", "version": 1}, **fields)


def heard(**given: Any) -> Any:
    keywords = {"name": "it", "version": 1, "source": "other"}
    fields = {name: each if isinstance(each, tuple) else (each, ...) for name, each in given.items()}
    return create_model("Heard", __base__=ForeignEvent, __cls_kwargs__=keywords, **fields)


@pytest.mark.parametrize("strict", [True, False], ids=EVERY)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"a": Id}, {"a": str}),
        ({"a": int}, {"a": float}),
        ({"a": int}, {"a": int | None}),
        ({"a": int}, {"a": (int, 5), "b": (int, 5)}),
        ({"a": (int, 5)}, {"a": int}),
        ({"a": Kind}, {"a": More}),
        ({"a": Kind}, {"a": str}),
        ({"a": Kind}, {"a": Literal["IMAGE", "VIDEO", "SOUND"]}),
        ({"a": Title}, {"a": str}),
        ({"a": Annotated[str, Field(min_length=3, max_length=9)]}, {"a": Title}),
        ({"a": Annotated[int, Field(gt=0, le=8)]}, {"a": Annotated[int, Field(ge=1, lt=9)]}),
        ({"a": list[Place]}, {"a": list[Town]}),
        ({"a": Annotated[list[int], Field(min_length=1)]}, {"a": list[int]}),
        ({"a": tuple[int, int]}, {"a": list[int]}),
        ({"a": dict[str, int]}, {"a": dict[str, int | str]}),
        ({"a": Pair}, {"a": Tagged}),
        ({"a": Money}, {"a": Money | None}),
    ],
)
def test_what_is_readable_either_way(written: Any, read: Any, strict: bool) -> None:
    reading = said(**read) if strict else heard(**read)
    assert compared(said(**written), reading, strict=strict) == []


@pytest.mark.parametrize("strict", [True, False], ids=EVERY)
@pytest.mark.parametrize(
    ("written", "read", "why", "witness"),
    [
        ({"a": str}, {"a": int}, "a is text, and read as a whole number", {"a": "x"}),
        ({"a": float}, {"a": int}, "a is a number, and read as a whole number", {"a": 0.5}),
        ({"a": int | None}, {"a": int}, "a may be null", {"a": None}),
        ({"a": int}, {"a": int, "b": int}, "b is not written, and needed", {"a": 1}),
        ({"a": str}, {"a": Kind}, "a is text, and read as one of `IMAGE`, `VIDEO`", {"a": "x"}),
        (
            {"a": More},
            {"a": Kind},
            "a may be `SOUND`, and is read as one of `IMAGE`, `VIDEO`",
            {"a": "SOUND"},
        ),
        (
            {"a": str},
            {"a": Annotated[str, Field(max_length=2)]},
            "a may have more than 2 characters",
            {"a": "xyz"},
        ),
        ({"a": Title}, {"a": Annotated[str, Field(pattern="^x")]}, "a need not match `^x`", {"a": "y"}),
        ({"a": int}, {"a": Annotated[int, Field(gt=0)]}, "a may be less than 1", {"a": 0}),
        ({"a": float}, {"a": Annotated[float, Field(lt=1)]}, "a may be 1 or more", {"a": 1}),
        ({"a": int}, {"a": Annotated[int, Field(multiple_of=5)]}, "a need not be a multiple of 5", {"a": 1}),
        (
            {"a": list[int]},
            {"a": Annotated[list[int], Field(max_length=1)]},
            "a may have more than 1 items",
            {"a": [1, 2]},
        ),
        ({"a": list[int]}, {"a": list[str]}, "a[] is a whole number, and read as text", {"a": [1]}),
        (
            {"a": dict[str, int]},
            {"a": dict[str, str]},
            "a{} is a whole number, and read as text",
            {"a": {"b": 1}},
        ),
        ({"a": str}, {"a": Money}, "a is text, and read as a Money", {"a": "x"}),
        ({"a": Money}, {"a": Level}, "a is a Money, and read as a Level", {"a": "2.5"}),
        ({"a": str}, {"a": date}, "a is any text, and read as date", {"a": "x"}),
        (
            {"a": Annotated[int, Field(ge=0)]},
            {"a": Annotated[int, Field(ge=1)]},
            "a may be less than 1",
            {"a": 0},
        ),
        (
            {"a": tuple[int, int]},
            {"a": tuple[int, str]},
            "a[1] is a whole number, and read as text",
            {"a": (1, 2)},
        ),
    ],
)
def test_what_is_not_readable_either_way(
    written: Any, read: Any, why: str, witness: Any, strict: bool
) -> None:
    wrote, reading = said(**written), said(**read) if strict else heard(**read)
    assert compared(wrote, reading, strict=strict) == [why]
    with pytest.raises(ValidationError):
        parsed(reading, dumped(wrote, witness), strict=strict)


@pytest.mark.parametrize(
    ("written", "read", "why", "witness"),
    [
        ({"a": int, "b": int}, {"a": int}, "b", {"a": 1, "b": 2}),
        ({"a": Town}, {"a": Place}, "a.town", {"a": {"street": "x"}}),
        ({"a": list[Town]}, {"a": list[Place] | None}, "a[].town", {"a": [{"street": "x"}]}),
    ],
)
def test_a_strict_reader_alone_refuses_fields_that_it_does_not_know(
    written: Any, read: Any, why: str, witness: Any
) -> None:
    wrote, data = said(**written), dumped(said(**written), witness)
    assert compared(wrote, said(**read), strict=True) == [
        f"{why} is not known to its reader, which refuses it"
    ]
    with pytest.raises(ValidationError):
        parsed(said(**read), data, strict=True)
    assert compared(wrote, heard(**read), strict=False) == []
    parsed(heard(**read), data, strict=False)


@pytest.mark.parametrize(
    ("written", "read", "witness", "left"),
    [
        ({"a": More}, {"a": (Kind, Kind.IMAGE)}, {"a": "SOUND"}, Kind.IMAGE),
        ({"a": More}, {"a": (Kind | None, None)}, {"a": "SOUND"}, None),
        ({"a": list[More]}, {"a": list[Kind]}, {"a": ["SOUND", "VIDEO", "SOUND"]}, [Kind.VIDEO]),
        (
            {"a": dict[str, More]},
            {"a": dict[str, Kind]},
            {"a": {"x": "SOUND", "y": "VIDEO"}},
            {"y": Kind.VIDEO},
        ),
    ],
)
def test_a_tolerant_reader_alone_does_without_members_that_it_does_not_know(
    written: Any, read: Any, witness: Any, left: Any
) -> None:
    wrote, data = said(**written), dumped(said(**written), witness)
    assert compared(wrote, heard(**read), strict=False) == []
    assert tolerantly(heard(**read), data).a == left
    assert compared(wrote, said(**read), strict=True) != []
    with pytest.raises(ValidationError):
        parsed(said(**read), data, strict=True)


@pytest.mark.parametrize(
    ("read", "witness"),
    [
        ({"a": Kind}, "SOUND"),
        ({"a": (Kind | bool, False)}, "SOUND"),
        ({"a": (Kind | Place, Kind.IMAGE)}, "SOUND"),
        ({"a": (Kind | Literal["X"], "X")}, "SOUND"),
    ],
)
def test_a_member_that_is_not_known_is_missed_where_it_is_needed_and_among_several_types(
    read: Any, witness: Any
) -> None:
    wrote = said(a=More)
    assert len(compared(wrote, heard(**read), strict=False)) == 1
    with pytest.raises(ValidationError):
        tolerantly(heard(**read), dumped(wrote, {"a": witness}))


def test_a_list_that_needs_an_item_needs_one_that_is_known() -> None:
    read = {"a": Annotated[list[Kind], Field(min_length=1)]}
    wrote = said(a=Annotated[list[More], Field(min_length=1)])
    assert len(compared(wrote, heard(**read), strict=False)) == 1
    with pytest.raises(ValidationError):
        tolerantly(heard(**read), dumped(wrote, {"a": ["SOUND"]}))


def test_a_value_of_several_types_is_each_of_them() -> None:
    either = {"type": ["string", "null"]}
    assert unreadable(either, {"type": "string"}, strict=True) == [Problem("", "may be null")]
    assert unreadable({"type": "null"}, either, strict=True) == []


def test_a_field_that_is_not_always_written_may_not_be_needed() -> None:
    written = {"type": "object", "properties": {"a": {"type": "string"}}}
    assert unreadable(written, {**written, "required": ["a"]}, strict=True) == [
        Problem("a", "is not always written, and needed")
    ]
    assert unreadable({**written, "required": ["a"]}, written, strict=True) == []


def test_each_tag_of_a_union_is_read() -> None:
    assert compared(said(a=Tagged), said(a=Pair), strict=True) != []
    assert compared(said(a=Tagged), said(a=Tagged | None), strict=True) == []


@pytest.mark.parametrize("word", ["not", "patternProperties", "if", "contains"])
def test_what_cannot_be_compared_is_told_and_not_called_readable(word: str) -> None:
    schema = {"type": "object", word: {}}
    (problem,) = unreadable({"type": "object"}, schema, strict=False)
    assert word in problem.why


def test_what_refers_to_itself_is_compared() -> None:
    def tree(kind: str) -> dict[str, Any]:
        node = {"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}, "value": {"type": kind}}
        return {"$defs": {"Node": {"type": "object", "properties": node}}, "$ref": "#/$defs/Node"}

    assert unreadable(tree("integer"), tree("number"), strict=True) == []
    paths = [each.path for each in unreadable(tree("number"), tree("integer"), strict=True)]
    assert paths == ["children[].value", "value"]
