"""A preview of a changed todo beside an environment that runs: up, apart, and down without a trace."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.e2e.account import everything
from tests.e2e.conftest import Client, codes, eventually
from thestack.definition import names
from thestack.deployment.deploying import deploy
from thestack.deployment.destination import Destination
from thestack.deployment.making import make
from thestack.deployment.previews.guest import email_of, sign_in, url_of
from thestack.deployment.previews.registry import Preview, Registry, called_by_previews
from thestack.infra.environment import load_environment
from thestack.local.description import LocalStack
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.provision import verify_sender
from thestack.local.run import new_run
from thestack.local.signin import SignedIn, sign_up
from thestack.local.signin import sign_in as sign_in_here
from thestack.operations.aws import Aws
from thestack.toolchain.tools import find

ROOT = Path(__file__).parents[2]
BASE, NAME = "preview", "pr-123"
SERVICES = ("media", "notifications", "todo")
CHANGED = """

@service.query(allow=signed_in)
async def changed() -> str:
    \"\"\"Which version answers.\"\"\"
    return "the preview's"
"""
CREATE = "mutation ($title: String!) { createTodo(input: {title: $title}) { id } }"
COMPLETE = "mutation ($id: ID!) { completeTodo(id: $id) { status } }"
SPANNING = "{ todos(first: 5) { nodes { title emails { subject } } } }"
UPLOAD = 'mutation { requestUpload(kind: IMAGE, contentType: "image/png", bytes: 100) { mediaId } }'
DELETE_MEDIA = "mutation ($id: ID!) { deleteMedia(id: $id) { id } }"
DELETE_TODO = "mutation ($id: ID!) { deleteTodo(id: $id) { id } }"


@dataclass(frozen=True)
class World:
    """An account with the base, and a checkout in which of two services todo is changed."""

    aws: Aws
    base: Destination
    checkout: Path

    def preview(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "thestack.cli",
                "preview",
                *arguments,
                "--endpoint",
                str(self.aws.endpoint),
            ],
            cwd=self.checkout,
            env={**os.environ, "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            timeout=200,
        )

    def waiting(self, queue: str) -> int:
        """How many messages are in a queue, also in the hands of its consumer."""
        sqs = self.aws.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(attributes[f"ApproximateNumberOfMessages{each}"]) for each in ("", "NotVisible"))

    def is_quiet(self) -> bool:
        """Whether nothing is on its way in the base."""
        urls = self.aws.client("sqs").list_queues(QueueNamePrefix=f"{BASE}-")["QueueUrls"]
        return not any(self.waiting(each.rpartition("/")[2]) for each in urls)

    def rows(self, environment: str, service: str) -> list[str]:
        """The partitions of a service's rows; without those of its outbox, which go."""
        found = self.aws.client("dynamodb").scan(TableName=names.table(environment, service))["Items"]
        keys = [each["pk"]["S"] for each in found]
        return [each for each in keys if not each.startswith(names.OUTBOX_PREFIX)]

    def tenants(self, environment: str, service: str) -> set[str]:
        """Those who have rows of a service."""
        return {each.split("#")[0] for each in self.rows(environment, service)}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    tools = find(ROOT)
    assert tools
    checkout = tmp_path_factory.mktemp("checkout")
    for each in ("deploy", "services/notifications", "services/todo", "frontends"):
        shutil.copytree(ROOT / each, checkout / each, ignore=shutil.ignore_patterns("__pycache__"))
    (checkout / ".stack").symlink_to(ROOT / ".stack")
    definition = checkout / "services/todo/service.py"
    definition.write_text(definition.read_text() + CHANGED)
    with new_run(tmp_path_factory.mktemp("runs")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        settings = load_environment(ROOT, BASE).on_this_machine()
        base = Destination(ROOT, settings, emulator.aws, lambda _: None)
        made = make(base, [names.PLATFORM, *SERVICES])
        verify_sender(base.aws, settings.mail_sender)
        deploy(base, [names.PLATFORM, *SERVICES], made)
        yield World(emulator.aws, base, checkout)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client() as http:
        yield http


@pytest.fixture(scope="module")
def of_base(world: World, http: httpx.Client) -> Client:
    """A user of the base."""
    platform = world.aws.client("cloudformation").describe_stacks(StackName=f"{BASE}-platform")["Stacks"][0]
    told = {each["OutputKey"]: each["OutputValue"] for each in platform["Outputs"]}
    pool, client = told["UserPoolId"], told["UserPoolClientId"]
    stack = LocalStack("base", BASE, str(world.aws.endpoint), told["ApiId"], pool, client, "")
    sign_up(stack, "bea@example.com")
    return Client(stack, http, sign_in_here(stack, "bea@example.com"))


def guest_of(world: World, http: httpx.Client) -> Client:
    """The preview's test user."""
    api = url_of(world.aws, NAME).split("/")[-2]
    stack = LocalStack(NAME, NAME, str(world.aws.endpoint), api, "", "", "")
    token = sign_in(world.aws, NAME).access_token
    return Client(stack, http, SignedIn(email_of(NAME), "", token, ""))


@pytest.mark.timeout(600)
def test_a_preview_goes_up_apart_from_its_base_and_leaves_nothing(
    world: World, of_base: Client, http: httpx.Client
) -> None:
    of_base.ask(CREATE, title="of the base")
    before = everything(world.aws)

    done = world.preview("up", NAME, "--ttl", "1h", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(done.stdout)
    assert (said["services"], said["user"]) == (["todo"], f"success+{NAME}@simulator.amazonses.com")
    guest = guest_of(world, http)

    # The changed code here, the old one there; and a query whose half the base answers.
    assert guest.ask("{ changed }") == {"data": {"changed": "the preview's"}}
    assert codes(of_base.ask("{ changed }")) == ["GRAPHQL_VALIDATION_FAILED"]
    id = guest.ask(CREATE, title="of the preview")["data"]["createTodo"]["id"]
    mine = [{"title": "of the preview", "emails": []}]
    assert guest.ask(SPANNING)["data"]["todos"]["nodes"] == mine
    assert [each["title"] for each in of_base.ask(SPANNING)["data"]["todos"]["nodes"]] == ["of the base"]
    assert (world.tenants(NAME, "todo"), world.tenants(BASE, "todo")) == ({NAME}, {BASE})

    # The base hears nothing of it: what it says to notifications is held.
    assert guest.ask(COMPLETE, id=id)["data"]["completeTodo"] == {"status": "DONE"}
    eventually(lambda: world.waiting(f"{NAME}-notifications-email") == 1, what="the mail that is held")
    later = of_base.ask(CREATE, title="said later")["data"]["createTodo"]["id"]
    assert "errors" not in of_base.ask(DELETE_TODO, id=later)
    eventually(lambda: world.tenants(BASE, "notifications"), what="the base's later event")
    assert world.tenants(BASE, "notifications") == {BASE}

    # Nor does it hear the base, also not of what its own user did there, under the preview's tenant.
    media = guest.ask(UPLOAD)["data"]["requestUpload"]["mediaId"]
    assert "errors" not in guest.ask(DELETE_MEDIA, id=media)
    eventually(lambda: NAME in world.tenants(BASE, "todo"), what="what the base's todo heard")
    assert not [each for each in world.rows(NAME, "todo") if "media_deleted" in each]
    assert NAME in world.tenants(BASE, "media")
    calls = {f"{BASE}-{each}-graphql" for each in ("media", "notifications")}
    assert {each.split(":")[-2] for each in called_by_previews(world.aws, BASE)} - calls == {
        f"{NAME}-todo-graphql"
    }

    # Up once more it stays for longer; one that is over goes, also if it went up halfway.
    again = json.loads(
        world.preview("up", NAME, "--services", "todo", "--ttl", "3h", "--format", "json").stdout
    )
    assert (again["since"], again["graphql"]) == (said["since"], said["graphql"])
    assert again["until"] > said["until"]
    now = datetime.now(UTC)
    over = Preview("pr-9", BASE, ("todo",), "somebody", now, now + timedelta(hours=1))
    Registry(world.aws, BASE).keep(over)
    done = world.preview("expire", "--now", (now + timedelta(hours=2)).isoformat(), "--format", "json")
    assert json.loads(done.stdout) == {"base": BASE, "removed": ["pr-9"], "failed": []}
    listed = json.loads(world.preview("list", "--format", "json").stdout)["previews"]
    assert [(each["name"], each["services"]) for each in listed] == [(NAME, ["todo"])]
    assert [each["title"] for each in guest.ask(SPANNING)["data"]["todos"]["nodes"]] == ["of the preview"]

    eventually(lambda: world.is_quiet(), what="the end of what the base was told")
    done = world.preview("down", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    assert but_of_base(everything(world.aws)) == but_of_base(before)
    assert [each["title"] for each in of_base.ask(SPANNING)["data"]["todos"]["nodes"]] == ["of the base"]


def but_of_base(found: set[str]) -> set[str]:
    """What is left beside what the base's own tenant has."""
    return {each for each in found if f"{BASE}#" not in each and f"/{BASE}/" not in each}
