"""What commands of `thestack` can come to call of AWS, read from their code."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

SOURCE = Path(__file__).resolve().parents[3] / "framework/src"
PARTS = ("cli", "deployment", "operations")
CLIENTS = "thestack.operations.aws"
"""The module that makes clients, and calls nothing but who its credentials are."""
ON_AN_EMULATOR = {"thestack.deployment.session_keys._tell_emulated"}
"""What is called there alone."""

ACTIONS: dict[str, set[str]] = {
    "create_bucket": set(),  # on an emulator alone
    "delete_objects": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
    "get_caller_identity": set(),  # everybody may
    "head_bucket": {"s3:ListBucket"},
    "head_object": {"s3:GetObject"},
    "initiate_auth": set(),  # with a password, not with rights
    "invoke": {"lambda:InvokeFunction"},
    "list_object_versions": {"s3:ListBucketVersions"},
    "list_objects_v2": {"s3:ListBucket"},
}
"""What IAM calls an operation otherwise."""


@dataclass(frozen=True)
class Module:
    """A module: what it defines, and where each name that it imports is defined, "module.name"."""

    tree: ast.Module
    defined: dict[str, ast.stmt]
    imported: dict[str, str]


def called(*commands: str) -> set[str]:
    """The actions of every operation that these commands can come to call."""
    found: set[str] = set()
    for module, code in reached(commands):
        nodes = list(ast.walk(code))
        names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        names |= {each for each in map(_paginator, nodes) if each}
        services = {each for each in map(_client, ast.walk(module.tree)) if each}
        for operations in map(_operations, services):
            for name in names & operations.keys():
                found |= ACTIONS.get(name, {operations[name]})
    return found


def reached(commands: Sequence[str]) -> Iterator[tuple[Module, ast.AST]]:
    """The commands' own code, and every function and class that it names, that these name, and so on; each
    with its module.
    """
    seen = set(ON_AN_EMULATOR)
    left = [(f"thestack.cli.{each}", "") for each in commands]
    while left:
        name, part = left.pop()
        module = _modules()[name]
        code = module.defined[part] if part else module.tree
        yield module, code
        for target in _named(name, module, code):
            holder, _, found = target.rpartition(".")
            if target not in seen and holder in _modules() and found in _modules()[holder].defined:
                seen.add(target)
                left.append((holder, found))


def _named(name: str, module: Module, code: ast.AST) -> Iterator[str]:
    """Where what a part of a module names is defined, as far as imports tell."""
    for node in ast.walk(code):
        if isinstance(node, ast.Name):
            yield f"{name}.{node.id}"
            yield module.imported.get(node.id, "")  # a command may be called as what it does
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{module.imported.get(node.value.id, '')}.{node.attr}"


@cache
def _modules() -> dict[str, Module]:
    found: dict[str, Module] = {}
    for path in (path for part in PARTS for path in (SOURCE / "thestack" / part).rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        if name == CLIENTS:
            continue
        tree = ast.parse(path.read_text())
        parts = (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef))
        imported = {
            each.asname or each.name: f"{node.module}.{each.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for each in node.names
        }
        found[name] = Module(tree, {each.name: each for each in parts}, imported)
    return found


@cache
def _operations(service: str) -> dict[str, str]:
    """The actions of a service by the names of boto3's methods."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(each): f"{service}:{each}" for each in model.operation_names}


def _client(node: ast.AST) -> str | None:
    """The service of a call such as `aws.client("ssm")`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="client"), args=[ast.Constant(value=str(service))]):
            return service
        case _:
            return None


def _paginator(node: ast.AST) -> str | None:
    """The operation of a call such as `s3.get_paginator("list_objects_v2")`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(name))]):
            return name
        case _:
            return None
