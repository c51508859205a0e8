"""The command as a user runs it: a process of its own, in a project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MISTAKES = ROOT / "framework/tests/fixtures/mistakes/everything.py"
Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]
Git = Callable[..., None]
SHOP = '''\
"""Sells books."""

from thestack import Clock, Entity, Event, Id, Owned, Service, new_id, owner, signed_in, Caller

service = Service("shop")


class Order(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id


class OrderPlaced(Event, name="order.placed", version=1):
    order_id: Id


service.crud(Order, allow=signed_in, only=["get"])


@service.mutation(allow=signed_in)
async def place_order(*, mine: Owned[Order, OrderPlaced], caller: Caller) -> Order:
    order = Order(id=new_id(), owner_id=caller.id)
    return await mine.put(order, emit=OrderPlaced(order_id=order.id))
'''
PACKING = '''\
"""Packs what is sold."""

from thestack import ForeignEvent, Id, Service

service = Service("packing")


class OrderPlaced(ForeignEvent, name="order.placed", version=1, source="shop"):
    order_id: Id


@service.on()
async def pack(event: OrderPlaced, /) -> None: ...
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the repository's services, and the local stack's programs."""
    shutil.copytree(
        ROOT / "services", tmp_path / "services", ignore=shutil.ignore_patterns("__pycache__", "tests")
    )
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def command(project: Path) -> Command:
    """Runs `thestack ...` in the project, or elsewhere."""

    def command(*arguments: str, cwd: Path = project, env: dict[str, str] | None = None) -> Done:
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", *arguments],
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return command


@pytest.fixture
def git(bare: Path) -> Git:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
        subprocess.run(["git", "-C", str(bare), *who, *arguments], check=True, capture_output=True)

    return git


@pytest.fixture
def bare(project: Path) -> Path:
    """A project of two services, whose contracts nobody has committed."""
    shutil.rmtree(project / "services")
    shutil.rmtree(project / "deploy/contract")
    for name, text in (("shop", SHOP), ("packing", PACKING)):
        (project / "services" / name).mkdir(parents=True)
        (project / "services" / name / "service.py").write_text(text)
    (project / ".stack").mkdir()
    for name in ("cache", "ffmpeg", "ministack", "node"):
        (project / ".stack" / name).symlink_to(ROOT / ".stack" / name)
    return project


@pytest.fixture
def committed(bare: Path, command: Command, git: Git) -> Path:
    """The same, with its contracts, on main."""
    done = command("contract", "update")
    assert done.returncode == 0, done.stderr
    git("init", "--initial-branch=main")
    (bare / ".gitignore").write_text(".stack\n__pycache__\n")
    git("add", "-A")
    git("commit", "-m", "Two services")
    return bare


def edit(project: Path, service: str, before: str, after: str) -> None:
    file = project / "services" / service / "service.py"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def one_line(done: Done, code: int) -> str:
    """The error that a command ended with."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line.removeprefix("error: ")
