"""What a job of GitHub may do: what `thestack deploy` calls, in its own environment, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.accounts.example import organization
from tests.architecture.accounts.calling import called
from tests.architecture.accounts.conftest import Stacks
from tests.architecture.evaluating import Policy, Request, decide
from tests.architecture.resolved import listed
from thestack.definition import names

ROOT = Path(__file__).resolve().parents[3]
HOME, EDGE = "eu-central-1", "us-east-1"
ISSUER = "token.actions.githubusercontent.com"
HOLDERS = [each for each in organization.known if each.environment]
IDS = [each.name for each in HOLDERS]
ENVIRONMENTS = sorted({str(each.environment) for each in HOLDERS})
LONGEST_INLINE, LONGEST_MANAGED = 10_240, 6144
"""Characters without white space of a role's policies, and of a managed one."""

COMMANDS = ("deploy", "destroy", "publish", "releases", "rollback")
"""What jobs of GitHub run, beside `preview` in that account. A restore is an administrator's."""


def role(stacks: Stacks, account: str) -> dict[str, Any]:
    (found,) = stacks[f"deploy-{account}"].of_type("AWS::IAM::Role").values()
    return dict(found)


def rights(stacks: Stacks, account: str) -> Policy:
    (policy,) = role(stacks, account)["Policies"]
    document: Policy = policy["PolicyDocument"]
    return document


def requests(environment: str, account: str) -> Iterator[Request]:
    """What deploying an environment comes to, request by request."""
    execution = f"arn:aws:iam::{account}:role/{names.bootstrap_role(account, HOME)}"
    edges = f"arn:aws:iam::{account}:role/{names.bootstrap_role(account, EDGE)}"
    for service in ("platform", "todo", "budget"):
        stack = f"arn:aws:cloudformation:{HOME}:{account}:stack/{names.stack(environment, service)}/1b2c"
        for action in ("CreateStack", "UpdateStack", "DeleteStack"):
            yield Request(f"cloudformation:{action}", stack, {"cloudformation:RoleArn": execution})
        yield Request("cloudformation:DescribeStacks", stack)
        yield Request("cloudformation:DescribeStackEvents", stack)
    edge = f"arn:aws:cloudformation:{EDGE}:{account}:stack/{names.stack(environment, names.EDGE_GLOBAL)}/1b2c"
    yield Request("cloudformation:CreateStack", edge, {"cloudformation:RoleArn": edges})
    ssm, functions = f"arn:aws:ssm:{HOME}:{account}:parameter", f"arn:aws:lambda:{HOME}:{account}:function"
    yield Request("ssm:GetParametersByPath", f"{ssm}{names.releases_parameter(environment)}")
    for name in (names.release_parameter(environment, "todo"), names.deploy_lock(environment)):
        for action in ("GetParameter", "PutParameter", "DeleteParameter"):
            yield Request(f"ssm:{action}", f"{ssm}{name}")
    yield Request("ssm:GetParameter", f"{ssm}{names.parameter(environment, names.API_URL)}")
    yield Request("ssm:PutParameter", f"{ssm}{names.origin_secret(environment)}")
    bucket = f"arn:aws:s3:::{names.releases_bucket(environment, account)}"
    yield Request("s3:GetObject", f"{bucket}/contents/0a1b.json")
    yield Request("s3:PutObject", f"{bucket}/router/0a1b.zip")
    yield Request("ssm:PutParameter", f"{ssm}{names.session_keys_parameter(environment)}")
    site = f"arn:aws:s3:::{names.bucket(environment, names.FRONTEND_PUBLIC, names.SITE, account)}"
    yield Request("s3:ListBucket", site)
    yield Request("s3:PutObject", f"{site}/index.html")
    todo = f"{functions}:{names.graphql_function(environment, 'todo')}"
    for action in ("GetAlias", "GetFunctionConfiguration", "ListAliases", "ListVersionsByFunction"):
        yield Request(f"lambda:{action}", todo)
    yield Request("lambda:DeleteFunction", f"{todo}:3")
    router = f"{functions}:{names.router_function(environment)}"
    for action in ("PublishVersion", "UpdateFunctionCode", "UpdateFunctionConfiguration", "UpdateAlias"):
        yield Request(f"lambda:{action}", router)
    yield Request("lambda:InvokeFunction", f"{router}:7")


