"""`thestack plan` in a project with a history."""

import json
from pathlib import Path

from framework.tests.cli.conftest import Command, Git, edit, one_line

EVENT = 'class OrderPlaced(Event, name="order.placed", version=1):\n    order_id: Id\n'
READ = 'class OrderPlaced(ForeignEvent, name="order.placed", version=1, source="shop"):\n    order_id: Id\n'


def test_nothing_that_is_deployed_changed(committed: Path, command: Command) -> None:
    (committed / "services/shop/tests").mkdir()
    (committed / "services/shop/tests/test_shop.py").write_text("")
    done = command("plan")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "nothing to deploy: no service differs from main\n"


def test_who_writes_a_field_goes_before_who_needs_it(committed: Path, command: Command) -> None:
    edit(committed, "shop", EVENT, EVENT + "    note: str | None = None\n")
    edit(committed, "packing", READ, READ + "    note: str | None = None\n")
    done = command("plan", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["possible"]
    assert found["services"] == ["packing", "shop"]
    assert found["batches"] == [["packing", "shop", "router"]]
    assert [each["action"] for each in found["steps"]] == ["deploy", "deploy", "router"]


def test_what_is_possible_in_no_order_is_told_with_the_way_out(committed: Path, command: Command) -> None:
    edit(committed, "shop", EVENT, EVENT.replace("order_id", "id"))
    edit(committed, "shop", "OrderPlaced(order_id=", "OrderPlaced(id=")
    edit(committed, "packing", READ, READ.replace("order_id", "id"))
    done = command("plan")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("impossible in any order: the change of packing; against main\n")
    assert "`id` is not written, and needed; it hurts packing.pack [C401]" in done.stdout
    assert "the way out: expand, migrate, contract: " in done.stdout
    found = json.loads(command("plan", "--format", "json").stdout)
    assert (found["possible"], found["conflict"]["services"]) == (False, ["packing"])


def test_a_file_that_only_the_code_reads_changes_its_service(
    committed: Path, command: Command, git: Git
) -> None:
    (committed / "services/shop/prices.py").write_text("PRICE = 1\n")
    assert "1. deploy shop: waits for nothing" in command("plan").stdout
    git("add", "-A")
    git("commit", "-m", "Prices")
    assert "nothing to deploy" in command("plan").stdout
    assert "1. deploy shop: waits for nothing" in command("plan", "--against", "HEAD~1").stdout


def test_a_path_is_verified_and_a_service_is_known(committed: Path, command: Command) -> None:
    done = command("plan", "--services", "shop,packing", "--path", "packing,shop,router")
    assert done.returncode == 0, done.stderr
    assert [line.strip().partition(":")[0] for line in done.stdout.splitlines()[:3]] == [
        "1. deploy packing",
        "2. deploy shop",
        "3. router",
    ]
    assert "leaves out shop" in one_line(
        command("plan", "--services", "shop,packing", "--path", "packing"), 2
    )
    assert "Did you mean `shop`?" in one_line(command("plan", "--services", "shpo"), 2)


def test_nothing_to_compare_with_is_told(bare: Path, command: Command) -> None:
    assert "name what runs with --against" in one_line(command("plan"), 2)


def test_what_every_service_is_built_with_changes_them_all(committed: Path, command: Command) -> None:
    file = committed / "deploy/environments/local.py"
    file.write_text(file.read_text() + "\n# changed\n")
    assert json.loads(command("plan", "--format", "json").stdout)["services"] == [
        "platform",
        "packing",
        "shop",
    ]
