"""Replays what clients are known to ask against the public schema before and after a change."""

from collections.abc import Iterator, Sequence

from graphql import GraphQLError, GraphQLSchema, build_schema, parse, validate

from thestack.contract.blame import Blame
from thestack.contract.findings import Finding, Level
from thestack.contract.operations import Operation

KEEP = "Keep what it asks for until its client asks no more, or change the operation in the same commit."


def replayed(
    operations: Sequence[Operation],
    before: str | None,
    after: str,
    blame: Blame,
    earlier_operations: Sequence[Operation] | None = None,
) -> Iterator[Finding]:
    """What of the operations the schema `after` (SDL) can't answer.

    An operation that was valid before is broken by the change: BREAKING. One that was not is told as such
    and stops nobody: DANGEROUS, unless it comes with the change, because it is not among the
    `earlier_operations`; None where these are not known. Without a `before` there is no such excuse.
    """
    if not operations:
        return
    known = {each.text for each in (operations if earlier_operations is None else earlier_operations)}
    now = build_schema(after, assume_valid=True)
    earlier: GraphQLSchema | None = None
    for operation in operations:
        if operation.broken:
            message = f"{operation.file} of {operation.client} can't be read: {operation.broken}"
            yield Finding("C303", Level.BREAKING, "", message, operation.file)
            continue
        wrong = mistakes(operation.text, now)
        if not wrong:
            continue
        if before is not None and before == after:
            earlier_wrong = True
        else:
            earlier = earlier or (build_schema(before, assume_valid=True) if before is not None else None)
            earlier_wrong = earlier is not None and bool(mistakes(operation.text, earlier))
        if earlier_wrong and operation.text not in known:
            yield _never_valid(operation, wrong)
        else:
            yield _finding(operation, wrong, blame, already=earlier_wrong)


def mistakes(text: str, schema: GraphQLSchema) -> list[str]:
    """Why the schema can't answer the operation, one line each; nothing where it can.

    Example:
        >>> mistakes("{ a }", build_schema("type Query { b: Int }"))
        ["Cannot query field 'a' on type 'Query'."]
    """
    try:
        document = parse(text, no_location=True)
    except GraphQLError as error:
        return [error.message]
    found = validate(schema, document, hide_suggestions=True)
    return [" ".join(each.message.split()) for each in found]


def _never_valid(operation: Operation, wrong: Sequence[str]) -> Finding:
    why = "; ".join(each.rstrip(".") for each in wrong)
    message = f"{operation} of client {operation.client} is new, and not valid: {why}"
    help = "Ask for what the schema has: docs/api/schema.graphql."
    return Finding("C304", Level.BREAKING, "", message, operation.file, (str(operation),), help)


def _finding(operation: Operation, wrong: Sequence[str], blame: Blame, *, already: bool) -> Finding:
    why = "; ".join(each.rstrip(".") for each in wrong)
    if already:
        message = f"{operation} of client {operation.client} was not valid before either: {why}"
        help = "Mend the operation or delete it; this change is not what broke it."
        return Finding("C302", Level.DANGEROUS, "", message, operation.file, help=help)
    about = _about(" ".join(wrong), blame)
    message = f"{operation} of client {operation.client} is not valid any more: {why}"
    return Finding("C301", Level.BREAKING, blame.one(about), message, about, (str(operation),), KEEP)


def _about(text: str, blame: Blame) -> str:
    """The coordinate that a validation error names: "Cannot query field 'title' on type 'Todo'."."""
    words = text.replace("'", '"').split('"')[1::2]
    field, type = (words[0], words[1]) if len(words) > 1 else ("", "")
    return blame.known(f"{type}.{field}") or blame.known(" ".join(words))
