"""`thestack contract` and what `thestack check` makes of it, in a project of its own with a history."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from framework.tests.cli.conftest import ROOT, Command

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
Git = Callable[..., None]


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


def test_what_was_never_promised_is_not_asked_for(bare: Path, command: Command) -> None:
    done = command("check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "packing, shop: no mistakes; compared with nothing" in done.stdout


def test_a_promise_is_written_once_and_then_nothing_changes(committed: Path, command: Command) -> None:
    assert (committed / "services/shop/contract/events/order.placed.v1.json").is_file()
    assert (committed / "docs/api/asyncapi.json").is_file()
    assert "nothing changed" in command("contract", "update").stdout
    done = command("check")
    assert done.returncode == 0, done.stdout
    assert "compared with main" in done.stdout


def test_a_stale_promise_fails_the_check_at_its_definition(committed: Path, command: Command) -> None:
    edit(committed, "shop", "    order_id: Id\n", "    order_id: Id\n    note: str | None = None\n")
    done = command("check", "--format", "json")
    assert done.returncode == 1
    (shop,) = (each for each in json.loads(done.stdout) if each["file"] == "services/shop/service.py")
    assert shop["code"] == "C001"
    assert "services/shop/contract/events/order.placed.v1.json" in shop["message"]
    assert "::error file=services/shop/service.py" in command("check", "--format", "github").stdout
    assert command("contract", "update").returncode == 0
    assert command("check").returncode == 0


def test_the_files_of_a_service_that_is_gone_are_removed(committed: Path, command: Command) -> None:
    (committed / "services/packing/service.py").unlink()
    assert command("check").returncode == 1
    assert command("contract", "update").returncode == 0
    assert not (committed / "services/packing/contract/service.json").exists()


def test_a_commit_that_git_does_not_know(committed: Path, command: Command) -> None:
    done = command("check", "--against", "nowhere")
    assert done.returncode == 3
    assert "there is no commit 'nowhere'" in done.stderr


def test_a_diff_says_what_it_is_against(committed: Path, command: Command) -> None:
    done = command("contract", "diff")
    assert done.returncode == 0, done.stderr
    assert "against main: no difference" in done.stdout
    said = json.loads(command("contract", "diff", "--against", "HEAD", "--format", "json").stdout)
    assert said == {"against": "HEAD", "findings": []}
