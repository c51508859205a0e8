"""What a run notes of itself: what it committed, what it sent, what went wrong."""

from dataclasses import replace

import pytest
from graphql import parse

from thestack.ports import Delivery
from thestack.runtime.consume import Outcome
from thestack.runtime.documents import described
from thestack.runtime.journal import Journal

from .conftest import World, delivery, user

ALICE = user("alice")


def fresh() -> Journal:
    return Journal()


async def test_a_mutation_notes_what_it_committed(world: World) -> None:
    journal = fresh()
    await world.open("1", replace(ALICE, journal=journal))
    assert [(each.id, each.type) for each in journal.caused] == [
        (entry.envelope.id, entry.envelope.type) for entry in await world.outbox()
    ]
    assert (journal.operation, journal.fields) == ("mutation", ("openAccount",))


async def test_what_was_refused_caused_nothing(world: World) -> None:
    await world.open("1", ALICE)
    journal = fresh()
    answer = await world.open("1", replace(ALICE, journal=journal))
    assert answer["errors"]
    assert (journal.caused, journal.failures) == ([], [])


async def test_a_consumer_notes_what_it_heard_and_the_mail_it_sent(world: World) -> None:
    await world.open("1", ALICE)
    (message,) = await world.said("bookkeeping/welcome")
    journal = fresh()
    outcome, _ = await world.consumer("welcome").take(delivery(message), journal)
    assert (outcome, journal.heard) == (Outcome.EFFECTED, message)
    assert len(journal.mails) == len(world.mailer.sent) == 1
    journal = fresh()
    outcome, _ = await world.consumer("welcome").take(delivery(message), journal)
    assert (outcome, journal.heard, journal.mails) == (Outcome.DUPLICATE, message, [])


async def test_what_is_no_event_is_heard_as_nothing(world: World) -> None:
    journal = fresh()
    outcome, wrong = await world.consumer("welcome").take(Delivery("m", "{", 1, "r"), journal)
    assert (outcome, journal.heard) == (Outcome.PARKED, None)
    assert wrong


@pytest.mark.parametrize(
    ("document", "name", "told"),
    [
        ("{ todos { nodes { id } } __typename }", None, ("query", ("todos",))),
        (
            "mutation M { a: completeTodo b: completeTodo other }",
            None,
            ("mutation M", ("completeTodo", "other")),
        ),
        ("query A { a } query B { b }", "B", ("query B", ("b",))),
        ("query A { a } query B { b }", None, ("", ())),
        (
            "query ($r: [_Any!]!) { _entities(representations: $r) "
            "{ __typename ... on Todo { emails { id } } ... on User { name } } }",
            None,
            ("query", ("Todo.emails", "User.name")),
        ),
        ("{ __typename }", None, ("query", ())),
    ],
)
def test_what_is_asked(document: str, name: str | None, told: tuple[str, tuple[str, ...]]) -> None:
    assert described(parse(document), name) == told
