"""What each entry point loads: heavy imports are paid for by whoever waits for a cold start."""

import json
import subprocess
import sys

import pytest

NEVER = {
    "aws_cdk",
    "jsii",
    "typer",
    "rich",
    "httpx",
    "pytest",
    "moto",
    "aws_xray_sdk",
    "boto3.resources.model",
}
RELAY_ONLY = {"aiobotocore", "aiohttp"}
OPTIONAL_OF_AIOBOTOCORE = {"httpx", "rich"}  # loaded where they are installed; no bundle holds them
GRAPHQL_ONLY = {"ariadne", "graphql", "starlette"}
AUTHORIZER_ONLY = {"jwt", "cryptography"}
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_REGION": "eu-central-1",
    "POWERTOOLS_METRICS_NAMESPACE": "thestack",
    "POWERTOOLS_SERVICE_NAME": "test",
    "THESTACK_ACCOUNT": "123456789012",
    "THESTACK_CLIENT_IDS": "c",
    "THESTACK_ENVIRONMENT": "test",
    "THESTACK_ISSUER": "https://issuer.example",
    "THESTACK_JWKS_URL": "https://issuer.example/jwks",
    "THESTACK_MAIL_SENDER": "a@example.com",
    "THESTACK_SOCKETS": "https://sockets.example",
    "THESTACK_USER_POOL": "eu-central-1_x",
}


def loaded_by(entry: str, **environment: str) -> set[str]:
    """The modules in a fresh interpreter that has imported the entry point, as a function's start does."""
    code = f"import json, sys, thestack.entry.{entry}; print(json.dumps(sorted(sys.modules)))"
    path = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**ENVIRONMENT, **environment, **path},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("entry", "environment", "forbidden"),
    [
        ("graphql", {"THESTACK_SERVICE": "services.todo.service"}, RELAY_ONLY | AUTHORIZER_ONLY),
        (
            "consumer",
            {"THESTACK_SERVICE": "services.analytics.service", "THESTACK_CONSUMER": "count"},
            RELAY_ONLY | GRAPHQL_ONLY | AUTHORIZER_ONLY,
        ),
        ("relay", {"THESTACK_SERVICE": "services.todo.service"}, GRAPHQL_ONLY | AUTHORIZER_ONLY),
        ("subscriptions", {"THESTACK_SERVICE": "services.todo.service"}, RELAY_ONLY | AUTHORIZER_ONLY),
        (
            "hook",
            {"THESTACK_SERVICE": "framework.tests.fixtures.echo", "THESTACK_HOOK": "say"},
            RELAY_ONLY | GRAPHQL_ONLY | AUTHORIZER_ONLY,
        ),
        ("sockets", {}, RELAY_ONLY | {"ariadne", "starlette"}),
        ("authorizer", {}, RELAY_ONLY | GRAPHQL_ONLY),
        ("sign_in", {}, RELAY_ONLY | GRAPHQL_ONLY),
        ("doorkeeper", {}, RELAY_ONLY | GRAPHQL_ONLY | AUTHORIZER_ONLY),
        ("pre_token", {}, RELAY_ONLY | GRAPHQL_ONLY | AUTHORIZER_ONLY | {"boto3", "botocore", "pydantic"}),
    ],
)
def test_an_entry_point_loads_only_what_it_needs(
    entry: str, environment: dict[str, str], forbidden: set[str]
) -> None:
    never = NEVER - OPTIONAL_OF_AIOBOTOCORE if entry == "relay" else NEVER
    assert loaded_by(entry, **environment) & (never | forbidden) == set()


def test_only_who_asks_for_secrets_loads_what_fetches_them() -> None:
    loaded = loaded_by("graphql", THESTACK_SERVICE="services.todo.service")
    assert "thestack.adapters.aws.secrets" not in loaded


@pytest.mark.parametrize("service", ["media", "todo"])
def test_a_definition_loads_without_aws_graphql_and_what_one_function_needs(service: str) -> None:
    code = f"import json, sys, services.{service}.service; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout))
    late = {"boto3", "botocore", "aws_lambda_powertools", "PIL", "cryptography"}
    assert loaded.isdisjoint(late | RELAY_ONLY | GRAPHQL_ONLY | NEVER)
