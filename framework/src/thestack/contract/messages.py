"""The gate of events and messages: what is written is read, in both orders of deployment, also what was in
flight or in a dead-letter queue meanwhile, and after a rollback.
"""

from collections.abc import Iterator, Sequence

from thestack.contract.exchange import Misread, Written, held, misread, written_in
from thestack.contract.findings import Finding, Level
from thestack.contract.promise import Contract, World

NOTHING = Contract("")


def messages(before: World, after: World) -> Iterator[Finding]:
    """What a change from one world to another does to those who read events and messages.

    - C401: it can't be read, when everything is deployed
    - C402: what is in flight, or redriven from a dead-letter queue, can't be read afterwards
    - C403: it can be read, if one service is deployed before another
    - C404: what was written since can't be read after a rollback
    - C405: an event that is heard is said by nobody; C406: a queue that is sent to is taken by nobody
    - C400: it changed, and everybody can read it
    """
    found = [*_steady(before, after), *_in_flight(before, after), *_taken_back(before, after)]
    found += [*_missing(before, after), *_queues_in_order(before, after)]
    yield from dict.fromkeys(found)
    if before:
        told = {name for each in found for name in _names(each)}
        yield from _unhurt(before, after, told)


def blocked(running: World, in_flight: Sequence[World] = ()) -> list[Finding]:
    """What can't be read while these services run side by side, each in the state that it is in, with what
    the worlds `in_flight` have written still on its way.

    BREAKING is what such a state rules out. DANGEROUS is what waits in a dead-letter queue after a rollback,
    to be redriven: a newer version of a service's own event or message.
    """
    found = [
        Finding("C401", Level.BREAKING, each.written.service, str(each), each.about, each.hurt)
        for each in misread(running, running)
    ]
    now = set(_identities(running))
    for world in in_flight:
        for each in misread(world, running):
            if _identity(each.written) in now or not held(each.heard, world.get(each.reader)):
                continue
            waits = each.is_own and each.is_newer
            level = Level.DANGEROUS if waits else Level.BREAKING
            code = "C404" if waits else "C402"
            message = f"in flight: {each}"
            found.append(Finding(code, level, each.reader, message, each.about, each.hurt))
    found += _unsendable(running, running)
    return list(dict.fromkeys(found))


def _steady(before: World, after: World) -> Iterator[Finding]:
    known = set(_identities(before))
    for each in misread(after, after):
        is_new = _identity(each.written) not in known
        blamed = each.written.service if is_new else each.reader
        yield Finding("C401", Level.BREAKING, blamed, str(each), each.about, each.hurt, _both_sides(each))


def _in_flight(before: World, after: World) -> Iterator[Finding]:
    """What the version before has written, read by the version after."""
    steady = {(*each.pair, each.problem) for each in misread(after, after)}
    now = set(_identities(after))
    for each in misread(before, after):
        if _identity(each.written) in now or (*each.pair, each.problem) in steady:
            continue
        if each.is_own or held(each.heard, before.get(each.reader)):
            message = f"in flight and in dead-letter queues: {each}"
            yield Finding(
                "C402", Level.BREAKING, each.reader, message, each.about, each.hurt, _still_read(each)
            )
        else:
            yield _order(each, first=each.written.service, then=each.reader)


def _taken_back(before: World, after: World) -> Iterator[Finding]:
    """What the version after writes, read by the version before: deployed first, or after a rollback."""
    broken = {each.pair for each in misread(after, after)}
    known = set(_identities(before))
    for each in misread(after, before):
        if _identity(each.written) in known or each.pair in broken:
            continue
        if not each.is_own:
            yield _order(each, first=each.reader, then=each.written.service)
        elif each.is_newer:
            message = f"after a rollback, in the dead-letter queue until it is redriven: {each}"
            yield Finding("C404", Level.DANGEROUS, each.reader, message, each.about, each.hurt)
        else:
            help = (
                f"Make it version {each.written.version + 1}, with an upcaster from {each.written.version}."
            )
            message = f"after a rollback: {each}"
            yield Finding("C404", Level.BREAKING, each.reader, message, each.about, each.hurt, help)


def _missing(before: World, after: World) -> Iterator[Finding]:
    """What is heard and not said, what is sent and not taken."""
    for service, contract in after.items():
        for heard in contract.hears:
            source = after.get(heard.source, NOTHING)
            if "/" in heard.name or source.said(heard.name):
                continue
            hurt = tuple(f"{service}.{handler}" for handler in heard.handlers)
            was_said = before.get(heard.source, NOTHING).said(heard.name) is not None
            message = f"`{heard.name}` is said by {heard.source} {'no more' if was_said else 'never'}, "
            message += f"and heard by {', '.join(hurt)}"
            help = f"Let {service} hear it no more first, then delete it." if was_said else ""
            blamed = heard.source if was_said else service
            yield Finding("C405", Level.BREAKING, blamed, message, heard.name, hurt, help)
    yield from _unsendable(after, after, before)


