"""The stacks of an environment, put up by the CDK's own command: plain CDK, which needs nothing of ours."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from thestack.definition import names
from thestack.deployment.beginning import begin
from thestack.deployment.destination import Destination
from thestack.deployment.making import made_of
from thestack.deployment.publishing import publish
from thestack.deployment.routing import bundle
from thestack.deployment.site import Frontend
from thestack.infra.environment import load_environment
from thestack.infra.synth import synthesize
from thestack.local.description import LocalStack
from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.run import new_run
from thestack.local.signin import sign_in, sign_up
from thestack.operations import origin
from thestack.toolchain.tools import find, node_executable

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(600)
CDK = ROOT / ".stack/devtools/node_modules/aws-cdk/bin/cdk"
ENVIRONMENT = "integration"
SECRET = f"{names.stack(ENVIRONMENT, names.EDGE)}:{names.ORIGIN_SECRET}"


def cdk(emulator: Emulator, *arguments: str) -> None:
    """Run `cdk` against the emulator."""
    done = subprocess.run(
        [str(node_executable()), str(CDK), *arguments],
        env={
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": emulator.endpoint,
            "AWS_ENDPOINT_URL_S3": emulator.endpoint,
            "CDK_DISABLE_VERSION_CHECK": "1",
            "HOME": str(emulator.log.parent),
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]


def let_in(emulator: Emulator) -> None:
    """The bootstrap's bucket is reached over TLS alone, and the emulator by plain HTTP over loopback."""
    client = emulator.aws.client("s3")
    for bucket in client.list_buckets()["Buckets"]:
        client.delete_bucket_policy(Bucket=bucket["Name"])


@pytest.fixture(scope="module")
def put_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Destination]:
    """An account with the whole environment."""
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    assembly = synthesize(ROOT, ENVIRONMENT, emulated=True)
    app = ("--app", str(assembly.folder), "--output", str(tmp_path_factory.mktemp("cdk.out")))
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        secret = f"{SECRET}={origin.said(emulator.aws, ENVIRONMENT)}"
        parameters = ("--parameters", f"EmulatorEndpoint={emulator.endpoint}", "--parameters", secret)
        deploy = ("deploy", *app, "--require-approval", "never", "--method", "direct")
        cdk(emulator, "bootstrap", *app, "aws://000000000000/us-east-1")
        let_in(emulator)
        first = [names.stack(ENVIRONMENT, each) for each in (names.PLATFORM, names.EDGE)]
        for name in first:  # each tells the next ones where it is
            cdk(emulator, *deploy, name, *parameters)
        others = [stack.name for stack in assembly.stacks if stack.name not in first]
        cdk(emulator, *deploy, *others, "--concurrency", "4", *parameters)
        settings = load_environment(ROOT, ENVIRONMENT).on_this_machine()
        to, made = Destination(ROOT, settings, emulator.aws, lambda _: None), made_of(assembly, ENVIRONMENT)
        begin(to, made, bundle(to, {name: each.contract for name, each in made.items()}))
        yield to


def test_every_stack_is_put_up_and_the_api_answers_behind_cloudfront(put_up: Destination) -> None:
    client = put_up.aws.client("cloudformation")
    stacks = {each["StackName"]: each["StackStatus"] for each in client.describe_stacks()["Stacks"]}
    shared = (names.PLATFORM, names.EDGE, names.MONITORING, names.FRONTEND_PUBLIC, names.FRONTEND_INTERNAL)
    services = [path.parent.name for path in (ROOT / "services").glob("*/service.py")]
    for name in (*shared, *services):
        assert stacks[names.stack(ENVIRONMENT, name)] == "CREATE_COMPLETE"
    ssm = put_up.aws.client("ssm")

    def told(key: str) -> str:
        return str(ssm.get_parameter(Name=names.parameter(ENVIRONMENT, key))["Parameter"]["Value"])

    endpoint = str(put_up.aws.endpoint)
    api = (told("api/id"), told("users/pool-id"), told("users/client-id"))
    stack = LocalStack("", ENVIRONMENT, endpoint, *api, "")
    sign_up(stack, "ada@example.com")
    token = sign_in(stack, "ada@example.com").access_token
    headers = {"authorization": f"Bearer {token}", "host": told(names.API_URL).removeprefix("http://")}
    asked = {"query": 'mutation { createTodo(input: {title: "by cdk"}) { title } }'}
    answer = httpx.post(f"{endpoint}/graphql", json=asked, headers=headers, timeout=30)
    assert answer.json() == {"data": {"createTodo": {"title": "by cdk"}}}
    asked = {"query": "{ todos(first: 5) { nodes { title } } }"}
    answer = httpx.post(f"{endpoint}/graphql", json=asked, headers=headers, timeout=30)
    assert answer.json()["data"]["todos"]["nodes"] == [{"title": "by cdk"}]


def test_both_frontends_are_served_by_cloudfront(put_up: Destination) -> None:
    def ask(path: str, frontend: Frontend) -> httpx.Response:
        headers = {"host": publish(put_up, frontend).url.partition("://")[2]}
        return httpx.get(f"{put_up.aws.endpoint}{path}", headers=headers, timeout=30)

    page = ask("/", Frontend.PUBLIC)
    assert page.status_code == 200
    assert "<title>" in page.text
    assert ask("/deep/down", Frontend.PUBLIC).text == page.text
    stranger = ask("/map", Frontend.INTERNAL)
    assert (stranger.status_code, stranger.headers["location"]) == (302, "/auth/sign-in?to=%2Fmap")
