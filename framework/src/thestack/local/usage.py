"""Which grants were used: a record of the functions' calls that outlives the stack, and what it lacks."""

import fcntl
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thestack.definition import names
from thestack.infra.grant import Grant, Kind, Resource
from thestack.infra.grants import is_lambdas_own
from thestack.infra.permissions import Permissions
from thestack.local.description import LocalStack
from thestack.operations.aws import telling
from thestack.operations.calls import Use, calls_since
from thestack.operations.errors import OperationError

FOLDER = Path(".stack/usage")
UNRECORDED = frozenset({"ses:SendEmail", "s3:ListBucketVersions", "s3:DeleteObjectVersion"})
"""What the emulator's CloudTrail does not record, or not apart from other calls."""
SIGNED = frozenset({"s3:GetObject", "s3:PutObject"})
"""What a function also may so that others do it by what it signs: no call of its own shows that."""
_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What the functions of an environment used, between two moments, in so many calls."""

    since: datetime
    until: datetime
    calls: int
    uses: Mapping[Use, int]


@dataclass(frozen=True, slots=True)
class Unused:
    """One action on one resource that a function may use, and did not."""

    function: str
    action: str
    resource: Resource
    grant: Grant


@contextmanager
def recording(stack: LocalStack, root: Path, every: float = _SECONDS) -> Iterator[None]:
    """Add what the functions use meanwhile to the environment's record in `.stack/usage`.

    `every` are the seconds between two looks: of more than 10,000 calls in between the first are not seen.

    Raises `OperationError` if the emulator stops answering, or the record can't be written.
    """
    recorder = _Recorder(stack, every)
    thread = threading.Thread(target=recorder.run, name="usage", daemon=True)
    thread.start()
    try:
        yield
    finally:
        recorder.ended.set()
        thread.join()
    if recorder.failure:
        raise recorder.failure
    if usage := recorder.usage():
        _add(root, stack.environment, usage)


def read_usage(root: Path, environment: str) -> Usage | None:
    """The environment's record; None if there is none. Raises `OperationError`."""
    path = root / FOLDER / f"{environment}.json"
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Usage(
            datetime.fromisoformat(said["since"]),
            datetime.fromisoformat(said["until"]),
            said["calls"],
            {Use(each["function"], each["action"], each["resource"]): each["calls"] for each in said["uses"]},
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OperationError(f"cannot read {path}: {error!r}; remove it, and record anew") from None


def unused(granted: Sequence[Permissions], usage: Usage, environment: str) -> list[Unused]:
    """The grants of functions' code that no recorded call used."""
    return [
        Unused(each.function, action, resource, grant)
        for each in granted
        for grant in each.grants
        for resource in grant.resources
        for action in grant.actions
        if is_visible(action, resource)
        and Use(names.app_id(each.function), action, _place(environment, each.service, resource))
        not in usage.uses
    ]


def is_visible(action: str, resource: Resource) -> bool:
    """Whether the use of a grant shows in the record."""
    return action not in UNRECORDED | SIGNED and not is_lambdas_own(action, resource)


def _place(environment: str, service: str, resource: Resource) -> str:
    """The resource as calls name it."""
    match resource.kind:
        case Kind.TABLE:
            return names.table(environment, resource.name)
        case Kind.INDEX:
            return f"{names.table(environment, service)}/index/{resource.name}"
        case Kind.QUEUE:
            return names.queue(environment, resource.name)
        case Kind.DEAD_LETTERS:
            return names.dead_letter_queue(environment, resource.name)
        case Kind.BUCKET | Kind.OBJECTS:
            return names.bucket(environment, service, resource.name, "")
        case Kind.BUS:
            return names.bus(environment)
        case Kind.FUNCTION:
            return names.graphql_function(environment, resource.name)
        case _:
            return "*"


class _Recorder:
    """Reads the emulator's CloudTrail until `ended` is set, and once more then."""

    def __init__(self, stack: LocalStack, every: float) -> None:
        self.ended = threading.Event()
        self.failure: OperationError | None = None
        self._every = every
        self._cloudtrail = stack.client("cloudtrail")
        self._since = self._read_to = datetime.now(UTC)
        self._edge: set[str] = set()
        self._uses, self._calls = Counter[Use](), 0

    def run(self) -> None:
        try:
            while not self.ended.wait(self._every):
                self._read()
            self._read()
        except OperationError as error:
            self.failure = error

    def usage(self) -> Usage | None:
        """What was used; None if nothing was called."""
        return Usage(self._since, self._read_to, self._calls, dict(self._uses)) if self._calls else None

    def _read(self) -> None:
        """What is new since the last time. The edge is read twice, and counted once."""
        with telling("cannot read which grants are used"):
            calls = calls_since(self._cloudtrail, self._read_to)
        fresh = [call for call in calls if call.id not in self._edge]
        self._calls += len(fresh)
        self._uses.update(use for call in fresh for use in call.uses)
        if calls:
            self._read_to = max(call.time for call in calls)
            self._edge = {call.id for call in calls if call.time == self._read_to}


def _add(root: Path, environment: str, usage: Usage) -> None:
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            if before := read_usage(root, environment):
                usage = Usage(
                    min(before.since, usage.since),
                    max(before.until, usage.until),
                    before.calls + usage.calls,
                    Counter(before.uses) + Counter(usage.uses),
                )
            partial = folder / f".{environment}.json"
            partial.write_text(json.dumps(_as_json(usage), indent=2), encoding="utf-8")
            partial.replace(folder / f"{environment}.json")
    except OSError as error:
        raise OperationError(f"cannot keep which grants were used in {folder}: {error}") from None


def _as_json(usage: Usage) -> dict[str, Any]:
    uses = [
        {"function": use.function, "action": use.action, "resource": use.resource, "calls": calls}
        for use, calls in sorted(usage.uses.items())
    ]
    return {
        "since": usage.since.isoformat(),
        "until": usage.until.isoformat(),
        "calls": usage.calls,
        "uses": uses,
    }


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
