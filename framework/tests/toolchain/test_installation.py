"""An installation is complete or absent, whatever interrupts it."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from thestack.toolchain.installation import ToolchainError, install, is_complete, run

SPAWN = multiprocessing.get_context("spawn")


def filled_with(text: str) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        (folder / "content").write_text(text)

    return build


def must_not_run(folder: Path) -> None:
    raise AssertionError(f"{folder} was built again")


def silent(_: str) -> None: ...


def visible(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.endswith(".lock"))


def test_it_is_built_once(tmp_path: Path) -> None:
    target = tmp_path / "tool"
    install(target, "1", "a tool", filled_with("first"), silent)
    install(target, "1", "a tool", must_not_run, silent)
    assert (target / "content").read_text() == "first"


def test_another_stamp_replaces_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "tool"
    install(target, "1", "a tool", filled_with("first"), silent)
    install(target, "2", "a tool", filled_with("second"), silent)
    assert (target / "content").read_text() == "second"
    assert not is_complete(target, "1")
    assert visible(tmp_path) == ["tool"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "tool"
    install(target, "1", "a tool", filled_with("first"), silent)

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ToolchainError("no luck")

    with pytest.raises(ToolchainError, match="no luck"):
        install(target, "2", "a tool", fail, silent)
    assert is_complete(target, "1")
    assert visible(tmp_path) == ["tool"]


def build_until_killed(target: Path, started: "Connection[None, None]") -> None:
    def build(folder: Path) -> None:
        (folder / "half").touch()
        started.send(None)
        threading.Event().wait(60)

    install(target, "1", "a tool", build, silent)


def test_a_killed_installation_is_absent_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    target = tmp_path / "tool"
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=build_until_killed, args=(target, sender))
    process.start()
    assert receiver.poll(30)
    os.kill(process.pid or 0, signal.SIGKILL)
    process.join(30)
    assert not target.exists()
    assert visible(tmp_path) != []
    install(target, "1", "a tool", filled_with("whole"), silent)
    assert visible(tmp_path) == ["tool"]
    assert visible(target) == [".complete", "content"]


def test_the_second_of_two_at_once_waits_and_uses_the_first_ones_work(tmp_path: Path) -> None:
    target = tmp_path / "tool"
    building, waiting = threading.Event(), threading.Event()
    said: list[str] = []

    def slow(folder: Path) -> None:
        building.set()
        assert waiting.wait(30)
        (folder / "content").write_text("first")

    def report(text: str) -> None:
        said.append(text)
        waiting.set()

    first = threading.Thread(target=install, args=(target, "1", "a tool", slow, silent))
    first.start()
    assert building.wait(30)
    install(target, "1", "a tool", must_not_run, report)
    first.join(30)
    assert said == ["waiting for another set-up, which is installing a tool"]
    assert (target / "content").read_text() == "first"


def test_a_place_that_refuses_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ToolchainError) as caught:
        install(tmp_path / "file" / "tool", "1", "a tool", must_not_run, silent)
    message = str(caught.value)
    assert message.startswith(f"cannot install a tool into {tmp_path / 'file' / 'tool'}: ")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("WARNING: Retrying ... NewConnectionError(...)", "the package index does not answer"),
        ("npm error code ENOTFOUND", "the package index does not answer"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
            "a package is not the one that the lock file records",
        ),
        ("npm error code EINTEGRITY", "a package is not the one that the lock file records"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("SSLError: CERTIFICATE_VERIFY_FAILED", "the certificate of the package index is not trusted"),
        ("Collecting x\nERROR: something else\nlast", "ERROR: something else"),
        ("", "exited with 7"),
    ],
)
def test_an_installers_failure_is_explained_in_one_line(tmp_path: Path, output: str, reason: str) -> None:
    script = f"import sys; print({output!r}); sys.exit(7)"
    with pytest.raises(ToolchainError) as caught:
        run([sys.executable, "-c", script], "cannot install a tool", tmp_path, os.environ)
    assert str(caught.value).startswith("cannot install a tool: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_interruption_ends_the_installer(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    script = f"import time; held = open({str(alive)!r}, 'w'); time.sleep(60)"
    receiver, sender = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=run_until_interrupted, args=(script, tmp_path, sender))
    process.start()
    with alive.open() as held_open:  # waits for the installer to run
        os.kill(process.pid or 0, signal.SIGINT)
        assert receiver.poll(30)
        assert receiver.recv() == "interrupted"
        assert held_open.read() == ""  # waits for the installer to end
    process.join(30)


def run_until_interrupted(script: str, folder: Path, told: "Connection[str, str]") -> None:
    try:
        run([sys.executable, "-c", script], "cannot install a tool", folder, os.environ)
    except KeyboardInterrupt:
        told.send("interrupted")
