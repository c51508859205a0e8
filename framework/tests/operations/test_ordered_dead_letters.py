"""Dead letters of a queue that keeps order: all seen, sent back in their groups, never taken for old ones."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest

from framework.tests.operations.letters import NOTIFICATIONS, SEND
from thestack.adapters.aws.deliveries import SqsDeliveries
from thestack.adapters.aws.groups import group_of
from thestack.definition import names
from thestack.definition.model import ConsumerModel
from thestack.local.emulator import Emulator
from thestack.operations.dead_letters import DeadLetters
from thestack.ports import Delivery, Envelope, Refusal

ADDRESS = "notifications/email.fifo"
PACK: ConsumerModel = replace(SEND, queue="email.fifo")
REFUSAL = Refusal("notifications.send_email", "MailRefused", "no such mailbox", 3)
FIFO = {
    "FifoQueue": "true",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
    "VisibilityTimeout": "0",
}
_numbers = count()


def message(id: str, group: str = "1") -> Envelope:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    return Envelope(id, ADDRESS, 1, "todo", "Todo#a/1", moment, "main", {}, partition_key=group)


class World:
    """The consumer's queue and DLQ, in an environment of one's own."""

    def __init__(self, emulator: Emulator) -> None:
        environment = f"o{next(_numbers)}"
        self.sqs = emulator.aws.client("sqs")
        self.queue, self.dead = (
            self.sqs.create_queue(QueueName=name, Attributes=FIFO)["QueueUrl"]
            for name in (names.queue(environment, ADDRESS), names.dead_letter_queue(environment, ADDRESS))
        )
        self.letters = DeadLetters(emulator.aws, environment, NOTIFICATIONS, PACK)

    def park(self, *envelopes: Envelope) -> None:
        deliveries = SqsDeliveries(self.sqs, self.queue, self.dead)
        for number, each in enumerate(envelopes):
            delivery = Delivery(f"m-{each.id}-{number}", each.to_json(), 3, "r", group_of(each))
            asyncio.run(deliveries.park(delivery, REFUSAL))

    def redrive(self) -> int:
        return self.letters.redrive(lambda _: True, rate=1000, pause=lambda _: None)

    def queued(self) -> list[dict[str, Any]]:
        """Takes everything from the queue."""
        found: list[dict[str, Any]] = []
        asked = {"QueueUrl": self.queue, "MaxNumberOfMessages": 10, "AttributeNames": ["All"]}
        while messages := self.sqs.receive_message(**asked).get("Messages", []):
            found += messages
            for each in messages:
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return found


@pytest.fixture
def world(emulator: Emulator) -> World:
    return World(emulator)


def test_all_of_a_group_are_seen_and_sent_back_in_their_group_and_order(world: World) -> None:
    sent = [message(f"{number:02}") for number in range(13)]
    world.park(*sent, message("other", group="2"))
    assert len(world.letters.read().letters) == 14
    assert world.redrive() == 14
    assert world.letters.read().letters == ()
    queued = [
        (Envelope.from_json(each["Body"]), each["Attributes"]["MessageGroupId"]) for each in world.queued()
    ]
    assert [each for each, group in queued if group == "main#1"] == sent
    assert [each.id for each, group in queued if group == "main#2"] == ["other"]


def test_what_was_in_the_queue_a_moment_ago_is_not_taken_for_it(world: World) -> None:
    envelope = message("1")
    world.sqs.send_message(
        QueueUrl=world.queue,
        MessageBody=envelope.to_json(),
        MessageGroupId=group_of(envelope),
        MessageDeduplicationId=envelope.id,
    )
    assert len(world.queued()) == 1
    world.park(envelope)
    assert world.redrive() == 1
    assert [Envelope.from_json(each["Body"]) for each in world.queued()] == [envelope]


def test_a_letter_is_replaced_where_it_is(world: World) -> None:
    world.park(message("1"))
    (letter,) = world.letters.read().letters
    assert world.letters.replace(letter, message("2").to_json())
    (changed,) = world.letters.read().letters
    assert (changed.id, changed.cause) == ("2", "MailRefused")


def test_a_letter_that_is_no_envelope_is_sent_back_too(world: World) -> None:
    deliveries = SqsDeliveries(world.sqs, world.queue, world.dead)
    asyncio.run(deliveries.park(Delivery("m", "poison", 3, "r", "g"), REFUSAL))
    assert world.redrive() == 1
    assert [each["Body"] for each in world.queued()] == ["poison"]
