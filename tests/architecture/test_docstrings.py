"""Every public name says what it is for."""

import ast
import inspect
from pathlib import Path

import pytest

import thestack

PACKAGE = Path(thestack.__file__).parent
MODULES = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.read_text().strip()]


def documented_names(path: Path) -> dict[str, bool]:
    """For each name that a module defines at its top: whether a docstring belongs to it."""
    body = ast.parse(path.read_text()).body
    found: dict[str, bool] = {}
    for number, node in enumerate(body):
        following = body[number + 1] if number + 1 < len(body) else None
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = ast.get_docstring(node) is not None
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            said = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            found |= {target.id: said for target in targets if isinstance(target, ast.Name)}
    return found


def test_every_name_of_the_definition_language_has_a_docstring() -> None:
    documented: dict[str, bool] = {}
    for folder in ("definition", "ports"):
        for path in (PACKAGE / folder).glob("*.py"):
            documented |= documented_names(path)
    assert [name for name in thestack.__all__ if not documented.get(name)] == []


def test_every_public_method_of_the_definition_language_has_a_docstring() -> None:
    missing = []
    for name in thestack.__all__:
        value = getattr(thestack, name)
        if not inspect.isclass(value):
            continue
        for method, function in vars(value).items():
            public = inspect.isfunction(function) and not method.startswith("_")
            if public and function.__module__.startswith("thestack") and not function.__doc__:
                missing.append(f"{name}.{method}")
    assert missing == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_and_every_public_class_and_function_has_a_docstring(path: Path) -> None:
    tree = ast.parse(path.read_text())
    missing = [] if ast.get_docstring(tree) else ["the module"]
    for node in tree.body:
        public = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if public and not node.name.startswith("_") and not ast.get_docstring(node):
            missing.append(node.name)
    assert missing == []
