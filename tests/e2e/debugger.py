"""A debugger's side of the Debug Adapter Protocol, as far as stopping at a line takes.

https://microsoft.github.io/debug-adapter-protocol/specification; what VS Code and PyCharm speak with debugpy.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Debugger:
    """Attached to a process that listens."""

    def __init__(self, connection: socket.socket) -> None:
        self._stream = connection.makefile("rwb")
        self._number = 0
        self._seen: list[dict[str, Any]] = []

    def ask(self, command: str, wait: bool = True, **arguments: Any) -> dict[str, Any]:
        """The body of the response to a request."""
        self._number += 1
        number = self._number
        request = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        body = json.dumps(request).encode()
        self._stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._stream.flush()
        if not wait:
            return {}
        answer = self._next(lambda each: each.get("request_seq") == number)
        assert answer["success"], answer
        return dict(answer.get("body") or {})

    def event(self, name: str) -> dict[str, Any]:
        """The body of the next event of this name."""
        return dict(self._next(lambda each: each.get("event") == name).get("body") or {})

    def _next(self, wanted: Any) -> dict[str, Any]:
        while True:
            for each in self._seen:
                if wanted(each):
                    self._seen.remove(each)
                    return each
            headers = {}
            while line := self._stream.readline().strip():
                name, _, value = line.partition(b":")
                headers[name.lower()] = value
            self._seen.append(json.loads(self._stream.read(int(headers[b"content-length"]))))


@contextmanager
def stopping_at(port: int, file: Path, line: int) -> Iterator[Debugger]:
    """Attached, with a breakpoint; detached afterwards, so that the process goes on."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        debugger = Debugger(connection)
        debugger.ask("initialize", adapterID="debugpy", pathFormat="path", linesStartAt1=True)
        debugger.ask("attach", wait=False, justMyCode=True)
        debugger.event("initialized")
        debugger.ask("setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}])
        debugger.ask("configurationDone")
        yield debugger
        debugger.ask("disconnect", terminateDebuggee=False)
