"""Runs one handler by hand, in the environment where it lives, and finds what was logged of it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ulid import ULID

from thestack.adapters.aws.groups import group_of
from thestack.definition import names
from thestack.definition.model import ConsumerModel, HookModel, ServiceModel
from thestack.operations.aws import Aws, telling
from thestack.operations.handing import BY_HAND, hook_event, http_event
from thestack.operations.interruption import Pause
from thestack.operations.logs import Logs
from thestack.operations.records import Record
from thestack.ports import Claims, Envelope

FINAL = frozenset({"effected", "duplicate", "passed", "parked"})
"""The outcomes of a delivery after which there is no further attempt."""
_LOGGED_WITHIN = 15.0
_REFUSED = 400
_CLOCKS_APART = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run: whether it went well, what was answered, and what was logged of it, as far as that
    was there in time.
    """

    went_well: bool
    answer: Any = None
    records: Sequence[Record] = ()


class Invoker:
    """Runs functions of an environment. Every method raises `OperationError` where AWS refuses."""

    def __init__(self, aws: Aws, environment: str, pause: Pause = time.sleep) -> None:
        self._aws, self._environment, self._pause = aws, environment, pause

    def call(self, function: str, event: Mapping[str, Any]) -> Ran:
        """Hand a function an event as it is."""
        with telling(f"cannot invoke {function} at {self._aws.place}"):
            answer = self._aws.client("lambda").invoke(
                FunctionName=f"{function}:{names.LIVE}", Payload=json.dumps(event)
            )
            payload = answer["Payload"].read()
        return Ran("FunctionError" not in answer, json.loads(payload or b"null"))

    def ask(self, function: str, request: Mapping[str, Any], claims: Claims | None) -> Ran:
        """Ask a subgraph, as the router does."""
        id, began = f"{BY_HAND}-{ULID()}", datetime.now(UTC)
        ran = self.call(function, http_event(request, claims, id))
        if not ran.went_well:
            return ran
        answer = json.loads(ran.answer["body"])
        record = next(self._records(function, id, began, _LOGGED_WITHIN), None)
        return Ran("errors" not in answer, answer, (record,) if record else ())

    def visit(self, service: ServiceModel, hook: HookModel, given: Mapping[str, Any], tenant: str) -> Ran:
        """Ask a hook, as the API does. Raises `WrongEvent`, see `hook_event`."""
        id, began = f"{BY_HAND}-{ULID()}", datetime.now(UTC)
        function = names.hook_function(self._environment, service.name, hook.name)
        path = names.hook_path(tenant, service.name, hook.name)
        ran = self.call(function, hook_event(given, tenant, path, id))
        if not ran.went_well:
            return ran
        record = next(self._records(function, id, began, _LOGGED_WITHIN), None)
        return Ran(ran.answer["statusCode"] < _REFUSED, ran.answer, (record,) if record else ())

    def deliver(
        self,
        service: ServiceModel,
        consumer: ConsumerModel,
        envelope: Envelope,
        seconds: float,
        report: Callable[[Record], None],
    ) -> Ran:
        """Put an envelope into a consumer's queue and wait for what becomes of it, at most so many seconds.

        `report` is told of each attempt.
        """
        function = names.consumer_function(self._environment, service.name, consumer)
        queue = names.queue(self._environment, f"{service.name}/{consumer.queue}")
        began = datetime.now(UTC)
        attempts: list[Record] = []
        with telling(f"cannot send to the queue {queue} at {self._aws.place}"):
            sqs = self._aws.client("sqs")
            url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            place: dict[str, str] = {}
            if consumer.is_fifo:
                place = {"MessageGroupId": group_of(envelope), "MessageDeduplicationId": str(ULID())}
            id = sqs.send_message(QueueUrl=url, MessageBody=envelope.to_json(), **place)["MessageId"]
        for record in self._records(function, id, began, seconds):
            report(record)
            attempts.append(record)
            if record.outcome in FINAL:
                break
        return Ran(bool(attempts) and attempts[-1].went_well, records=attempts)

    def _records(self, function: str, id: str, since: datetime, seconds: float) -> Iterator[Record]:
        """What the function logs of an id, as it comes, for so many seconds."""
        deadline = time.monotonic() + seconds
        for lines in Logs(self._aws, [function]).follow(since - _CLOCKS_APART, self._pause, id):
            yield from (line.record for line in lines if line.record)
            if time.monotonic() > deadline:
                return
