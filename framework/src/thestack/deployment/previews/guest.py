"""The test user of a preview, whom only those who may administer its user pool can be."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from thestack.definition import names
from thestack.infra.previews import SIMULATOR
from thestack.operations.aws import Aws, telling


@dataclass(frozen=True, slots=True)
class Guest:
    """A user who is signed in, for an hour. The token stays out of the representation."""

    email: str
    access_token: str = field(repr=False)


def email_of(preview: str) -> str:
    """The test user's address, at which nobody reads mails."""
    return f"success+{preview}@{SIMULATOR}"


def sign_in(aws: Aws, preview: str, group: str | None = None) -> Guest:
    """Sign the test user in, who is made if need be, and put into a group, or out of all.

    Each time the password is another one, which nobody is told. Raises `OperationError`.
    """
    cognito, told = aws.client("cognito-idp"), _told(aws, preview)
    email, password = email_of(preview), f"{secrets.token_urlsafe(24)}aA1!"
    user = {"UserPoolId": told[names.POOL_ID], "Username": email}
    with telling(f"cannot sign {email} in"):
        try:
            cognito.admin_get_user(**user)
        except cognito.exceptions.UserNotFoundException:
            attributes = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
            cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=password, Permanent=True)
        for each in cognito.admin_list_groups_for_user(**user)["Groups"]:
            if each["GroupName"] != group:
                cognito.admin_remove_user_from_group(**user, GroupName=each["GroupName"])
        if group:
            cognito.admin_add_user_to_group(**user, GroupName=group)
        answer = cognito.initiate_auth(
            ClientId=told[names.CLIENT_ID],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
    return Guest(email, answer["AuthenticationResult"]["AccessToken"])


def url_of(aws: Aws, preview: str) -> str:
    """Where its API answers."""
    return _told(aws, preview)[names.API_URL]


def _told(aws: Aws, preview: str) -> Mapping[str, str]:
    keys = (names.POOL_ID, names.CLIENT_ID, names.API_URL)
    wanted = {names.parameter(preview, key): key for key in keys}
    with telling(f"the preview {preview} is not up at {aws.place}"):
        found: list[dict[str, Any]] = aws.client("ssm").get_parameters(Names=[*wanted])["Parameters"]
    return {wanted[each["Name"]]: each["Value"] for each in found}
