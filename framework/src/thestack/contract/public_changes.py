"""What a change does to the schema that clients see, and to which of their operations."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    GraphQLSchema,
    SafeChangeType,
    SchemaChange,
    build_schema,
    find_schema_changes,
    specified_scalar_types,
)

from thestack.contract.blame import COORDINATE, Blame
from thestack.contract.findings import Finding, Level
from thestack.contract.operations import Operation
from thestack.contract.usage import Usage, usage

Kind = BreakingChangeType | DangerousChangeType | SafeChangeType
CODES: Mapping[Kind, str] = {
    BreakingChangeType.TYPE_REMOVED: "C201",
    BreakingChangeType.TYPE_CHANGED_KIND: "C201",
    BreakingChangeType.FIELD_REMOVED: "C202",
    BreakingChangeType.FIELD_CHANGED_KIND: "C203",
    BreakingChangeType.ARG_REMOVED: "C204",
    BreakingChangeType.ARG_CHANGED_KIND: "C204",
    BreakingChangeType.REQUIRED_ARG_ADDED: "C204",
    BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED: "C205",
    BreakingChangeType.VALUE_REMOVED_FROM_ENUM: "C206",
    BreakingChangeType.TYPE_REMOVED_FROM_UNION: "C207",
    BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED: "C207",
    DangerousChangeType.VALUE_ADDED_TO_ENUM: "C208",
    DangerousChangeType.TYPE_ADDED_TO_UNION: "C208",
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED: "C208",
    DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE: "C209",
    DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE: "C209",
}
"""The rest are directives of operations (C211), and what takes nothing from anybody (C200)."""
ADDITIONS = frozenset(
    {DangerousChangeType.OPTIONAL_ARG_ADDED, DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED, *SafeChangeType}
)
_LAST = frozenset(
    {
        DangerousChangeType.TYPE_ADDED_TO_UNION,
        BreakingChangeType.TYPE_REMOVED_FROM_UNION,
        DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
    }
)
"""Changes whose description ends with the type that changed; those of other types begin with it."""
EXPAND = (
    "Expand first: add what is to come beside it, let clients move, and take it away "
    "when no operation uses it any more."
)


class PublicSchema:
    """The public schema before and after, with the operations that clients are known to ask.

    `before` and `after` are SDL without federation's directives.
    """

    def __init__(self, before: str, after: str, operations: Sequence[Operation], blame: Blame) -> None:
        self._before, self._after, self._operations, self._blame = before, after, operations, blame

    def findings(self) -> Iterator[Finding]:
        """One for each difference but those of descriptions."""
        if self._before == self._after:
            return
        for change in find_schema_changes(self._schema, build_schema(self._after, assume_valid=True)):
            if change.type is not SafeChangeType.DESCRIPTION_CHANGED and not _is_standard(change):
                yield self._finding(change)

    @cached_property
    def _schema(self) -> GraphQLSchema:
        return build_schema(self._before, assume_valid=True)

    @cached_property
    def _usages(self) -> list[tuple[Operation, Usage]]:
        return [(each, usage(each.text, self._schema)) for each in self._operations]

    def _finding(self, change: SchemaChange) -> Finding:
        about, message = _about(change), change.description.rstrip(".")
        service = self._blame.one(about)
        if change.type in ADDITIONS:
            return Finding("C200", Level.SAFE, service, message, about)
        hurt = tuple(str(each) for each, used in self._usages if _notices(change, about, used))
        is_breaking = isinstance(change.type, BreakingChangeType)
        code = CODES.get(change.type, "C211")
        if hurt:
            level = Level.BREAKING if is_breaking else Level.DANGEROUS
        elif self._operations:
            level = Level.DANGEROUS if is_breaking else Level.SAFE
            message += ", which no known operation uses"
        else:
            level = Level.BREAKING if is_breaking else Level.DANGEROUS
            message += "; no operation of any client is known, so everybody may use it"
        return Finding(code, level, service, message, about, hurt, EXPAND if level is Level.BREAKING else "")


def _is_standard(change: SchemaChange) -> bool:
    """Whether it says only that a scalar of GraphQL's own came into use, or fell out of it."""
    words = change.description.split()
    return words[:2] == ["Standard", "scalar"] or words[0] in specified_scalar_types


def _about(change: SchemaChange) -> str:
    """The coordinate of what changed; none for a directive."""
    dotted = next((each for each in COORDINATE.findall(change.description) if "." in each), None)
    words = change.description.rstrip(".").split()
    return dotted or (words[-1] if change.type in _LAST else words[0] if "@" not in words[-1] else "")


def _notices(change: SchemaChange, about: str, used: Usage) -> bool:
    """Whether an operation that uses this notices the change."""
    type, field = about.partition(".")[0], about.partition("(")[0]
    words = change.description.rstrip(".").split()
    match change.type:
        case BreakingChangeType.REQUIRED_INPUT_FIELD_ADDED:
            return type in used.given
        case DangerousChangeType.VALUE_ADDED_TO_ENUM:
            return type in used.taken
        case BreakingChangeType.REQUIRED_ARG_ADDED | DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE:
            return field in used.taken and about not in used.given
        case BreakingChangeType.VALUE_REMOVED_FROM_ENUM:
            return about in used.given
        case BreakingChangeType.TYPE_REMOVED_FROM_UNION | BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED:
            return {words[0], words[-1]} <= used.taken
        case DangerousChangeType.TYPE_ADDED_TO_UNION:
            return about in used.taken
        case DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED:
            return words[0] in used.taken
        case _ if about:
            return about in used.given | used.taken
        case _:
            return True  # a directive of operations: nobody knows who writes it
