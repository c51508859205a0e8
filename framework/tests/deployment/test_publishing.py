"""Publishing: nothing that a page may still ask for is missing, and keys are known before they sign."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.publishing import FOR_EVER, RECORD, publish
from thestack.deployment.session_keys import see_to_keys
from thestack.deployment.site import Frontend
from thestack.infra.environment import Environment
from thestack.infra.stored_keys import STORED, retold, told
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.key_value_store import KeyValueStore
from thestack.toolchain.tools import find

ROOT = Path(__file__).parents[3]
URL = "https://pages.example.com"
TOLD = {
    names.site_url(names.FRONTEND_PUBLIC): URL,
    names.API_URL: "https://api.example.com",
    names.CLIENT_ID: "web",
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield emulator.aws


@pytest.fixture
def to(aws: Aws, tmp_path: Path, request: pytest.FixtureRequest) -> Destination:
    """An environment of the test's own, with a page and what the stack of its frontend would say."""
    for path, text in {"index.html": '<script src="./app.js">', "app.js": "1"}.items():
        file = tmp_path / "frontends/public" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    name = f"e{abs(hash(request.node.name)) % 10**8}"
    settings = Environment(name=name, mail_sender="a@example.com", emulated=True, public_site=True)
    return Destination(tmp_path, settings, aws, lambda _: None)


@pytest.fixture
def bucket(to: Destination) -> str:
    """The bucket of its pages; the environment is told of it."""
    name = names.bucket(to.settings.name, names.FRONTEND_PUBLIC, names.SITE, to.aws.account())
    to.aws.client("s3").create_bucket(Bucket=name)
    origin = {"Id": "o", "DomainName": "o.example.com", "CustomOriginConfig": {}}
    origin["CustomOriginConfig"] = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    made = to.aws.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": name,
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        }
    )
    said = {**TOLD, names.site_distribution(names.FRONTEND_PUBLIC): made["Distribution"]["Id"]}
    for key, value in said.items():
        parameter = names.parameter(to.settings.name, key)
        to.aws.client("ssm").put_parameter(Name=parameter, Value=value, Type="String")
    return name


def objects(to: Destination, bucket: str) -> dict[str, dict[str, Any]]:
    """The objects by key, oldest first."""
    s3 = to.aws.client("s3")
    found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    ordered = sorted(found, key=lambda each: each["LastModified"])
    return {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"]) for each in ordered}


def test_what_is_named_by_its_content_is_kept_for_ever_and_the_rest_for_a_minute(
    to: Destination, bucket: str
) -> None:
    done = publish(to, Frontend.PUBLIC)
    (asset,) = done.uploaded
    found = objects(to, bucket)
    assert found[asset]["CacheControl"] == FOR_EVER
    assert found[asset]["ContentType"] == "text/javascript; charset=utf-8"
    assert "max-age=60" in found["index.html"]["CacheControl"]
    assert f'src="/{asset}"' in found["index.html"]["Body"].read().decode()
    assert json.loads(found["config.json"]["Body"].read()) == {
        "environment": to.settings.name,
        "api": "https://api.example.com/graphql",
        "client": "public",
        "clientId": "web",
        "cognito": f"{to.aws.endpoint}/",
    }
    assert (done.url, done.is_let_in, done.made_key) == (URL, False, False)
    again = publish(to, Frontend.PUBLIC)
    assert (again.uploaded, again.there) == ([], 1)


def test_assets_go_30_days_after_the_last_index_that_named_them(to: Destination, bucket: str) -> None:
    (first,) = publish(to, Frontend.PUBLIC).uploaded
    (to.root / "frontends/public/app.js").write_text("2")
    done = publish(to, Frontend.PUBLIC)
    assert {first, *done.uploaded} < objects(to, bucket).keys()
    s3 = to.aws.client("s3")
    long_ago = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    s3.put_object(Bucket=bucket, Key=RECORD, Body=json.dumps({first: long_ago}).encode())
    assert publish(to, Frontend.PUBLIC).forgotten == [first]
    assert first not in objects(to, bucket)
    (to.root / "frontends/public/app.js").write_text("1")  # it comes back, and is named again
    assert publish(to, Frontend.PUBLIC).uploaded == [first]


def test_a_stack_that_is_not_there_is_named_with_what_brings_it(to: Destination) -> None:
    with pytest.raises(OperationError, match=r"run `thestack deploy frontend-public --env e\d+` first"):
        publish(to, Frontend.PUBLIC)


def test_cloudfront_knows_two_keys_and_the_newest_signs(to: Destination) -> None:
    cloudfront, name = to.aws.client("cloudfront"), to.settings.name
    arn = cloudfront.create_key_value_store(Name=names.session_keys(name))["KeyValueStore"]["ARN"]
    on_aws = replace(to, settings=replace(to.settings, emulated=False))  # without the function's stand-in
    made: list[list[str]] = []
    for is_new in (False, False, True, True):
        was_made = see_to_keys(on_aws, new=is_new)
        said = to.aws.client("ssm").get_parameter(
            Name=names.session_keys_parameter(name), WithDecryption=True
        )["Parameter"]
        assert said["Type"] == "SecureString"
        keys = {each["id"]: each["secret"] for each in json.loads(said["Value"])}
        assert KeyValueStore(to.aws, arn).items() == keys
        assert all(len(secret) == 43 for secret in keys.values())
        made.append([*keys])
        assert was_made is (is_new or len(made) == 1)
    first, same, second, third = made
    assert first == same
    assert second == [second[0], *first]
    assert third == [third[0], second[0]]


def test_a_store_that_is_not_there_is_told(aws: Aws) -> None:
    arn = f"arn:aws:cloudfront::{aws.account()}:key-value-store/none"
    with pytest.raises(OperationError, match="refuses"):
        KeyValueStore(aws, arn).items()


def test_an_emulators_function_has_its_keys_in_its_first_line() -> None:
    code = f"{told({})}\nfunction handler() {{}}\n"
    assert retold(code, {"a": "1"}).splitlines()[1:] == code.splitlines()[1:]
    assert '"a": "1"' in retold(code, {"a": "1"})
    with pytest.raises(ValueError, match="does not begin"):
        retold(f"{STORED}\nfunction handler() {{}}", {})