def _unsendable(senders: World, owners: World, before: World | None = None) -> Iterator[Finding]:
    for each in written_in(senders):
        if "/" not in each.name or _takes(owners, each):
            continue
        was_taken = before is not None and _takes(before, each)
        message = f"`{each.name}` is taken by {each.owner} {'no more' if was_taken else 'never'}, "
        message += f"and sent by {each.service}"
        help = f"Let {each.service} send to it no more first, then delete it." if was_taken else ""
        blamed = each.owner if was_taken else each.service
        yield Finding("C406", Level.BREAKING, blamed, message, each.name, (each.service,), help)


def _queues_in_order(before: World, after: World) -> Iterator[Finding]:
    """A queue is there before somebody sends to it, and until nobody does."""
    for each in written_in(after) if before else ():
        if _is_for_another(each) and _takes(after, each) and not _takes(before, each):
            yield _queue(each, f"deploy {each.owner} before {each.service}", "is new", each.service)
    still = {(each.service, each.name) for each in written_in(after)}
    for each in written_in(before):
        goes = _takes(before, each) and not _takes(after, each)
        if goes and _is_for_another(each) and (each.service, each.name) not in still:
            yield _queue(each, f"deploy {each.service} before {each.owner}", "goes", each.owner)


def _queue(sent: Written, order: str, why: str, then: str) -> Finding:
    message = f"{order}: the queue `{sent.name}` {why}"
    return Finding("C403", Level.DANGEROUS, then, message, sent.name, (sent.service,))


def _is_for_another(written: Written) -> bool:
    return "/" in written.name and written.owner != written.service


def _takes(world: World, sent: Written) -> bool:
    return world.get(sent.owner, NOTHING).taken(sent.name) is not None


def _order(each: Misread, *, first: str, then: str) -> Finding:
    message = f"deploy {first} before {then}: until then {each}"
    return Finding("C403", Level.DANGEROUS, then, message, each.about, each.hurt)


def _unhurt(before: World, after: World, told: set[str]) -> Iterator[Finding]:
    """What changed of what a service says and takes, and hurts nobody."""
    for service in sorted(before.keys() | after.keys()):
        was, now = before.get(service, NOTHING), after.get(service, NOTHING)
        old = {each.name: each for each in (*was.says, *was.takes)}
        new = {each.name: each for each in (*now.says, *now.takes)}
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) == new.get(name) or name in told:
                continue
            message = f"`{name}` changes, and whoever reads it can"
            if name not in old or name not in new:
                message = f"`{name}` is new" if name not in old else f"`{name}` goes, and nobody reads it"
            elif old[name].version != new[name].version:
                message = f"`{name}` is of version {new[name].version} now, and whoever reads it can"
            yield Finding("C400", Level.SAFE, service, message, name)


def _both_sides(each: Misread) -> str:
    """The way out where the two sides do not fit: expand, migrate, contract."""
    writer, reader, path = each.written.service, each.reader, each.problem.path
    if not path and each.written.version not in each.heard.schemas:
        if each.is_newer:
            older = max(each.heard.schemas)
            return (
                f"Let {reader} read version {each.written.version} first, and {older} by an upcaster; "
                f"or say version {older} until it does."
            )
        return f"Let {reader} keep version {each.written.version}, with an upcaster from it."
    if each.heard.source == reader and each.problem.why.startswith("is not known"):
        return f"Give `{path}` a default in {reader} and deploy that; then let {writer} write it."
    return (
        f"Expand, migrate, contract: {writer} keeps writing what {reader} reads until {reader} reads both; "
        f"then it stops."
    )


def _still_read(each: Misread) -> str:
    older = each.written.version
    if older not in each.heard.schemas:
        return f"Keep the class of version {older}, with an upcaster from it, until no message of it is left."
    if each.is_own:
        return (
            f"Make it version {older + 1}, with an upcaster from {older}; or give what is new a default, and "
            f"keep what goes."
        )
    return f"Let {each.reader} read both, as before and as now: what is new with a default."


def _identity(written: Written) -> tuple[str, str, str, int, str]:
    return (written.service, written.owner, written.name, written.version, repr(written.schema))


def _identities(world: World) -> Iterator[tuple[str, str, str, int, str]]:
    return map(_identity, written_in(world))


def _names(finding: Finding) -> Iterator[str]:
    """The event or the message that a finding is about: events have dots in their names."""
    parts = finding.about.split(".")
    yield from (".".join(parts[: end + 1]) for end in range(len(parts)))
