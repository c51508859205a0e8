"""What the local stack transcodes with: installed once, and able to do what the outcome promises."""

import subprocess
from pathlib import Path

import pytest

from thestack.toolchain import tools

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def programs() -> Path:
    found = tools.find(ROOT)
    assert found, "the local stack is not installed in .stack; run: make setup"
    return found.ffmpeg


def test_nothing_but_the_two_programs_is_kept(programs: Path) -> None:
    assert sorted(each.name for each in programs.iterdir()) == ["ffmpeg", "ffprobe"]
    assert sorted(each.name for each in programs.parent.iterdir()) == [".complete", "bin"]


def test_it_encodes_what_browsers_play(programs: Path) -> None:
    said = subprocess.run(
        [programs / "ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True, check=True
    ).stdout
    assert {"libx264", "aac", "mjpeg"} <= set(said.split())
