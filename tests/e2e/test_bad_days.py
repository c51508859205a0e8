"""What goes wrong on a developer's machine costs a line of text, not the day."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from tests.checkout import ROOT, copy_checkout
from tests.e2e.development import Dev, developing
from thestack.testing.waiting import eventually

CREATE = 'mutation { createTodo(input: {title: "Buy milk"}) { title } }'
LIST = "{ todos(first: 1) { nodes { title } } }"
linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces and /proc")
as_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount or unshare"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("bad") / "checkout")


def answers(dev: Dev) -> bool:
    said = dev.client(f"user-{uuid4().hex}").ask(CREATE)
    return bool(said["data"]["createTodo"]["title"] == "Buy milk")


def process_of(dev: Dev, part: str) -> int:
    """The one process of a stack whose command line holds `part`, and which a supervisor started."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_text()
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            above = Path("/proc", parent, "cmdline").read_text()
            is_ours = Path(os.readlink(folder / "cwd")).is_relative_to(dev.root)
        except OSError:
            continue
        if is_ours and part in line and "supervisor.py" in above:
            found.append(int(folder.name))
    (only,) = found
    return only


def test_a_port_in_use_is_left_to_its_user(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with developing(project, "--port", str(port)) as dev:
            assert f"port {port} is in use; the local AWS takes another" in dev.said
            assert not dev.stack.endpoint.endswith(f":{port}")
            assert answers(dev)


def test_two_stacks_of_one_checkout_have_their_own_ports_and_state(project: Path) -> None:
    with developing(project) as one, developing(project) as other:
        assert one.stack.endpoint != other.stack.endpoint
        assert one.stack.run != other.stack.run
        alice, bob = one.client("alice"), other.client("alice")
        alice.ask(CREATE)
        assert alice.ask(LIST)["data"]["todos"]["nodes"]
        assert not bob.ask(LIST)["data"]["todos"]["nodes"]
        refused = bob.http.post(
            one.stack.graphql,
            json={"query": LIST},
            headers={"authorization": f"Bearer {bob.user.access_token if bob.user else ''}"},
        )
        assert refused.status_code == 403


@linux
def test_what_dies_is_started_again_and_said_in_one_line(project: Path) -> None:
    with developing(project) as dev:
        assert answers(dev)
        before = len(dev.said)
        os.kill(process_of(dev, "serve.mjs"), signal.SIGKILL)
        client = dev.client("after-router")
        eventually(lambda: client.post(LIST).status_code == 200, what="an answer of the new router")
        assert "a worker of local-router died; the next event starts another" in dev.says("died", before)

        before = len(dev.said)
        os.kill(process_of(dev, "thestack.development.nursery"), signal.SIGKILL)
        said = dev.says("the functions' nursery died and is started again", before)
        assert "Traceback" not in said
        eventually(lambda: "errors" not in client.post(LIST).json(), what="an answer of new workers")

        described = len([each for each in dev.out if "api_id" in each])
        before = len(dev.said)
        os.kill(process_of(dev, "bin/ministack"), signal.SIGKILL)
        dev.says("the local AWS died and is started again, empty: users and data are gone", before)
        eventually(
            lambda: len([each for each in dev.out if "api_id" in each]) > described,
            within=60,
            what="the description of the new stack",
        )
        assert answers(dev)


def test_a_service_that_fails_at_import_is_left_out_until_it_is_mended(project: Path) -> None:
    file = project / "services/analytics/service.py"
    was = file.read_text()
    file.write_text("import a_package_that_is_missing\n" + was)
    try:
        with developing(project) as dev:
            assert "a_package_that_is_missing" in dev.said
            assert "analytics is left out until it is mended" in dev.said
            assert answers(dev)
            dev.says("analytics is there", dev.save("services/analytics/service.py", was))
            assert answers(dev)
    finally:
        file.write_text(was)


@as_root
def test_without_a_network_everything_runs(project: Path) -> None:
    """In a network namespace that has its loopback and nothing else."""
    alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    with developing(project, within=alone) as dev:
        inside = ["nsenter", "--net", f"--target={dev.process.pid}", sys.executable, "-m", "thestack.cli"]
        for command in (
            ["user", "create", "alice@example.com"],
            ["check"],
            ["synth", "todo", "--env", "local"],
        ):
            done = subprocess.run(
                [*inside, *command], cwd=project, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
        before = dev.save(
            "services/todo/service.py", (project / "services/todo/service.py").read_text() + "\n"
        )
        dev.says("todo serves its new code", before)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """While entered, the folder is a disk of that size."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@as_root
def test_a_full_disk_is_said_in_one_line(project: Path) -> None:
    with small_disk(project / ".stack/run", "4k"):
        (project / ".stack/run/full").write_bytes(b"x" * 4096)
        done = subprocess.run(
            [sys.executable, "-m", "thestack.cli", "dev"],
            cwd=project,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 3, done.stderr
    assert "No space left on device" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr


@as_root
def test_a_disk_that_fills_while_the_stack_runs_does_not_end_it(project: Path) -> None:
    with small_disk(project / ".stack/run", "64m"), developing(project) as dev:
        assert answers(dev)
        with (project / ".stack/run/full").open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 65536):
                    pass
            except OSError:
                assert answers(dev)
        (project / ".stack/run/full").unlink()


def test_a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    """A `python3` that says what an old one says to the question for its version: no."""
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        old = tmp_path / name
        old.write_text("#!/bin/sh\nexit 1\n")
        old.chmod(0o755)
    shell = Path("/bin/sh")
    for tool in ("make", "sed", "sh"):
        found = next(place for place in ("/usr/bin", "/bin") if Path(place, tool).exists())
        (tmp_path / tool).symlink_to(Path(found, tool))
    empty = tmp_path / "checkout"
    empty.mkdir()
    (empty / "Makefile").write_text((ROOT / "Makefile").read_text())
    done = subprocess.run(
        ["make", "setup"], cwd=empty, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert shell.exists()
    assert done.returncode != 0
    assert "no Python >= 3.11 with venv and ensurepip is on the PATH" in done.stderr
