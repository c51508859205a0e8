"""What one request caused, as a tree: from the API through outbox, bus and queues to the last e-mail."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from thestack.operations.logs import Logs
from thestack.operations.records import Call, Caused, Record

HTTP, GRAPHQL = "http", "graphql"
AUTHORIZER, ROUTER = "authorizer", "router"
SHORT_ID = 8
"""Characters of an id that identify it to a reader of the log."""


class Kind(StrEnum):
    """What a step is."""

    RUN = "run"
    CALL = "call"
    """A subgraph call that only the router tells of: the subgraph logged nothing."""
    EVENT = "event"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the tree, with what followed from it.

    `id` is an event's or an e-mail's; a run has the `record` that it logged, a call the router's word.
    """

    kind: Kind
    name: str
    id: str = ""
    record: Record | None = None
    call: Call | None = None
    steps: "tuple[Step, ...]" = ()


def find(logs: Logs, id: str, since: datetime) -> list[Record]:
    """The records of everything that has the same cause as what `id` names, oldest first.

    `id` is a correlation id, or that of an event, a message or an e-mail, or the beginning of one as the log
    shows it. Raises `OperationError`.
    """
    phrase = id if len(id) > SHORT_ID else ""  # CloudWatch does not promise to find half a word
    found = [record for record in _records(logs, since, phrase) if _is_named(record, id)]
    for correlation in sorted({record.correlation_id for record in found} - {id, ""}):
        related = _records(logs, since, correlation)
        found += [each for each in related if each.correlation_id == correlation and each not in found]
    return found


def tree(records: Sequence[Record]) -> tuple[Step, ...]:
    """The records as a tree, each in it once.

    What has no cause among them is a root of its own: a run whose cause was logged too long ago, say.
    """
    return tuple(_Roots(records))


class _Roots:
    """Iterates over the roots, taking each record where its cause is found."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._left = sorted(records, key=lambda record: record.began)
        self._told: set[str] = set()

    def __iter__(self) -> Iterator[Step]:
        for record in self._take(lambda each: (each.service, each.trigger) == (ROUTER, HTTP)):
            yield self._request(record)
        for record in self._take(lambda each: not each.event_id):
            yield self._run(record)
        caused = {each.id for record in self._left for each in record.caused}
        first = [record for record in self._left if record.event_id not in caused]
        for record in (*first, *self._left):  # then what is its own cause, so that nothing is left out
            if record in self._left:
                yield self._event(Caused(record.event_id, record.type))

    def _request(self, record: Record) -> Step:
        """The router's run, with the authorizer's before it and the subgraphs' during it."""
        steps = [self._run(each) for each in self._within(record, AUTHORIZER, HTTP)]
        for call in record.subgraphs:
            runs = self._within(record, call.service, GRAPHQL)
            name = f"{call.service}.{GRAPHQL}"
            steps += [self._run(run) for run in runs] or [Step(Kind.CALL, name, call=call)]
        return Step(Kind.RUN, record.who, record=record, steps=tuple(steps))

    def _within(self, request: Record, service: str, trigger: str) -> list[Record]:
        """The first run of a function that is left and began before the request ended, if there is one."""
        return self._take(
            lambda each: (each.service, each.trigger) == (service, trigger) and each.began <= request.at,
            most=1,
        )

    def _run(self, record: Record) -> Step:
        steps = [self._event(caused) for caused in record.caused if caused.id not in self._told]
        steps += [Step(Kind.MAIL, "mail", id=id) for id in record.mails]
        return Step(Kind.RUN, record.who, record=record, steps=tuple(steps))

    def _event(self, caused: Caused) -> Step:
        """An event or message, with the relay that carried it and those who took it."""
        self._told.add(caused.id)
        runs = self._take(lambda each: each.event_id == caused.id)
        return Step(Kind.EVENT, caused.type, id=caused.id, steps=tuple(self._run(record) for record in runs))

    def _take(self, wanted: Callable[[Record], bool], most: int | None = None) -> list[Record]:
        taken = [record for record in self._left if wanted(record)][:most]
        self._left = [record for record in self._left if record not in taken]
        return taken


def _records(logs: Logs, since: datetime, phrase: str) -> list[Record]:
    return [record for line in logs.read(since, phrase) if (record := line.record)]


def _is_named(record: Record, id: str) -> bool:
    ids = (record.correlation_id, record.event_id, record.message_id, *record.mails)
    return any(each.startswith(id) for each in (*ids, *(caused.id for caused in record.caused)))
