"""A site is named by what is in it, whole, and its index comes last."""

import json
import re
from pathlib import Path

import pytest

from thestack.deployment.site import Frontend, make_site
from thestack.operations.errors import OperationError

ROOT = Path(__file__).parents[3]
PAGE = '<link href="../common/style.css"><script type="module" src="./app.js"></script>'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    save(tmp_path, "public/index.html", PAGE)
    save(
        tmp_path,
        "public/app.js",
        "import { a } from '../common/a.js';\nnew URL('./q.graphql', import.meta.url);",
    )
    save(tmp_path, "public/q.graphql", "query Q { a }")
    save(tmp_path, "common/a.js", "export const a = 1;")
    save(tmp_path, "common/style.css", "body {}")
    return tmp_path


def save(root: Path, path: str, text: str) -> None:
    file = root / "frontends" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def made(root: Path) -> dict[str, str]:
    return {each.path: each.content.decode() for each in make_site(root, Frontend.PUBLIC, {"api": "x"})}


def test_what_names_a_file_names_it_by_its_content(project: Path) -> None:
    files = made(project)
    assert [*files][-2:] == ["config.json", "index.html"]
    assert json.loads(files["config.json"]) == {"api": "x"}
    named = set(re.findall(r"/(assets/[\w.]+)", "".join(files.values())))
    assert named == {path for path in files if path.startswith("assets/")}
    assert len(named) == 4
    assert not re.search(r"\.\.?/", "".join(files.values()))


def test_a_change_renames_the_file_and_all_that_lead_to_it_alone(project: Path) -> None:
    before = made(project)
    save(project, "common/a.js", "export const a = 2;")
    changed = {path.split(".")[0] for path in made(project).keys() - before.keys()}
    assert changed == {"assets/a", "assets/app"}


def test_a_reference_that_leads_nowhere_is_told_with_who_names_it(project: Path) -> None:
    save(project, "public/app.js", "import './gone.js';")
    with pytest.raises(OperationError, match=r"gone\.js, which public/app\.js names, is not there"):
        made(project)


def test_files_that_need_one_another_are_told(project: Path) -> None:
    save(project, "common/a.js", "import '../public/app.js';")
    with pytest.raises(OperationError, match=r"public/app\.js -> common/a\.js -> public/app\.js"):
        made(project)


@pytest.mark.parametrize("frontend", Frontend)
def test_the_sites_of_this_project_are_whole(frontend: Frontend) -> None:
    files = {each.path: each for each in make_site(ROOT, frontend, {})}
    assert {path for path, each in files.items() if not each.immutable} == {
        "index.html",
        "config.json",
        *(["services.json"] if frontend is Frontend.INTERNAL else []),
    }
    assert sum(len(each.content) for each in files.values()) < 64 * 1024
    for each in files.values():
        assert b"innerHTML" not in each.content.replace(b"sets innerHTML", b"")
        assert each.type
