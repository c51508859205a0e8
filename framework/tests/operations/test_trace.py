"""The tree of a trace: each record in it once, below what caused it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from thestack.operations.records import Call, Caused, Record
from thestack.operations.trace import Kind, Step, tree

BEGIN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
COMPLETED, MAIL = Caused("e1", "todo.completed"), Caused("e2", "notifications/email")


def record(service: str, trigger: str, began: float = 0, ms: float = 10, **more: Any) -> Record:
    said = {"function": "f", "outcome": "ok", "correlation_id": "c", **more}
    at = BEGIN + timedelta(milliseconds=began + ms)
    return Record(at=at, service=service, trigger=trigger, ms=ms, **said)


def router(*calls: str, began: float = 0, ms: float = 100) -> Record:
    return record("router", "http", began, ms, subgraphs=tuple(Call(each, "ok", 5) for each in calls))


def relay(what: Caused, to: str = "bus", began: float = 50) -> Record:
    return record("todo", "relay", began, event_id=what.id, type=what.type, destination=to)


def consumer(who: str, what: Caused, began: float = 90, **more: Any) -> Record:
    service, _, trigger = who.partition(".")
    return record(service, trigger, began, event_id=what.id, type=what.type, attempt=1, **more)


def shape(steps: Sequence[Step]) -> Any:
    """The tree as nested lists of names."""
    return [[step.name, *shape(step.steps)] if step.steps else step.name for step in steps]


def runs(steps: Sequence[Step]) -> list[Record]:
    """Every record in the tree."""
    own = [step.record for step in steps if step.record]
    return [*own, *(each for step in steps for each in runs(step.steps))]


def test_from_the_click_to_the_mail() -> None:
    records = [
        consumer("notifications.send_email", MAIL, mails=("m1",)),
        consumer("analytics.count", COMPLETED),
        relay(MAIL, MAIL.type),
        relay(COMPLETED),
        record("todo", "graphql", 10, caused=(COMPLETED, MAIL)),
        router("todo"),
        record("authorizer", "http", 0, 5),
    ]
    assert shape(tree(records)) == [
        [
            "router.http",
            "authorizer.http",
            [
                "todo.graphql",
                ["todo.completed", "todo.relay", "analytics.count"],
                ["notifications/email", "todo.relay", ["notifications.send_email", "mail"]],
            ],
        ]
    ]


def test_what_a_consumer_caused_hangs_below_it() -> None:
    second = Caused("e9", "daily.full")
    records = [
        router("todo"),
        record("todo", "graphql", 10, caused=(COMPLETED,)),
        consumer("analytics.count", COMPLETED, caused=(second,)),
        relay(second, began=95),
        consumer("notifications.tell", second, 99),
    ]
    (root,) = tree(records)
    assert shape(root.steps) == [
        [
            "todo.graphql",
            ["todo.completed", ["analytics.count", ["daily.full", "todo.relay", "notifications.tell"]]],
        ]
    ]


def test_attempts_stand_in_their_order() -> None:
    taken = [
        consumer("analytics.count", COMPLETED, 90 + n, outcome=o) for n, o in enumerate(["retry", "effected"])
    ]
    (event,) = tree(taken[::-1])
    assert [step.record.outcome for step in event.steps if step.record] == ["retry", "effected"]


def test_an_event_that_nobody_carried_yet_is_there() -> None:
    (root,) = tree([router("todo"), record("todo", "graphql", 10, caused=(COMPLETED,))])
    (event,) = root.steps[0].steps
    assert (event.kind, event.id, event.steps) == (Kind.EVENT, "e1", ())


def test_a_call_that_no_subgraph_logged_is_the_routers_word() -> None:
    (root,) = tree([router("todo", "media"), record("media", "graphql", 10)])
    assert [(step.kind, step.name) for step in root.steps] == [
        (Kind.CALL, "todo.graphql"),
        (Kind.RUN, "media.graphql"),
    ]
    assert root.steps[0].call == Call("todo", "ok", 5)


def test_two_calls_of_one_subgraph_are_two_runs() -> None:
    first, second = record("todo", "graphql", 10), record("todo", "graphql", 40)
    (root,) = tree([second, router("todo", "media", "todo"), first])
    assert [step.record for step in root.steps] == [first, None, second]


def test_two_requests_with_one_id_are_two_roots_with_their_own_runs() -> None:
    one, two = router("todo"), router("todo", began=500)
    first, second = record("todo", "graphql", 10), record("todo", "graphql", 510)
    roots = tree([two, second, first, one])
    assert [(root.record, root.steps[0].record) for root in roots] == [(one, first), (two, second)]


def test_a_later_requests_run_is_not_taken_for_an_earlier_ones() -> None:
    one, two, run = router("todo"), router("todo", began=500), record("todo", "graphql", 510)
    first, second = tree([one, two, run])
    assert first.steps[0].kind is Kind.CALL
    assert second.steps[0].record == run


def test_an_event_that_two_runs_claim_stands_below_the_first() -> None:
    runs = [record("todo", "graphql", began, caused=(COMPLETED,)) for began in (10, 20)]
    assert shape(tree([*runs, relay(COMPLETED)])) == [
        ["todo.graphql", ["todo.completed", "todo.relay"]],
        "todo.graphql",
    ]


def test_what_has_no_cause_in_the_log_is_a_root() -> None:
    assert shape(tree([consumer("analytics.count", COMPLETED), relay(COMPLETED)])) == [
        ["todo.completed", "todo.relay", "analytics.count"]
    ]
    assert shape(tree([record("todo", "graphql", caused=(COMPLETED,))])) == [
        ["todo.graphql", "todo.completed"]
    ]


def test_nothing() -> None:
    assert tree([]) == ()


IDS = st.sampled_from(["e1", "e2", "e3"])
RECORDS = st.lists(
    st.builds(
        lambda who, began, event, caused, calls: record(
            *who,
            began=began,
            event_id=event if who[1] not in ("http", "graphql") else "",
            caused=tuple(Caused(id, "t") for id in caused),
            subgraphs=tuple(Call(each, "ok") for each in calls) if who[0] == "router" else (),
        ),
        st.sampled_from(
            [
                ("router", "http"),
                ("authorizer", "http"),
                ("todo", "graphql"),
                ("todo", "relay"),
                ("a", "count"),
            ]
        ),
        st.integers(0, 10_000),
        IDS | st.just(""),
        st.lists(IDS, max_size=3),
        st.lists(st.sampled_from(["todo", "media"]), max_size=3),
    ),
    max_size=12,
    unique_by=lambda each: (each.at, each.who, each.event_id),
)


@given(RECORDS)
def test_each_record_is_in_it_once_whatever_the_log_lost_or_made_up(records: list[Record]) -> None:
    found = runs(tree(records))
    assert len(found) == len(records)
    assert all(each in found for each in records)
