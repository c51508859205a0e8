"""Events and messages in both orders of deployment, in flight, and after a rollback."""

from collections.abc import Iterable
from typing import Any

import pytest

from thestack.contract.findings import Finding, Level
from thestack.contract.messages import blocked, messages
from thestack.contract.promise import Contract, Heard, Said, Schema, Sent, World

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
NAME, QUEUE = "order.placed", "mail/letters"


def of(needed: str = "", optional: str = "", **kinds: Any) -> Schema:
    """A schema of these fields, each text unless `kinds` says otherwise."""
    names = [*needed.split(), *optional.split()]
    return {
        "type": "object",
        "properties": {name: kinds.get(name, TEXT) for name in names},
        "required": needed.split(),
        "additionalProperties": False,
    }


def shop(*versions: Schema, hears: Iterable[Heard] = (), sends: Iterable[Sent] = ()) -> Contract:
    """Says the event, in these versions."""
    says = tuple(Said(NAME, number, schema) for number, schema in enumerate(versions, 1))
    return Contract("shop", says=says, hears=tuple(hears), sends=tuple(sends))


def heard(*schemas: Schema, source: str = "shop", first: int = 1, handler: str = "pack") -> Heard:
    """Read in these versions, from `first` on, by a handler that is given the last."""
    accepted = dict(enumerate(schemas, first))
    return Heard(NAME, source, max(accepted), accepted, (handler,))


def depot(*given: Heard, all_hearing: str = "") -> Contract:
    """Hears the event of the shop."""
    return Contract("depot", hears=given, hears_all=(all_hearing,) if all_hearing else ())


def mail(taken: Schema | None) -> Contract:
    """Takes letters, if it has a queue for them."""
    if taken is None:
        return Contract("mail")
    read = Heard(QUEUE, "mail", 1, {1: taken}, ("send",))
    return Contract("mail", takes=(Said(QUEUE, 1, taken),), hears=(read,))


def sending(schema: Schema | None) -> Contract:
    return Contract("shop", sends=(Sent(QUEUE, 1, schema),) if schema else ())


def world(*contracts: Contract) -> World:
    return {each.service: each for each in contracts}


def told(found: Iterable[Finding]) -> list[tuple[str, str, str, str]]:
    return [(each.code, each.level.value, each.service, each.about) for each in found]


ONE, TWO, THREE = of("id"), of("id note"), of("id note place")


def test_what_nobody_changes_and_everybody_reads_is_fine() -> None:
    now = world(shop(TWO), depot(heard(ONE)), mail(ONE))
    assert told(messages(now, now)) == []
    assert told(messages({}, now)) == []
    assert blocked(now, [now]) == []


def test_a_field_that_is_read_and_written_no_more_hurts_its_reader() -> None:
    before, after = world(shop(TWO), depot(heard(TWO))), world(shop(ONE), depot(heard(TWO)))
    (finding,) = messages(before, after)
    assert told([finding]) == [("C401", "breaking", "shop", f"{NAME}.note")]
    assert finding.hurt == ("depot.pack",)
    assert finding.message == (
        "`order.placed` version 1 of shop can't be read by depot.pack: `note` is not written, and needed"
    )
    assert "Expand, migrate, contract" in finding.help
    (order,) = messages(before, world(shop(ONE), depot(heard(ONE))))
    assert told([order]) == [("C403", "dangerous", "shop", f"{NAME}.note")]
    assert order.message.startswith("deploy depot before shop")


def test_a_reader_that_needs_what_was_not_written_so_far_is_blamed_for_what_is_in_flight() -> None:
    before = world(shop(ONE), depot(heard(ONE)))
    assert told(messages(before, world(shop(TWO), depot(heard(TWO))))) == [
        ("C402", "breaking", "depot", f"{NAME}.note")
    ]
    both = messages(before, world(shop(TWO), depot(heard(of("id", "note")))))
    assert told(both) == [("C400", "safe", "shop", NAME)]


def test_a_new_reader_has_nothing_in_flight_and_is_deployed_after_the_writer() -> None:
    before = world(shop(ONE), depot())
    after = world(shop(TWO), depot(heard(TWO)))
    (finding,) = messages(before, after)
    assert told([finding]) == [("C403", "dangerous", "depot", f"{NAME}.note")]
    assert finding.message.startswith("deploy shop before depot")
    assert told(messages(world(shop(ONE), depot(heard(ONE, handler="store"))), after)) == [
        ("C403", "dangerous", "depot", f"{NAME}.note")
    ]


def test_what_hears_every_event_has_those_in_flight_that_it_was_not_told_of() -> None:
    before = world(shop(ONE), depot(all_hearing="pack"))
    after = world(shop(TWO), depot(heard(TWO), all_hearing="pack"))
    assert told(messages(before, after)) == [("C402", "breaking", "depot", f"{NAME}.note")]


