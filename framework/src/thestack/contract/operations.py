"""The operations that clients are known to ask: written in their frontends, and recorded by the router.

A frontend keeps its operations in `frontends/CLIENT/operations/*.graphql`. The fragments of one frontend are
in one scope. What the router recorded is in `frontends/recorded/operations/CLIENT.graphql`, see `recorded`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from thestack.contract.recorded import RECORDED, sections

FOLDER = "frontends"
PATTERN = "*/operations/*.graphql"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a client, with the fragments that it needs.

    `name` of one without a name says what it asks for: "query todos". `file` is relative to the project's
    root. `broken` says why the file can't be read: then `text` is all of it.
    """

    name: str
    file: str
    client: str
    text: str
    broken: str = ""

    def __str__(self) -> str:
        return f"operation {self.name} of {self.file}" if self.name else self.file


def client_operations(root: Path) -> list[Operation]:
    """Every operation of every client of the project at `root`, by file.

    A file that can't be parsed is one operation that is `broken`: nothing is raised for it.
    """
    found = sorted((root / FOLDER).glob(PATTERN))
    return operations_of(
        {each.relative_to(root).as_posix(): each.read_text(encoding="utf-8") for each in found}
    )


def operations_of(files: Mapping[str, str]) -> list[Operation]:
    """The same, of the text of each file by its path within the project; others than clients' are left out.

    Example:
        >>> operations_of({"frontends/web/operations/all.graphql": "query Todos { todos { id } }"})[0].client
        'web'
    """
    ours = {path: files[path] for path in sorted(files) if _is_operations(path)}
    recorded = {path: text for path, text in ours.items() if _client(path) == RECORDED}
    written = {path: text for path, text in ours.items() if path not in recorded}
    found: list[Operation] = []
    for client in sorted({_client(path) for path in written}):
        found += _of_client(client, {path: text for path, text in written.items() if _client(path) == client})
    for path, text in recorded.items():
        for section in sections(text):
            found += _of_client(PurePosixPath(path).stem, {path: section.text})
    return found


def _is_operations(path: str) -> bool:
    parts = PurePosixPath(path)
    return parts.match(f"{FOLDER}/{PATTERN}") and len(parts.parts) == 4


def _client(path: str) -> str:
    return PurePosixPath(path).parts[1]


def _of_client(client: str, files: Mapping[str, str]) -> Iterator[Operation]:
    documents: dict[str, DocumentNode] = {}
    for path, text in files.items():
        try:
            documents[path] = parse(text, no_location=True)
        except GraphQLError as error:
            place = error.locations[0] if error.locations else None
            where = f" (line {place.line}, column {place.column})" if place else ""
            yield Operation("", path, client, text, error.message + where)
    fragments = {
        each.name.value: each
        for document in documents.values()
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    for path, document in documents.items():
        for each in document.definitions:
            if isinstance(each, OperationDefinitionNode):
                needed = _needed(each, fragments)
                text = print_ast(DocumentNode(definitions=(each, *needed)))
                yield Operation(_name(each), path, client, text)


def _name(operation: OperationDefinitionNode) -> str:
    if operation.name:
        return operation.name.value
    fields = [each.name.value for each in operation.selection_set.selections if isinstance(each, FieldNode)]
    return " ".join([operation.operation.value, ", ".join(fields)]).strip()


def _needed(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterable[FragmentDefinitionNode]:
    """The fragments that it spreads, and those that these spread."""
    found: dict[str, FragmentDefinitionNode] = {}
    wanted = _spread(operation)
    while wanted:
        name = wanted.pop(0)
        if name in fragments and name not in found:
            found[name] = fragments[name]
            wanted += _spread(fragments[name])
    return found.values()


def _spread(node: OperationDefinitionNode | FragmentDefinitionNode) -> list[str]:
    names: list[str] = []

    class Spreads(Visitor):
        def enter_fragment_spread(self, spread: FragmentSpreadNode, *_: object) -> None:
            names.append(spread.name.value)

    visit(node, Spreads())
    return names
