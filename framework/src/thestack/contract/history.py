"""The contracts of a commit, read from git."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from thestack.contract.files import FOLDER, SERVICE, ContractUnreadable, read_contract
from thestack.contract.promise import Contract, World

PLACES = ("services", "deploy/contract")
_TIMEOUT = 30


class NoHistory(Exception):
    """There is no such commit here; the message says why."""


def resolve(root: Path, ref: str) -> str | None:
    """The commit that a ref names in the project's repository; None where there is none."""
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()
    except NoHistory:
        return None


def tree_at(root: Path, ref: str, *places: str) -> dict[str, str]:
    """The text files below these places of the project at a commit, by their paths. Raises `NoHistory`."""
    commit = resolve(root, ref)
    if commit is None:
        raise NoHistory(f"there is no commit {ref!r} in {root}; fetch it, or name another with --against")
    listed = _git(root, "ls-tree", "-r", "-z", commit, "--", *places).decode()
    entries = [line.split("\t", 1) for line in listed.split("\0") if line]
    blobs = {path: facts.split()[2] for facts, path in entries if facts.split()[1] == "blob"}
    answered = _git(
        root, "cat-file", "--batch", given="".join(f"{each}\n" for each in blobs.values()).encode()
    )
    found: dict[str, str] = {}
    at = 0
    for path in blobs:
        end = answered.index(b"\n", at)
        size = int(answered[at:end].split()[2])
        content = answered[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
        if b"\0" not in content:
            found[path] = content.decode("utf-8", errors="replace")
    return found


def changed_since(root: Path, ref: str) -> list[str]:
    """The files of the project that differ from a commit, also those that git does not know yet.

    Raises `NoHistory`.
    """
    differing = _git(root, "diff", "--name-only", "--relative", "-z", ref, "--", ".")
    unknown = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return sorted({path for path in (differing + unknown).decode().split("\0") if path})


def world_at(root: Path, ref: str) -> World:
    """The committed contracts at a commit. Raises `NoHistory`, `ContractUnreadable`."""
    return world_of(tree_at(root, ref, *PLACES))


def world_of(files: dict[str, str]) -> World:
    """The contracts among a project's files: `services/NAME/contract/…`, and the platform's in
    `deploy/contract/`. Raises `ContractUnreadable`.
    """
    folders: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        parts = path.split("/")
        if FOLDER not in parts:
            continue
        depth = parts.index(FOLDER) + 1
        folders.setdefault("/".join(parts[:depth]), {})["/".join(parts[depth:])] = text
    contracts: list[Contract] = []
    for folder, held in sorted(folders.items()):
        if SERVICE not in held:
            continue
        try:
            contracts.append(read_contract(held))
        except ContractUnreadable as error:
            raise ContractUnreadable(f"{folder} is no contract: {error}") from None
    return {each.service: each for each in contracts}


def _git(root: Path, *arguments: str, given: bytes | None = None) -> bytes:
    # Paths are the project's own, which may be a folder of a larger repository.
    command: Sequence[str] = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoHistory(f"git can't be asked: {error}") from None
    if done.returncode:
        raise NoHistory(" ".join(done.stderr.decode(errors="replace").split()) or "git refuses")
    return done.stdout
