"""A Lambda function's execution environment on this machine: it loads a handler and takes one event at a
time.

Over a socket come lines of JSON, `{"id", "arn", "deadline", "event"}` with the deadline in milliseconds since
1970; each is answered by a line, `{"result"}` or `{"error": {"errorType", "errorMessage", "stackTrace"}}`.
The first line that it sends says whether the handler could be loaded: `{"ready": true}` or an error.
"""

import importlib
import json
import os
import socket
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda tells a handler of its invocation."""

    aws_request_id: str
    invoked_function_arn: str
    deadline: float
    """Milliseconds since 1970."""

    @property
    def function_name(self) -> str:
        return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")

    @property
    def function_version(self) -> str:
        return os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")

    @property
    def memory_limit_in_mb(self) -> int:
        return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0"))

    @property
    def log_group_name(self) -> str:
        return os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")

    @property
    def log_stream_name(self) -> str:
        return os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(self.deadline - time.time() * 1000))


def work(handler: str, events: socket.socket) -> None:
    """Load `handler`, "package.module.function", and answer events until the socket ends."""
    with events.makefile("rwb") as lines:

        def say(answer: dict[str, Any]) -> None:
            lines.write(json.dumps(answer).encode() + b"\n")
            lines.flush()

        try:
            function = _load(handler)
        except BaseException as wrong:
            say(_error(wrong))
            return
        say({"ready": True})
        for line in lines:
            asked = json.loads(line)
            context = Context(asked["id"], asked["arn"], asked["deadline"])
            try:
                answer = {"result": function(asked["event"], context)}
            except Exception as wrong:
                traceback.print_exc()
                answer = _error(wrong)
            say(answer)


def _load(handler: str) -> Callable[[Any, Context], Any]:
    _debug(os.environ.get("THESTACK_DEBUG_PORT"))
    module, _, name = handler.rpartition(".")
    function: Callable[[Any, Context], Any] = getattr(importlib.import_module(module), name)
    return function


def _debug(port: str | None) -> None:
    """Let a debugger attach on this port of the loopback."""
    if port:
        import debugpy

        debugpy.listen(("127.0.0.1", int(port)))


def _error(wrong: BaseException) -> dict[str, Any]:
    return {
        "error": {
            "errorType": type(wrong).__name__,
            "errorMessage": str(wrong),
            "stackTrace": traceback.format_exception(wrong),
        }
    }
