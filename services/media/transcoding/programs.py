"""Running ffmpeg and ffprobe on files that nobody has looked into yet, within limits."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "linux":
    import resource

READING = (
    # Nothing but this one file is opened, whatever is written in it, and only by parsers of media containers.
    *("-protocol_whitelist", "file"),
    *("-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"),
)


class ProgramFailed(Exception):
    """The program did not do it: the file is wrong, or more than the limits allow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one video may cost: bytes read and written, seconds of all programs together, seconds of video,
    pixels of a frame, memory of a program, and threads.
    """

    input_bytes: int = 1 << 30
    output_bytes: int = 2 << 30
    seconds: float = 240
    duration: float = 1800
    pixels: int = 8192 * 4320
    memory: int = 4 << 30
    threads: int = 2


class Programs:
    """The two programs, as they are found on the PATH, for one video: the seconds of all calls add up.

    They run in `folder`.
    """

    def __init__(self, limits: Limits, folder: Path) -> None:
        self.limits, self._folder = limits, folder
        self._deadline = time.monotonic() + limits.seconds

    def ffmpeg(self, *arguments: str | Path) -> None:
        """Run it. Raises `ProgramFailed`."""
        self._run("ffmpeg", ["-nostdin", "-hide_banner", "-loglevel", "error", "-y", *arguments])

    def ffprobe(self, *arguments: str | Path) -> bytes:
        """What it prints. Raises `ProgramFailed`."""
        return self._run("ffprobe", ["-loglevel", "error", *arguments])

    def _run(self, program: str, arguments: Sequence[str | Path]) -> bytes:
        left = self._deadline - time.monotonic()
        with subprocess.Popen(
            [program, *arguments],
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running:
            try:
                self._limit(running.pid)
                printed, said = running.communicate(timeout=max(0, left))
            except subprocess.TimeoutExpired:
                raise ProgramFailed(f"{program} was not done after {self.limits.seconds:g} s") from None
            finally:
                running.kill()
        if running.returncode:
            raise ProgramFailed(f"{program}: {_reason(running.returncode, said)}")
        return printed

    def _limit(self, process: int) -> None:
        """By the kernel, where it can limit another process: on Linux."""
        if sys.platform == "linux":
            with contextlib.suppress(ProcessLookupError):
                memory, output = self.limits.memory, self.limits.output_bytes
                resource.prlimit(process, resource.RLIMIT_AS, (memory, memory))
                resource.prlimit(process, resource.RLIMIT_FSIZE, (output, output))


def _reason(code: int, said: bytes) -> str:
    if code == -signal.SIGXFSZ:
        return "its output is larger than what is allowed"
    lines = said.decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else f"exit code {code}"
