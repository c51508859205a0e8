"""How `thestack explain` shows what it found: as a tree for people, as JSON for programs."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from graphql import GraphQLError, parse, print_ast
from rich.text import Text
from rich.tree import Tree

from thestack.cli.output import out
from thestack.operations.explanation import Explanation
from thestack.operations.metering import Read
from thestack.operations.subgraphs import Call, Resolver

_MUCH = 3
"""A resolver that reads so many times what it returns is told of an index."""


def show(found: Explanation) -> None:
    """Print it."""
    rest = list(found.calls)
    tree = Tree(Text(_summary(found), style="bold"), guide_style="dim")
    if found.plan and found.calls:
        _add_plan(tree, found.plan, rest)
    for call in rest:
        _add_call(tree.add(f"call [bold]{call.service}[/]"), call)
    out.print(tree, soft_wrap=False)
    for error in found.answer.get("errors", ()):
        code, path = error.get("extensions", {}).get("code", "?"), ".".join(map(str, error.get("path", ())))
        told = f"error {code}{f' at {path}' if path else ''}: {error['message']}"
        out.print(told, markup=False, style="red", soft_wrap=False)


def as_json(found: Explanation) -> dict[str, Any]:
    """All of it, for programs. Times are in milliseconds."""
    return {
        "status": found.status,
        "answer": found.answer,
        "plan": found.plan,
        "calls": [
            {
                "service": call.service,
                "query": call.query,
                "began_ms": round(call.began, 1),
                "ms": round(call.ms, 1),
                "failures": list(call.failures),
                "resolvers": [_resolver(each) for each in call.resolvers],
            }
            for call in found.calls
        ],
    }


def _resolver(resolver: Resolver) -> dict[str, Any]:
    return {
        "resolver": resolver.name,
        "runs": resolver.runs,
        "read": resolver.read,
        "returned": resolver.returned,
        "units": sum(each.units for each in resolver.reads),
        "hint": _hint(resolver),
        "requests": [
            {
                "operation": each.operation,
                "table": each.table,
                "index": each.index,
                "key": each.key,
                "items": each.items,
                "bytes": each.size,
                "units": each.units,
                "consistent": each.consistent,
            }
            for each in resolver.reads
        ],
    }


def _add_plan(tree: Tree, node: Mapping[str, Any], rest: list[Call]) -> None:
    """A node of the plan with what it led to; the calls that it made are taken from `rest`."""
    match node["kind"]:
        case "Fetch" | "BatchFetch":
            branch = tree.add(f"fetch [bold]{node['serviceName']}[/]")
            wanted = (node["serviceName"], _normal(node["operation"]))
            made = next((call for call in rest if (call.service, _normal(call.query)) == wanted), None)
            if made:
                rest.remove(made)
                _add_call(branch, made)
            else:
                branch.add(Text("not called", style="dim"))
        case "Flatten":
            fields = [each["Field"] for each in node["path"] if isinstance(each, dict) and "Field" in each]
            _add_plan(tree.add(f"for each of {'.'.join(fields)}"), node["node"], rest)
        case "Sequence" | "Parallel" as kind:
            branch = tree.add("one after the other" if kind == "Sequence" else "at once")
            for each in node["nodes"]:
                _add_plan(branch, each, rest)
        case "Condition":
            branch = tree.add(f"if ${node['condition']}")
            for each in filter(None, (node.get("ifClause"), node.get("elseClause"))):
                _add_plan(branch, each, rest)
        case other:
            tree.add(str(other).lower())


def _add_call(branch: Tree, call: Call) -> None:
    branch.add(Text(" ".join(call.query.split()), style="dim"))
    branch.add(f"{call.ms:.0f} ms, from {call.began:.0f} ms on")
    for resolver in call.resolvers:
        leaf = branch.add(_told(resolver))
        for line in _lines(resolver.reads):
            leaf.add(Text(line))
        if hint := _hint(resolver):
            leaf.add(Text(hint, style="yellow"))
    for failure in call.failures:
        branch.add(Text(failure, style="red"))


def _told(resolver: Resolver) -> Text:
    read = f"{resolver.read} read, " if resolver.reads else "reads nothing, "
    runs = f", in {resolver.runs} runs" if resolver.runs > 1 else ""
    return Text.assemble((resolver.name, "cyan"), f"  {read}{resolver.returned} returned{runs}")


def _lines(reads: Sequence[Read]) -> list[str]:
    """The requests, those of one kind together."""

    def kind(read: Read) -> tuple[str, str, str, bool]:
        return (read.table, read.index or "", read.operation, read.consistent)

    lines: list[str] = []
    for (table, index, operation, consistent), group in groupby(sorted(reads, key=kind), key=kind):
        same = list(group)
        items, size = sum(each.items for each in same), sum(each.size for each in same)
        units = sum(each.units for each in same)
        by = f"index {index}" if index else f"key of table {table}"
        lines.append(
            f"{by}: {len(same)} {operation}, {_count(items, 'item')}, {_count(size, 'byte')}, "
            f"{units:g} RCU{' (consistent)' if consistent else ''}"
        )
    return lines


def _hint(resolver: Resolver) -> str | None:
    if resolver.read < _MUCH * max(resolver.returned, 1):
        return None
    return (
        f"reads {resolver.read} to return {resolver.returned}: what a filter refuses is read and paid for, "
        "and so are tombstones; an index on what is filtered by would read what it returns"
    )


def _summary(found: Explanation) -> str:
    reads = [read for call in found.calls for resolver in call.resolvers for read in resolver.reads]
    units, items = sum(read.units for read in reads), sum(read.items for read in reads)
    return (
        f"HTTP {found.status}: {_count(len(found.calls), 'subgraph call')}, "
        f"{_count(len(reads), 'DynamoDB request')}, {_count(items, 'item')} read, about {units:g} RCU"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _normal(operation: str) -> str:
    try:
        return print_ast(parse(operation))
    except GraphQLError:
        return operation
