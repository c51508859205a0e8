"""A service's restore: its table of the next epoch is made of a backup, taken into its stack beside the one
before, and served.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thestack.contract.operations import Operation
from thestack.definition import names
from thestack.deployment import stacks
from thestack.deployment.deploying import Outcome, deploy
from thestack.deployment.destination import Destination
from thestack.deployment.making import make
from thestack.infra.environment import FOLDER
from thestack.infra.table import epoch_of, logical_id
from thestack.operations import restoring
from thestack.operations.aws import telling
from thestack.operations.errors import OperationError
from thestack.operations.restoring import Source

DRILL = "drill"
"""What ends the name of a table that is restored to try it."""


class WrongEpoch(Exception):
    """The environment's settings don't say that the service is restored, or that it was already; the message
    says what they must.
    """


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the table that is served now, and what its deployment did."""

    table: str
    epoch: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill found: so many rows in the restored table, so many in the one in use, after so long."""

    rows: int
    rows_in_use: int
    seconds: float


def check_epoch(to: Destination, service: str) -> None:
    """Raise `WrongEpoch` unless the settings name the epoch after the one that runs, and `OperationError`
    where the service does not run.
    """
    epoch, deployed = to.settings.epoch(service), _deployed_epoch(to, service)
    if epoch != deployed + 1:
        raise WrongEpoch(
            f"the table of {service} in {to.settings.name} is of epoch {deployed}, and the settings say "
            f"{epoch}: a restore makes the next one; write `epochs={{{service!r}: {deployed + 1}}}` into "
            f"{FOLDER / to.settings.name}.py, and commit it with the restore"
        )


def restore(
    to: Destination, service: str, source: Source | None, operations: Sequence[Operation] = ()
) -> Restored:
    """Restore a service's table, and serve it. The table before is not touched; the stack lets go of it.

    Without a source a restore goes on that was begun, and whose table is there. Raises `WrongEpoch`, and as
    `deploy` does: then the table before is served on.
    """
    check_epoch(to, service)
    made = make(to, [service])[service]
    epoch = to.settings.epoch(service)
    table, id = names.table(to.settings.name, service, epoch), logical_id(epoch)
    resource = made.template["Resources"][id]
    with telling(f"AWS refuses to restore {service}"):
        _begin(to, source, names.table(to.settings.name, service, epoch - 1), table, resource["Properties"])
        to.report(f"{service}: the table {table} gets its stream, expiry and protection")
        restoring.complete(to.aws, table, resource["Properties"])
        to.report(f"{service}: its stack takes the table in")
        stacks.adopt(to.aws, to.stack(service), id, resource, {"TableName": table})
    before = f"{service}.{logical_id(epoch - 1)}"
    outcome = deploy(to, [service], {service: made}, operations=operations, allowed=[before])
    return Restored(table, epoch, outcome)


def drill(to: Destination, service: str, source: Source) -> Drilled:
    """Restore into a table beside, look at it, and delete it: nothing else is touched. Raises
    `OperationError`.
    """
    epoch = _deployed_epoch(to, service)
    made = make(to, [service])[service]
    used = names.table(to.settings.name, service, epoch)
    table = f"{used}.{DRILL}"
    properties = made.template["Resources"][logical_id(to.settings.epoch(service))]["Properties"]
    began = time.monotonic()
    with telling(f"AWS refuses to restore {service}"):
        _begin(to, source, used, table, properties)
        restoring.complete(to.aws, table, properties)
        took = time.monotonic() - began
        found = Drilled(restoring.count(to.aws, table), restoring.count(to.aws, used), took)
        restoring.discard(to.aws, table)
    return found


def _begin(
    to: Destination, source: Source | None, of: str, table: str, properties: Mapping[str, Any]
) -> None:
    there = restoring.is_there(to.aws, table)
    if source is None and not there:
        raise OperationError(f"there is no table {table} yet: say what to restore, by a time or a backup")
    if source is not None and there:
        raise OperationError(
            f"there is a table {table} already, of a restore that was begun: go on with it by the same "
            "command without a time or backup, or delete it first"
        )
    if source is not None:
        to.report(f"the table {table} is restored, which may take a while")
        restoring.begin(to.aws, source, of, table, properties)


def _deployed_epoch(to: Destination, service: str) -> int:
    pointer = to.record.pointers().get(service)
    if pointer is None:
        raise OperationError(
            f"{service} does not run in {to.settings.name}; `thestack releases` lists what does"
        )
    held = to.record.release(pointer.current).template["Resources"]
    return max(filter(None, map(epoch_of, held)), default=1)
