"""What a change of entities means to the rows that are stored already."""

from collections.abc import Iterable

from thestack.contract.findings import Finding, Level
from thestack.contract.promise import Contract, EntityShape

_NO_ROWS = "where there are no rows yet, say so with"


def row_changes(before: Contract, after: Contract) -> Iterable[Finding]:
    """Rows of the same entity that are no longer found where they lie, or not by an index of theirs."""
    now = {each.name: each for each in after.entities}
    for was in before.entities:
        if was.name in now:
            yield from _moved(after.service, was, now[was.name])
            yield from _reindexed(after.service, was, now[was.name])


def _moved(service: str, before: EntityShape, after: EntityShape) -> Iterable[Finding]:
    placed = {"key": (before.key, after.key), "owner": (before.owner, after.owner)}
    for what, (was, now) in placed.items():
        if was != now:
            yield Finding(
                "C501",
                Level.BREAKING,
                service,
                f"the {what} of {before.name} was {_shown(was)} and is {_shown(now)}: it places the rows, "
                "and those stored before are not found any more",
                before.name,
                help=f"Declare a new entity beside {before.name}, write both, move the rows, and drop the "
                f"old one in a later deployment; {_NO_ROWS} --allow {service}.{before.name}.",
            )


def _reindexed(service: str, before: EntityShape, after: EntityShape) -> Iterable[Finding]:
    for name, now in sorted(after.indexes.items()):
        was = before.indexes.get(name)
        about = f"{before.name}.{name.rpartition('.')[2]}"
        if was is None:
            yield Finding(
                "C503",
                Level.DANGEROUS,
                service,
                f"the index {about} is new: rows stored before are not in it until they are put again",
                about,
                help="Put each of them again before anybody reads by it, unless there are none.",
            )
        elif was != now and was["local"] == now["local"]:
            changed = ", ".join(
                f"{key} was {was[key]} and is {now[key]}" for key in sorted(now) if was[key] != now[key]
            )
            yield Finding(
                "C502",
                Level.BREAKING,
                service,
                f"the index {about} keeps its name and serves something else ({changed}): rows stored before "
                "lie in it as they did",
                about,
                help="Declare it under a new name, put the rows again, and drop the old one in a later "
                f"deployment; {_NO_ROWS} --allow {service}.{about}.",
            )


def _shown(value: tuple[str, ...] | str | None) -> str:
    if value is None:
        return "nobody"
    return value if isinstance(value, str) else ", ".join(value)