def beyond(environment: str, account: str) -> Iterator[Request]:
    """What no deployment does itself, in its own environment either."""
    stack = f"arn:aws:cloudformation:{HOME}:{account}:stack/{names.stack(environment, 'todo')}/1b2c"
    yield Request("cloudformation:UpdateStack", stack)  # with its own rights
    yield Request(
        "cloudformation:UpdateStack",
        stack,
        {"cloudformation:RoleArn": f"arn:aws:iam::{account}:role/administrator"},
    )
    own = f"arn:aws:cloudformation:{HOME}:{account}:stack/thestack-deploy-{environment}/1b2c"
    yield Request(
        "cloudformation:UpdateStack",
        own,
        {"cloudformation:RoleArn": f"arn:aws:iam::{account}:role/{names.bootstrap_role(account, HOME)}"},
    )
    yield Request("dynamodb:GetItem", f"arn:aws:dynamodb:{HOME}:{account}:table/{environment}-todo")
    yield Request("dynamodb:DeleteTable", f"arn:aws:dynamodb:{HOME}:{account}:table/{environment}-todo")
    yield Request("s3:DeleteObject", f"arn:aws:s3:::{names.releases_bucket(environment, account)}/contents/x")
    yield Request("s3:GetObject", f"arn:aws:s3:::{environment}-media-images-{account}/originals/x")
    function = f"arn:aws:lambda:{HOME}:{account}:function:{names.graphql_function(environment, 'todo')}"
    yield Request("lambda:InvokeFunction", function)
    yield Request("lambda:UpdateFunctionCode", function)
    yield Request("ssm:PutParameter", f"arn:aws:ssm:{HOME}:{account}:parameter/{environment}/todo/key")
    yield Request("ssm:GetParameter", f"arn:aws:ssm:{HOME}:{account}:parameter/{environment}/todo/key")
    yield Request("iam:PutRolePolicy", f"arn:aws:iam::{account}:role/{names.deploy_role(environment)}")
    yield Request("iam:CreateRole", f"arn:aws:iam::{account}:role/{environment}-x")
    for name in ("deploy", "file-publishing"):
        cdk = f"arn:aws:iam::{account}:role/cdk-hnb659fds-{name}-role-{account}-{HOME}"
        yield Request("sts:AssumeRole", cdk)
    handed = f"arn:aws:iam::{account}:role/{names.bootstrap_role(account, HOME)}"
    yield Request("iam:PassRole", handed, {"iam:PassedToService": "lambda.amazonaws.com"})


@pytest.mark.parametrize("account", HOLDERS, ids=IDS)
def test_a_role_deploys_its_own_environment(stacks: Stacks, account: Any) -> None:
    policy = rights(stacks, account.name)
    for asked in requests(account.environment, account.id):
        assert decide(asked, policy) == "allowed", asked
    for asked in beyond(account.environment, account.id):
        assert decide(asked, policy) == "not allowed", asked


@pytest.mark.parametrize("account", HOLDERS, ids=IDS)
def test_a_role_touches_nothing_of_another_environment(stacks: Stacks, account: Any) -> None:
    """Neither in another account, nor if the other lay in the same one."""
    policy = rights(stacks, account.name)
    for other in ENVIRONMENTS:
        if other != account.environment:
            for asked in (*requests(other, account.id), *beyond(other, account.id)):
                assert decide(asked, policy) == "not allowed", asked
    for elsewhere in HOLDERS:
        if elsewhere.id != account.id:
            for asked in requests(str(account.environment), str(elsewhere.id)):
                assert decide(asked, policy) == "not allowed", asked


def test_the_role_of_previews_deploys_what_is_beside_its_base(stacks: Stacks) -> None:
    policy, account = rights(stacks, "preview"), str(organization.preview.id)
    for asked in requests("pr-123", account):
        assert decide(asked, policy) == "allowed", asked
    for asked in requests("production", account):
        assert decide(asked, policy) == "not allowed", asked


def of_previews(account: str, name: str, base: str) -> Iterator[Request]:
    """What a preview that comes and goes comes to, beyond deployments."""
    ssm, tables = f"arn:aws:ssm:{HOME}:{account}:parameter", f"arn:aws:dynamodb:{HOME}:{account}:table"
    yield Request("ssm:GetParametersByPath", f"{ssm}{names.previews_parameter(base)}")
    yield Request("ssm:PutParameter", f"{ssm}{names.preview_parameter(base, name)}")
    yield Request("ssm:DeleteParameter", f"{ssm}{names.preview_parameter(base, name)}")
    yield Request("ssm:GetParametersByPath", f"{ssm}/{name}")
    yield Request("ssm:DeleteParameter", f"{ssm}/{name}/todo/key")
    secret = f"arn:aws:secretsmanager:{HOME}:{account}:secret:{names.secret(name, 'todo', 'key')}-a1b2c3"
    for action in ("CreateSecret", "DeleteSecret", "DescribeSecret", "PutSecretValue"):
        yield Request(f"secretsmanager:{action}", secret)
    yield Request("cognito-idp:AdminSetUserPassword", f"arn:aws:cognito-idp:{HOME}:{account}:userpool/x_1")
    for environment in (name, base):
        stack = f"arn:aws:cloudformation:{HOME}:{account}:stack/{names.stack(environment, 'media')}/1b2c"
        yield Request("cloudformation:ListStackResources", stack)
        bucket = f"arn:aws:s3:::{names.bucket(environment, 'media', 'images', account)}"
        yield Request("s3:ListBucketVersions", bucket)
        yield Request("s3:DeleteObjectVersion", f"{bucket}/{names.blob_place(name, 'originals/x')}")
    yield Request("dynamodb:Scan", f"{tables}/{names.table(base, 'todo')}")
    keys = {"dynamodb:LeadingKeys": [f"{name}#Todo#alice"]}
    yield Request("dynamodb:DeleteItem", f"{tables}/{names.table(base, 'todo')}", keys)


