"""Todo deployed by itself, from a copy of the project without the other services, while users go on."""

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.e2e.conftest import Client, eventually
from thestack.definition import names
from thestack.deployment.record import Record
from thestack.local.description import LocalStack
from thestack.local.signin import sign_in, sign_up
from thestack.local.stack import start

ROOT = Path(__file__).parents[2]
USERS = 2
CREATE = "mutation ($title: String!) { createTodo(input: {title: $title}) { id title } }"
LIST = "{ todos(first: 5) { nodes { id } } }"
DEPLOYED = """

@service.query(allow=signed_in)
async def deployed() -> str:
    \"\"\"Which version answers.\"\"\"
    return "the second"
"""
BROKEN = """

@service.query(allow=signed_in)
async def deployed() -> str:
    \"\"\"Which version answers.\"\"\"
    raise RuntimeError("it was never tried")
"""


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack of this file's own: others would see todo come and go."""
    with start(ROOT, report=lambda _: None, warm=True) as (stack, _):
        yield stack


@dataclass(frozen=True)
class Project:
    """A copy of the project with todo alone, whose framework is the installed wheel's."""

    root: Path
    framework: Path
    stack: LocalStack

    def write(self, further: str = "", **renamed: str) -> None:
        """Todo's definition as it is, with these names instead of others, and something more at its end."""
        text = (ROOT / "services/todo/service.py").read_text()
        for name, other in renamed.items():
            text = text.replace(f"async def {name}(", f"async def {other}(")
        (self.root / "services/todo/service.py").write_text(text + further)

    def thestack(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", *arguments, "--endpoint", self.stack.endpoint],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.framework)},
            capture_output=True,
            text=True,
            timeout=240,
        )


@pytest.fixture(scope="module")
def project(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    root, framework = folder / "project", folder / "installed"
    (wheel,) = WheelBuilder(str(ROOT / "framework")).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(framework)
    ignored = shutil.ignore_patterns("__pycache__")
    for each in ("deploy", "services/todo", "frontends"):
        shutil.copytree(ROOT / each, root / each, ignore=ignored)
    (root / ".stack").symlink_to(ROOT / ".stack")
    return Project(root, framework, stack)


@pytest.fixture(scope="module")
def users(stack: LocalStack) -> Iterator[list[Client]]:
    """Those who go on, and last one of the staff."""
    with httpx.Client() as http:
        made: list[Client] = []
        for number in range(USERS):
            sign_up(stack, f"user{number}@example.com")
            made.append(Client(stack, http, sign_in(stack, f"user{number}@example.com")))
        sign_up(stack, "staff@example.com", group="staff")
        yield [*made, Client(stack, http, sign_in(stack, "staff@example.com"))]


@dataclass
class Load:
    """What users asked meanwhile, and what of it failed."""

    created: int = 0
    asked: int = 0
    failed: list[Any] = field(default_factory=list[Any])
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, client: Client) -> None:
        with httpx.Client() as http:
            own = Client(client.stack, http, client.user)
            while not self.ended.is_set():
                self._ask(own, CREATE, title="go on")
                self._ask(own, LIST)

    def _ask(self, client: Client, query: str, **variables: Any) -> None:
        try:
            answer = client.ask(query, **variables)
        except (AssertionError, httpx.HTTPError) as error:
            answer = {"errors": [repr(error)]}
        with self.lock:
            self.asked += 1
            if answer.get("errors"):
                self.failed.append(answer)
            elif "createTodo" in query:
                self.created += 1


@contextmanager
def load(users: list[Client]) -> Iterator[Load]:
    """Steady load by these users until the context is left."""
    meanwhile = Load()
    threads = [threading.Thread(target=meanwhile.run, args=(each,)) for each in users]
    for each in threads:
        each.start()
    try:
        yield meanwhile
    finally:
        meanwhile.ended.set()
        for each in threads:
            each.join()


def counted(staff: Client) -> int:
    """How many todos analytics has heard of."""
    today = datetime.now(UTC).date()
    since, until = (today - timedelta(1)).isoformat(), (today + timedelta(1)).isoformat()
    query = """query ($since: Date!, $until: Date!) {
      series(metric: EVENTS, name: "todo.created", since: $since, until: $until) { count }
    }"""
    answer = staff.ask(query, since=since, until=until)
    return sum(each["count"] for each in answer["data"]["series"])


