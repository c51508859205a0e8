"""Set up this checkout: `.venv` from requirements/dev.lock, then the local stack's programs in `.stack`.

Runs on any Python >= 3.11 with nothing installed. What is done is not done again: a copy of the files that
`.venv` was made from lies in it, written last, so that an interrupted set-up is noticed and repeated.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INPUTS = (ROOT / "requirements" / "dev.lock", ROOT / "framework" / "pyproject.toml")
STAMP = VENV / ".made-from"
PIP = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install"]
PROGRESS_SECONDS = 10


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


def identity() -> str:
    """What `.venv` depends on; it is bound to its own path as well."""
    return "\n".join([str(VENV), *(file.read_text() for file in INPUTS)])


def is_made() -> bool:
    try:
        return PYTHON.exists() and STAMP.read_text() == identity()
    except OSError:
        return False


def run(title: str, command: list[str]) -> None:
    say(f"{title} ...")
    started = time.monotonic()
    code = None
    # In a session of its own a child hears of Ctrl-C only from here, with all that it started.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=ROOT, start_new_session=True) as child:
        try:
            while code is None:
                try:
                    code = child.wait(PROGRESS_SECONDS)
                except subprocess.TimeoutExpired:
                    say(f"{title} ... {time.monotonic() - started:.0f} s")
        except BaseException:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
            raise
    if code:
        say(f"{title} failed in {VENV} for the reason above; run it again when that is gone")
        sys.exit(3)


def is_usable() -> bool:
    """pip is the last thing that venv makes, and its script holds the path: not half made, not moved here."""
    try:
        moved = str(VENV) not in (VENV / "bin" / "pip").read_text()
    except OSError:
        return False
    probe = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    return not moved and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def make_virtual_environment() -> None:
    started = time.monotonic()
    if not is_usable():
        version = ".".join(map(str, sys.version_info[:3]))
        base: str = getattr(sys, "_base_executable", sys.executable)  # this may be the .venv that is replaced
        run(f"creating .venv with Python {version}", [base, "-m", "venv", "--clear", str(VENV)])
    STAMP.unlink(missing_ok=True)
    # Compiling every module now would double the time; Python compiles what is imported, when it is.
    locked = ["--no-compile", "--require-hashes", "--requirement", str(INPUTS[0])]
    run("downloading and checking the packages", [*PIP, *locked])
    editable = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT / "framework")]
    run("installing the framework", [*PIP, *editable])
    STAMP.write_text(identity())
    say(f".venv is ready ({time.monotonic() - started:.1f} s)")


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that children are ended, not left
    (ROOT / ".stack").mkdir(exist_ok=True)
    if not is_made():
        with (ROOT / ".stack" / ".venv.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("waiting for another set-up, which is making .venv")
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not is_made():
                make_virtual_environment()
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), str(ROOT / ".ci" / "tools.py")])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        say(f"cannot write in {ROOT}: {error}; free or permit that place and run it again")
        sys.exit(3)
