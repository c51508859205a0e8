"""An emulator of this folder's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.run import new_run
from thestack.toolchain.tools import find

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        yield emulator
