"""An EventBridge bus."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from thestack.adapters.aws.batches import batches
from thestack.adapters.aws.clients import KeptClient
from thestack.adapters.aws.text import escaped
from thestack.ports.envelope import Envelope


class EventBridgeBus:
    """Publishes to the bus of this name; an event's source is the service that owns it, its detail the
    CloudEvent.

    `options` are those of aiobotocore's `create_client`: region, endpoint, credentials. The client is opened
    once, in the event loop that publishes first; `close` closes it.
    """

    def __init__(self, session: AioSession, bus: str, config: Config | None = None, **options: Any) -> None:
        self._client, self._bus = KeptClient(session, "events", config, **options), bus

    async def publish(self, envelopes: Sequence[Envelope]) -> list[str | None]:
        entries: list[dict[str, Any]] = [
            {
                "Source": envelope.source,
                "DetailType": envelope.type,
                "Detail": escaped(envelope.to_json()),
                "Time": envelope.time,
                "EventBusName": self._bus,
            }
            for envelope in envelopes
        ]
        ranges = batches([entry["Detail"] for entry in entries])
        answers = await asyncio.gather(*(self._put([entries[i] for i in each]) for each in ranges))
        return [reason for answer in answers for reason in answer]

    async def close(self) -> None:
        """Close the connections to EventBridge."""
        await self._client.close()

    async def _put(self, entries: list[dict[str, Any]]) -> list[str | None]:
        try:
            client = await self._client.get()
            answer = await client.put_events(Entries=entries)
        except (BotoCoreError, ClientError) as error:
            return [str(error)] * len(entries)
        return [
            f"{each['ErrorCode']}: {each.get('ErrorMessage', '')}" if each.get("ErrorCode") else None
            for each in answer["Entries"]
        ]
