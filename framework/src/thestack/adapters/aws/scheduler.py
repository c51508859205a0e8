"""EventBridge Scheduler, for messages that are sent at a moment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiobotocore.session import AioSession
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from thestack.adapters.aws.clients import KeptClient
from thestack.adapters.aws.groups import group_of, is_fifo
from thestack.adapters.aws.text import escaped
from thestack.ports.envelope import Envelope

RETRIES = 185
AGE_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Destination:
    """A queue and where goes what Scheduler can't send to it, a standard queue, by their ARNs."""

    queue: str
    dead_letters: str


class EventBridgeScheduler:
    """Keeps each message as a one-off schedule of a group, which deletes itself once it has fired.

    `role` is the ARN of the role by which Scheduler sends, `destination_of` answers where an address is.
    `options` are those of aiobotocore's `create_client`. The client is opened once, in the event loop that
    keeps something first; `close` closes it.
    """

    def __init__(
        self,
        session: AioSession,
        group: str,
        role: str,
        destination_of: Callable[[str], Destination],
        config: Config | None = None,
        **options: Any,
    ) -> None:
        self._client = KeptClient(session, "scheduler", config, **options)
        self._group, self._role, self._destination_of = group, role, destination_of

    async def keep(self, name: str, when: datetime, address: str, envelope: Envelope) -> str | None:
        try:
            client = await self._client.get()
            schedule = self._schedule(name, when, address, envelope)
            try:
                await client.create_schedule(**schedule)
            except client.exceptions.ConflictException:
                kept = await self._kept(client, name)
                if kept is None:
                    return "what was kept by this name was sent just now"
                if kept < envelope.id:
                    await client.update_schedule(**schedule)
        except (BotoCoreError, ClientError) as error:
            return str(error)
        return None

    async def drop(self, name: str, envelope: Envelope) -> str | None:
        try:
            client = await self._client.get()
            kept = await self._kept(client, name)
            if kept is not None and kept <= envelope.id:
                await client.delete_schedule(Name=name, GroupName=self._group)
        except (BotoCoreError, ClientError) as error:
            return None if _is_missing(error) else str(error)
        return None

    async def close(self) -> None:
        """Close the connections to Scheduler."""
        await self._client.close()

    async def _kept(self, client: Any, name: str) -> str | None:
        """The id of the envelope that is kept by a name."""
        try:
            found = await client.get_schedule(Name=name, GroupName=self._group)
        except ClientError as error:
            if _is_missing(error):
                return None
            raise
        return Envelope.from_json(found["Target"]["Input"]).id

    def _schedule(self, name: str, when: datetime, address: str, envelope: Envelope) -> dict[str, Any]:
        to = self._destination_of(address)
        place = {"SqsParameters": {"MessageGroupId": group_of(envelope)}} if is_fifo(to.queue) else {}
        return {
            "Name": name,
            "GroupName": self._group,
            "ScheduleExpression": f"at({when.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": to.queue,
                "RoleArn": self._role,
                "Input": escaped(envelope.to_json()),
                "RetryPolicy": {
                    "MaximumEventAgeInSeconds": AGE_SECONDS,
                    "MaximumRetryAttempts": RETRIES,
                },
                "DeadLetterConfig": {"Arn": to.dead_letters},
                **place,
            },
        }


def _is_missing(error: Exception) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] == "ResourceNotFoundException"