def test_the_role_of_previews_takes_them_down_with_all_that_they_hold(stacks: Stacks) -> None:
    policy, account = rights(stacks, "preview"), str(organization.preview.id)
    for asked in of_previews(account, "pr-123", "preview"):
        assert decide(asked, policy) == "allowed", asked
    for asked in of_previews(account, "dev", "production"):
        if not asked.action.startswith("cognito"):  # a pool's id says nothing
            assert decide(asked, policy) == "not allowed", asked
    for asked in of_previews(account, "mine", "preview"):  # what is another tenant's in the base
        if asked.action in {"dynamodb:DeleteItem", "s3:DeleteObjectVersion"}:
            assert decide(asked, policy) == "not allowed", asked


def granted(policy: Policy) -> set[str]:
    return {action for statement in policy["Statement"] for action in listed(statement["Action"])}


@pytest.mark.parametrize("account", HOLDERS, ids=IDS)
def test_a_role_may_do_what_the_deployment_calls_and_nothing_beyond(stacks: Stacks, account: Any) -> None:
    # Nobody calls what hands a role on; and what reads one parameter may read several.
    further = {"iam:PassRole", "ssm:GetParameters"}
    store = ("DescribeKeyValueStore", "ListKeys", "UpdateKeys")  # signed by hand
    further |= {f"cloudfront-keyvaluestore:{each}" for each in store}
    previews = ["preview"] if account.environment == "preview" else []
    assert granted(rights(stacks, account.name)) == called(*COMMANDS, *previews) | further


@pytest.mark.parametrize("account", HOLDERS, ids=IDS)
def test_a_job_of_the_environment_takes_the_role_and_no_other(stacks: Stacks, account: Any) -> None:
    trust = role(stacks, account.name)["AssumeRolePolicyDocument"]

    def taken(subject: str, audience: str = "sts.amazonaws.com") -> str:
        context = {f"{ISSUER}:sub": subject, f"{ISSUER}:aud": audience}
        return decide(Request("sts:AssumeRoleWithWebIdentity", "*", context, "GitHub.Arn"), trust)

    repository = f"repo:{organization.repository}"
    mine = f"{repository}:environment:{account.github_environment}"
    assert taken(mine) == "allowed"
    assert taken(mine, "https://github.com/thestack-example") == "not allowed"
    assert taken(mine.replace("/thestack:", "/fork:")) == "not allowed"
    assert taken(f"{repository}:ref:refs/heads/main") == "not allowed"
    assert taken(f"{repository}:pull_request") == "not allowed"
    for other in HOLDERS:
        if other != account:
            assert taken(f"{repository}:environment:{other.github_environment}") == "not allowed"


def test_the_workflows_take_the_roles(stacks: Stacks) -> None:
    """Each environment that they deploy has a role; its ARN is the variable that `stage.yml` asks for."""
    paths = (ROOT / ".github/workflows").glob("*.yml")
    workflows = {path.stem: yaml.safe_load(path.read_text()) for path in paths}
    jobs = [job for each in workflows.values() for job in each["jobs"].values()]
    signed_in = [job for job in jobs if job.get("permissions", {}).get("id-token") == "write"]
    named = {job["with"]["environment"] if "uses" in job else job["environment"] for job in signed_in}
    handed = "${{ inputs.environment }}"  # it is in the token's subject
    assert named - {handed} <= {each.github_environment for each in HOLDERS}
    assert {each.github_environment for each in organization.units["Production"]} <= named
    stage = workflows["stage"]["jobs"]["deploy"]
    assert stage["environment"] == handed
    assert stage["permissions"]["id-token"] == "write"
    (credentials,) = (each for each in stage["steps"] if "configure-aws-credentials" in each.get("uses", ""))
    assert credentials["with"]["role-to-assume"] == "${{ vars.DEPLOY_ROLE }}"
    assert "audience" not in credentials["with"]  # sts.amazonaws.com is its own default
    minutes = stage["timeout-minutes"]
    for account in HOLDERS:
        output = stacks[f"deploy-{account.name}"].document["Outputs"]["DeployRole"]
        assert output["Description"].startswith("DEPLOY_ROLE of ")
        made = role(stacks, account.name)
        assert made["RoleName"] == f"{account.environment}-deploy"
        assert made["MaxSessionDuration"] >= minutes * 60
        assert len(json.dumps(made["Policies"][0]["PolicyDocument"], separators=(",", ":"))) <= LONGEST_INLINE
