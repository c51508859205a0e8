"""The local AWS: MiniStack in a process group of its own, on loopback, without the user's environment."""

import http.client
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from thestack.local.listeners import listeners
from thestack.local.process import Supervised
from thestack.local.run import Run
from thestack.operations.aws import REGION, Aws
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.toolchain.tools import Toolchain

HOST = "127.0.0.1"
START_SECONDS = 30.0
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator."""

    aws: Aws
    log: Path
    process: Supervised

    @property
    def endpoint(self) -> str:
        """Where it answers: "http://127.0.0.1:PORT"."""
        return str(self.aws.endpoint)

    def check(self) -> None:
        """Raise `OperationError` if it has ended."""
        if self.process.poll() is not None:
            raise _dead(self.process, self.log)


@contextmanager
def launch(tools: Toolchain, run: Run, *, port: int | None = None) -> Iterator[Emulator]:
    """Start the emulator, on a free port unless one is named; `wait_until_ready` waits for it.

    At the end its processes, its functions' workers and the run's folder are gone; also when this process is
    killed.

    Raises:
        OperationError: the port is taken.
    """
    folder = run.folder / "emulator"
    shutil.rmtree(folder, ignore_errors=True)  # of one that has died
    (folder / "tmp").mkdir(parents=True)
    log = run.folder / "emulator.log"
    with (
        _reserved(port) as address,
        Supervised(
            [tools.ministack],
            env=_environment(tools, folder, address),
            cwd=folder,
            output=log,
            folder=run.folder,
            keep=[run.lock],
        ) as process,
    ):
        yield Emulator(Aws(f"http://{HOST}:{address}"), log, process)


def is_free(port: int) -> bool:
    """Whether the emulator could listen on this port."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError:
            return False
    return True


def wait_until_ready(emulator: Emulator, pause: Pause = time.sleep, seconds: float = START_SECONDS) -> None:
    """Return when it answers, and listens on nothing but loopback.

    Raises:
        OperationError: it ended, does not answer in time, or listens on an address that others can reach.
    """
    deadline = time.monotonic() + seconds
    while not (_answers(emulator.endpoint) and _is_its_own(emulator)):
        emulator.check()
        if time.monotonic() > deadline:
            raise OperationError(
                f"the local AWS does not answer at {emulator.endpoint} after {seconds:.0f} s; "
                "make sure that the machine is not overloaded and start the stack again"
            )
        pause(_STEP)
    for host, port in listeners(emulator.process.pid):
        if not host.is_loopback:
            raise OperationError(
                f"the local AWS listens on {host}:{port}, which others can reach, and was stopped; "
                "remove .stack/ministack to have it installed anew, and report this"
            )


def _environment(tools: Toolchain, folder: Path, port: int) -> dict[str, str]:
    """Everything the emulator and, through it, the functions see of this machine."""
    return {
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "BIND_HOST": HOST,
        "CLOUDTRAIL_RECORDING": "1",
        "GATEWAY_PORT": str(port),
        "HOME": str(folder),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_WARM_TTL_SECONDS": "86400",
        "LANG": "C.UTF-8",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "PATH": tools.function_path,
        "PERSIST_STATE": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder / "tmp"),
    }


def _is_its_own(emulator: Emulator) -> bool:
    """Whether it is this emulator that listens there, and not one that took the port at the same moment."""
    if sys.platform != "linux":
        return True
    port = int(emulator.endpoint.rpartition(":")[2])
    return any(address[1] == port for address in listeners(emulator.process.pid))


def _answers(endpoint: str) -> bool:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=2)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _dead(process: Supervised, log: Path) -> OperationError:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()] if log.exists() else []
    last = next((line for line in reversed(lines) if line), "it said nothing")
    return OperationError(
        f"the local AWS has ended (exit code {process.poll()}): {last[:300]}; start the stack again, "
        "and if it stays so, remove .stack/ministack to have it installed anew"
    )


@contextmanager
def _reserved(port: int | None) -> Iterator[int]:
    """A port, or this one, that nobody else takes between now and when the emulator listens on it.

    On Linux two sockets that both reuse addresses share a port until one of them listens; the kernel gives
    a port that is bound to nobody who asks for a free one, or connects. Elsewhere the port is only found.
    """
    with socket.socket() as holder:
        reuse = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if port is not None:  # what an earlier stack left in TIME_WAIT is not in the way
            holder.setsockopt(*reuse)
        try:
            holder.bind((HOST, port or 0))
        except OSError as error:
            raise OperationError(
                f"port {port} of {HOST} cannot be used: {error.strerror}; "
                "stop what listens there, or name another with --port"
            ) from None
        address = int(holder.getsockname()[1])
        if sys.platform == "linux":
            holder.setsockopt(*reuse)
        else:
            holder.close()
        yield address
