"""Lambda's Invoke on loopback, for one router: each invocation is answered by a function of this process."""

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Invoke = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Answers a function's name and an event."""
_BEFORE, _AFTER = "/2015-03-31/functions/", "/invocations"
_LARGEST = 6 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where Invoke answers those who sign with this access key; it is a secret of the two."""

    url: str
    access_key: str


@contextmanager
def answering(invoke: Invoke) -> Iterator[Endpoint]:
    """Answer invocations until the context is left, several at once."""
    access_key = f"LOOPBACK{secrets.token_hex(16)}"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            known = f"Credential={access_key}/" in self.headers.get("authorization", "")
            if not known or length > _LARGEST or not self.path.startswith(_BEFORE):
                self.close_connection = True
                self._answer(403, {"message": "not for you"})
                return
            name = unquote(self.path.removeprefix(_BEFORE).removesuffix(_AFTER))
            self._answer(200, invoke(name, json.loads(self.rfile.read(length))))

        def _answer(self, status: int, said: Mapping[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: standard error is for the command's own words."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="invocations", daemon=True)
        thread.start()
        try:
            yield Endpoint(f"http://127.0.0.1:{server.server_address[1]}", access_key)
        finally:
            server.shutdown()
            thread.join()
