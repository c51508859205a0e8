"""ffmpeg and ffprobe, as every function of the local stack finds them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from thestack.toolchain import tools

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def ffmpeg_on_the_path() -> Iterator[None]:
    """For tests that make videos, or transcode them."""
    found = tools.find(ROOT)
    assert found, "the local stack is not installed in .stack; run: make setup"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{found.ffmpeg}{os.pathsep}{os.environ['PATH']}")
        yield
