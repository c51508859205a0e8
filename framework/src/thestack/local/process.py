"""A command in a process group of its own, which ends with this process however this one ends."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_PATIENCE = 15


class Supervised:
    """A command that `supervisor.py` runs. Leaving the context ends it and everything that it started."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        output: Path | int,
        grace: float = 0,
        folder: Path | None = None,
        keep: Sequence[int] = (),
        give: Sequence[int] = (),
    ) -> None:
        """Start it; `output`, a file or a descriptor, receives what it prints.

        `grace`: seconds between the request to end and the kill. `folder` is removed with it when it is
        stopped, or this process dies. `keep` are descriptors that the supervisor holds open until then: a
        lock, for one. `give` are descriptors that the command inherits under their numbers.
        """
        launch = [
            sys.executable,
            "-I",
            "-S",
            str(_SUPERVISOR),
            str(grace),
            str(folder or ""),
            ",".join(map(str, give)),
            *map(str, command),
        ]
        with open(output, "ab", closefd=isinstance(output, Path)) as log:
            self._process = subprocess.Popen(
                launch,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=dict(env),
                start_new_session=True,  # Ctrl-C reaches this process first, which ends the others in order
                pass_fds=(*keep, *give),
            )

    @property
    def pid(self) -> int:
        """The supervisor's process id. It leads a session that holds the command and all that it starts."""
        return self._process.pid

    def poll(self) -> int | None:
        """The command's exit code; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        """The exit code, once there is one. Raises `subprocess.TimeoutExpired`."""
        return self._process.wait(seconds)

    def stop(self) -> None:
        """End it; returns when nothing of it is left. Does nothing the second time."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> "Supervised":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
