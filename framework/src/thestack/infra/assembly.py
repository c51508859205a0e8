"""What synthesis leaves behind: templates and the assets that they name."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that must lie in the asset bucket before its stack is created.

    Bucket and key may hold `${AWS::AccountId}` and the like.
    """

    path: Path
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class StackFiles:
    """One stack of an assembly."""

    name: str
    template: Path
    assets: tuple[Asset, ...]
    contract: Path | None = None
    """What its service promises, as `to_json` writes it; None where its functions have no code."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """A folder of templates and assets.

    `stacks` stand in the order of their creation: the platform, then the services.
    """

    folder: Path
    stacks: tuple[StackFiles, ...]

    def stack(self, name: str) -> StackFiles:
        """The stack of this name. Raises `KeyError`."""
        for stack in self.stacks:
            if stack.name == name:
                return stack
        raise KeyError(
            f"no stack {name!r} in {self.folder}; there are: {', '.join(each.name for each in self.stacks)}"
        )


def read_assembly(folder: Path, first: str) -> Assembly:
    """The assembly in a folder. The stack `first` is created before the others, if it is there."""
    stacks = (
        _stack(folder, path.name.removesuffix(".template.json")) for path in folder.glob("*.template.json")
    )
    return Assembly(folder, tuple(sorted(stacks, key=lambda stack: (stack.name != first, stack.name))))


def _stack(folder: Path, name: str) -> StackFiles:
    template = folder / f"{name}.template.json"
    contract = contract_file(folder, name)
    assets = tuple(_assets(folder, name, template.name))
    return StackFiles(name, template, assets, contract if contract.is_file() else None)


def contract_file(folder: Path, stack: str) -> Path:
    """Where an assembly has the contract of a stack's service."""
    return folder / f"{stack}.contract.json"


def _assets(folder: Path, name: str, template: str) -> Iterator[Asset]:
    manifest = json.loads((folder / f"{name}.assets.json").read_text(encoding="utf-8"))
    for entry in manifest["files"].values():
        path = entry["source"]["path"]
        if path == template:
            continue
        for destination in entry["destinations"].values():
            yield Asset(folder / path, destination["bucketName"], destination["objectKey"])
