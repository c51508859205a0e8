"""A help that a program can follow says one edit; any other says none."""

from pathlib import Path

import pytest

from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.edits import edits
from thestack.diagnostics.locate import Locator
from thestack.diagnostics.site import Site

SOURCE = '''\
"""A shop."""

from __future__ import annotations

from thestack import *

service = Service("shop", page=(1, 2))


class Order(Entity, ky="id",
            allow=public):
    id: Id
    by_größe = Index("größe", sort=str)


class Orders(Filter[Order]): ...


@service.query()
async def order(id: Id, /, where: Orders) :
    return await find(Order.by_grösse)


@service.on(retry=Retry(attempts=0))
async def heard(event: Order) -> None: ...
'''
ORDER = (10, "Order")
QUERY = (19, "order")


def changed(path: Path, place: tuple[int, str], part: Part, message: str, help: str) -> str:
    """The lines that an edit changes, as they are then."""
    path.write_text(SOURCE, encoding="utf-8")
    lines = SOURCE.split("\n")
    for each in edits(Diagnostic("S0000", message, Site(str(path), *place), part, help), Locator()):
        first, last = lines[each.span.line - 1], lines[each.span.end_line - 1]
        text = first[: each.span.column - 1] + each.text + last[each.span.end_column - 1 :]
        lines[each.span.line - 1 : each.span.end_line] = [text]
    before = SOURCE.split("\n")
    return "\n".join(line for line in "\n".join(lines).split("\n") if line not in before)


@pytest.mark.parametrize(
    ("place", "part", "message", "help", "expected"),
    [
        (ORDER, Part("keyword", "ky"), "no keyword `ky`", "Did you mean `key`?", '(Entity, key="id",'),
        (ORDER, Part("keyword", "key"), "`key` of `Order` is `id`", "Did you mean `it`?", ""),
        (QUERY, Part("body", "by_grösse"), "no `by_grösse`", "Did you mean `by_größe`?", "Order.by_größe"),
        (QUERY, Part(), "no `order`", "Did you mean `orders`?", "async def orders("),
        (ORDER, Part("keyword", "ky"), "`ky`", "Delete it. There is `key`.", "class Order(Entity,"),
        (ORDER, Part("keyword", "allow"), "", "Write `allow=owner`: it is theirs.", "allow=owner):"),
        (ORDER, Part("field", "by_größe"), "`größe`", "Write `sparse=True`.", "sort=str, sparse=True)"),
        (ORDER, Part("field", "by_größe"), "`str`", "Write `int`.", "sort=int)"),
        (ORDER, Part(), "", 'Add `owner="id"`.', 'allow=public, owner="id"):'),
        (ORDER, Part(), "", "Add `owner_id: Id`.", "    owner_id: Id"),
        (QUERY, Part("parameter", "id"), "", "Add `allow=signed_in`.", "@service.query(allow=signed_in)"),
        (QUERY, Part("parameter", "id"), "", "Delete the `/`: it has a name.", "(id: Id, where: Orders)"),
        (ORDER, Part(), "", 'Add `by_id = Index("id", sort=str)`.', '    by_id = Index("id", sort=str)'),
        (ORDER, Part("field", "id"), "", "Write `id: str`.", "    id: str"),
        (ORDER, Part("field", "id"), "", "Write `id: str = 'x'`.", "    id: str = 'x'"),
        (
            QUERY,
            Part("parameter", "where"),
            "",
            "Write `where: Orders | None = None`.",
            "Orders | None = None)",
        ),
        (QUERY, Part("parameter name", "where"), "`where`", "Did you mean `filter`?", "filter: Orders"),
        (QUERY, Part("parameter", "where"), "", "Delete `, where: Orders`.", "(id: Id, /)"),
        (QUERY, Part(), "", "Write `def order(id: Id) -> Id:`.", "def order(id: Id) -> Id:"),
        (ORDER, Part(), "", "Write `class Order(Value):`.", "class Order(Value):"),
        (QUERY, Part(), "", "Delete `async`.", "def order(id: Id, /, where"),
        (QUERY, Part(), "", "Add `-> Id`.", "where: Orders)  -> Id:"),
        ((24, "heard"), Part("decorator", "retry.attempts"), "", "Write `attempts=1`.", "Retry(attempts=1))"),
        ((7, "shop"), Part(), "", 'Write `Service("store")`, or rename it.', 'service = Service("store")'),
        ((7, "shop"), Part(), "", "Import it: `from datetime import date`.", "from datetime import date"),
        (ORDER, Part(), "", "Add `allow=...`: `signed_in` or `public`.", ""),
        (ORDER, Part(), "", "Write `@service.queue()` over a function.", ""),
        (ORDER, Part(), "", "Rename one, or delete it.", ""),
        (ORDER, Part(), "", "", ""),
    ],
)
def test_the_edit_that_a_help_says(
    tmp_path: Path, place: tuple[int, str], part: Part, message: str, help: str, expected: str
) -> None:
    done = changed(tmp_path / "service.py", place, part, message, help)
    assert (expected in done) if expected else done == ""


def test_a_class_is_renamed_wherever_it_is_named(tmp_path: Path) -> None:
    done = changed(tmp_path / "service.py", ORDER, Part(), "no entity `Order`", "Did you mean `Book`?")
    assert "class Book(" in done
    assert "Filter[Book]" in done
    assert "class Orders(" in done
