"""CloudFront before the API: what comes through it is answered, and what goes around it is not."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import eventually
from thestack.definition import names
from thestack.local.description import LocalStack
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.local.signin import sign_in, sign_up
from thestack.operations import origin
from thestack.runtime.origin import HEADER
from thestack.toolchain.tools import find

ROOT = Path(__file__).parents[2]
ENVIRONMENT = "edgy"
SETTINGS = """\"\"\"As a developer's, with a domain, and with decisions that are forgotten soon.\"\"\"

from dataclasses import replace

from deploy.environments.dev import environment as dev
from thestack.infra.pieces import Edge, Waf

edge = Edge(domain="edgy.example", waf=Waf(), **{told})
environment = replace(dev, name="edgy", authorizer_ttl=1, edge=edge)
"""
GREETER = '''"""Greets."""

import json

from thestack import HookRequest, HookResponse, Service, public, signed_in

service = Service("greeter")


@service.query(allow=signed_in)
async def greeting() -> str:
    """For who is signed in."""
    return "hello"


@service.query(allow=public)
async def weather() -> str:
    """For everybody."""
    return "fine"


@service.hook("say", methods=["POST"], allow=public)
async def say(request: HookRequest, /) -> HookResponse:
    return HookResponse(body=json.dumps(dict(request.headers)), content_type="application/json")
'''
GREETING, WEATHER = {"query": "{ greeting }"}, {"query": "{ weather }"}


@dataclass(frozen=True)
class Edge:
    """An environment with an edge: its API behind CloudFront, and its own address."""

    project: Path
    stack: LocalStack
    http: httpx.Client
    token: str
    domain: str
    told: dict[str, str] = field(default_factory=dict[str, str])
    """What each stack told of settings for the next ones."""

    @property
    def settings(self) -> Path:
        return self.project / "deploy/environments/edgy.py"

    def deploy(self, *stacks: str) -> None:
        """Deploy stacks, and note in the settings what they tell."""
        self.settings.write_text(SETTINGS.replace("{told}", repr(self.told)))
        said = json.loads(self.thestack("deploy", *stacks, "--env", ENVIRONMENT, "--format", "json"))
        outputs = [each for deployed in said["deployed"] for each in deployed["outputs"].items()]
        settings = {"ZoneId": "zone_id", "CertificateArn": "certificate_arn", "WebAclArn": "web_acl_arn"}
        self.told.update({settings[key]: value for key, value in outputs if key in settings})

    def through(self, path: str, json: object = GREETING, token: str | None = None, **headers: str) -> int:
        """The answer's status through CloudFront."""
        return self.ask(path, json, token, host=self.domain, **headers).status_code

    def direct(self, path: str, json: object = GREETING, token: str | None = None, **headers: str) -> int:
        """The answer's status at the API's own address."""
        stage = f"/_aws/execute-api/{self.stack.api_id}/$default"
        return self.ask(f"{stage}{path}", json, token, **headers).status_code

    def ask(self, path: str, json: object, token: str | None, **headers: str) -> httpx.Response:
        sent = {**headers, **({"authorization": f"Bearer {token}"} if token else {})}
        return self.http.post(f"{self.stack.endpoint}{path}", json=json, headers=sent)

    def thestack(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", *arguments, "--endpoint", self.stack.endpoint],
            cwd=self.project,
            env={**os.environ, "PYTHONPATH": str(ROOT / "framework/src")},
            capture_output=True,
            text=True,
            timeout=240,
        )


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    project = tmp_path_factory.mktemp("edge") / "project"
    shutil.copytree(ROOT / "deploy", project / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "services/greeter").mkdir(parents=True)
    (project / "services/greeter/service.py").write_text(GREETER)
    (project / ".stack").symlink_to(ROOT / ".stack")
    with (
        new_run(tmp_path_factory.mktemp("emulator")) as run,
        launch(tools, run) as emulator,
        httpx.Client(timeout=30) as http,
    ):
        wait_until_ready(emulator)
        stack = LocalStack("", ENVIRONMENT, emulator.endpoint, "", "", "", "")
        made = Edge(project, stack, http, "", "")
        made.told["zone_id"] = "Z0"  # so that one command makes the first three; then it is the zone's own
        made.deploy("platform", "zone", "edge-global")
        made.deploy("edge", "greeter")
        ssm = emulator.aws.client("ssm")

        def told(key: str) -> str:
            return str(ssm.get_parameter(Name=names.parameter(ENVIRONMENT, key))["Parameter"]["Value"])

        stack = LocalStack(
            "",
            ENVIRONMENT,
            emulator.endpoint,
            told("api/id"),
            told("users/pool-id"),
            told("users/client-id"),
            "",
        )
        sign_up(stack, "ada@example.com")
        token = sign_in(stack, "ada@example.com").access_token
        assert told(names.API_URL) == "http://api.edgy.example"
        (distribution,) = emulator.aws.client("cloudfront").list_distributions()["DistributionList"]["Items"]
        assert distribution["Aliases"]["Items"] == ["api.edgy.example"]
        yield Edge(project, stack, http, token, distribution["DomainName"], made.told)


def test_a_decision_that_was_made_for_cloudfront_holds_for_nobody_else(edge: Edge) -> None:
    assert edge.through("/graphql", token=edge.token) == 200
    assert edge.direct("/graphql", token=edge.token) == 401
    assert edge.direct("/graphql", token=edge.token, **{HEADER: "guessed"}) == 403
    assert edge.through("/graphql") == 401
    assert edge.through("/graphql", token="x.y.z") == 403


