"""Whatever ends a command's owner, nothing of the command is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from thestack.local.listeners import processes
from thestack.local.process import Supervised

linux = pytest.mark.skipif(sys.platform != "linux", reason="who has ended is read from /proc")
SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
# A child in the same group, and one that left for a session of its own.
FAMILY = """
import subprocess, sys, time
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
children = [subprocess.Popen(sleep), subprocess.Popen(sleep, start_new_session=True)]
print(*(child.pid for child in children), flush=True)
time.sleep(600)
"""
OWNER = """
import os, signal, sys, time
from pathlib import Path
from thestack.local.process import Supervised
folder = Path(sys.argv[1])
log, env = folder.parent / "log", dict(os.environ)
with Supervised(sys.argv[2:], env=env, cwd=Path.cwd(), output=log, folder=folder):
    print("owning", flush=True)
    time.sleep(600)
"""


def start(command: Sequence[str], folder: Path, grace: float = 0) -> Supervised:
    return Supervised(command, env=dict(os.environ), cwd=folder, output=folder / "log", grace=grace)


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def family_of(log: Path) -> list[int]:
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"))
    return [int(pid) for pid in log.read_text().split()]


def test_its_output_and_exit_code_are_kept(tmp_path: Path) -> None:
    with start([sys.executable, "-c", "print('hello'); raise SystemExit(7)"], tmp_path) as process:
        assert process.wait(30) == 7
    assert (tmp_path / "log").read_text() == "hello\n"


def test_a_command_that_a_signal_ended_has_a_shells_exit_code(tmp_path: Path) -> None:
    with start([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], tmp_path) as process:
        assert process.wait(30) == 128 + signal.SIGKILL


@linux
def test_stopping_it_ends_its_whole_family(tmp_path: Path) -> None:
    with start([sys.executable, "-c", FAMILY], tmp_path) as process:
        family = family_of(tmp_path / "log")
        assert all(is_alive(pid) for pid in family)
    assert processes(process.pid) == []
    assert not any(is_alive(pid) for pid in family)


def test_with_grace_it_may_clean_up(tmp_path: Path) -> None:
    tidy = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('tidied')))\n"
        "print('up', flush=True); time.sleep(600)"
    )
    with start([sys.executable, "-c", tidy], tmp_path, grace=20):
        wait_until(lambda: "up" in (tmp_path / "log").read_text())
    assert (tmp_path / "log").read_text() == "up\ntidied\n"


@linux
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_does_not_outlive_its_owner(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    command = [sys.executable, "-c", OWNER, str(folder), sys.executable, "-c", FAMILY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as owner:
        family = family_of(tmp_path / "log")
        owner.send_signal(number)
        assert owner.wait(30) != 0
    wait_until(lambda: not any(is_alive(pid) for pid in family))
    wait_until(lambda: not folder.exists())


def test_a_folder_of_a_command_that_ended_by_itself_is_left_to_look_into(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with Supervised(
        [sys.executable, "-c", ""], env={}, cwd=tmp_path, output=folder / "log", folder=folder
    ) as process:
        process.wait(30)
    assert folder.exists()
