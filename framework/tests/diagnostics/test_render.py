"""Reports for people, for programs and for GitHub."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from thestack.diagnostics.diagnostic import Diagnostic, Part, Severity, nearest
from thestack.diagnostics.locate import Raised
from thestack.diagnostics.render import show, to_github, to_json, to_text
from thestack.diagnostics.site import Site
from thestack.diagnostics.source import Span

SOURCE = """\
service = Service("shop")


class Order(Entity, key="idd"):
\tid: Id
\tnäme = "漢字"; price: Money
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("orders", "shop"):
        file = tmp_path / "services" / name / "service.py"
        file.parent.mkdir(parents=True)
        file.write_text(SOURCE, encoding="utf-8")
    return tmp_path


def mistake(folder: Path, service: str = "shop", help: str = "Did you mean `id`?") -> Diagnostic:
    site = Site(str(folder / "services" / service / "service.py"), 4, "Order")
    return Diagnostic("S0201", "`Order` has no field `idd`", site, Part("keyword", "key"), help)


def test_a_mistake_is_shown_with_excerpt_help_and_page(folder: Path) -> None:
    assert to_text([mistake(folder)], folder).plain == (
        """\
error[S0201]: `Order` has no field `idd`
 --> services/shop/service.py:4:25
  |
4 | class Order(Entity, key="idd"):
  |                         ^^^^^
  |
  = help: Did you mean `id`?
  = docs: docs/diagnostics/S0201.md

1 mistake in 1 service"""
    )


def test_carets_stand_under_what_they_mark_behind_tabs_and_wide_characters(folder: Path) -> None:
    site = Site(str(folder / "services/shop/service.py"), 4, "Order")
    found = to_text(
        [Diagnostic("S0101", "`Money` is not defined", site, Part("field", "price"))], folder
    ).plain
    assert (
        """
 --> services/shop/service.py:6:22
  |
6 |     näme = "漢字"; price: Money
  |                           ^^^^^
"""
        in found
    )
    assert "help" not in found


def test_a_place_of_several_lines_is_bracketed_and_a_long_one_shortened(tmp_path: Path) -> None:
    file = tmp_path / "service.py"
    file.write_text("\n".join(["call(", *(f"    argument_{n}," for n in range(20)), ")"]))
    raised = Raised("S0001", "no", Site(str(file), 1), span=Span(1, 1, 22, 2))
    assert (
        """
   |
 1 | / call(
 2 | |     argument_0,
 3 | |     argument_1,
 4 | |     argument_2,
   | | ...
22 | | )
   | |_^
   |
"""
        in to_text([raised], tmp_path).plain
    )


def test_reports_are_sorted_by_place_and_each_mistake_stands_once(folder: Path) -> None:
    first = Diagnostic("S0401", "first", Site(str(folder / "services/orders/service.py"), 1))
    found = [mistake(folder), mistake(folder, "orders"), first, mistake(folder)]
    assert [(each["file"], each["code"]) for each in to_json(found, folder)] == [
        ("services/orders/service.py", "S0401"),
        ("services/orders/service.py", "S0201"),
        ("services/shop/service.py", "S0201"),
    ]
    assert to_text(found, folder).plain.endswith("\n\n3 mistakes in 2 services")


def test_json_has_everything_that_the_text_has(folder: Path) -> None:
    assert to_json([mistake(folder)], folder) == [
        {
            "code": "S0201",
            "severity": "error",
            "message": "`Order` has no field `idd`",
            "file": "services/shop/service.py",
            "line": 4,
            "column": 25,
            "end_line": 4,
            "end_column": 30,
            "help": "Did you mean `id`?",
            "docs": "docs/diagnostics/S0201.md",
            "fix": [{"line": 4, "column": 26, "end_line": 4, "end_column": 29, "text": "id"}],
        }
    ]


def test_github_annotations_are_escaped(folder: Path) -> None:
    found = to_github([mistake(folder, help="100%\nsure: yes, really")], folder)
    assert found == (
        "::error file=services/shop/service.py,line=4,endLine=4,col=25,endColumn=30,title=S0201"
        "::`Order` has no field `idd`. 100%25%0Asure: yes, really"
    )


def test_a_warning_says_so_in_every_form(folder: Path) -> None:
    warned = [mistake(folder), replace(mistake(folder), code="C402", severity=Severity.WARNING)]
    text = to_text(warned, folder).plain
    assert "warning[C402]: " in text
    assert text.endswith("1 mistake and 1 warning in 1 service")
    assert {each["code"]: each["severity"] for each in to_json(warned, folder)} == {
        "S0201": "error",
        "C402": "warning",
    }
    assert "::warning file=services/shop/service.py" in to_github(warned, folder)


def test_a_file_outside_the_working_folder_keeps_its_path(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert to_json([mistake(folder)], elsewhere)[0]["file"] == str(folder / "services/shop/service.py")


def test_colours_only_on_a_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)

    def shown(*, terminal: bool) -> str:
        out = StringIO()
        show([mistake(folder)], Console(file=out, force_terminal=terminal, width=20), folder)
        return out.getvalue()

    assert "\x1b[" in shown(terminal=True)
    assert shown(terminal=False) == to_text([mistake(folder)], folder).plain + "\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in shown(terminal=True)


def test_brackets_of_a_message_are_no_markup(folder: Path) -> None:
    out = StringIO()
    site = Site(str(folder / "services/shop/service.py"), 1)
    show([Diagnostic("S0102", "`list[int]` [red]", site)], Console(file=out), folder)
    assert "error[S0102]: `list[int]` [red]\n" in out.getvalue()


def test_help_names_the_nearest_right_name() -> None:
    assert nearest("idd", ["id", "title"]) == "Did you mean `id`?"
    assert nearest("zzz", ["id", "title"]) == "There is `id`, `title`."
    assert nearest("zzz", []) == ""
