"""Install a folder once: never half, never twice, never two at a time.

A folder is built under another name and renamed when it is complete, so that an interrupted installation is
never mistaken for a finished one. Its stamp says what it was made from; a file lock keeps two set-ups apart.
"""

import fcntl
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Report = Callable[[str], None]

_STAMP = ".complete"
_COMMAND_SECONDS = 1800
_REASONS = {  # what installers say: why they say it, and what to do about it
    r"no space left|ENOSPC|disk quota": "the disk is full; free about 700 MB and run again",
    r"do not match the hashes|EINTEGRITY": (
        "a package is not the one that the lock file records; "
        "use no index and no proxy that changes packages, then run again"
    ),
    r"certificate.verify.failed|SSLError|UNABLE_TO_\w+_ISSUER|self.signed.cert": (
        "the certificate of the package index is not trusted; "
        "name your authority's file in PIP_CERT and NODE_EXTRA_CA_CERTS, then run again"
    ),
    r"NewConnectionError|NameResolutionError|Max retries|ProxyError|(Connect|Read)Timeout|connection broken"
    r"|ENOTFOUND|EAI_AGAIN|ECONN(REFUSED|RESET)|ETIMEDOUT|ENETUNREACH": (
        "the package index does not answer; check the network (behind a proxy set HTTPS_PROXY) and run again"
    ),
}


class ToolchainError(Exception):
    """A program could not be installed. The message is one line: what, where, why, what to do."""


def is_complete(target: Path, stamp: str) -> bool:
    """Whether `target` was installed to its end from what `stamp` stands for."""
    try:
        return (target / _STAMP).read_text() == stamp
    except OSError:
        return False


def install(target: Path, stamp: str, title: str, build: Callable[[Path], None], report: Report) -> None:
    """Have `build` fill a new folder and put it where `target` is, unless it is there already.

    Raises:
        ToolchainError: from `build`, or because the disk refuses.
    """
    if is_complete(target, stamp):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target, title, report):
            if is_complete(target, stamp):  # the other set-up, for which this one waited, made it
                return
            _remove_leftovers(target)
            report(f"installing {title} into {target}")
            started = time.monotonic()
            partial = _partial(target)
            try:
                build(partial)
                (partial / _STAMP).write_text(stamp)
                _replace(target, partial)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
            report(f"installed {title} in {time.monotonic() - started:.1f} s")
    except OSError as error:
        reason = _known_reason(str(error)) or f"{error.strerror or error}; permit writing there and run again"
        raise ToolchainError(f"cannot install {title} into {target}: {reason}") from None


def run(command: Sequence[str], what: str, cwd: Path, env: Mapping[str, str]) -> None:
    """Run an installer to its end in silence; it is killed with this process's own interruption.

    Raises:
        ToolchainError: it failed; the message is `what` and a reason drawn from its output.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ToolchainError(
            f"{what}: not done after {_COMMAND_SECONDS} s; check the network and run again"
        ) from None
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith(("error", "npm error"))]
        reason = (
            _known_reason(done.stdout)
            or (errors or lines or [f"{command[0]} exited with {done.returncode}"])[-1]
        )
        raise ToolchainError(f"{what}: {reason}")


def _known_reason(output: str) -> str | None:
    return next(
        (reason for signs, reason in _REASONS.items() if re.search(signs, output, re.IGNORECASE)), None
    )


@contextmanager
def _locked(target: Path, title: str, report: Report) -> Iterator[None]:
    with (target.parent / f".{target.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"waiting for another set-up, which is installing {title}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _partial(target: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))


def _replace(target: Path, complete: Path) -> None:
    if target.exists():
        target.rename(_partial(target) / "replaced")
    complete.rename(target)
    _remove_leftovers(target)


def _remove_leftovers(target: Path) -> None:
    for leftover in target.parent.glob(f".{target.name}.*.partial"):
        shutil.rmtree(leftover, ignore_errors=True)
