"""The installed programs, and what of a process is left."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.run import Run, new_run
from thestack.operations.aws import Aws
from thestack.toolchain.tools import Toolchain, find

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def tools() -> Toolchain:
    found = find(ROOT)
    assert found, "the local stack's programs are missing; run `make setup`"
    return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with new_run(tmp_path) as run:
        yield run


@pytest.fixture(scope="module")
def emulator(tools: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield emulator


@contextmanager
def nowhere() -> Iterator[Aws]:
    """An AWS that nobody answers for: its port is taken by one who does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield Aws(f"http://127.0.0.1:{taken.getsockname()[1]}")
