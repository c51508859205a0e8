"""A definition file becomes a model, or mistakes at their places; never a traceback."""

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from thestack.definition.execute import forget
from thestack.definition.load import load, load_all, models, models_alone
from thestack.diagnostics.diagnostic import DefinitionError, Diagnostic
from thestack.diagnostics.locate import Locator

Project = Callable[[str], Path]

SHOP = '''\
"""A shop."""

from thestack import Entity, Id, Owned, Service, signed_in

service = Service("shop")
"""What hangs here."""


class Order(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id


@service.query(allow=signed_in)
async def order(id: Id, *, mine: Owned[Order]) -> Order:
    return await mine.get(id)
'''


def marked(diagnostic: Diagnostic) -> str:
    """The code, and the characters that are underlined."""
    locator = Locator()
    span = locator.locate(diagnostic)
    line = locator.source(diagnostic.site.file).line(span.line)
    return f"{diagnostic.code} {line[span.column - 1 : span.end_column - 1]}"


def mistakes(root: Path) -> list[Diagnostic]:
    return [mistake for each in load_all(root) for mistake in each.diagnostics]


def test_a_service_loads_alone_where_what_it_expects_of_others_can_not_be_looked_at(tmp_path: Path) -> None:
    heard = (
        SHOP.replace("Id, Owned", "ForeignEvent, Id, Owned")
        + """

class Paid(ForeignEvent, name="payment.made", version=1, source="payments"):
    order_id: Id


@service.on()
async def ship(paid: Paid, /) -> None:
    return None
"""
    )
    file = tmp_path / "services/shop/service.py"
    file.parent.mkdir(parents=True)
    file.write_text(heard)
    with pytest.raises(DefinitionError, match="S0601"):
        models(tmp_path)
    (model,) = models_alone(tmp_path, ["shop"])
    assert [each.name for each in model.foreign_events] == ["payment.made"]
    with pytest.raises(DefinitionError, match="no service `shp`"):
        models_alone(tmp_path, ["shp"])


def test_a_file_becomes_a_model(project: Project) -> None:
    (model,) = models(project(SHOP))
    assert (model.name, model.module) == ("shop", "services.shop.service")
    assert model.description == "A shop."
    assert [operation.graphql for operation in model.operations] == ["order"]
    assert [entity.name for entity in model.entities] == ["Order"]


FORWARD = """\
from thestack import Entity, Id, Owned, Service, signed_in

service = Service("shop")


@service.query(allow=signed_in)
async def order(id: Id, *, mine: Owned[Order]) -> bool:
    return True


class Order(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id
"""


def test_an_annotation_that_an_import_would_not_resolve_is_a_mistake(project: Project) -> None:
    assert [marked(each) for each in mistakes(project(FORWARD))] == ["S0101 Order"]


def test_annotations_that_the_file_postpones_may_name_what_stands_below(project: Project) -> None:
    (model,) = models(project("from __future__ import annotations\n" + FORWARD))
    assert [operation.graphql for operation in model.operations] == ["order"]


QUOTED = """\
from thestack import Connection, Entity, Id, Index, Owned, Page, Service, signed_in

service = Service("{0}")


class {1}(Entity, key="id", owner="owner_id"):
    id: "Id"
    owner_id: Id
    others: list["Id"]


class Order({1}, key="id", owner="owner_id"):
    pass


@service.query(allow=signed_in)
async def {0}(page: "Page", *, mine: Owned["Order"]) -> "Connection[Order]":
    return await mine.page(page=page)


@service.field()
async def first(order: "'Order'", /, *, mine: "Owned['Order']") -> "list['Id'] | None":
    return order.others
"""


def test_annotations_may_be_quoted_as_a_whole_or_in_part(project: Project) -> None:
    texts = [f"# services/{name}/service.py\n" + QUOTED.format(name, name.title()) for name in ("one", "two")]
    for model in models(project("".join(texts))):
        (operation,) = model.operations
        assert operation.returns.python is model.entity("Order").type
        assert [each.parent for each in model.computed] == ["Order"]
        assert str(model.computed[0].returns) == "[ID!]"


