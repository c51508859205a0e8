"""`thestack secret`, against an emulated AWS."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from framework.tests.adapters.emulator import Emulator, running
from framework.tests.cli.conftest import ROOT, Command, one_line
from thestack.adapters.aws.secrets import ManagedSecrets, SsmSecrets
from thestack.toolchain import tools as toolchain

Done = subprocess.CompletedProcess[str]
VAULT = """
from typing import Annotated

from thestack import Entity, Id, Secret, Service, parameter, secret, signed_in

service = Service("vault")


class Order(Entity, key="id", allow=signed_in):
    id: Id


class Bank:
    pass


@service.provide()
def bank(*, key: Annotated[Secret, parameter("bank-key")]) -> Bank:
    return Bank()


@service.query(allow=signed_in)
async def pin(*, pin: Annotated[Secret, secret("pin")], bank: Bank) -> bool:
    return True
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    installed = toolchain.find(ROOT)
    if installed is None:
        pytest.fail("the emulator is not installed in .stack; run: make setup")
    with running(installed, tmp_path_factory.mktemp("emulator"), "test") as started:
        yield started


@pytest.fixture
def secret(project: Path) -> Callable[..., Done]:
    """Runs `thestack secret ...` with something on standard input."""
    (project / "services/vault").mkdir()
    (project / "services/vault/service.py").write_text(VAULT, encoding="utf-8")

    def secret(*arguments: str, given: str = "") -> Done:
        return subprocess.run(
            [sys.executable, "-m", "thestack.cli", "secret", *arguments],
            cwd=project,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return secret


@pytest.mark.aws
async def test_what_is_set_is_what_functions_fetch(secret: Callable[..., Done], emulator: Emulator) -> None:
    at = ("--endpoint", emulator.endpoint, "--env", "preview")
    listed = secret("list", *at, "--format", "json")
    assert listed.returncode == 1
    assert [(each["name"], each["changed"]) for each in json.loads(listed.stdout)["secrets"]] == [
        ("delivery-key", None),
        ("unsubscribe-key", None),
        ("bank-key", None),
        ("pin", None),
    ]
    for name in ("bank-key", "pin"):
        for value in ("first-value", "second-value"):
            done = secret("set", "vault", name, *at, given=f"{value}\n")
            assert (done.returncode, done.stderr) == (0, "")
            assert value not in done.stdout
    parameters = SsmSecrets(emulator.client("ssm"), "/preview/vault/")
    managed = ManagedSecrets(emulator.client("secretsmanager"), "preview/vault/")
    assert await parameters.fetch("bank-key") == "second-value"
    assert await managed.fetch("pin") == "second-value"
    (kept,) = emulator.client("ssm").get_parameters(Names=["/preview/vault/bank-key"])["Parameters"]
    assert kept["Type"] == "SecureString"
    listed = secret("list", "vault", *at)
    assert listed.returncode == 0
    assert "/preview/vault/bank-key" in listed.stdout
    assert "second-value" not in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("set", "vault", "bank-kye"), "x", "Did you mean `bank-key`?"),
        (("set", "todo", "key"), "x", "asks for no secrets"),
        (("set", "vualt", "key"), "x", "Did you mean `vault`?"),
        (("set", "vault", "pin", "--endpoint", "http://127.0.0.1:1"), "", "standard input is empty"),
    ],
)
def test_what_can_not_be_set_is_told(
    secret: Callable[..., Done], arguments: tuple[str, ...], given: str, said: str
) -> None:
    assert said in one_line(secret(*arguments, given=given), 2)


def test_what_is_too_long_is_told_without_being_shown(secret: Callable[..., Done]) -> None:
    at = ("--endpoint", "http://127.0.0.1:1")
    error = one_line(secret("set", "vault", "bank-key", *at, given="a" * 5000), 3)
    assert "4096 bytes" in error
    assert "aaaa" not in error


def test_help_is_there(command: Command) -> None:
    assert "list" in command("secret", "--help").stdout
