"""Editors complete every name of the language and type checkers check every value: nothing is left open."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from pathlib import Path

import pytest

from thestack import language

OPEN = frozenset({"Any", "object"})
REASONS = {
    "created": "a type checker takes a field specifier for a value of every field's type",
    "updated": "as above",
    "Links": "a hook chooses the names of its own query",
    "scalar": "JSON has values of several types, and `parse=Decimal` takes more of them than it must",
}
"""What is open nevertheless, and why."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def declarations(name: str) -> Iterator[tuple[str, Function]]:
    """The functions that are public in what a name of the language stands for, as type checkers read them."""
    module = getattr(getattr(language, name), "__module__", "")
    if not module.startswith("thestack."):
        return
    tree = ast.parse(Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8"))
    for node in checked(tree.body):
        if isinstance(node, Function) and node.name == name:
            yield name, node
        if isinstance(node, ast.ClassDef) and node.name == name:
            yield from methods(tree, node)


def methods(tree: ast.Module, owner: ast.ClassDef) -> Iterator[tuple[str, Function]]:
    """The public methods of a class, its own and those of private bases in the same file."""
    members = [*checked(owner.body)]
    overloaded = {each.name for each in members if isinstance(each, Function) and is_overload(each)}
    for each in members:
        if not isinstance(each, Function) or (each.name in overloaded and not is_overload(each)):
            continue
        if not each.name.startswith("_") or each.name in ("__init__", "__init_subclass__", "__call__"):
            yield f"{owner.name}.{each.name}", each
    bases = {base.id for base in owner.bases if isinstance(base, ast.Name) and base.id.startswith("_")}
    for base in tree.body:
        if isinstance(base, ast.ClassDef) and base.name in bases:
            yield from methods(tree, base)


def checked(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that type checkers read: of those that they and Python read apart, theirs."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            is_theirs = ast.unparse(statement.test) == "TYPE_CHECKING"
            yield from statement.body if is_theirs else statement.orelse
        else:
            yield statement


def fields(name: str) -> Iterator[str]:
    """The fields of a dataclass that are open: they are its constructor's parameters."""
    value = getattr(language, name)
    if not is_dataclass(value) or not isinstance(value, type):
        return
    tree = ast.parse(Path(str(sys.modules[value.__module__].__file__)).read_text(encoding="utf-8"))
    owner = next(each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == name)
    for each in owner.body:
        if isinstance(each, ast.AnnAssign) and is_open(each.annotation):
            yield f"{name}.{ast.unparse(each.target)}"


def is_overload(function: Function) -> bool:
    return any(ast.unparse(each) == "overload" for each in function.decorator_list)


def is_open(annotation: ast.expr | None) -> bool:
    """Whether an annotation is missing, or says of some part that everything will do."""
    if annotation is None:
        return True
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        annotation = ast.parse(annotation.value, mode="eval").body
    names = {each.id for each in ast.walk(annotation) if isinstance(each, ast.Name)}
    return bool(names & OPEN)


def left_open(place: str, function: Function) -> Iterator[str]:
    given = function.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    if "." in place:
        parameters = parameters[1:]
    parameters += [given.vararg] if given.vararg else []
    yield from (f"{place}({each.arg})" for each in parameters if is_open(each.annotation))
    if given.kwarg:
        yield f"{place}(**{given.kwarg.arg})"
    if is_open(function.returns) and function.name != "__init__":
        yield f"{place} ->"


@pytest.mark.parametrize("name", language.__all__)
def test_a_public_name_takes_and_answers_named_types(name: str) -> None:
    found = [each for place, function in declarations(name) for each in left_open(place, function)]
    found += fields(name)
    assert bool(found) == (name in REASONS), found


def test_it_looks_into_what_type_checkers_read_alone() -> None:
    found = {place for name in language.__all__ for place, _ in declarations(name)}
    assert {"Entity.__init_subclass__", "Message.at", "Service.__init__", "group", "Part.on"} <= {
        place.replace("_Sendable.", "Message.") for place in found
    }
