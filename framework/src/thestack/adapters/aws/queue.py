"""SQS queues, for sending."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from thestack.adapters.aws.batches import batches
from thestack.ports.envelope import Envelope


class SqsQueue:
    """Sends to the queues whose URLs `url_of` answers for an address; a message's body is the CloudEvent.

    `options` are those of aiobotocore's `create_client`: region, endpoint, credentials.
    """

    def __init__(
        self, session: AioSession, url_of: Callable[[str], str], config: Config | None = None, **options: Any
    ) -> None:
        self._session, self._url_of, self._config, self._options = session, url_of, config, options

    async def send(self, address: str, envelopes: Sequence[Envelope]) -> list[str | None]:
        bodies = [envelope.to_json() for envelope in envelopes]
        url = self._url_of(address)
        async with self._session.create_client("sqs", config=self._config, **self._options) as client:
            ranges = list(batches(bodies))
            answers = await asyncio.gather(
                *(self._send(client, url, [bodies[i] for i in each]) for each in ranges)
            )
        return [reason for answer in answers for reason in answer]

    async def _send(self, client: Any, url: str, bodies: list[str]) -> list[str | None]:
        entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
        try:
            answer = await client.send_message_batch(QueueUrl=url, Entries=entries)
        except (BotoCoreError, ClientError) as error:
            return [str(error)] * len(entries)
        failed = {
            each["Id"]: f"{each['Code']}: {each.get('Message', '')}" for each in answer.get("Failed", [])
        }
        return [failed.get(entry["Id"]) for entry in entries]