def test_a_new_version_needs_a_reader_of_both() -> None:
    before = world(shop(ONE), depot(heard(ONE)))
    (finding,) = messages(before, world(shop(ONE, TWO), depot(heard(ONE))))
    assert told([finding]) == [("C401", "breaking", "shop", NAME)]
    assert "is of version 2, and only 1 is read" in finding.message
    assert finding.help.startswith("Let depot read version 2 first, and 1 by an upcaster")
    only = messages(before, world(shop(ONE, TWO), depot(heard(TWO, first=2))))
    assert [each for each in told(only) if each[1] == "breaking"] == [("C402", "breaking", "depot", NAME)]
    (order,) = messages(before, world(shop(ONE, TWO), depot(heard(ONE, TWO))))
    assert told([order]) == [("C403", "dangerous", "shop", NAME)]
    assert order.message.startswith("deploy depot before shop")


def own(*versions: Schema, first: int = 1) -> World:
    """A shop that hears its own event, in its newest versions from `first` on."""
    return world(shop(*versions, hears=[heard(*versions[first - 1 :], first=first)]))


def test_of_its_own_events_a_service_reads_those_in_flight_and_those_after_a_rollback() -> None:
    changed = told(messages(own(ONE), own(TWO)))
    assert changed == [
        ("C402", "breaking", "shop", f"{NAME}.note"),
        ("C404", "breaking", "shop", f"{NAME}.note"),
    ]
    (back,) = messages(own(ONE), own(ONE, TWO))
    assert told([back]) == [("C404", "dangerous", "shop", NAME)]
    assert "until it is redriven" in back.message
    forgotten = [each for each in told(messages(own(ONE), own(ONE, TWO, first=2))) if each[1] == "breaking"]
    assert forgotten == [("C402", "breaking", "shop", NAME)]


def test_a_message_with_more_fields_needs_its_taker_first() -> None:
    before = world(sending(ONE), mail(ONE))
    assert told(messages(before, world(sending(TWO), mail(ONE)))) == [
        ("C401", "breaking", "shop", f"{QUEUE}.note")
    ]
    (order,) = messages(before, world(sending(TWO), mail(of("id", "note"))))
    assert told([order]) == [("C403", "dangerous", "shop", f"{QUEUE}.note")]
    assert order.message.startswith("deploy mail before shop")


def test_a_field_that_a_queue_newly_needs_is_missing_in_what_is_sent() -> None:
    (finding,) = messages(world(sending(ONE), mail(ONE)), world(sending(ONE), mail(TWO)))
    assert told([finding]) == [("C401", "breaking", "mail", f"{QUEUE}.note")]
    assert finding.hurt == ("mail.send",)


def test_what_is_heard_is_said_and_what_is_sent_is_taken() -> None:
    before = world(shop(ONE), depot(heard(ONE)))
    assert told(messages(before, world(shop(), depot(heard(ONE))))) == [("C405", "breaking", "shop", NAME)]
    assert told(messages({}, world(shop(), depot(heard(ONE))))) == [("C405", "breaking", "depot", NAME)]
    assert told(messages(before, world(shop(), depot()))) == [("C400", "safe", "shop", NAME)]
    letters = world(sending(ONE), mail(ONE))
    assert told(messages(letters, world(sending(ONE), mail(None)))) == [("C406", "breaking", "mail", QUEUE)]
    assert told(messages({}, world(sending(ONE), mail(None)))) == [("C406", "breaking", "shop", QUEUE)]


def test_a_queue_is_there_before_somebody_sends_to_it_and_until_nobody_does() -> None:
    without, letters = world(sending(None), mail(None)), world(sending(ONE), mail(ONE))
    (comes,), (goes,) = messages(without, letters), messages(letters, without)
    assert comes.message == f"deploy mail before shop: the queue `{QUEUE}` is new"
    assert goes.message == f"deploy shop before mail: the queue `{QUEUE}` goes"
    assert {comes.level, goes.level} == {Level.DANGEROUS}


@pytest.mark.parametrize(
    ("running", "in_flight", "expected"),
    [
        (world(shop(ONE, TWO), depot(heard(ONE))), [], [("C401", "breaking")]),
        (world(shop(ONE, TWO), depot(heard(ONE, TWO))), [world(shop(ONE), depot(heard(ONE)))], []),
        (world(shop(TWO), depot(heard(TWO))), [world(shop(ONE), depot(heard(ONE)))], [("C402", "breaking")]),
        (world(shop(TWO), depot(heard(TWO))), [world(shop(ONE), depot())], []),
        (own(ONE), [own(ONE, TWO)], [("C404", "dangerous")]),
        (own(ONE), [own(TWO)], [("C402", "breaking")]),
        (world(sending(ONE), mail(None)), [], [("C406", "breaking")]),
        (world(shop(), depot(heard(ONE))), [], []),
    ],
)
def test_a_state_between_is_ruled_out_where_somebody_can_not_read(
    running: World, in_flight: list[World], expected: list[tuple[str, str]]
) -> None:
    assert [(each.code, each.level.value) for each in blocked(running, in_flight)] == expected
