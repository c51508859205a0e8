"""The frontends of the development stack: their files as they lie in the checkout, on the loopback.

Each has an origin of its own, as it has on AWS, and the API is on the same one: what the pages ask goes on to
the local AWS, wherever that listens by now.
"""

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from thestack.deployment.site import CONFIG, FRONTENDS, INDEX, SERVICES, TYPES, Frontend, services_of
from thestack.local.description import LocalStack
from thestack.operations.errors import OperationError

if TYPE_CHECKING:
    from thestack.development.sign_in import LocalSignIn

PORTS = {Frontend.PUBLIC: 5173, Frontend.INTERNAL: 5174}
"""Where they answer, if these ports are free."""
GRAPHQL = "/graphql"
_LARGEST = 1024 * 1024
_PATIENCE = 35
_FORWARDED = ("authorization", "content-type", "graphql-client-name", "x-correlation-id")


Pages = Mapping[Frontend, str]
"""The frontends' URLs."""


@contextmanager
def serve_pages(root: Path, stack: Callable[[], LocalStack]) -> Iterator[Pages]:
    """Serve both; gives their URLs. `stack` is asked anew with each request."""
    with ExitStack() as exits:
        yield {each: exits.enter_context(_serve(root, each, stack)) for each in Frontend}


@contextmanager
def _serve(root: Path, frontend: Frontend, stack: Callable[[], LocalStack]) -> Iterator[str]:
    handler = type("Handler", (_Page,), {"site": _Site(root, frontend, stack)})
    with _listening(PORTS[frontend], handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()


def _listening(port: int, handler: type[http.server.BaseHTTPRequestHandler]) -> http.server.HTTPServer:
    try:
        return _Server(("127.0.0.1", port), handler)
    except OSError:
        return _Server(("127.0.0.1", 0), handler)


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return  # the browser has hung up


class _Site:
    """What is answered, by path."""

    def __init__(self, root: Path, frontend: Frontend, stack: Callable[[], LocalStack]) -> None:
        self._root, self._frontend, self._stack = root, frontend, stack

    @cached_property
    def _sign_in(self) -> "LocalSignIn":
        from thestack.development.sign_in import LocalSignIn  # what verifies signatures, for this alone

        return LocalSignIn(self._stack)

    def file(self, path: str) -> tuple[bytes, str] | None:
        """Content and media type of what is at a path; the page itself where the last step has no ending."""
        if path == f"/{CONFIG}":
            return json.dumps(self._config()).encode(), TYPES[".json"]
        if path == f"/{SERVICES}" and self._frontend is Frontend.INTERNAL:
            return json.dumps(services_of(self._root)).encode(), TYPES[".json"]
        found = self._source(path)
        return (found.read_bytes(), TYPES[found.suffix]) if found else None

    def _source(self, path: str) -> Path | None:
        parts = PurePosixPath(path).parts[1:]
        if not parts or not PurePosixPath(path).suffix:
            parts = (INDEX,)
        folder = self._root / FRONTENDS
        owner = folder / ("common" if parts[0] == "common" else self._frontend)
        found = folder / "/".join(parts) if parts[0] == "common" else owner / "/".join(parts)
        is_there = ".." not in parts and found.suffix in TYPES and found.is_file()
        return found if is_there else None

    def _config(self) -> dict[str, Any]:
        stack = self._stack()
        return {
            "environment": stack.environment,
            "api": GRAPHQL,
            "client": str(self._frontend),
            "clientId": stack.client_id,
            "cognito": f"{stack.endpoint}/",
        }

    def ask(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        """What the API answers: its status, the body, and the media type."""
        asked = Request(self._stack().graphql, body, dict(headers), method="POST")  # noqa: S310 - our own
        opener = build_opener(ProxyHandler({}))
        try:
            with opener.open(asked, timeout=_PATIENCE) as answer:
                return answer.status, answer.read(), answer.headers.get("content-type", "")
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read(), refused.headers.get("content-type", "")

    def sign_in(self, url: str, host: str, headers: Mapping[str, str]) -> Any:
        """What answers below `/auth`; None where nothing does."""
        parts = urlsplit(url)
        if self._frontend is not Frontend.INTERNAL or not parts.path.startswith("/auth/"):
            return None
        return self._sign_in.answer(parts.path, host, dict(parse_qsl(parts.query)), headers)


class _Page(http.server.BaseHTTPRequestHandler):
    """One request. Only who means this machine is answered: another name leads here by a trick alone."""

    protocol_version = "HTTP/1.1"
    site: _Site

    def do_GET(self) -> None:
        if not self._is_meant():
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            if answer := self.site.sign_in(self.path, self.headers["host"], headers):
                self._answer(answer.status, answer.body.encode(), answer.headers, answer.cookies)
            elif found := self.site.file(urlsplit(self.path).path):
                self._answer(HTTPStatus.OK, found[0], {"content-type": found[1]})
            else:
                self._answer(
                    HTTPStatus.NOT_FOUND, b"There is no such file.\n", {"content-type": "text/plain"}
                )
        except OperationError as error:
            text = {"content-type": "text/plain; charset=utf-8"}
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, str(error).encode(), text)

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        if not self._is_meant():
            return
        if urlsplit(self.path).path != GRAPHQL or length > _LARGEST:
            self._answer(HTTPStatus.NOT_FOUND, b"", {})
            return
        headers = {each: self.headers[each] for each in _FORWARDED if self.headers[each]}
        status, body, type = self.site.ask(self.rfile.read(length), headers)
        self._answer(status, body, {"content-type": type})

    def _is_meant(self) -> bool:
        is_meant = self.headers.get("host", "").partition(":")[0] in {"localhost", "127.0.0.1"}
        if not is_meant:
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, b"", {})
        return is_meant

    def _answer(
        self, status: int, body: bytes, headers: Mapping[str, str], cookies: tuple[str, ...] = ()
    ) -> None:
        self.send_response(status)
        for name, value in {"cache-control": "no-store", **headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        for each in cookies:
            self.send_header("set-cookie", each)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return