def test_the_module_is_the_one_that_an_import_gives(project: Project) -> None:
    root = project(SHOP)
    loaded = load(root / "services/shop/service.py", root)
    import services.shop.service as imported  # type: ignore[import-not-found]

    assert loaded.module is imported
    assert load(root / "services/shop/service.py", root).module is imported


def test_a_file_of_the_same_name_in_another_project_is_another_module(
    project: Project, tmp_path: Path
) -> None:
    first = project(SHOP)
    (first / "services/shop/domain.py").write_text("PLACE = 1\n")
    second = tmp_path / "elsewhere"
    (second / "services/shop").mkdir(parents=True)
    (second / "services/shop/domain.py").write_text("PLACE = 2\n")
    (second / "services/shop/service.py").write_text("from services.shop.domain import PLACE\n" + SHOP)
    load(first / "services/shop/service.py", first)
    loaded = load(second / "services/shop/service.py", second)
    assert loaded.module is not None
    assert vars(loaded.module)["PLACE"] == 2


def test_packages_within_those_of_another_project_are_out_of_the_way(
    project: Project, tmp_path: Path
) -> None:
    first = project(SHOP)
    (first / "services/shop/tests/deeper").mkdir(parents=True)
    load(first / "services/shop/service.py", first)
    importlib.import_module("services.shop.tests.deeper")
    second = tmp_path / "elsewhere"
    (second / "services/shop").mkdir(parents=True)
    (second / "services/shop/service.py").write_text(SHOP)
    loaded = load(second / "services/shop/service.py", second)
    assert loaded.module is not None
    assert "services.shop.tests.deeper" not in sys.modules


def test_a_corrected_file_loads_in_the_same_process(project: Project) -> None:
    root = project(SHOP.replace('owner="owner_id"', 'owner="nobody"'))
    assert mistakes(root)
    assert models(project(SHOP))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(:\n", ["S0001 :"]),
        ("service = Servise('shop')\n", ["S0001 Servise"]),
        ("import nothing_like_this\n", ["S0001 import nothing_like_this"]),
        ("from thestack import Service, Entityy\nservice = Service('shop')\n", ["S0001 Entityy"]),
        ("1 / 0\nraise SystemExit(3)\n", ["S0001 1 / 0", "S0001 raise SystemExit(3)"]),
        ("x = 'ä'; y = größe\n", ["S0001 größe"]),
        ("x = 1\n", ["S0002 x = 1"]),
        ("", ["S0002 "]),
        ("from thestack import Service\na = Service('shop')\nb = Service('b')\n", ["S0002 'b'"]),
        ("from thestack import Service\na = b = Service('shop')\n", []),
    ],
)
def test_what_fails_while_the_file_runs_is_underlined(
    project: Project, source: str, expected: list[str]
) -> None:
    assert [marked(each) for each in mistakes(project(source))] == expected


@pytest.mark.parametrize(
    "content", [b"x = '\xff'\n", b"x = 1\0\n", b"# coding: nonsense\n", b"\xef\xbb\xbfx = (\n"]
)
def test_a_file_that_is_no_python_text_is_one_mistake(project: Project, content: bytes) -> None:
    root = project("")
    (root / "services/shop/service.py").write_bytes(content)
    assert [each.code for each in mistakes(root)] == ["S0001"]


def test_every_failing_statement_is_reported_and_what_follows_from_one_is_not(project: Project) -> None:
    root = project(
        """\
from thestack import Entity, Id, Service, publik, signed_in

service = Service("shop")


class Order(Entity, allow=Publik):
    id: Id


Orders = list[Order]


@service.query(allow=singed_in)
async def order(id: Id) -> Id:
    return id


@service.query(allow=signed_in)
async def total(id: Unheard) -> int:
    return 1
"""
    )
    assert [marked(each) for each in mistakes(root)] == [
        "S0001 publik",
        "S0001 Publik",
        "S0001 singed_in",
        "S0101 Unheard",
    ]


