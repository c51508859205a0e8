"""What a preview calls of its base stays there, and who left its lock behind is known by its age."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

from framework.tests.deployment.conftest import ROOT
from thestack.contract.files import to_json
from thestack.contract.promise import Contract
from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.functions import version_arn
from thestack.deployment.lock import deploying, left_behind
from thestack.deployment.previews.registry import Preview, Registry
from thestack.deployment.record import Record
from thestack.deployment.release import Release, Served
from thestack.deployment.stepping import forget_versions
from thestack.infra.environment import Environment
from thestack.local.emulator import Emulator

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def publish_three(emulator: Emulator, function: str) -> None:
    """A function with the versions 1 to 3, of which `live` names the last."""
    client = emulator.aws.client("lambda")
    role = emulator.aws.client("iam").create_role(RoleName=function, AssumeRolePolicyDocument="{}")["Role"]
    for number in range(1, 4):
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as file:
            file.writestr("code.py", f"NUMBER = {number}")
        if number == 1:
            client.create_function(
                FunctionName=function,
                Runtime="python3.13",
                Handler="code.handler",
                Role=role["Arn"],
                Code={"ZipFile": zipped.getvalue()},
            )
        else:
            client.update_function_code(FunctionName=function, ZipFile=zipped.getvalue())
        client.publish_version(FunctionName=function)
    client.create_alias(FunctionName=function, Name=names.LIVE, FunctionVersion="3")


def versions(emulator: Emulator, function: str) -> list[str]:
    listed = emulator.aws.client("lambda").list_versions_by_function(FunctionName=function)["Versions"]
    return [each["Version"] for each in listed if each["Version"] != "$LATEST"]


def test_a_deployment_of_the_base_keeps_the_versions_that_previews_call(emulator: Emulator) -> None:
    aws, function = emulator.aws, names.graphql_function("base", "media")
    base = Destination(ROOT, Environment(name="base", mail_sender="a@b.example"), aws, print)
    publish_three(emulator, function)
    publish_three(emulator, base.router)
    for environment in ("base", "pr-1"):
        aws.client("s3").create_bucket(Bucket=Record(aws, environment).bucket)
    resource = {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": function}}
    template = {"Resources": {"Graphql": resource}}
    release = Release("media", to_json(Contract("media")), template, {function: "3"}, (), "", "")
    base.record.point("media", base.record.keep(release), None)
    theirs = Record(aws, "pr-1")
    calls = {"media": version_arn(aws, function, "2")}
    theirs.point(names.ROUTER, theirs.keep(Served("", (), calls, {}, "", "1", "", "")), None)
    registry = Registry(aws, "base")
    registry.keep(Preview("pr-1", "base", ("todo",), "somebody", NOW, NOW + timedelta(hours=1)))

    forget_versions(base, ["media"])
    assert versions(emulator, function) == ["2", "3"]
    registry.forget("pr-1")
    forget_versions(base, ["media"])
    assert versions(emulator, function) == ["3"]


def test_previews_are_known_by_their_base(emulator: Emulator) -> None:
    registry = Registry(emulator.aws, "known")
    made = [Preview(name, "known", ("todo",), "somebody", NOW, NOW) for name in ("pr-2", "pr-1")]
    for each in made:
        registry.keep(each)
    assert registry.previews() == [made[1], made[0]]
    assert (registry.find("pr-2"), registry.find("pr-3")) == (made[0], None)
    assert Registry(emulator.aws, "other").previews() == []
    registry.forget("pr-2")
    registry.forget("pr-2")
    assert registry.previews() == [made[1]]


def test_a_lock_is_left_behind_once_it_is_old(emulator: Emulator) -> None:
    now = datetime.now(UTC)
    assert left_behind(emulator.aws, "locked", now + timedelta(hours=1)) is None
    with deploying(emulator.aws, "locked", "preview up locked"):
        assert left_behind(emulator.aws, "locked", now - timedelta(hours=1)) is None
        id = left_behind(emulator.aws, "locked", now + timedelta(hours=1))
        held = emulator.aws.client("ssm").get_parameter(Name=names.deploy_lock("locked"))["Parameter"][
            "Value"
        ]
        assert json.loads(held)["id"] == id
