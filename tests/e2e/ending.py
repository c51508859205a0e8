"""Runs `thestack dev`, sends it a signal at a moment of its start-up, and tells what is left of it.

`ending.py SECONDS SIGNAL`, SECONDS after the command began, or "up" for when it says that it is ready. In a
process of its own, because whatever the command abandons becomes this one's child. Who is left is looked at
when the command has ended; only after SIGKILL, which lets nobody wait, the others get time to notice.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 60.0


def children(pid: int | str) -> list[int]:
    """The children of a process, on all its threads."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in thread.read_text().split()]
        except OSError:
            continue
    return found


def described(pid: int) -> str | None:
    """What a process runs; None if it has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return None if state == "Z" else Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return None


def living() -> list[str]:
    """What this process's children run."""
    return [each for each in map(described, children("self")) if each]


def main(moment: str, number: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    command = [sys.executable, "-m", "thestack.cli", "dev", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        if moment == "up":
            assert process.stdout
            process.stdout.readline()
        else:
            time.sleep(float(moment))
        at = time.monotonic() - began
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=PATIENCE)
    deadline = time.monotonic() + (PATIENCE if number == signal.SIGKILL else 0)
    while (left := living()) and time.monotonic() < deadline:
        time.sleep(0.02)
    print(json.dumps({"code": process.returncode, "at": at, "left": left, "out": out, "err": err}))


if __name__ == "__main__":
    main(sys.argv[1], signal.Signals[sys.argv[2]])
