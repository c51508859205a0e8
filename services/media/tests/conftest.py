"""ffmpeg as every function of the local stack finds it, and an emulated AWS for what talks to it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.toolchain import tools

ROOT = Path(__file__).parents[3]
BUCKET = "test-media-videos"


def _installed() -> tools.Toolchain:
    found = tools.find(ROOT)
    assert found, "the local stack is not installed in .stack; run: make setup"
    return found


@pytest.fixture(scope="session")
def ffmpeg_on_the_path() -> Iterator[None]:
    """For tests that make videos, or transcode them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{_installed().ffmpeg}{os.pathsep}{os.environ['PATH']}")
        yield


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """An emulator with the bucket of the tests' videos."""
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(_installed(), run) as launched:
        wait_until_ready(launched)
        launched.aws.client("s3").create_bucket(Bucket=BUCKET)
        yield launched.aws
