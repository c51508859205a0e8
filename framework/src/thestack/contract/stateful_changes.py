"""The gate of what services keep: nothing that holds data is deleted or replaced by accident."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from thestack.contract.findings import Finding, Level
from thestack.contract.limits import over_limits
from thestack.contract.promise import Contract, StatefulResource, World
from thestack.contract.row_shapes import row_shape_changes
from thestack.contract.stateful_types import STATEFUL
from thestack.contract.stored_rows import row_changes

GROWING = ("AttributeDefinitions", "Schema")
"""Properties that may get further entries; what is there must stay as it is."""
ALLOWED = {"C501", "C502", "C504", "C601", "C602"}
"""What a command may ask for by naming it: AWS does it, and what is lost is lost."""


def stateful_changes(before: World, after: World) -> Iterable[Finding]:
    """What a change does to the tables, buckets, queues and user pools, and to the rows that lie there.

    Also what no stack may have, whatever it was before.
    """
    for _, contract in sorted(after.items()):
        yield from over_limits(contract)
    for service, was in sorted(before.items()):
        if service not in after:
            yield from _gone(was)
            continue
        yield from row_changes(was, after[service])
        yield from row_shape_changes(was, after[service])
        kept = {each.id: each for each in after[service].stateful}
        for resource in was.stateful:
            if resource.id in kept:
                yield from _changed(service, resource, kept[resource.id])
            else:
                yield _deleted(service, resource)


def allow(findings: Iterable[Finding], named: Collection[str]) -> list[Finding]:
    """The findings, where what is named ("todo.Table", or "todo" for the whole service) is refused no more.

    Names that stand for nothing that was refused are told by `unused`.
    """
    return [
        replace(each, level=Level.DANGEROUS, help="It was allowed by name.")
        if each.code in ALLOWED and each.level is Level.BREAKING and _name(each) in named
        else each
        for each in findings
    ]


def unused(findings: Iterable[Finding], named: Collection[str]) -> list[str]:
    """The names that allow nothing of what was found."""
    asked = {_name(each) for each in findings if each.code in ALLOWED}
    return sorted(set(named) - asked)


def replaced(before: StatefulResource, after: StatefulResource) -> list[str]:
    """The properties by whose change AWS makes a new, empty resource instead; "Type" where it is another."""
    if before.type != after.type:
        return ["Type"]
    return [
        each for each in STATEFUL[before.type].replacing if not _fits(each, before, after, additions=True)
    ]


def _changed(service: str, before: StatefulResource, after: StatefulResource) -> Iterable[Finding]:
    if changed := replaced(before, after):
        yield _replaced(service, before, after, changed)
        return
    yield from _refused(service, before, after)
    yield from _indexes(service, before, after)


def _deleted(service: str, resource: StatefulResource) -> Finding:
    return Finding(
        "C601",
        Level.BREAKING,
        service,
        f"the {_word(resource)} {resource.id} is deleted, with all that it holds",
        resource.id,
        help="Keep what declares it until nobody reads or writes it and what it holds is dealt with; "
        f"then delete it with --allow {service}.{resource.id}.",
    )


def _gone(contract: Contract) -> Iterable[Finding]:
    if not contract.stateful:
        return
    held = ", ".join(f"{_word(each)} {each.id}" for each in contract.stateful)
    yield Finding(
        "C601",
        Level.BREAKING,
        contract.service,
        f"the service {contract.service} is gone, with all that it keeps: {held}",
        help=f"Say that it shall go with --allow {contract.service}; its stack is deleted by "
        f"`thestack destroy {contract.service}`.",
    )


def _replaced(
    service: str, before: StatefulResource, after: StatefulResource, changed: Sequence[str]
) -> Finding:
    how = (
        f"{before.type} became {after.type}"
        if changed == ["Type"]
        else "; ".join(
            f"{each} {_difference(before.fixed.get(each), after.fixed.get(each))}" for each in changed
        )
    )
    return Finding(
        "C602",
        Level.BREAKING,
        service,
        f"the {_word(before)} {before.id} is replaced by an empty one: {how}",
        before.id,
        help="Add a new one beside it, move what it holds, and delete the old one in a later deployment; "
        f"or lose what it holds with --allow {service}.{before.id}.",
    )


def _refused(service: str, before: StatefulResource, after: StatefulResource) -> Iterable[Finding]:
    for each in STATEFUL[before.type].refusing:
        if not _fits(each, before, after, additions=each in GROWING):
            yield Finding(
                "C604",
                Level.BREAKING,
                service,
                f"AWS refuses to change {each} of the {_word(before)} {before.id}: "
                f"{_difference(before.fixed.get(each), after.fixed.get(each))}",
                before.id,
                help="Take the change back; what is needed beside it is added "
                + ("as a further attribute." if each == "Schema" else f"as a further {_word(before)}."),
            )


def _indexes(service: str, before: StatefulResource, after: StatefulResource) -> Iterable[Finding]:
    same = before.indexes.keys() & after.indexes.keys()
    for name in sorted(each for each in same if before.indexes[each] != after.indexes[each]):
        yield Finding(
            "C604",
            Level.BREAKING,
            service,
            f"AWS refuses to change the index {name} of the table {before.id} in place: "
            f"{_difference(before.indexes[name], after.indexes[name])}",
            f"{before.id}.{name}",
            help="Declare an index of another name, and drop this one once nobody reads it.",
        )
    dropped = sorted(before.indexes.keys() - after.indexes.keys())
    added = sorted(after.indexes.keys() - before.indexes.keys())
    if len(dropped) + len(added) > 1:
        steps = ", ".join([*(f"+{each}" for each in added), *(f"-{each}" for each in dropped)])
        yield Finding(
            "C603",
            Level.DANGEROUS,
            service,
            f"DynamoDB makes or deletes one index of a table at a time: {before.id} needs "
            f"{len(dropped) + len(added)} updates, in this order: {steps}",
            before.id,
            help="`thestack deploy` does so, and waits for each until the index is filled.",
        )
    for name in dropped:
        yield Finding(
            "C605",
            Level.DANGEROUS,
            service,
            f"the index {name} of the table {before.id} is dropped while the version that runs now may read "
            "it: until the router calls the new one, and after a rollback, those reads fail",
            f"{before.id}.{name}",
            help="Deploy handlers that do without it first, the index still declared; drop it next time.",
        )


def _fits(property: str, before: StatefulResource, after: StatefulResource, *, additions: bool) -> bool:
    was, now = before.fixed.get(property), after.fixed.get(property)
    if property == "AttributeDefinitions":  # those of an index come and go with it
        return all(now.get(name, was[name]) == was[name] for name in was) if was and now else True
    if property in GROWING and additions and isinstance(was, Mapping) and isinstance(now, Mapping):
        return all(now.get(name) == was[name] for name in was)
    return bool(was == now)


def _difference(was: Any, now: Any) -> str:
    """What changed, by the names of the entries where it is a mapping."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        changed = [name for name in sorted({*was, *now}) if was.get(name) != now.get(name)]
        return ", ".join(f"{name} {_difference(was.get(name), now.get(name))}" for name in changed)
    return f"was {_shown(was)}, is {_shown(now)}"


def _shown(value: Any) -> str:
    return "not there" if value is None else str(value)


def _word(resource: StatefulResource) -> str:
    return STATEFUL[resource.type].word if resource.type in STATEFUL else resource.type


def _name(finding: Finding) -> str:
    return f"{finding.service}.{finding.about}" if finding.about else finding.service
