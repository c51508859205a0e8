"""What functions that run from the source print: shown at once, and kept in the log groups that Lambda would
fill.
"""

import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from thestack.definition import names
from thestack.operations.aws import Aws

Show = Callable[[str, str], None]
"""Is told a function's name and a line that it printed."""
_MOST = 500
_WAITING = 20_000


class Output:
    """Takes lines from any thread. What CloudWatch does not take is shown all the same."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._lines: queue.Queue[tuple[str, dict[str, Any]] | None] = queue.Queue(_WAITING)
        self._stream = f"source/{uuid.uuid4().hex}"
        self._groups: set[str] = set()

    def take(self, function: str, line: str) -> None:
        """Show a line, and keep it."""
        self._show(function, line)
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait((function, {"timestamp": int(time.time() * 1000), "message": line}))

    @contextmanager
    def kept_by(self, aws: Aws) -> Iterator[None]:
        """While entered, lines are put into the log groups of this AWS."""
        self._groups.clear()
        thread = threading.Thread(target=self._keep, args=(aws,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._lines.put(None)
            thread.join(2)

    def _keep(self, aws: Aws) -> None:
        logs = aws.client("logs")
        while (first := self._lines.get()) is not None:
            batch, ended = [first], False
            while len(batch) < _MOST and not self._lines.empty():
                more = self._lines.get()
                if more is None:
                    ended = True
                    break
                batch.append(more)
            for function in dict.fromkeys(name for name, _ in batch):
                self._put(logs, function, [event for name, event in batch if name == function])
            if ended:
                return

    def _put(self, logs: Any, function: str, events: list[dict[str, Any]]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        group = names.log_group(function)
        with contextlib.suppress(BotoCoreError, ClientError):
            if group not in self._groups:
                logs.create_log_stream(logGroupName=group, logStreamName=self._stream)
                self._groups.add(group)
            logs.put_log_events(logGroupName=group, logStreamName=self._stream, logEvents=events)