def routed(stack: LocalStack) -> str:
    alias = stack.client("lambda").get_alias(FunctionName="local-router", Name=names.LIVE)
    return str(alias["FunctionVersion"])


def live(stack: LocalStack) -> tuple[str, str]:
    """What of todo is live: the hash of its code, and its release."""
    function = stack.client("lambda").get_function_configuration(
        FunctionName="local-todo-graphql", Qualifier=names.LIVE
    )
    return function["CodeSha256"], Record(stack.aws, "local").pointers()["todo"].current


def dead_letters(stack: LocalStack) -> int:
    sqs = stack.client("sqs")
    urls = [each for each in sqs.list_queues().get("QueueUrls", []) if each.endswith("-dlq")]
    assert urls
    attributes = [
        sqs.get_queue_attributes(QueueUrl=each, AttributeNames=["All"])["Attributes"] for each in urls
    ]
    return sum(int(each["ApproximateNumberOfMessages"]) for each in attributes)


@pytest.mark.timeout(600)
def test_through_a_deployment_and_a_rollback_no_request_fails_and_no_event_is_lost(
    project: Project, stack: LocalStack, users: list[Client]
) -> None:
    *going_on, staff = users
    before, first, heard = live(stack), routed(stack), counted(staff)
    project.write(DEPLOYED)
    with load(going_on) as meanwhile:
        eventually(lambda: meanwhile.created > 5, what="load")
        done = project.thestack("deploy", "todo", "--format", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert [each["service"] for each in said["deployed"]] == ["todo"]
        assert said["router"] == routed(stack) != first
        assert staff.ask("{ deployed }") == {"data": {"deployed": "the second"}}
        # What the router called is still there, and is what it would go back to.
        record = Record(stack.aws, "local")
        previous = record.pointers()["router"].previous
        assert previous
        for arn in record.served(previous).subgraphs.values():
            assert stack.client("lambda").get_function_configuration(FunctionName=arn)["State"] == "Active"
        during = meanwhile.created
        eventually(lambda: meanwhile.created > during + 5, what="load on the new version")
        asked = project.root / "frontends/public/operations/deployed.graphql"
        asked.write_text("query Deployed { deployed }")
        refused = project.thestack("rollback", "todo")
        assert (refused.returncode, routed(stack)) == (1, said["router"])
        assert "operation Deployed of frontends/public/operations/deployed.graphql" in refused.stdout
        asked.unlink()
        done = project.thestack("rollback", "todo")
        assert done.returncode == 0, done.stdout + done.stderr
        assert routed(stack) == first
        during = meanwhile.created
        eventually(lambda: meanwhile.created > during + 5, what="load on the old version")
    assert meanwhile.failed == []
    assert live(stack) == before
    assert "errors" in staff.ask("{ deployed }")
    eventually(lambda: counted(staff) - heard >= meanwhile.created, what="events")
    assert counted(staff) - heard == meanwhile.created
    assert dead_letters(stack) == 0
    print(f"{meanwhile.asked} requests, {meanwhile.created} mutations, none failed")


@pytest.mark.timeout(300)
def test_what_would_break_clients_is_refused_in_words_and_nothing_is_touched(
    project: Project, stack: LocalStack
) -> None:
    before = live(stack), routed(stack)
    project.write(todos="every_todo")
    done = project.thestack("deploy", "todo")
    assert done.returncode == 1, done.stderr
    assert "Query.todos" in done.stdout
    assert "frontends/public/operations/todos.graphql" in done.stdout
    assert "nothing was changed" in done.stderr
    assert (live(stack), routed(stack)) == before


@pytest.mark.timeout(300)
def test_what_does_not_answer_is_taken_back_by_itself(
    project: Project, stack: LocalStack, users: list[Client]
) -> None:
    before, last = (live(stack), routed(stack)), _last_version(stack)
    project.write(BROKEN)
    done = project.thestack("deploy", "todo")
    assert done.returncode == 1, done.stderr
    assert "INTERNAL_SERVER_ERROR at deployed" in done.stderr
    assert "the router's alias was not moved" in done.stderr
    assert (live(stack), routed(stack)) == before
    assert "errors" not in users[0].ask(LIST)
    assert _last_version(stack) == last  # nothing is left of the version that was published in vain


def _last_version(stack: LocalStack) -> str:
    versions = stack.client("lambda").list_versions_by_function(FunctionName="local-router")["Versions"]
    return str(versions[-1]["Version"])
