"""Lambda Invoke with subgraphs written in Python, and the bundled router in a Node process of its own."""

import base64
import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

HARNESS = Path(__file__).with_name("harness.mjs")
WAIT = 30.0  # seconds, for anything that should happen at once


@dataclass(frozen=True)
class Reply:
    """An answer of the Lambda API itself, rather than of a function."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Invocation:
    """One call of a function, as the Lambda API received it."""

    function: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def request(self) -> Mapping[str, Any]:
        """The GraphQL request of the payload."""
        return dict(json.loads(self.payload["body"]))

    @property
    def claims(self) -> Mapping[str, str] | None:
        """Where a subgraph finds its caller."""
        authorizer = self.payload["requestContext"].get("authorizer")
        return authorizer["lambda"] if authorizer else None


Function = Callable[[Invocation], Mapping[str, Any] | Reply]


class _Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True


class FakeLambda:
    """`functions[name]` answers invocations: with a GraphQL result, or with a `Reply` of the API."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.invocations: list[Invocation] = []
        self.arrived = threading.Condition()
        self.released = threading.Event()
        cloud = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # headers and body in one packet

            def do_POST(self) -> None:
                payload = json.loads(self.rfile.read(int(self.headers["content-length"])))
                function = unquote(
                    self.path.removeprefix("/2015-03-31/functions/").removesuffix("/invocations")
                )
                invocation = Invocation(
                    function, payload, {key.lower(): value for key, value in self.headers.items()}
                )
                with cloud.arrived:
                    cloud.invocations.append(invocation)
                    cloud.arrived.notify_all()
                answer = cloud.functions[function](invocation)
                if not isinstance(answer, Reply):
                    answer = Reply(body=json.dumps(http(answer)).encode())
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body)
                    self.wfile.flush()
                except ConnectionError:
                    pass  # the router lost its patience, as it may

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def reset(self) -> None:
        self.released.set()
        self.released = threading.Event()
        self.functions.clear()
        self.invocations.clear()

    def hang(self, _: Invocation) -> Mapping[str, Any]:
        """A function that answers when the test is over."""
        self.released.wait(WAIT)
        return {"data": None}

    def of(self, function: str) -> list[Invocation]:
        return [invocation for invocation in self.invocations if invocation.function == function]

    def wait_for(self, count: int) -> bool:
        """Whether `count` invocations arrive before the deadline."""
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.invocations) >= count, WAIT)

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def http(result: Mapping[str, Any], status: int = 200) -> dict[str, Any]:
    """What a subgraph's function returns for a GraphQL result."""
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(result)}


@dataclass(frozen=True)
class Answer:
    """What the router returned to API Gateway."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def error(self) -> Any:
        """The only error of the answer."""
        (error,) = self.body["errors"]
        return error

    @property
    def code(self) -> str:
        return str(self.error["extensions"]["code"])


class RouterProcess:
    """A bundle in the harness. `send` may be called from many threads or many times without waiting."""

    def __init__(self, node: Path, bundle: Path, lambda_url: str, **settings: str) -> None:
        env = {
            "AWS_ENDPOINT_URL": lambda_url,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_SESSION_TOKEN": "session-example",
            "SUBGRAPHS": json.dumps({"todo": "todo-fn", "media": "media-fn"}),
            "PUBLIC_FIELDS": json.dumps(["Query.version"]),
            **settings,
        }
        self.logs: list[dict[str, Any]] = []
        self.recorded: list[dict[str, str]] = []
        self.crashes: list[str] = []
        self._pending: dict[int, Future[Answer]] = {}
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._process = subprocess.Popen(
            [node, HARNESS, bundle],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            text=True,
        )
        self._readers = [threading.Thread(target=work, daemon=True) for work in (self._read, self._drain)]
        self.stderr = ""
        for reader in self._readers:
            reader.start()
        if not self._ready.wait(WAIT) or self._process.poll() is not None:
            self.close()
            raise AssertionError(f"the router did not start: {self.stderr}")

    def submit(self, event: Mapping[str, Any], **extra: Any) -> Future[Answer]:
        assert self._process.stdin
        future: Future[Answer] = Future()
        with self._lock:
            number = len(self._pending)
            self._pending[number] = future
            self._process.stdin.write(json.dumps({"id": number, "event": event, **extra}) + "\n")
            self._process.stdin.flush()
        return future

    def send(self, event: Mapping[str, Any], **extra: Any) -> Answer:
        return self.submit(event, **extra).result(WAIT)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe
            pipe.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            said = json.loads(line)
            if "log" in said:
                line = json.loads(said["log"])
                if line["message"] == "operation: recorded":
                    self.recorded.append(line["operation"])
                else:
                    self.logs.append(line)
            elif "id" in said:
                future = self._pending[said["id"]]
                if "crash" in said:
                    future.set_exception(AssertionError(said["crash"]))
                else:
                    response = said["response"]
                    future.set_result(Answer(response["statusCode"], response["headers"], response["body"]))
            else:
                self._ready.set()
        self._ready.set()

    def _drain(self) -> None:
        assert self._process.stderr
        self.stderr = self._process.stderr.read()


def claims(user: str = "alice", *, lasting: float = 300) -> dict[str, str]:
    """An authorizer's context for `user`."""
    expires = str(int(time.time() + lasting))
    return {"sub": user, "tenant": "acme", "groups": "staff ops", "exp": expires, "client_id": "web"}


def post(
    query: str | None,
    variables: Mapping[str, Any] | None = None,
    *,
    caller: Mapping[str, str] | None = None,
    path: str = "/graphql",
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    base64_encoded: bool = False,
    **extra: Any,
) -> dict[str, Any]:
    """An event of API Gateway's HTTP API, payload format 2.0."""
    text = json.dumps({"query": query, "variables": variables, **extra}) if body is None else body
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {
            "http": {"method": "POST", "path": path},
            "requestId": "request-1",
            **({"authorizer": {"lambda": dict(caller)}} if caller is not None else {}),
        },
        "body": base64.b64encode(text.encode()).decode() if base64_encoded else text,
        "isBase64Encoded": base64_encoded,
    }


def get(
    query_string: str, *, caller: Mapping[str, str] | None = None, path: str = "/graphql"
) -> dict[str, Any]:
    """The same for GET."""
    event = post(None, caller=caller, path=path, body="")
    event["requestContext"]["http"]["method"] = "GET"
    return {**event, "rawQueryString": query_string, "headers": {}, "body": None}
