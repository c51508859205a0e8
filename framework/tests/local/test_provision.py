"""Templates on the emulator: created in order, or refused with a reason."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from framework.tests.local.conftest import nowhere
from thestack.infra.assembly import Assembly, Asset, StackFiles
from thestack.local.emulator import Emulator
from thestack.local.provision import LONGEST_BODY, provision, verify_sender
from thestack.operations.errors import OperationError

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}


def stack(folder: Path, name: str, resources: Mapping[str, Any], **more: Any) -> StackFiles:
    template = folder / f"{name}.template.json"
    template.write_text(json.dumps({"Resources": resources, **more}))
    return StackFiles(name, template, ())


def test_the_first_stack_is_there_for_the_others(emulator: Emulator, tmp_path: Path) -> None:
    said = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Name": "/p/name", "Value": "told"},
    }
    asked = {"Name": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/p/name"}}
    outputs = {"Url": {"Value": {"Ref": "Queue"}}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}
    stacks = (
        stack(tmp_path, "p", {"Said": said}),
        stack(tmp_path, "s", {"Queue": queue}, Parameters=asked, Outputs=outputs),
    )
    made, left_out = provision(emulator.aws, Assembly(tmp_path, stacks), print)
    assert made["s"]["Url"].endswith("/told")
    assert left_out == ()


def test_the_endpoint_is_told_to_a_template_that_asks(emulator: Emulator, tmp_path: Path) -> None:
    parameters = {"EmulatorEndpoint": {"Type": "String"}}
    outputs = {"Where": {"Value": {"Ref": "EmulatorEndpoint"}}}
    files = stack(tmp_path, "e", {"Q": {**QUEUE, "Properties": {}}}, Parameters=parameters, Outputs=outputs)
    made, _ = provision(emulator.aws, Assembly(tmp_path, (files,)), print)
    assert made["e"]["Where"] == emulator.endpoint


def test_assets_lie_in_their_bucket_before_the_stack_is_created(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "bundle.zip").write_bytes(b"content")
    asset = Asset(tmp_path / "bundle.zip", "assets-${AWS::AccountId}-${AWS::Region}", "key.zip")
    files = stack(tmp_path, "a", {"Q": {**QUEUE, "Properties": {}}})
    files = StackFiles(files.name, files.template, (asset,))
    provision(emulator.aws, Assembly(tmp_path, (files,)), print)
    stored = emulator.aws.client("s3").get_object(Bucket="assets-000000000000-us-east-1", Key="key.zip")
    assert stored["Body"].read() == b"content"


def test_a_template_that_is_too_long_for_a_request_is_created_whole(
    emulator: Emulator, tmp_path: Path
) -> None:
    resources = {
        f"Parameter{number}": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Name": f"/long/{number}", "Value": "x" * 1_000},
        }
        for number in range(60)
    }
    files = stack(tmp_path, "long", resources)
    assert files.template.stat().st_size > LONGEST_BODY
    _, left_out = provision(emulator.aws, Assembly(tmp_path, (files,)), print)
    assert left_out == ()
    assert emulator.aws.client("ssm").get_parameter(Name="/long/59")["Parameter"]["Value"] == "x" * 1_000


def test_a_type_that_the_emulator_does_not_know_is_left_out_and_said(
    emulator: Emulator, tmp_path: Path
) -> None:
    resources = {
        "Transcoding": {"Type": "AWS::MediaConvert::Queue", "Properties": {}},
        "Queue": {**QUEUE, "DependsOn": ["Transcoding"], "Properties": {"QueueName": "after"}},
    }
    said: list[str] = []
    files = stack(tmp_path, "unknown", resources)
    _, left_out = provision(emulator.aws, Assembly(tmp_path, (files,)), said.append)
    assert left_out == ("AWS::MediaConvert::Queue",)
    assert said == ["left out: AWS::MediaConvert::Queue, which the local AWS does not know"]
    assert emulator.aws.client("sqs").get_queue_url(QueueName="after")


def test_a_stack_that_fails_says_which_resource_and_why(emulator: Emulator, tmp_path: Path) -> None:
    resources = {"Queue": {**QUEUE, "Properties": {"QueueName": {"Fn::ImportValue": "absent"}}}}
    with pytest.raises(OperationError) as caught:
        provision(emulator.aws, Assembly(tmp_path, (stack(tmp_path, "failing", resources),)), print)
    assert str(caught.value) == (
        "the stack failing failed (ROLLBACK_COMPLETE): Queue (AWS::SQS::Queue): Export 'absent' not found"
    )


def test_a_template_that_is_refused_says_why(emulator: Emulator, tmp_path: Path) -> None:
    parameters = {"Name": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/absent"}}
    files = stack(tmp_path, "refused", {"Queue": QUEUE}, Parameters=parameters)
    with pytest.raises(OperationError) as caught:
        provision(emulator.aws, Assembly(tmp_path, (files,)), print)
    assert str(caught.value).startswith("the stack refused was refused: Parameter 'Name' failed to resolve: ")


def test_the_sender_is_one_that_ses_sends_from(emulator: Emulator) -> None:
    verify_sender(emulator.aws, "me@example.com")
    mail = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
    emulator.aws.client("sesv2").send_email(
        FromEmailAddress="me@example.com", Destination={"ToAddresses": ["you@example.com"]}, Content=mail
    )


def test_an_aws_that_does_not_answer_is_one_line() -> None:
    with nowhere() as aws, pytest.raises(OperationError) as caught:
        verify_sender(aws, "me@example.com")
    assert str(caught.value).startswith(f"the local AWS at {aws.endpoint} does not take me@example.com as a ")
    assert "\n" not in str(caught.value)
