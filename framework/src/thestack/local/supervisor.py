"""Runs one command so that nothing of it outlives whoever asked for it, not even after `kill -9`.

Started as a script, on the standard library alone: `supervisor.py GRACE FOLDER GIVEN COMMAND...`. Its
standard input is a pipe that the asking process holds open. When that ends, the command's whole process group
is asked to end, killed after GRACE seconds, and FOLDER ("" for none) is removed. A command that ends by
itself leaves FOLDER for the asking process to look into. GIVEN names the descriptors that the command
inherits, "3,4".
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
IGNORED = (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
STEP = 0.01


def main(grace: float, folder: str, given: list[int], command: list[str]) -> int:
    """Run `command` until it or the asking process ends; answers the exit code that a shell would."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    _control(PR_SET_CHILD_SUBREAPER, 1)
    child = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=_fresh, pass_fds=given
    )
    for each in given:  # the command's alone: its end must be the end of what it holds
        os.close(each)
    while child.poll() is None:
        select.select([sys.stdin, woken], [], [])
        if _readable(sys.stdin.fileno()) or signal.SIGTERM in _drain(woken):
            break
    code = child.poll()
    _end(child, grace)
    if code is None and folder:
        shutil.rmtree(folder, ignore_errors=True)
    ended = child.returncode if code is None else code
    return ended if ended >= 0 else 128 - ended


def _fresh() -> None:
    for number in IGNORED:
        signal.signal(number, signal.SIG_DFL)
    _control(PR_SET_PDEATHSIG, signal.SIGKILL)


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _readable(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


def _drain(woken: int) -> bytes:
    return os.read(woken, 1024) if _readable(woken) else b""


def _end(child: "subprocess.Popen[bytes]", grace: float) -> None:
    """End the command's group, and on Linux whoever left it for a group of its own."""
    if grace:
        _signal(child.pid, signal.SIGTERM)
        _wait(lambda: _is_empty(child), grace)
    _signal(child.pid, signal.SIGKILL)
    _wait(lambda: _is_empty(child), 5)
    for pid in _adopted():
        os.kill(pid, signal.SIGKILL)
    _wait(lambda: not _reap(child), 5)


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def _is_empty(child: "subprocess.Popen[bytes]") -> bool:
    _reap(child)
    try:
        os.killpg(child.pid, 0)
    except (ProcessLookupError, PermissionError):
        return True
    return False


def _reap(child: "subprocess.Popen[bytes]") -> bool:
    """Collect who has ended; answers whether there is anybody left."""
    child.poll()
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if not pid:
            return True


def _adopted() -> list[int]:
    """The children of this process, the orphans among its descendants included."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as children:
            return [int(pid) for pid in children.read().split()]
    except OSError:
        return []


def _wait(done: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(STEP)


if __name__ == "__main__":
    _, grace, folder, given, *command = sys.argv
    sys.exit(main(float(grace), folder, [int(each) for each in given.split(",") if each], command))
