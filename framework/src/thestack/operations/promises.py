"""The promises of a checkout: what its definitions come to, what of that is committed, and what a change does
to others.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from thestack.contract.composition import Composed, Supergraph
from thestack.contract.documents import documents
from thestack.contract.expectations import Unexpected, expectations_of
from thestack.contract.files import FOLDER, contract_files, read_folder
from thestack.contract.findings import Finding, Level
from thestack.contract.gates import Change, change_between, judge
from thestack.contract.history import NoHistory, resolve, tree_at, world_at
from thestack.contract.operations import FOLDER as FRONTENDS
from thestack.contract.operations import client_operations, operations_of
from thestack.contract.promise import World
from thestack.contract.stateful_changes import allow, unused
from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra.promise import contracts_of, templates_of
from thestack.infra.supergraph import compose_sets
from thestack.operations.errors import OperationError

API = "docs/api"
"""Where the documents of the whole system lie in a project."""
USUAL = ("main", "origin/main")
"""What a checkout is compared with unless something else is named: the first of these that git knows."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The contracts of a checkout, as its definitions have them now."""

    root: Path
    models: Sequence[ServiceModel]
    world: World

    def promises(self) -> dict[str, str]:
        """The files of every contract, by their paths in the project."""
        return {
            f"{folder_of(name)}/{path}": text
            for name, contract in self.world.items()
            for path, text in contract_files(contract).items()
        }

    def files(self, composed: Composed) -> dict[str, str]:
        """Every file that is generated: the contracts, and the documents where the subgraphs compose."""
        made = self.promises()
        if isinstance(composed, Supergraph):
            made |= {f"{API}/{path}": text for path, text in documents(self.world, composed).items()}
        return made


def folder_of(service: str) -> str:
    """Where the contract of a service is committed; the platform's is in `deploy`."""
    return f"deploy/{FOLDER}" if service == names.PLATFORM else f"services/{service}/{FOLDER}"


def checkout_of(root: Path, models: Sequence[ServiceModel]) -> Checkout:
    """The contracts of these services, with what they expect of one another.

    Raises `SynthesisError`, and `OperationError` for a file of expectations that can't be read.
    """
    try:
        expects = {model.name: expectations_of(root / "services" / model.name) for model in models}
    except Unexpected as error:
        raise OperationError(str(error)) from None
    return Checkout(root, models, contracts_of(models, templates_of(root, models), expects))


def usual_ref(root: Path) -> str | None:
    """What to compare a checkout with where nobody says: None without git, or without such a branch."""
    return next((ref for ref in USUAL if resolve(root, ref)), None)


def change_since(checkout: Checkout, ref: str | None) -> Change:
    """The change from the contracts that are committed at `ref`, or from nothing, to the checkout's.

    Raises `OperationError` for a ref that git does not know, `ContractUnreadable`, `ComposerUnavailable`.
    """
    root = checkout.root
    try:
        before = world_at(root, ref) if ref else {}
        asked_before = operations_of(tree_at(root, ref, FRONTENDS)) if ref else None
    except NoHistory as error:
        raise OperationError(str(error)) from None
    asked = client_operations(root)
    return change_between(before, checkout.world, lambda sets: compose_sets(sets, root), asked, asked_before)


def stale(checkout: Checkout, composed: Composed) -> list[Finding]:
    """Which of the committed files are not those that the definitions come to; none in a project that has
    none.
    """
    documented = isinstance(composed, Supergraph) and (checkout.root / API).is_dir()
    there = committed(checkout, API if documented else None)
    made = checkout.files(composed) if documented else checkout.promises()
    if not any(path.endswith(f"/{FOLDER}/service.json") for path in there):
        return []
    changed = sorted(path for path in made.keys() | there.keys() if made.get(path) != there.get(path))
    by_service: dict[str, list[str]] = {}
    for path in changed:
        by_service.setdefault(_service_of(path), []).append(path)
    return [_stale(service, paths, there) for service, paths in by_service.items()]


def update(checkout: Checkout, composed: Composed) -> list[str]:
    """Write every generated file, remove those that are no longer made, and answer the paths that changed."""
    made = checkout.files(composed)
    there = committed(checkout, API if isinstance(composed, Supergraph) else None)
    for path in there.keys() - made.keys():
        (checkout.root / path).unlink()
    for path, text in made.items():
        if there.get(path) != text:
            (checkout.root / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout.root / path).write_text(text, encoding="utf-8")
    return sorted(path for path in made.keys() | there.keys() if made.get(path) != there.get(path))


def findings_of(checkout: Checkout, change: Change, allowed: Collection[str] = ()) -> list[Finding]:
    """What the gates find, and what is stale; `allowed` are the names of what may be lost.

    Raises `OperationError` for a name that allows nothing.
    """
    found = judge(change)
    check_allowed(found, allowed)
    return [*stale(checkout, change.composed_after), *allow(found, allowed)]


def check_allowed(found: Sequence[Finding], allowed: Collection[str]) -> None:
    """Raise `OperationError` for names that allow nothing of what was found."""
    if names_of_nothing := unused(found, allowed):
        raise OperationError(f"nothing here asks for --allow {', '.join(names_of_nothing)}; leave it out")


def committed(checkout: Checkout, api: str | None) -> dict[str, str]:
    """The generated files as they lie in the checkout, also those of services that are gone."""
    gone = {path.parent.parent.name for path in checkout.root.glob(f"services/*/{FOLDER}/service.json")}
    folders = [folder_of(name) for name in sorted({*checkout.world, *gone})]
    folders += [api] if api else []
    return {
        f"{folder}/{path}": text
        for folder in folders
        for path, text in read_folder(checkout.root / folder).items()
    }


def _service_of(path: str) -> str:
    parts = path.split("/")
    return parts[1] if parts[0] == "services" else ""


def _stale(service: str, paths: Sequence[str], there: Mapping[str, str]) -> Finding:
    what = f"the contract of {service}" if service else "the documents of the whole"
    listed = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    state = "differ" if any(path in there for path in paths) else "are missing"
    help = "Run `thestack contract update`, look at what changed, and commit it."
    return Finding("C001", Level.BREAKING, service, f"{what} is stale: {listed} {state}", help=help)
