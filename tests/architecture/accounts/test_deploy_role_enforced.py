"""A deployment in the role of GitHub's jobs, on an emulator that enforces it: a job's token alone takes it,
all that a deployment calls is allowed, and in the role of another environment nothing is.
"""

import base64
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.accounts.example import organization
from tests.architecture.accounts.conftest import Stacks
from thestack.definition import names
from thestack.deployment import stacks as cloudformation
from thestack.deployment.assets import upload
from thestack.deployment.functions import collect, discard, live_versions, publish, switch
from thestack.deployment.lock import deploying
from thestack.deployment.record import Record
from thestack.deployment.release import Release
from thestack.deployment.smoke import smoke
from thestack.infra.assembly import Asset
from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws, telling
from thestack.operations.errors import OperationError
from thestack.toolchain.tools import find

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT, REGION = "111122223333", "eu-central-1"
ISSUER, REPOSITORY = "token.actions.githubusercontent.com", organization.repository
ANSWER = """\
import json

def handler(event, context):
    print("asked")
    return {"statusCode": 200, "body": json.dumps({"data": {}})}
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield emulator


@pytest.fixture(scope="module")
def root(emulator: Emulator) -> Aws:
    """The root user of production's account, which it has bootstrapped."""
    aws = Aws(emulator.endpoint, region=REGION, access_key=ACCOUNT)
    for bucket in (names.bootstrap_bucket(ACCOUNT, REGION), names.releases_bucket("production", ACCOUNT)):
        aws.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
    return aws


As = Callable[..., Aws]


@pytest.fixture
def as_job(root: Aws, stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> As:
    """AWS as a job of GitHub has it that deploys an environment, by the default chain of credentials."""

    def taken(environment: str, subject: str = "") -> Aws:
        (role,) = stacks[f"deploy-{environment}"].of_type("AWS::IAM::Role").values()
        provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{ISSUER}"
        trust = json.dumps(role["AssumeRolePolicyDocument"]).replace("GitHub.Arn", provider)
        document = json.dumps(enforceable(role["Policies"][0]["PolicyDocument"]))
        name, iam = role["RoleName"], root.client("iam")
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        iam.put_role_policy(RoleName=name, PolicyName="deploy", PolicyDocument=document)
        keys = root.client("sts").assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}",
            RoleSessionName="job",
            WebIdentityToken=token(subject or f"repo:{REPOSITORY}:environment:{environment}"),
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(root.endpoint))
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["Credentials"]["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["Credentials"]["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", keys["Credentials"]["SessionToken"])
        return Aws(region=REGION)

    return taken


def token(subject: str) -> str:
    """A token as GitHub gives it to a job. The emulator reads its claims, and not its signature."""
    claims = {"iss": f"https://{ISSUER}", "aud": "sts.amazonaws.com", "sub": subject}
    parts = ({"alg": "RS256", "typ": "JWT"}, claims, {})
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )


def enforceable(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the emulator can enforce of it: it tells IAM neither the role that a stack is made in nor the path
    of parameters that are listed.
    """
    statements = [{**each} for each in document["Statement"]]
    for each in statements:
        if each["Sid"] == "ChangeStacks":
            del each["Condition"]
        if each["Sid"] == "ReadPointers":
            each["Resource"] = "*"
    return {**document, "Statement": statements}


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("code.py", ANSWER)
    return path


def template(code: str) -> dict[str, Any]:
    """A stack of production's router alone."""
    name = names.router_function("production")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
            },
            "Router": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": name,
                    "Runtime": "python3.13",
                    "Handler": "code.handler",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {"S3Bucket": names.bootstrap_bucket(ACCOUNT, REGION), "S3Key": code},
                },
            },
            "Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Router"}}},
            "Live": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {
                    "FunctionName": {"Ref": "Router"},
                    "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
                    "Name": names.LIVE,
                },
            },
        }
    }


def test_a_job_deploys_its_environment(as_job: As, tmp_path: Path) -> None:
    """Every call of a deployment, in its order: what any of them lacks fails it."""
    aws, router = as_job("production"), names.router_function("production")
    code = zipped(tmp_path / "code.zip")
    record = Record(aws, "production")
    with telling("denied"), deploying(aws, "production", "deploy platform"):
        upload(aws, [Asset(code, names.bootstrap_bucket(ACCOUNT, REGION), "code.zip")])
        cloudformation.deploy(aws, "production-platform", template("code.zip"))
        first = live_versions(aws, [router])
        release = Release("platform", "{}", template("code.zip"), first, (), "now", "job")
        record.point("platform", record.keep(release), None)
        key = record.keep_file(code, "router")
        version = publish(aws, router, record.bucket, key, "code.handler", {"A": "b"}, "x86_64")
        smoke(aws, router, version, ["{ __typename }"], "smoke")
        switch(aws, router, version)
        assert live_versions(aws, [router]) == {router: version}
        assert collect(aws, router, set()) == list(first.values())
        discard(aws, router, publish(aws, router, record.bucket, key, "code.handler", {"A": "c"}, "x86_64"))
        assert list(Record(aws, "production").running()) == ["platform"]
        cloudformation.deploy(aws, "production-platform", template("code.zip"))
        cloudformation.remove(aws, "production-platform")
        record.forget("platform")
    assert record.pointers() == {}


@pytest.mark.parametrize(
    "subject",
    [
        f"repo:{REPOSITORY}:environment:integration",
        f"repo:{REPOSITORY}:ref:refs/heads/main",
        f"repo:{REPOSITORY}-fork:environment:production",
    ],
)
def test_no_other_job_takes_the_role(as_job: As, subject: str) -> None:
    with pytest.raises(OperationError, match="Not authorized to perform"), telling("denied"):
        as_job("production", subject)


def test_in_the_role_of_another_environment_nothing_is_allowed(root: Aws, as_job: As, tmp_path: Path) -> None:
    """Even in the same account."""
    root.client("ssm").put_parameter(
        Name=names.release_parameter("production", "x"), Value="{}", Type="String"
    )
    aws, code = as_job("acme"), zipped(tmp_path / "code.zip")
    record = Record(aws, "production")
    for attempt in (
        lambda: record.point("x", "0a1b", None),
        lambda: record.forget("x"),
        lambda: record.keep_file(code, "router"),
        lambda: deploying(aws, "production", "deploy").__enter__(),
        lambda: cloudformation.deploy(aws, "production-platform", template("code.zip")),
        lambda: cloudformation.remove(aws, "production-platform"),
        lambda: live_versions(aws, ["production-router"]),
        lambda: switch(aws, "production-router", "1"),
        lambda: smoke(aws, "production-router", "1", ["{ __typename }"], "smoke"),
        lambda: collect(aws, "production-router", set()),
    ):
        with pytest.raises(OperationError, match="not authorized"), telling("denied"):
            attempt()
