"""An account of the emulated AWS, as the tests of the adapters see it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

from thestack.local import emulator
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.toolchain.tools import Toolchain


@dataclass(frozen=True, slots=True)
class Emulator:
    """Where it listens, and the account that its clients speak for: root, by naming it as the key."""

    aws: Aws

    @property
    def endpoint(self) -> str:
        return str(self.aws.endpoint)

    @property
    def account(self) -> str:
        return self.aws.access_key

    @property
    def options(self) -> dict[str, str]:
        """What makes a client of boto3 or aiobotocore one of this account."""
        return {
            "endpoint_url": self.endpoint,
            "region_name": self.aws.region,
            "aws_access_key_id": self.account,
            "aws_secret_access_key": self.aws.secret_key,
        }

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return self.aws.client(service)

    def read(self, path: str, **query: str) -> Any:
        """A JSON document of the emulator itself."""
        with urlopen(f"{self.endpoint}{path}?{urlencode(query)}", timeout=5) as answer:
            return json.load(answer)


@contextmanager
def running(tools: Toolchain, folder: Path, account: str) -> Iterator[Emulator]:
    """An emulator of one's own that keeps its state in `folder`."""
    with new_run(folder) as run, emulator.launch(tools, run) as launched:
        emulator.wait_until_ready(launched)
        yield Emulator(Aws(launched.endpoint, access_key=account))
