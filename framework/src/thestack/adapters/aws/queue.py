"""SQS queues, for sending."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from thestack.adapters.aws.batches import batches
from thestack.adapters.aws.clients import KeptClient
from thestack.adapters.aws.text import escaped
from thestack.ports.envelope import Envelope


class SqsQueue:
    """Sends to the queues whose URLs `url_of` answers for an address; a message's body is the CloudEvent.

    `options` are those of aiobotocore's `create_client`: region, endpoint, credentials. The client is opened
    once, in the event loop that sends first; `close` closes it.
    """

    def __init__(
        self, session: AioSession, url_of: Callable[[str], str], config: Config | None = None, **options: Any
    ) -> None:
        self._client, self._url_of = KeptClient(session, "sqs", config, **options), url_of

    async def send(self, address: str, envelopes: Sequence[Envelope]) -> list[str | None]:
        bodies = [escaped(envelope.to_json()) for envelope in envelopes]
        url = self._url_of(address)
        answers = await asyncio.gather(
            *(self._send(url, [bodies[i] for i in each]) for each in batches(bodies))
        )
        return [reason for answer in answers for reason in answer]

    async def close(self) -> None:
        """Close the connections to SQS."""
        await self._client.close()

    async def _send(self, url: str, bodies: list[str]) -> list[str | None]:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        try:
            client = await self._client.get()
            answer = await client.send_message_batch(QueueUrl=url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            return [str(error)] * len(entries)
        reasons: dict[str, str | None] = {
            each["Id"]: f"{each['Code']}: {each.get('Message', '')}" for each in answer.get("Failed", [])
        }
        reasons |= {each["Id"]: None for each in answer.get("Successful", [])}
        return [reasons.get(entry["Id"], "SQS said nothing of it") for entry in entries]
