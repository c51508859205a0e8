"""On whose behalf a query is asked: the claims that the authorizer would answer for a user."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from thestack.definition import names
from thestack.operations.aws import Aws, telling
from thestack.operations.errors import OperationError
from thestack.ports import Claims

_LASTS = timedelta(hours=1)


def claims_of(
    aws: Aws, environment: str, user: str, groups: Sequence[str], tenant: str | None, default: str | None
) -> Claims:
    """The claims of a user: an e-mail address of the environment's pool, or a `sub`, which is taken as it is.

    `groups` are added to the user's own; `tenant` replaces it, and `default` is that of users without one.

    Raises:
        OperationError: there is no such user, or nobody says which tenant it is of.
    """
    own, sub = tenant, user
    member = list(groups)
    if "@" in user:
        pool, cognito = pool_of(aws, environment), aws.client("cognito-idp")
        with telling(f"cannot find the user {user} of {environment}"):
            found = cognito.admin_get_user(UserPoolId=pool, Username=user)
            listed = cognito.admin_list_groups_for_user(UserPoolId=pool, Username=user)
        attributes = {each["Name"]: each["Value"] for each in found["UserAttributes"]}
        sub, own = attributes["sub"], tenant or attributes.get("custom:tenant")
        member += [str(each["GroupName"]) for each in listed["Groups"]]
    if not (own or default):
        raise OperationError(f"nobody says which tenant {user} is of; name one with --tenant")
    return Claims(
        subject=sub,
        tenant=str(own or default),
        groups=frozenset(member),
        client="thestack",
        expires=datetime.now(UTC) + _LASTS,
    )


def pool_of(aws: Aws, environment: str) -> str:
    """The id of the environment's user pool. Raises `OperationError`."""
    with telling(f"cannot find the users of {environment} at {aws.place}"):
        parameter = aws.client("ssm").get_parameter(Name=names.parameter(environment, "users/pool-id"))
    return str(parameter["Parameter"]["Value"])
