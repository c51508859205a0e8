"""A preview goes down, and nothing of it is left: its stacks with all that they hold, what was kept beside
them, and what its users left in the base.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from thestack.definition import names
from thestack.deployment import stacks
from thestack.deployment.destination import Destination
from thestack.deployment.lock import deploying, left_behind
from thestack.deployment.previews.emptying import empty, forget_templates, resources
from thestack.deployment.previews.registry import Preview, Registry
from thestack.deployment.previews.traces import remove_traces
from thestack.infra.previews import beside
from thestack.operations.errors import OperationError

DEAD = timedelta(hours=6)
"""How old a lock is whose holder has died: no deployment takes so long, and no job of CI may."""
_WORKERS = 4


def take_down(base: Destination, preview: Preview, take_over: str | None = None) -> None:
    """Delete all of a preview, also of one that went up halfway. Raises `OperationError`; then again."""
    to = replace(base, settings=beside(base.settings, preview.name))
    with deploying(to.aws, preview.name, f"preview down {preview.name}", take_over):
        with ThreadPoolExecutor(_WORKERS) as pool:
            list(pool.map(lambda service: _remove_stack(to, service), preview.services))
        _remove_stack(to, names.PLATFORM)
        _remove_secrets(to)
        _remove_parameters(to)
        forget_templates(to.aws, [to.stack(each) for each in (names.PLATFORM, *preview.services)])
        remove_traces(base, preview.name)
        Registry(to.aws, preview.base).forget(preview.name)


def take_down_expired(base: Destination, now: datetime) -> tuple[list[Preview], list[str]]:
    """Take down what is over at `now`; answers that, and why others could not be. A lock of six hours ago is
    taken over.
    """
    gone: list[Preview] = []
    failed: list[str] = []
    for preview in Registry(base.aws, base.settings.name).previews():
        if preview.until > now:
            continue
        base.report(f"{preview.name}: over since {preview.until:%Y-%m-%d %H:%M} UTC")
        try:
            take_down(base, preview, left_behind(base.aws, preview.name, now - DEAD))
        except OperationError as error:
            failed.append(f"{preview.name}: {error}")
        else:
            gone.append(preview)
    return gone, failed


def _remove_stack(to: Destination, service: str) -> None:
    stack = to.stack(service)
    if not stacks.exists(to.aws, stack):
        return
    to.report(f"{service}: its stack is deleted")
    for bucket in resources(to.aws, stack, "AWS::S3::Bucket"):
        empty(to.aws, bucket)
    stacks.remove(to.aws, stack)


def _remove_secrets(to: Destination) -> None:
    """Without the days in which they could be brought back: a preview of the name may come again."""
    client = to.aws.client("secretsmanager")
    named: list[dict[str, Any]] = [{"Key": "name", "Values": [f"{to.settings.name}/"]}]
    for page in client.get_paginator("list_secrets").paginate(Filters=named):
        for each in page["SecretList"]:
            client.delete_secret(SecretId=each["ARN"], ForceDeleteWithoutRecovery=True)


def _remove_parameters(to: Destination) -> None:
    """What deployments and `thestack secret` wrote; the lock is its holder's."""
    client, lock = to.aws.client("ssm"), names.deploy_lock(to.settings.name)
    pages = client.get_paginator("get_parameters_by_path").paginate(
        Path=f"/{to.settings.name}", Recursive=True
    )
    found: Sequence[str] = [each["Name"] for page in pages for each in page["Parameters"]]
    for name in found:
        if name != lock:
            client.delete_parameter(Name=name)
