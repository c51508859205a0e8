"""Users of the local stack: signed up and signed in by Cognito's own API, as a frontend does."""

from dataclasses import dataclass, field
from typing import Any

from thestack.local.description import LocalStack
from thestack.operations.aws import telling

PASSWORD = "Local-stack-1!"  # noqa: S105 - of users who live as long as a local stack


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user with the tokens of one sign-in, valid for an hour. The tokens stay out of the representation."""

    email: str
    id: str
    """The `sub` of the tokens: what services know the user by."""
    access_token: str = field(repr=False)
    id_token: str = field(repr=False)


def sign_up(stack: LocalStack, email: str, *, group: str | None = None, tenant: str | None = None) -> str:
    """Make a confirmed user with the local password; answers its id.

    Raises:
        OperationError: the user exists, there is no such group, or Cognito does not answer.
    """
    cognito = stack.client("cognito-idp")
    where: dict[str, Any] = {"UserPoolId": stack.user_pool, "Username": email}
    with telling(f"cannot sign {email} up"):
        if group:  # before there is a user, who would be in the way of the next try
            cognito.get_group(UserPoolId=stack.user_pool, GroupName=group)
        made = cognito.sign_up(
            ClientId=stack.client_id,
            Username=email,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": email}],
        )
        cognito.admin_confirm_sign_up(**where)
        verified = [{"Name": "email_verified", "Value": "true"}]
        if tenant:
            verified.append({"Name": "custom:tenant", "Value": tenant})
        cognito.admin_update_user_attributes(**where, UserAttributes=verified)
        if group:
            cognito.admin_add_user_to_group(**where, GroupName=group)
    return str(made["UserSub"])


def sign_in(stack: LocalStack, email: str, password: str = PASSWORD) -> SignedIn:
    """Sign a user in by e-mail and password.

    Raises:
        OperationError: Cognito refuses, or does not answer.
    """
    cognito = stack.client("cognito-idp")
    with telling(f"cannot sign {email} in"):
        answer = cognito.initiate_auth(
            ClientId=stack.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )["AuthenticationResult"]
        user = cognito.get_user(AccessToken=answer["AccessToken"])
    attributes = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    return SignedIn(email, attributes["sub"], answer["AccessToken"], answer["IdToken"])
