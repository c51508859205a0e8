"""The corpus: changes written by hand, each with the verdict that the gates must come to.

A case is a folder of `framework/tests/fixtures/changes`:

- `before/` is a project: `services/NAME/service.py`, `frontends/CLIENT/operations/*.graphql`, and whatever
  else the gates read. `services/NAME/template.json` stands for the template of a service's stack.
- `after/` is laid over it: it holds only what differs.
- `verdict.toml` says `why`, whether it `passes`, what is `removed` (paths), of one that fails its `twin` (a
  near case that passes), and each `[[finding]]` that is not safe: `code`, `level`, `service`, `about`.
"""

import json
import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thestack.contract.building import contract_of
from thestack.contract.composition import compose_each
from thestack.contract.expectations import expectations_of
from thestack.contract.findings import Finding, Level
from thestack.contract.gates import Change
from thestack.contract.operations import Operation, client_operations
from thestack.contract.promise import Contract, World, subgraphs
from thestack.definition.load import load
from thestack.toolchain.tools import find

ROOT = Path(__file__).resolve().parents[3]
CASES = ROOT / "framework/tests/fixtures/changes"
ENVIRONMENT = "local"
Told = tuple[str, str, str, str]
"""A finding as a verdict has it: code, level, service, about."""


@dataclass(frozen=True)
class Verdict:
    """What must be found."""

    passes: bool
    twin: str
    findings: list[Told]


def names() -> list[str]:
    """The cases."""
    return sorted(path.parent.name for path in CASES.glob("*/verdict.toml"))


def verdict(name: str) -> Verdict:
    """What is written down of a case."""
    written = tomllib.loads((CASES / name / "verdict.toml").read_text(encoding="utf-8"))
    found = [
        (each["code"], each["level"], each["service"], each.get("about", ""))
        for each in written.get("finding", ())
    ]
    return Verdict(written["passes"], written.get("twin", ""), sorted(found))


def told(findings: list[Finding]) -> list[Told]:
    """Findings as a verdict has them, without those that are safe."""
    return sorted(
        (each.code, each.level.value, each.service, each.about)
        for each in findings
        if each.level is not Level.SAFE
    )


def changes(folder: Path) -> dict[str, Change]:
    """Every case as a change, by name; the projects are laid out in `folder`."""
    tools = find(ROOT)
    assert tools, "the router's packages are not installed; run: make setup"
    sides = {name: (_before(name, folder / name), _after(name, folder / name)) for name in names()}
    sets = [subgraphs(world) for pair in sides.values() for world, _ in pair]
    composed = iter(compose_each(sets, node=tools.node, node_modules=tools.node_modules))
    return {
        name: Change(before, after, next(composed), next(composed), operations, earlier)
        for name, ((before, earlier), (after, operations)) in sides.items()
    }


Side = tuple[World, list[Operation]]


def _before(name: str, folder: Path) -> Side:
    shutil.copytree(CASES / name / "before", folder / "before")
    return _side(folder / "before")


def _after(name: str, folder: Path) -> Side:
    written: dict[str, Any] = tomllib.loads((CASES / name / "verdict.toml").read_text(encoding="utf-8"))
    shutil.copytree(CASES / name / "before", folder / "after")
    if (CASES / name / "after").is_dir():
        shutil.copytree(CASES / name / "after", folder / "after", dirs_exist_ok=True)
    for removed in written.get("removed", ()):
        shutil.rmtree(folder / "after" / removed)
    return _side(folder / "after")


def _side(root: Path) -> Side:
    with _no_services_imported():
        world = {
            path.parent.name: _contract(path, root) for path in sorted(root.glob("services/*/service.py"))
        }
    return world, client_operations(root)


def _contract(path: Path, root: Path) -> Contract:
    loaded = load(path, root)
    assert loaded.model, [f"{each.site.file}:{each.site.line}: {each.message}" for each in loaded.diagnostics]
    template = path.with_name("template.json")
    kept = json.loads(template.read_text(encoding="utf-8")) if template.is_file() else None
    return contract_of(loaded.model, kept, ENVIRONMENT, expectations_of(path.parent))


@contextmanager
def _no_services_imported() -> Iterator[None]:
    """What is imported within is forgotten: both sides of a case have modules of the same names."""
    before, paths = dict(sys.modules), list(sys.path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "services"]:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.path[:] = paths
        for name in [name for name in sys.modules if name.partition(".")[0] == "services"]:
            del sys.modules[name]
        sys.modules.update({name: each for name, each in before.items() if name.startswith("services")})