def test_the_doors_that_ask_for_no_token_are_shut_behind_cloudfront_too(edge: Edge) -> None:
    hook = names.hook_path("main", "greeter", "say")
    assert edge.through("/public/graphql", WEATHER) == 200
    assert edge.direct("/public/graphql", WEATHER) == 401
    assert edge.direct("/public/graphql", WEATHER, **{HEADER: "guessed"}) == 403
    heard = edge.ask(hook, {}, None, host=edge.domain, **{"x-signature": "s", HEADER: "mine"})
    assert heard.status_code == 200
    assert heard.json().get("x-signature") == "s", heard.json()
    assert HEADER not in heard.json()  # a handler never sees the secret
    assert edge.direct(hook, {}) == 401


def test_browsers_of_other_origins_are_answered_by_the_api_itself(edge: Edge) -> None:
    asked = {
        "host": edge.domain,
        "origin": "https://app.edgy.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    preflight = edge.http.options(f"{edge.stack.endpoint}/graphql", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == asked["origin"]
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    answer = edge.ask("/graphql", GREETING, edge.token, host=edge.domain, origin=asked["origin"])
    assert answer.headers["access-control-allow-origin"] == asked["origin"]
    stranger = {**asked, "origin": "https://elsewhere.example"}
    assert edge.http.options(f"{edge.stack.endpoint}/graphql", headers=stranger).status_code == 403
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


def test_while_the_secret_is_rotated_both_are_accepted_and_then_the_new_one_alone(edge: Edge) -> None:
    aws = edge.stack.aws
    (old,) = origin.accepted(aws, ENVIRONMENT)
    origin.accept_another(aws, ENVIRONMENT)
    new, _ = origin.accepted(aws, ENVIRONMENT)

    def direct(secret: str) -> tuple[int, int]:
        said = {HEADER: secret}
        return edge.direct("/graphql", token=edge.token, **said), edge.direct(
            "/public/graphql", WEATHER, **said
        )

    eventually(lambda: direct(new) == (200, 200), what="the new secret")
    assert direct(old) == (200, 200)
    assert edge.through("/graphql", token=edge.token) == 200  # which still says the old one
    edge.thestack("secret", "rotate", "--env", ENVIRONMENT)
    assert origin.accepted(aws, ENVIRONMENT) == [new]
    eventually(lambda: direct(old) == (403, 403), what="the end of the old secret")
    assert edge.through("/graphql", token=edge.token) == 200
    assert direct(new) == (200, 200)


def test_no_template_holds_the_secret(edge: Edge) -> None:
    (secret,) = origin.accepted(edge.stack.aws, ENVIRONMENT)
    cloudformation = edge.stack.aws.client("cloudformation")
    name = names.stack(ENVIRONMENT, names.EDGE)
    assert secret not in str(cloudformation.get_template(StackName=name)["TemplateBody"])
    (parameter,) = [
        each
        for each in cloudformation.get_template_summary(StackName=name)["Parameters"]
        if each["ParameterKey"] == names.ORIGIN_SECRET
    ]
    assert parameter["NoEcho"]


def test_names_lead_to_cloudfront_whose_certificate_and_web_acl_are_of_us_east_1(edge: Edge) -> None:
    assert set(edge.told) == {"zone_id", "certificate_arn", "web_acl_arn"}
    records = edge.stack.client("route53").list_resource_record_sets(HostedZoneId=edge.told["zone_id"])
    aliases = {
        (each["Name"].rstrip("."), each["Type"]): each["AliasTarget"]["DNSName"].rstrip(".")
        for each in records["ResourceRecordSets"]
        if "AliasTarget" in each
    }
    assert aliases == {("api.edgy.example", kind): edge.domain for kind in ("A", "AAAA")}
    config = edge.stack.client("cloudfront").list_distributions()["DistributionList"]["Items"][0]
    assert config["WebACLId"] == edge.told["web_acl_arn"]
    assert config["ViewerCertificate"]["ACMCertificateArn"] == edge.told["certificate_arn"]
    assert ":us-east-1:" in edge.told["certificate_arn"]
    assert ":us-east-1:" in edge.told["web_acl_arn"]


def test_what_services_share_is_judged_and_taken_away_by_its_name(edge: Edge) -> None:
    there = ("--env", ENVIRONMENT)
    settings = edge.settings.read_text()
    try:
        edge.settings.write_text(settings.replace("edgy.example", "other.example"))
        moved = edge.run("deploy", "zone", *there)
    finally:
        edge.settings.write_text(settings)
    assert moved.returncode == 1, moved.stdout + moved.stderr
    assert "zone.Zone" in moved.stdout + moved.stderr  # another zone is another set of name servers
    without = edge.run("deploy", "backups", *there)
    assert (without.returncode, without.stdout) == (2, "")
    assert "the environment edgy does without backups" in without.stderr
    edge.thestack("destroy", "edge-global", "--yes", *there)
    running = json.loads(edge.thestack("releases", "--format", "json", *there))["releases"]
    assert {"platform", "zone", "edge"} <= {each["service"] for each in running}
    assert "edge-global" not in {each["service"] for each in running}


def test_the_edge_goes_back_to_what_it_was_with_the_secret_of_today(edge: Edge) -> None:
    def web_acl() -> str:
        (found,) = edge.stack.client("cloudfront").list_distributions()["DistributionList"]["Items"]
        return str(found.get("WebACLId", ""))

    there, before, settings = ("--env", ENVIRONMENT), web_acl(), edge.settings.read_text()
    assert before == edge.told["web_acl_arn"]
    try:
        edge.settings.write_text(settings.replace("waf=Waf(), ", ""))
        edge.thestack("deploy", "edge", *there)
    finally:
        edge.settings.write_text(settings)
    assert (web_acl(), edge.through("/graphql", token=edge.token)) == ("", 200)
    edge.thestack("rollback", "edge", *there)
    assert (web_acl(), edge.through("/graphql", token=edge.token)) == (before, 200)
