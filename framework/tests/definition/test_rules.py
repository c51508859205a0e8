"""Each rule is asked, and some fixture breaks it; what lies beside a fixture belongs to it."""

import ast
import inspect
import pkgutil
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from thestack.definition import validate
from thestack.definition.execute import forget
from thestack.definition.load import load_all

MISTAKES = Path(__file__).parents[1] / "fixtures/mistakes"
FIXTURES = {path.stem: path for path in MISTAKES.glob("*.py") if not path.stem.endswith(".fixed")}
RULES: dict[str, Callable[[Any], Any]] = {
    name: rule
    for found in pkgutil.iter_modules(validate.__path__)
    for name, rule in vars(import_module(f"{validate.__name__}.{found.name}")).items()
    if name.startswith("validate_")
}


def test_every_rule_is_asked() -> None:
    names = [
        each.id for each in ast.walk(ast.parse(inspect.getsource(validate))) if isinstance(each, ast.Name)
    ]
    assert set(RULES) - set(names) == set()


def test_every_rule_is_broken_by_a_fixture(project: Callable[[str], Path]) -> None:
    broken = set()
    for file in FIXTURES.values():
        loaded = load_all(project(file.read_text(encoding="utf-8")))
        # A rule may look at the module, which is forgotten where something is wrong with it.
        sys.modules.update({each.module.__name__: each.module for each in loaded if each.module})
        drafts = [each.draft for each in loaded if each.draft]
        for name, rule in RULES.items():
            of_all = "models" in inspect.signature(rule).parameters
            if any(mistake for asked in ([drafts] if of_all else drafts) for mistake in rule(asked)):
                broken.add(name)
        for each in loaded:
            if each.module:
                forget(each.module.__name__)
    assert set(RULES) - broken == set()


def test_every_report_and_every_decided_definition_is_of_a_fixture() -> None:
    beside = {path.stem for path in MISTAKES.glob("*.txt")}
    beside |= {path.name.removesuffix(".fixed.py") for path in MISTAKES.glob("*.fixed.py")}
    assert beside == set(FIXTURES)
