"""What the adapters of AWS are tested against: one emulator for each session and worker."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from framework.tests.adapters.emulator import Emulator, running
from thestack.toolchain import tools as toolchain

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulated AWS account."""
    installed = toolchain.find(ROOT)
    if installed is None:
        pytest.fail("the emulator is not installed in .stack; run: make setup")
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    folder = tmp_path_factory.mktemp("emulator")
    with running(installed, folder, f"{100_000_000_000 + worker:012}") as started:
        yield started


@pytest.fixture(autouse=True)
def no_credentials_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test that forgot its endpoint must fail, not reach somebody's account."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
