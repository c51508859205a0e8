"""A run of the local stack: its folder `.stack/run/<id>`, locked for as long as anything of it lives."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from thestack.operations.errors import OperationError

_RUNS = Path(".stack/run")


@dataclass(frozen=True, slots=True)
class Run:
    """A run that this process owns."""

    id: str
    folder: Path
    lock: int
    """The descriptor that holds the folder's lock. A process that inherits it keeps the run alive."""


@contextmanager
def new_run(root: Path) -> Iterator[Run]:
    """A folder for a run, beside those of others, removed at the end. What dead runs left is removed first.

    Raises:
        OperationError: the folder cannot be made.
    """
    runs = root / _RUNS
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with _locked(runs):
            _remove_dead(runs)
            folder = runs / secrets.token_hex(4)
            folder.mkdir()
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        reason = error.strerror or error
        raise OperationError(
            f"cannot keep a run in {runs}: {reason}; permit writing there and run again"
        ) from None
    try:
        yield Run(folder.name, folder, lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def live_runs(root: Path) -> list[Path]:
    """The folders of the runs that some process owns, oldest first."""
    runs = root / _RUNS
    if not runs.is_dir():
        return []
    alive = [folder for folder in runs.iterdir() if folder.is_dir() and _is_held(folder)]
    return sorted(alive, key=lambda folder: folder.stat().st_ctime)


def _remove_dead(runs: Path) -> None:
    for folder in runs.iterdir():
        if not _is_held(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_held(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
