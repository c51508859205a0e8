"""A provider that misbehaves: a loopback server that loses answers, refuses, or passes on to another."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LARGEST_BODY = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the operation (or the path, of an API that has no operations' names) and its JSON."""

    operation: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of its own."""

    status: int
    body: dict[str, Any]


class Then(Enum):
    """What else may become of a request."""

    PASS_ON = "passed on, and answered"
    LOSE_ANSWER = "passed on, and the answer lost"
    HANG_UP = "not even passed on"


Rule = Callable[[Asked], Reply | Then]


@dataclass
class Endpoint:
    """Where an adapter is pointed. `asked` are the requests so far; `rule` decides what becomes of each."""

    url: str = ""
    rule: Rule = field(default=lambda asked: Then.PASS_ON)
    asked: list[Asked] = field(default_factory=list[Asked])

    def operations(self) -> list[str]:
        """The operations asked for, in order."""
        return [each.operation for each in self.asked]

    def at_first(self, *outcomes: Reply | Then) -> None:
        """Do this with the first requests, one each, and then pass on."""
        waiting = list(outcomes)
        self.rule = lambda asked: waiting.pop(0) if waiting else Then.PASS_ON

    def always(self, outcome: Reply | Then) -> None:
        """Do this with every request."""
        self.rule = lambda asked: outcome


@contextmanager
def serve(upstream: str = "") -> Iterator[Endpoint]:
    """An endpoint on a free loopback port, in front of the provider at `upstream`."""
    endpoint = Endpoint()
    deciding = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length", 0)), LARGEST_BODY)
            body = self.rfile.read(size)
            operation = self.headers.get("X-Amz-Target", self.path).rpartition(".")[2]
            with deciding:
                asked = Asked(operation, json.loads(body) if body else {})
                endpoint.asked.append(asked)
                outcome = endpoint.rule(asked)
            if isinstance(outcome, Reply):
                self.answer(outcome.status, json.dumps(outcome.body).encode())
                return
            status, answered = self.pass_on(body) if outcome is not Then.HANG_UP else (0, b"")
            if outcome is Then.PASS_ON:
                self.answer(status, answered)
            else:
                self.close_connection = True

        do_GET = do_POST

        def pass_on(self, body: bytes) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=10)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                answer = connection.getresponse()
                return answer.status, answer.read()
            finally:
                connection.close()

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silence: what was asked is in `endpoint.asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        endpoint.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()
