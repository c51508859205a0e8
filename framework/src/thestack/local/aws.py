"""boto3 clients for one endpoint, with its own credentials and nothing of the user's settings."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from thestack.local.errors import LocalStackError

ACCOUNT = "000000000000"
REGION = "us-east-1"
_NOT_THE_USERS = {  # variable: (its name in a file, its environment variable, its value, a conversion)
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "ca_bundle": (None, None, None, None),
}


@dataclass(frozen=True, slots=True)
class Aws:
    """An AWS that answers at `endpoint`, as its root user unless a session's keys are given.

    Example: `Aws("http://127.0.0.1:4566").client("sqs").list_queues()`.
    """

    endpoint: str
    region: str = REGION
    access_key: str = "test"
    secret_key: str = "test"  # noqa: S105 - what the emulator calls its root user
    token: str | None = None

    def client(self, service: str) -> Any:
        """A boto3 client of a service, with bounded waits."""
        import boto3
        import botocore.session
        from botocore.config import Config

        session = botocore.session.Session(session_vars=_NOT_THE_USERS)
        return boto3.Session(botocore_session=session).client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            aws_session_token=self.token,
            config=Config(
                connect_timeout=2,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": 2},
                proxies={},  # loopback: a proxy that the user has set is none of its business
                s3={"addressing_style": "path"},
                parameter_validation=True,
            ),
        )


@contextmanager
def telling(what: str) -> Iterator[None]:
    """Within it, what AWS refuses and what does not answer is one line that begins with `what`.

    Raises:
        LocalStackError: instead of what boto3 raises.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        reason = error.response["Error"].get("Message") or error
        raise LocalStackError(f"{what}: {reason}") from None
    except BotoCoreError as error:
        raise LocalStackError(f"{what}: {error}") from None
