"""What there is to know of a running local stack, for people and for other commands."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thestack.local.run import live_runs
from thestack.operations.aws import Aws

_FILE = "stack.json"


@dataclass(frozen=True, slots=True)
class LocalStack:
    """A running local stack. Its URLs hold no secret; the endpoint answers on loopback only."""

    run: str
    environment: str
    endpoint: str
    api_id: str
    user_pool: str
    client_id: str
    templates: str
    """The folder of the templates and bundles that it was made from."""
    left_out: tuple[str, ...] = ()
    """Resource types of the templates that the emulator does not know."""
    sockets_id: str = ""
    """The WebSocket API, where some service has subscriptions."""
    is_source: bool = False
    """Whether its functions run from the source: then nothing is deployed to it."""

    @property
    def graphql(self) -> str:
        """The URL for those with a token."""
        return f"{self._stage}/graphql"

    @property
    def public_graphql(self) -> str:
        """The URL for everybody."""
        return f"{self._stage}/public/graphql"

    @property
    def subscriptions(self) -> str | None:
        """The URL of the WebSocket API, which speaks graphql-transport-ws; None where there is none."""
        if not self.sockets_id:
            return None
        return f"ws{self.endpoint.removeprefix('http')}/_aws/execute-api/{self.sockets_id}/live"

    @property
    def aws(self) -> Aws:
        """Its AWS, as root."""
        return Aws(self.endpoint)

    @property
    def _stage(self) -> str:
        return f"{self.endpoint}/_aws/execute-api/{self.api_id}/$default"

    def client(self, service: str) -> Any:
        """A boto3 client of one of its services, as root."""
        return self.aws.client(service)

    def as_json(self) -> dict[str, Any]:
        """Everything, for `--format json`."""
        urls = {"graphql": self.graphql, "public_graphql": self.public_graphql}
        return {**asdict(self), **urls, "subscriptions": self.subscriptions}


def write(stack: LocalStack, folder: Path) -> None:
    """Let other commands find the stack by its run's folder."""
    partial = folder / f".{_FILE}"
    partial.write_text(json.dumps(asdict(stack), indent=2))
    partial.replace(folder / _FILE)


def running(root: Path) -> list[LocalStack]:
    """The local stacks of this checkout that run and are ready, oldest first."""
    found: list[LocalStack] = []
    for folder in live_runs(root):
        try:
            said = json.loads((folder / _FILE).read_text())
        except (OSError, ValueError):
            continue
        found.append(LocalStack(**{**said, "left_out": tuple(said["left_out"])}))
    return found
