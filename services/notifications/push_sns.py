"""Pushes by SNS: a platform endpoint for each device."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import get_session  # pyright: ignore[reportUnknownVariableType] - it has no types

from services.notifications.push import DeadToken, Note, Platform, PushOff, PushRefused

KNOWN = re.compile(r"Endpoint (arn:\S+) already exists with the same [Tt]oken")
"""SNS names the endpoint that stands in a new one's way nowhere else."""
GONE = frozenset({"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"})
REFUSALS = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"})
DEAD = re.compile(r"TargetArn|No endpoint found|Invalid token", re.IGNORECASE)


def client() -> Any:
    """A client of SNS that waits for it no longer than a user would."""
    config = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})
    return get_session().create_client("sns", config=config)  # pyright: ignore[reportUnknownMemberType]


class SnsPush:
    """`client` is boto3's of sns; `applications` are the ARNs of its platform applications.

    SNS disables an endpoint whose token its provider refuses, and says so at the next push.
    """

    def __init__(self, client: Any, applications: Mapping[Platform, str]) -> None:
        self._client, self._applications = client, applications

    async def register(self, platform: Platform, token: str) -> str:
        application = self._applications.get(platform)
        if application is None:
            raise PushOff(platform)
        endpoint = await self._endpoint(application, token)
        try:
            found = await self._ask("get_endpoint_attributes", EndpointArn=endpoint)
        except DeadToken:  # deleted since, by whoever dropped it
            endpoint = await self._endpoint(application, token)
            found = await self._ask("get_endpoint_attributes", EndpointArn=endpoint)
        attributes = found["Attributes"]
        if attributes.get("Token") != token or attributes.get("Enabled", "true").lower() != "true":
            alive = {"Token": token, "Enabled": "true"}
            await self._ask("set_endpoint_attributes", EndpointArn=endpoint, Attributes=alive)
        return endpoint

    async def send(self, endpoint: str, note: Note) -> str:
        answer = await self._ask(
            "publish", TargetArn=endpoint, MessageStructure="json", Message=_message(note)
        )
        return str(answer["MessageId"])

    async def drop(self, endpoint: str) -> None:
        try:
            await self._ask("delete_endpoint", EndpointArn=endpoint)
        except DeadToken:
            return

    async def _endpoint(self, application: str, token: str) -> str:
        try:
            answer = await self._ask(
                "create_platform_endpoint", PlatformApplicationArn=application, Token=token
            )
        except PushRefused as refused:
            known = KNOWN.search(str(refused))
            if known is None:
                raise
            return known[1]
        except DeadToken:  # there is no such application
            raise PushOff(application) from None
        return str(answer["EndpointArn"])

    async def _ask(self, operation: str, **parameters: Any) -> Any:
        """What SNS answers. Raises `DeadToken`, `PushRefused`, and whatever else it says as it is."""
        try:
            return await asyncio.to_thread(getattr(self._client, operation), **parameters)
        except ClientError as error:
            response: Any = error.response
            code, text = str(response["Error"]["Code"]), str(error)
            if code in GONE:
                raise DeadToken(text) from None
            if code in REFUSALS:
                is_dead = operation != "create_platform_endpoint" and DEAD.search(text)
                raise DeadToken(text) if is_dead else PushRefused(text) from None
            raise


def _message(note: Note) -> str:
    """What each platform is told; SNS takes the one that the endpoint is of."""
    fcm = {"notification": {"title": note.title, "body": note.text}, "data": {"about": note.about}}
    apns = {"aps": {"alert": {"title": note.title, "body": note.text}}, "about": note.about}
    said = {"default": note.text, "GCM": json.dumps(fcm)}
    return json.dumps({**said, "APNS": json.dumps(apns), "APNS_SANDBOX": json.dumps(apns)})
