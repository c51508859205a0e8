"""Which AWS a command talks to, and what it says when that is none."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from framework.tests.cli.conftest import ROOT, Command, one_line
from framework.tests.operations.letters import World
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.operations.aws import Aws
from thestack.toolchain.tools import find

SEND = "notifications.send_email"
ASK = ("dlq", "list", SEND, "--target", "aws")


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """An emulator with two dead letters of one consumer, in the environment dev."""
    tools = find(ROOT)
    assert tools, "the local stack's programs are missing; run `make setup`"
    with new_run(tmp_path_factory.mktemp("emulator")) as run, launch(tools, run) as launched:
        wait_until_ready(launched)
        World(launched.aws, "dev").park("event-1", "event-2")
        yield launched.aws


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """An environment in which AWS's default chain finds nothing."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
    }


@pytest.fixture
def somebody(nobody: dict[str, str], emulator: Aws) -> dict[str, str]:
    """An environment whose AWS is the emulator, by the standard variables."""
    return {
        **nobody,
        "AWS_ACCESS_KEY_ID": emulator.access_key,
        "AWS_ENDPOINT_URL": str(emulator.endpoint),
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": emulator.secret_key,
    }


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--env", "dev", "--run", "1234"), "--run is for what runs on this machine, not for --target aws"),
        (
            ("--env", "dev", "--endpoint", "http://127.0.0.1:1"),
            "--endpoint is for what runs on this machine, not for --target aws",
        ),
        ((), "--target aws needs --env NAME: which environment of deploy/environments is meant?"),
        (("--env", "local"), "the environment local is emulated on this machine, and not on AWS"),
    ],
)
def test_what_does_not_go_together(command: Command, words: tuple[str, ...], wrong: str) -> None:
    assert one_line(command(*ASK, *words), 2) == wrong


def test_an_endpoint_and_a_run(command: Command) -> None:
    line = one_line(command("dlq", "list", "--endpoint", "http://127.0.0.1:1", "--run", "1234"), 2)
    assert line == "--endpoint names an emulator and --run a local stack; say one of them"


def test_an_unknown_environment(command: Command) -> None:
    assert "there are: acme, dev, integration, local, preview, production" in one_line(
        command(*ASK, "--env", "prod"), 2
    )


def test_no_region(command: Command, nobody: dict[str, str]) -> None:
    line = one_line(command(*ASK, "--env", "dev", env=nobody), 3)
    assert line.startswith("cannot use your AWS account: no region is set; set AWS_REGION, or ")


def test_no_credentials(command: Command, nobody: dict[str, str]) -> None:
    line = one_line(command(*ASK, "--env", "dev", env={**nobody, "AWS_REGION": "us-east-1"}), 3)
    assert line.startswith("cannot use your AWS account: Unable to locate credentials; sign in with ")


def test_a_profile_that_is_not_there(command: Command, nobody: dict[str, str]) -> None:
    line = one_line(command(*ASK, "--env", "dev", env={**nobody, "AWS_PROFILE": "nobody"}), 3)
    assert re.match(r"cannot use your AWS account: .*\(nobody\) could not be found; sign in with ", line)


def test_credentials_that_are_not_taken(command: Command, somebody: dict[str, str]) -> None:
    unknown = {**somebody, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    line = one_line(command(*ASK, "--env", "dev", env=unknown), 3)
    assert line.startswith("cannot use your AWS account: ")
    assert "sign in with " in line


def test_credentials_of_another_account(command: Command, somebody: dict[str, str]) -> None:
    line = one_line(command(*ASK, "--env", "production", env=somebody), 3)
    assert line.startswith(
        "your credentials are those of account 000000000000, and the environment is in 111122223333; "
    )


def test_by_the_default_chain(command: Command, emulator: Aws, somebody: dict[str, str]) -> None:
    done = command(*ASK, "--env", "dev", "--format", "json", env=somebody)
    assert (done.returncode, done.stderr) == (0, "")
    assert {each["id"] for each in json.loads(done.stdout)} >= {"event-2"}
    redrive = ("dlq", "redrive", SEND, "event-1", "--target", "aws", "--env", "dev")
    assert command(*redrive, env=somebody).stdout == f"1 dead letter redriven to {SEND}\n"
    assert World(emulator, "dev").ids() == ["event-2"]


def test_no_fault_where_data_is_kept(command: Command, project: Path, somebody: dict[str, str]) -> None:
    words = ("fault", "deny", "analytics.count", "ses:SendEmail", "--target", "aws", "--env", "production")
    settings = project / "deploy/environments/production.py"
    settings.write_text(settings.read_text().replace("111122223333", "000000000000"))
    line = one_line(command(*words, env=somebody), 2)
    assert line == "production keeps data that matters: no fault is injected there"
