"""Where the emulator sends the events of functions that run from the source: its proxy hook's other end."""

import http.server
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from thestack.development.functions import Functions, NoSuchFunction
from thestack.development.workers import WorkerDied

VARIABLE = "MINISTACK_LAMBDA_PROXY_URL"
"""The variable of a function by which the emulator knows where to send its events."""
_LARGEST = 8 * 1024 * 1024


@contextmanager
def serve(functions: Functions) -> Iterator[str]:
    """Take events on a free port of the loopback; gives the URL, which only the emulator learns."""
    path = f"/{secrets.token_urlsafe(16)}"

    class Invocation(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            if self.path != path or length > _LARGEST:
                self._answer(HTTPStatus.NOT_FOUND, {"errorMessage": "nothing here"})
                return
            asked = {
                "id": self.headers.get("x-amzn-lambda-request-id", ""),
                "arn": self.headers.get("x-amzn-lambda-function-arn", ""),
                "deadline": float(self.headers.get("x-amzn-lambda-deadline-ms", 0)),
                "event": json.loads(self.rfile.read(length)),
            }
            try:
                answer = functions.take(self.headers.get("x-amzn-lambda-function-name", ""), asked)
            except (NoSuchFunction, WorkerDied) as wrong:
                error = {"errorType": type(wrong).__name__, "errorMessage": str(wrong)}
                answer = {"error": error}
            if "error" in answer:
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, answer["error"])
            else:
                self._answer(HTTPStatus.OK, answer["result"])

        def _answer(self, status: HTTPStatus, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            return  # the emulator has hung up

    with Server(("127.0.0.1", 0), Invocation) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{path}"
        finally:
            server.shutdown()
