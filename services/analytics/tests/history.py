"""Ten thousand events of two months, as services say them, and what follows from them: counted by sets of the
raw events, by nothing of the service's own.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from thestack.ports import Envelope

SINCE, DAYS = date(2026, 1, 1), 60
USERS = [f"user-{number}" for number in range(150)]


def events(number: int, seed: int) -> list[Envelope]:
    """This many different events, in the order in which they were said."""
    chance, said = random.Random(seed), list[Envelope]()  # noqa: S311 - no secret
    while len(said) < number:
        todo, user, at = f"todo-{len(said)}", chance.choice(USERS), _moment(chance)
        owned = {"todo_id": todo, "owner_id": user}
        said.append(_event("todo.created", "todo", todo, at, created_at=at.isoformat(), **owned))
        if chance.random() < 0.3:
            later = at + timedelta(minutes=chance.randint(1, 600))
            attached = {"media_id": f"m-{todo}", "attached_at": later.isoformat(), **owned}
            said.append(_event("todo.attached", "todo", todo, later, **attached))
        if chance.random() < 0.6:
            later = at + timedelta(seconds=chance.choice([30, 1800, 7200, 90_000, 900_000]))
            done = {"completed_at": later.isoformat(), **owned}
            said.append(_event("todo.completed", "todo", todo, later, **done))
        if chance.random() < 0.1:
            later = at + timedelta(days=chance.randint(1, 3))
            said.append(_event("todo.deleted", "todo", todo, later, deleted_at=later.isoformat(), **owned))
        if chance.random() < 0.2:
            kind, size = chance.choice(["IMAGE", "VIDEO"]), chance.randint(1_000, 50_000_000)
            media = {"media_id": f"m-{todo}", "owner_id": user, "kind": kind, "bytes": size}
            said.append(_event("media.uploaded", "media", todo, at, uploaded_at=at.isoformat(), **media))
        if chance.random() < 0.05:
            said.append(_event("weather.changed", "balloon", todo, at, pressure={"hPa": 1013}))
    return sorted(said[:number], key=lambda each: each.time)


def disordered(said: Sequence[Envelope], seed: int) -> list[Envelope]:
    """The same as they may come: every tenth twice, one in twenty weeks late, the others shuffled."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    coming = [*said, *chance.sample(list(said), len(said) // 10)]
    chance.shuffle(coming)
    late = set(chance.sample(range(len(coming)), len(coming) // 20))
    return [each for n, each in enumerate(coming) if n not in late] + [coming[n] for n in sorted(late)]


def _moment(chance: random.Random) -> datetime:
    start = datetime(SINCE.year, SINCE.month, SINCE.day, tzinfo=UTC)
    return start + timedelta(seconds=chance.randint(0, DAYS * 86_400 - 1))


def _event(name: str, source: str, about: str, at: datetime, **data: object) -> Envelope:
    return Envelope(f"{name}-{about}", name, 1, source, f"Thing/{about}", at, "main", data)


@dataclass
class Oracle:
    """What the numbers must be."""

    said: Sequence[Envelope]

    def counts(self) -> dict[tuple[str, date], int]:
        """How many different events of a type there are on a day."""
        ids: dict[tuple[str, date], set[str]] = defaultdict(set)
        for each in self.said:
            ids[each.type, each.time.date()].add(each.id)
        return {place: len(there) for place, there in ids.items()}

    def active(self, since: date, until: date) -> int:
        """How many different users did something from one day to another."""
        return len({each.data["owner_id"] for each in self._between(since, until) if "owner_id" in each.data})

    def busiest(self, since: date, until: date) -> list[tuple[str, int]]:
        """Users by how much they did, the busiest first."""
        ids: dict[str, set[str]] = defaultdict(set)
        for each in self._between(since, until):
            if "owner_id" in each.data:
                ids[each.data["owner_id"]].add(each.id)
        return sorted(((user, len(there)) for user, there in ids.items()), key=lambda each: -each[1])

    def uploaded(self, kind: str, since: date, until: date) -> tuple[int, int]:
        """How many files of a kind came, and how many bytes."""
        sizes = {
            each.id: each.data["bytes"]
            for each in self._between(since, until)
            if each.type == "media.uploaded" and each.data["kind"] == kind
        }
        return len(sizes), sum(sizes.values())

    def cohort(self, since: date, until: date) -> dict[str, float]:
        """What became of the todos that were created from one day to another."""
        created = {
            each.data["todo_id"]: each.time
            for each in self._between(since, until)
            if each.type == "todo.created"
        }
        done = {
            each.data["todo_id"]: each.time - created[each.data["todo_id"]]
            for each in self.said
            if each.type == "todo.completed" and each.data["todo_id"] in created
        }
        attached = {each.data["todo_id"] for each in self.said if each.type == "todo.attached"}
        deleted = {each.data["todo_id"] for each in self.said if each.type == "todo.deleted"}
        lasted = [each.total_seconds() for each in done.values()]
        return {
            "created": len(created),
            "attached": len(attached & created.keys()),
            "completed": len(done),
            "deleted": len(deleted & created.keys()),
            "completedWithinHour": sum(each <= 3600 for each in lasted),
            "completedWithinDay": sum(each <= 86_400 for each in lasted),
            "completedWithinWeek": sum(each <= 7 * 86_400 for each in lasted),
            "completionRate": len(done) / len(created),
            "secondsToComplete": sum(lasted) / len(lasted),
        }

    def _between(self, since: date, until: date) -> list[Envelope]:
        return [each for each in self.said if since <= each.time.date() <= until]
