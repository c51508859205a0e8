"""Pushes by SNS do what every push does, and say to each platform what it reads."""

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from framework.tests.adapters.emulator import Emulator
from services.notifications.push import DeadToken, Note, Platform, PushOff, PushRefused
from services.notifications.push_sns import SnsPush
from services.notifications.tests.pushes import NOTE, PushConformance

APPLICATION = "arn:aws:sns:us-east-1:123456789012:app/GCM/todos"
ENDPOINT = "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/todos/5e3e9847-3183-3f18-a7e8-671c3a57d4b3"


@dataclass
class Sns:
    """SNS with one platform application."""

    client: Any
    push: SnsPush

    async def kill(self, endpoint: str) -> None:
        # The emulator pushes to disabled endpoints, too; what SNS says of them is answered by a stub below.
        self.client.delete_endpoint(EndpointArn=endpoint)


class TestSnsPush(PushConformance):
    @pytest.fixture
    def phone(self, emulator: Emulator) -> Sns:
        client = emulator.client("sns")
        made = client.create_platform_application(
            Name=f"todos-{uuid4().hex}", Platform="GCM", Attributes={"PlatformCredential": "none"}
        )
        return Sns(client, SnsPush(client, {Platform.FCM: made["PlatformApplicationArn"]}))


class Stubbed:
    """SNS as its service model describes it, with the answers of a test."""

    def __init__(self, emulator: Emulator) -> None:
        self.client = replace(emulator).client("sns")
        self.answers = Stubber(self.client)
        self.push = SnsPush(self.client, {Platform.FCM: APPLICATION})


@pytest.fixture
def sns(emulator: Emulator) -> Stubbed:
    return Stubbed(emulator)


async def test_an_endpoint_that_stands_in_the_way_is_taken_and_given_the_token(sns: Stubbed) -> None:
    """As SNS says it where the same token was registered with other attributes."""
    reason = f"Endpoint {ENDPOINT} already exists with the same Token, but different attributes."
    text = f"Invalid parameter: Token Reason: {reason}"
    sns.answers.add_client_error("create_platform_endpoint", "InvalidParameter", text)
    sns.answers.add_response(
        "get_endpoint_attributes",
        {"Attributes": {"Token": "old", "Enabled": "false"}},
        {"EndpointArn": ENDPOINT},
    )
    alive = {"EndpointArn": ENDPOINT, "Attributes": {"Token": "new", "Enabled": "true"}}
    sns.answers.add_response("set_endpoint_attributes", {}, alive)
    with sns.answers:
        assert await sns.push.register(Platform.FCM, "new") == ENDPOINT
        sns.answers.assert_no_pending_responses()


async def test_an_endpoint_that_somebody_deleted_meanwhile_is_made_again(sns: Stubbed) -> None:
    for answer in ("old", "new"):
        sns.answers.add_response("create_platform_endpoint", {"EndpointArn": f"{ENDPOINT}-{answer}"})
        if answer == "old":
            sns.answers.add_client_error("get_endpoint_attributes", "NotFound", "Endpoint does not exist")
    sns.answers.add_response("get_endpoint_attributes", {"Attributes": {"Token": "t", "Enabled": "true"}})
    with sns.answers:
        assert await sns.push.register(Platform.FCM, "t") == f"{ENDPOINT}-new"


async def test_a_token_that_is_none_is_refused(sns: Stubbed) -> None:
    sns.answers.add_client_error("create_platform_endpoint", "InvalidParameter", "Invalid parameter: Token")
    with sns.answers, pytest.raises(PushRefused, match="Token"):
        await sns.push.register(Platform.FCM, "x")


async def test_an_application_that_is_not_there_is_one_that_is_off(sns: Stubbed) -> None:
    sns.answers.add_client_error("create_platform_endpoint", "NotFound", "PlatformApplication does not exist")
    with sns.answers, pytest.raises(PushOff):
        await sns.push.register(Platform.FCM, "x")


@pytest.mark.parametrize(
    ("code", "text", "raised"),
    [
        ("EndpointDisabled", "Endpoint is disabled", DeadToken),
        ("InvalidParameter", "TargetArn Reason: No endpoint found for the target arn specified", DeadToken),
        ("NotFound", "Endpoint does not exist", DeadToken),
        ("InvalidParameter", "Invalid parameter: Message too long", PushRefused),
        ("Throttled", "Rate exceeded", ClientError),
        ("InternalError", "later", ClientError),
        ("AuthorizationError", "not allowed", ClientError),
    ],
)
async def test_what_sns_says_of_a_push_is_told_apart(
    sns: Stubbed, code: str, text: str, raised: type[Exception]
) -> None:
    sns.answers.add_client_error("publish", code, text)
    with sns.answers, pytest.raises(raised, match=text):
        await sns.push.send(ENDPOINT, NOTE)


async def test_each_platform_is_told_what_it_reads(sns: Stubbed) -> None:
    fcm = {"notification": {"title": "Due", "body": "Milk"}, "data": {"about": "t-1"}}
    apns = {"aps": {"alert": {"title": "Due", "body": "Milk"}}, "about": "t-1"}
    said = {
        "default": "Milk",
        "GCM": json.dumps(fcm),
        "APNS": json.dumps(apns),
        "APNS_SANDBOX": json.dumps(apns),
    }
    sns.answers.add_response(
        "publish",
        {"MessageId": "m"},
        {"TargetArn": ENDPOINT, "MessageStructure": "json", "Message": json.dumps(said)},
    )
    with sns.answers:
        assert await sns.push.send(ENDPOINT, Note("Due", "Milk", "t-1")) == "m"
