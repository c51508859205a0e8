"""`thestack contract` and what `thestack check` makes of it, in a project of its own with a history."""

import json
from pathlib import Path

from framework.tests.cli.conftest import Command, Git, edit


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


def test_a_committed_contract_that_is_none_is_told_in_words(
    committed: Path, command: Command, git: Git
) -> None:
    (committed / "services/shop/contract/service.json").write_text("{}")
    git("commit", "--all", "-m", "Broken")
    done = command("check")
    assert done.returncode == 3
    assert "services/shop/contract is no contract" in done.stderr
    assert "thestack contract update" in done.stderr


def test_a_contract_of_an_older_framework_is_read(committed: Path, command: Command, git: Git) -> None:
    file = committed / "services/shop/contract/service.json"
    said = json.loads(file.read_text())
    for each in said["entities"]:
        del each["row"]  # which contracts did not have at first
    file.write_text(json.dumps(said))
    git("commit", "--all", "-m", "Older")
    assert command("contract", "diff").returncode == 0
    assert command("contract", "update").returncode == 0
    assert command("check").returncode == 0


def test_a_diff_says_what_it_is_against(committed: Path, command: Command) -> None:
    done = command("contract", "diff")
    assert done.returncode == 0, done.stderr
    assert "against main: no difference" in done.stdout
    said = json.loads(command("contract", "diff", "--against", "HEAD", "--format", "json").stdout)
    assert said == {"against": "HEAD", "findings": []}
