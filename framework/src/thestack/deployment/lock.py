"""One deployment of an environment at a time: a parameter that is there while somebody deploys."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from thestack.definition import names
from thestack.deployment.record import now, who
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError


@contextmanager
def deploying(aws: Aws, environment: str, what: str, take_over: str | None = None) -> Iterator[None]:
    """Hold the environment's lock. `take_over` names a lock whose holder is known to be gone.

    Raises `OperationError` that says who holds it, and since when.
    """
    ssm, name = aws.client("ssm"), names.deploy_lock(environment)
    mine = {"id": secrets.token_hex(4), "who": who(), "when": now(), "what": what}
    if take_over:
        held = _held(ssm, name)
        if held.get("id") == take_over:
            ssm.delete_parameter(Name=name)
    try:
        ssm.put_parameter(Name=name, Value=json.dumps(mine), Type="String", Overwrite=False)
    except ssm.exceptions.ParameterAlreadyExists:
        held = _held(ssm, name)
        raise OperationError(
            f"{held.get('who', 'somebody')} deploys to {environment} since {held.get('when', 'a while')} "
            f"({held.get('what', 'unknown')}); wait for its end, or, if nobody is there any more, say "
            f"--take-over {held.get('id', '')}"
        ) from None
    try:
        yield
    finally:
        if _held(ssm, name).get("id") == mine["id"]:
            ssm.delete_parameter(Name=name)


def left_behind(aws: Aws, environment: str, before: datetime) -> str | None:
    """The id of the environment's lock, if somebody has held it since before then; None if nobody has."""
    held = _held(aws.client("ssm"), names.deploy_lock(environment))
    return held["id"] if held and datetime.fromisoformat(held["when"]) < before else None


def _held(ssm: object, name: str) -> dict[str, str]:
    """Whose lock it is; {} if it is nobody's."""
    from botocore.exceptions import ClientError

    try:
        held: dict[str, str] = json.loads(ssm.get_parameter(Name=name)["Parameter"]["Value"])  # type: ignore[attr-defined]
    except (ClientError, ValueError):
        return {}
    return held
