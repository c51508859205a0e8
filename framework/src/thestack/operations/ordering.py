"""Which services of a checkout are to be deployed since a commit, and the states between."""

from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from thestack.contract.files import FOLDER
from thestack.contract.history import NoHistory, changed_since, world_at
from thestack.contract.mixed import Mixed
from thestack.contract.operations import client_operations
from thestack.contract.promise import World
from thestack.infra.supergraph import compose_sets
from thestack.operations.errors import OperationError
from thestack.operations.promises import Checkout

SHARED = ("deploy", "framework/src", "requirements")
"""What every service is built with."""
_BESIDE = ("tests", FOLDER)
"""What of a service's folder is not deployed."""


def mixed_since(
    checkout: Checkout, ref: str, services: Collection[str] = (), allowed: Collection[str] = ()
) -> Mixed:
    """The states between the contracts committed at `ref` and the checkout's, for these services; without
    them, for those that changed.

    Raises `OperationError` for a ref that git does not know, `ContractUnreadable`, `ComposerUnavailable`.
    """
    try:
        before = world_at(checkout.root, ref)
        chosen = services or changed_services(before, checkout.world, changed_since(checkout.root, ref))
    except NoHistory as error:
        raise OperationError(str(error)) from None
    return Mixed(
        before,
        checkout.world,
        chosen,
        lambda sets: compose_sets(sets, checkout.root),
        client_operations(checkout.root),
        allowed,
    )


def changed_services(before: World, after: World, paths: Iterable[str]) -> set[str]:
    """The services whose promise differs, or a file of them or of what all are built with.

    Example:
        >>> changed_services({}, {}, ["services/todo/tests/test_todo.py", "docs/plan.md"])
        set()
    """
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    for path in map(PurePosixPath, paths):
        if _is_shared(path):
            return {*changed, *after}
        if len(path.parts) > 2 and path.parts[0] == "services" and path.parts[2] not in _BESIDE:
            changed.add(path.parts[1])
    return changed & (before.keys() | after.keys())


def _is_shared(path: PurePosixPath) -> bool:
    committed = PurePosixPath("deploy", FOLDER)
    return any(path.is_relative_to(each) for each in SHARED) and not path.is_relative_to(committed)