def test_nothing_is_concluded_from_what_depends_on_a_failed_statement(project: Project) -> None:
    root = project(
        """\
from thestack import Connection, Entity, Id, Page, Service, signed_in

service = Service("shop")


class Order(Entity, key="id", allow=signed_inn):
    id: Id


@service.query(allow=signed_in)
async def orders(page: Page) -> Connection[Order]:
    return Connection()
"""
    )
    assert [marked(each) for each in mistakes(root)] == ["S0001 signed_inn"]


def test_a_mistake_in_a_module_of_the_service_is_placed_there(project: Project) -> None:
    root = project("from services.shop.domain import price\n" + SHOP)
    (root / "services/shop/domain.py").write_text("def price() -> int:\n    return cents\n\n\nprice()\n")
    (mistake,) = mistakes(root)
    assert mistake.site.file == str(root / "services/shop/domain.py")
    assert marked(mistake) == "S0001 cents"


def test_models_raises_with_the_mistakes_of_all_services(project: Project) -> None:
    root = project("# services/one/service.py\nx = 1\n# services/two/service.py\ny = z\n")
    with pytest.raises(DefinitionError) as raised:
        models(root)
    assert [(each.code, Path(each.site.file).parent.name) for each in raised.value.diagnostics] == [
        ("S0002", "one"),
        ("S0001", "two"),
    ]
    assert "\n" in str(raised.value)


def test_only_those_asked_for_are_answered_and_a_wrong_name_is_a_mistake(project: Project) -> None:
    root = project(f"# services/shop/service.py\n{SHOP}# services/two/service.py\ny = z\n")
    assert [model.name for model in models(root, ["shop"])] == ["shop"]
    with pytest.raises(DefinitionError, match="there is no service `shopp`") as raised:
        models(root, ["shopp"])
    assert raised.value.diagnostics[0].help == "Did you mean `shop`?"


SERVICES = sorted((Path(__file__).parents[3] / "services").glob("*/service.py"))


@pytest.mark.parametrize("file", SERVICES, ids=lambda file: file.parent.name)
def test_a_definition_without_any_one_of_its_lines_is_answered_by_a_model_or_by_mistakes(
    project: Project, file: Path
) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    for left_out in range(len(lines)):
        root = project("".join((*lines[:left_out], *lines[left_out + 1 :])))
        path = root / "services/shop/service.py"
        loaded = load(path, root)
        assert (loaded.model is None) == bool(loaded.diagnostics)
        for each in loaded.diagnostics:
            assert Locator().locate(each).line <= len(lines)
        forget("services.shop.service")


def test_loading_imports_no_aws_library(project: Project) -> None:
    root = project(SHOP)
    program = (
        "import sys, pathlib\n"
        "from thestack.definition.load import models\n"
        f"models(pathlib.Path({str(root)!r}))\n"
        "heavy = {'boto3', 'botocore', 'aiobotocore', 'aws_cdk', 'ariadne', 'graphql', 'rich'}\n"
        "print(heavy & {name.partition('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


ORDERS = """\
from thestack import Entity, Id, Owned, Part, signed_in

orders = Part()


class Order(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id


@orders.query(allow=signed_in)
async def order(id: Id, *, mine: Owned[Order]) -> Order:
    return await mine.get(id)
"""
WHOLE = """\
from services.shop.orders import orders
from thestack import Service, public

service = Service("shop")
service.include(orders)


@service.query(allow=public)
async def open() -> bool:
    return True
"""


def test_a_part_in_a_file_of_its_own_is_one_with_the_service(project: Project) -> None:
    root = project(WHOLE)
    (root / "services/shop/orders.py").write_text(ORDERS)
    (model,) = models(root)
    assert {operation.graphql for operation in model.operations} == {"open", "order"}
    assert [entity.name for entity in model.entities] == ["Order"]


def test_a_mistake_in_a_part_is_placed_there(project: Project) -> None:
    root = project(WHOLE)
    (root / "services/shop/orders.py").write_text(ORDERS.replace('owner="owner_id"', 'owner="nobody"'))
    (mistake,) = mistakes(root)
    assert mistake.site.file == str(root / "services/shop/orders.py")
    assert marked(mistake) == 'S0202 "nobody"'
