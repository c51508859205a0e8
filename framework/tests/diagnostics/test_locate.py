"""A mistake is underlined exactly: the part that is meant, or else what it belongs to."""

from pathlib import Path

import pytest

from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.locate import Locator, Raised
from thestack.diagnostics.site import Site
from thestack.diagnostics.source import Span

SOURCE = '''\
from thestack import *

service = Service("shop", page=(1, 2))
service.crud(Order, allow=signed_in, only=["get"])


class Base:
    id: Id


class Order(Base, key="idd", refs=["id", Key("sku", "package")],
            allow=public):
    größe: "bytes" = 1; preis: list[Nowhere] = []
    media: Media
    by_time = Index(
        "größe", "at",
        sort=str,
    )


@other
@service.query(
    allow=group("staff"),
)
async def order(id: Id, /, where, *, mine: Owned[Order, Order | Paid]) -> Connection[Order]:
    """Order.by_name is not meant."""
    first = await mine.page(Order.by_time)
    return await mine.page(Order.by_name)


@service.query()
def order(): ...


@service.on(
    retry=Retry(attempts=0),
    function=Function(
        memory="512",
        permissions=[Permission("s3:GetObject", on="*")],
    ),
)
@service.every(3600)
async def heard(
    event: Placed,
    /,
    *,
    key: Annotated[
        Secret,
        parameter("a/b"),
    ],
) -> None: ...


class Stall(
    Entity,
    unique=["name", Key("street", "no")],
    directives=[tag("a"), audited(level=3)],
):
    salary: Annotated[int, visible_to(group("staf"))]
    by_name = Index("name", sort=str, sparse="no")


class Order: ...
'''


FUNCTION = """function=Function(
        memory="512",
        permissions=[Permission("s3:GetObject", on="*")],
    )"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "service.py"
    path.write_text(SOURCE, encoding="utf-8")
    return str(path)


def marked(file: str, site: Site, part: Part, message: str = "") -> str:
    span = Locator().locate(Diagnostic("S0000", message, site, part))
    lines = SOURCE.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    return "\n".join([lines[0][span.column - 1 :], *lines[1:]])


@pytest.mark.parametrize(
    ("line", "name", "part", "message", "expected"),
    [
        (11, "Order", Part(), "", "Order"),
        (11, "Order", Part("keyword", "key"), "", 'key="idd"'),
        (11, "Order", Part("keyword", "key"), "`Order` has no field `idd`", '"idd"'),
        (11, "Order", Part("keyword", "refs"), "`Order` has no field `package`", '"package"'),
        (11, "Order", Part("keyword", "allow"), "", "allow=public"),
        (11, "Order", Part("keyword", "owner"), "", "Order"),
        (11, "Order", Part("field", "größe"), "", '"bytes"'),
        (11, "Order", Part("field", "preis"), "", "list[Nowhere]"),
        (11, "Order", Part("field", "preis"), "`Nowhere` is not defined", "Nowhere"),
        (11, "Order", Part("field", "id"), "", "Id"),
        (11, "Order", Part("field", "media.id"), "", "Media"),
        (11, "Order", Part("field", "by_time"), "no field `at`", '"at"'),
        (
            11,
            "Order",
            Part("field", "by_time"),
            "",
            'Index(\n        "größe", "at",\n        sort=str,\n    )',
        ),
        (11, "Order", Part("field", "nothing"), "", "Order"),
        (23, "order", Part(), "", "order"),
        (23, "order", Part("parameter", "id"), "", "Id"),
        (23, "order", Part("parameter", "where"), "", "where"),
        (23, "order", Part("parameter", "mine"), "", "Owned[Order, Order | Paid]"),
        (23, "order", Part("parameter", "mine"), "`Order` can't be emitted", "Order"),
        (23, "order", Part("parameter", "nothing"), "", "order"),
        (23, "order", Part("returns"), "", "Connection[Order]"),
        (23, "order", Part("decorator", "allow"), "", 'allow=group("staff")'),
        (23, "order", Part("body", "Order.by_name"), "", "Order.by_name"),
        (23, "order", Part("body", "by_name"), "", "Order.by_name"),
        (23, "order", Part("body", "page"), "", "mine.page"),
        (23, "order", Part("body", "nothing"), "", "order"),
        (31, "order", Part(), "", "order"),
        (31, "order", Part("decorator", "allow"), "", "service.query()"),
        (31, "order", Part("returns"), "", "order"),
        (35, "heard", Part("decorator", "retry.attempts"), "", "attempts=0"),
        (35, "heard", Part("decorator", "retry.attempts"), "can't be `0`", "0"),
        (35, "heard", Part("decorator", "function.memory"), "can't be `'512'`", '"512"'),
        (35, "heard", Part("decorator", "function.permissions.on"), "", 'on="*"'),
        (35, "heard", Part("decorator", "function.timeout"), "", FUNCTION),
        (42, "heard", Part("decorator", "interval"), "can't be `3600`", "3600"),
        (42, "heard", Part("decorator"), "", "service.every(3600)"),
        (35, "heard", Part("parameter", "key"), "no parameter `a/b`", '"a/b"'),
        (35, "heard", Part("parameter", "key"), "`parameter(...)` is", 'parameter("a/b")'),
        (54, "Stall", Part("keyword", "unique"), "no field `no`", '"no"'),
        (54, "Stall", Part("keyword", "directives"), "`audited(...)` takes", "audited(level=3)"),
        (54, "Stall", Part("field", "salary"), "no group `staf`", '"staf"'),
        (54, "Stall", Part("field", "salary"), "`visible_to(...)` of", 'visible_to(group("staf"))'),
        (54, "Stall", Part("field name", "salary"), "", "salary"),
        (54, "Stall", Part("field", "by_name.sparse"), "", 'sparse="no"'),
        (54, "Stall", Part("field", "by_name.local"), "", 'Index("name", sort=str, sparse="no")'),
        (63, "Order", Part(), "", "Order"),
        (3, "shop", Part(), "", '"shop"'),
        (3, "shop", Part("keyword", "page"), "", "page=(1, 2)"),
        (4, "Order", Part(), "", "Order"),
        (4, "Order", Part("decorator", "allow"), "", "allow=signed_in"),
        (4, "Order", Part("keyword", "owner"), "", 'service.crud(Order, allow=signed_in, only=["get"])'),
        (8, "", Part("what is this"), "", "id: Id"),
        (2, "", Part(), "", ""),
    ],
)
def test_the_part_that_is_meant(
    file: str, line: int, name: str, part: Part, message: str, expected: str
) -> None:
    assert marked(file, Site(file, line, name), part, message) == expected


def test_declarations_of_one_name_are_told_apart_by_their_lines(file: str) -> None:
    locator = Locator()
    spans = [locator.locate(Diagnostic("S0000", "", Site(file, line, "order"))) for line in (23, 31)]
    assert [(span.line, span.column) for span in spans] == [(25, 11), (32, 5)]


def test_what_python_located_itself_stays_there(file: str) -> None:
    span = Span(3, 1, 3, 8)
    assert Locator().locate(Raised("S0001", "", Site(file, 1), span=span)) == span


@pytest.mark.parametrize("content", [None, b"", b"class (", b"\xff\xfe", b"x = 1\0"])
def test_a_file_that_cannot_be_read_still_gives_a_place(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "service.py"
    if content is not None:
        path.write_bytes(content)
    assert Locator().locate(Diagnostic("S0000", "", Site(str(path), 1, "x"))).line == 1
