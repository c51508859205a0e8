"""What a timer's moment puts into its queue: an envelope without data, one for each moment."""

from dataclasses import replace
from datetime import UTC, datetime

from thestack.definition.model import ConsumerModel
from thestack.ports import Delivery, Envelope

SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"
"""What EventBridge Scheduler writes the moment over, in what it sends."""
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def firing(consumer: ConsumerModel, tenant: str, moment: datetime) -> Envelope:
    """What a timer is woken with.

    Its id is that of the moment: however often the moment is delivered, the inbox lets one be effected.
    """
    ((source, address),) = consumer.hears
    return Envelope(
        id=_id(address, moment.isoformat()),
        type=address,
        version=1,
        source=source,
        subject=consumer.name,
        time=moment,
        tenant=tenant,
        data={},
    )


def template(consumer: ConsumerModel, tenant: str) -> str:
    """The same as JSON, for any moment, with the place where Scheduler writes it."""
    whole = firing(consumer, tenant, _SOME_TIME).to_json()
    return whole.replace(_SOME_TIME.isoformat(), SCHEDULED_TIME)


def written(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery with its moment, where whoever fired left it open, as the local emulator does: then it is
    known by the message, and its moment is now.
    """
    if SCHEDULED_TIME not in delivery.body:
        return delivery
    envelope = Envelope.from_json(delivery.body.replace(SCHEDULED_TIME, now.isoformat()))
    return replace(delivery, body=replace(envelope, id=_id(envelope.type, delivery.id)).to_json())


def _id(address: str, moment: str) -> str:
    return f"{address}@{moment}"
