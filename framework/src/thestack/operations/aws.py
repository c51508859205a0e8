"""boto3 clients: of an emulator, with its own credentials and nothing of the user's settings, or of the
user's own AWS.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from thestack.definition import names
from thestack.operations.errors import OperationError

ACCOUNT = "000000000000"
REGION = "us-east-1"
_NOT_THE_USERS = {  # variable: (its name in a file, its environment variable, its value, a conversion)
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
}
_BOUNDED: dict[str, Any] = {
    "connect_timeout": 2,
    "read_timeout": 60,
    "retries": {"mode": "standard", "total_max_attempts": 2},
    "parameter_validation": True,
}
_SIGN_IN = "sign in with `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
_NO_LONGER_VALID = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)


@dataclass(frozen=True, slots=True)
class Aws:
    """An emulator that answers at `endpoint`, as its root user unless a session's keys are given.

    Without an endpoint, the user's own AWS in `region`: credentials and all else are those that boto3's
    default chain finds.

    Example: `Aws("http://127.0.0.1:4566").client("sqs").list_queues()`.
    """

    endpoint: str | None = None
    region: str = REGION
    access_key: str = "test"
    secret_key: str = "test"  # noqa: S105 - what the emulator calls its root user
    token: str | None = None

    @property
    def place(self) -> str:
        """Where it is, for messages: "http://127.0.0.1:4566", or "AWS (eu-central-1)"."""
        return self.endpoint or f"AWS ({self.region})"

    def account(self) -> str:
        """The account's number."""
        return ACCOUNT if self.endpoint else str(self.client("sts").get_caller_identity()["Account"])

    def credentials(self) -> Any:
        """botocore's credentials, for requests that are signed by hand."""
        import boto3
        from botocore.credentials import Credentials

        if self.endpoint is None:
            return boto3.Session(region_name=self.region).get_credentials()
        return Credentials(self.access_key, self.secret_key, self.token)

    def client(self, service: str) -> Any:
        """A boto3 client of a service, with bounded waits. An emulator's is made once."""
        if self.endpoint:
            return _client_of_emulator(self, service, os.environ.get(names.APP_ID))
        import boto3
        from botocore.config import Config

        return boto3.Session(region_name=self.region).client(service, config=Config(**_BOUNDED))


@cache
def _client_of_emulator(aws: Aws, service: str, app: str | None) -> Any:
    import boto3
    import botocore.session
    from botocore.config import Config

    session = botocore.session.Session(session_vars=_NOT_THE_USERS)
    return boto3.Session(botocore_session=session).client(
        service,
        endpoint_url=aws.endpoint,
        region_name=aws.region,
        aws_access_key_id=aws.access_key,
        aws_secret_access_key=aws.secret_key,
        aws_session_token=aws.token,
        config=Config(
            **_BOUNDED,
            user_agent_appid=app,
            proxies={},  # loopback: a proxy that the user has set is none of its business
            s3={"addressing_style": "path"},
        ),
    )


def own_aws(region: str | None, account: str | None) -> Aws:
    """The user's own AWS, in this region or in that of their settings; its credentials are tried at once.

    Raises:
        OperationError: there is no region; credentials are missing, or AWS does not take them; or they are
            those of another account than `account`.
    """
    import boto3
    from botocore.exceptions import ProfileNotFound

    try:
        found = region or os.environ.get("AWS_REGION") or boto3.Session().region_name
    except ProfileNotFound as error:
        raise OperationError(f"cannot use your AWS account: {error}; {_SIGN_IN}") from None
    if not found:
        raise OperationError(
            "cannot use your AWS account: no region is set; set AWS_REGION, or `region` in the environment's "
            "file of deploy/environments"
        )
    aws = Aws(region=found)
    with telling("cannot use your AWS account"):
        identity = aws.client("sts").get_caller_identity()
    if account and identity["Account"] != account:
        raise OperationError(
            f"your credentials are those of account {identity['Account']}, and the environment is in "
            f"{account}; set AWS_PROFILE to one of that account"
        )
    return aws


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Within it, what AWS refuses and what does not answer is one line that begins with `what`.

    Raises:
        OperationError: instead of what boto3 raises.
    """
    from botocore import exceptions

    missing = (
        exceptions.CredentialRetrievalError,
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.SSOError,
        exceptions.TokenRetrievalError,
    )
    try:
        yield
    except exceptions.ClientError as error:
        reason = error.response["Error"].get("Message") or error
        help = f"; {_SIGN_IN}" if error.response["Error"].get("Code") in _NO_LONGER_VALID else ""
        raise OperationError(f"{what}: {reason}{help}") from None
    except missing as error:
        raise OperationError(f"{what}: {error}; {_SIGN_IN}") from None
    except exceptions.BotoCoreError as error:
        raise OperationError(f"{what}: {error}") from None
