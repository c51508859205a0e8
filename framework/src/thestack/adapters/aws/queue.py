"""SQS queues, for sending."""

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from thestack.adapters.aws.batches import batches
from thestack.adapters.aws.clients import KeptClient
from thestack.adapters.aws.groups import group_of, is_fifo
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

    async def send(
        self, address: str, envelopes: Sequence[Envelope], waits: Sequence[timedelta | None] = ()
    ) -> list[str | None]:
        url = self._url_of(address)
        waited = waits or [None] * len(envelopes)
        entries = [_entry(url, envelope, wait) for envelope, wait in zip(envelopes, waited, strict=True)]
        requests = [[entries[i] for i in each] for each in batches([each["MessageBody"] for each in entries])]
        if is_fifo(url):
            return await self._send_in_order(url, requests)
        answers = await asyncio.gather(*(self._send(url, each) for each in requests))
        return [reason for answer in answers for reason in answer]

    async def close(self) -> None:
        """Close the connections to SQS."""
        await self._client.close()

    async def _send_in_order(self, url: str, requests: list[list[dict[str, Any]]]) -> list[str | None]:
        """One request after the other, without those whose group has one that was refused."""
        reasons: list[str | None] = []
        stopped: set[str] = set()
        for request in requests:
            going = [each for each in request if each["MessageGroupId"] not in stopped]
            answers = iter(await self._send(url, going) if going else ())
            for each in request:
                held = each not in going
                reason = "an earlier one of its group was refused" if held else next(answers)
                if reason:
                    stopped.add(each["MessageGroupId"])
                reasons.append(reason)
        return reasons

    async def _send(self, url: str, messages: list[dict[str, Any]]) -> list[str | None]:
        entries = [{"Id": str(number), **message} for number, message in enumerate(messages)]
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


def _entry(url: str, envelope: Envelope, wait: timedelta | None) -> dict[str, Any]:
    """A message as SQS takes it, without its number in the request."""
    entry: dict[str, Any] = {"MessageBody": escaped(envelope.to_json())}
    if is_fifo(url):
        return entry | {"MessageGroupId": group_of(envelope), "MessageDeduplicationId": envelope.id}
    return entry if wait is None else entry | {"DelaySeconds": math.ceil(wait.total_seconds())}
