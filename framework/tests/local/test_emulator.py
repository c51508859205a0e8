"""The emulator: on loopback, with its own credentials, gone when it must go."""

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.listeners import listeners, processes
from thestack.local.run import Run, new_run
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.toolchain.tools import Toolchain

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="processes and sockets are read from /proc")
OWNER = """
import sys, time
from pathlib import Path
from thestack.local.emulator import launch, wait_until_ready
from thestack.local.run import new_run
from thestack.toolchain.tools import find
with new_run(Path(sys.argv[2])) as run, launch(find(Path(sys.argv[1])), run) as emulator:
    wait_until_ready(emulator)
    print(emulator.endpoint, emulator.process.pid, flush=True)
    time.sleep(600)
"""
CODE = "import os\ndef handler(event, context):\n    print('on')\n    return dict(os.environ)\n"


def wait_until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def environment_of_a_function(aws: Aws) -> dict[str, str]:
    """What a function of this AWS sees; its worker stays."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("main.py", CODE)
    functions = aws.client("lambda")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"][
        "Arn"
    ]
    functions.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Handler="main.handler",
        Role=role,
        Code={"ZipFile": code.getvalue()},
    )
    seen: dict[str, str] = json.loads(functions.invoke(FunctionName="f")["Payload"].read())
    return seen


def is_refused(endpoint: str) -> bool:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def test_it_takes_nothing_from_the_users_environment(
    tools: Toolchain, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_PROFILE": "absent",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "PYTHONPATH": str(ROOT),
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    with launch(tools, run) as emulator:
        wait_until_ready(emulator)
        identity = emulator.aws.client("sts").get_caller_identity()
        seen = environment_of_a_function(emulator.aws)
    assert identity["Account"] == "000000000000"
    assert not {"AKIAREAL", "absent", "http://127.0.0.1:9"} & set(seen.values())
    assert not any(
        str(ROOT / "framework") in value or str(ROOT / "services") in value for value in seen.values()
    )
    assert "PYTHONPATH" not in seen


def test_a_function_finds_ffmpeg_on_its_path(emulator: Emulator) -> None:
    path = environment_of_a_function(emulator.aws)["PATH"]
    for program in ("ffmpeg", "ffprobe"):
        found = shutil.which(program, path=path)
        assert found
        said = subprocess.run([found, "-version"], capture_output=True, text=True, check=True).stdout
        assert said.startswith(f"{program} version")


@linux
def test_it_listens_on_loopback_alone(emulator: Emulator) -> None:
    found = listeners(emulator.process.pid)
    assert [f"http://{host}:{port}" for host, port in found] == [emulator.endpoint]
    assert all(host.is_loopback for host, _ in found)


@linux
def test_when_it_is_stopped_nothing_is_left(tools: Toolchain, tmp_path: Path) -> None:
    with new_run(tmp_path) as run, launch(tools, run) as emulator:
        wait_until_ready(emulator)
        environment_of_a_function(emulator.aws)
        assert len(processes(emulator.process.pid)) > 2
    assert processes(emulator.process.pid) == []
    assert is_refused(emulator.endpoint)
    assert list((tmp_path / ".stack/run").iterdir()) == []


@linux
def test_when_its_owner_is_killed_nothing_is_left(tools: Toolchain, tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(ROOT), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout
        endpoint, session = owner.stdout.readline().split()
        environment_of_a_function(Aws(endpoint))
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: processes(int(session)) == [])
    assert is_refused(endpoint)
    wait_until(lambda: list((tmp_path / ".stack/run").iterdir()) == [])


@linux
def test_when_its_supervisor_is_killed_nothing_is_left(tools: Toolchain, run: Run) -> None:
    with launch(tools, run) as emulator:
        wait_until_ready(emulator)
        environment_of_a_function(emulator.aws)
        os.kill(emulator.process.pid, signal.SIGKILL)
        wait_until(lambda: processes(emulator.process.pid) == [])


def test_two_at_once_share_nothing(tools: Toolchain, tmp_path: Path) -> None:
    with (
        new_run(tmp_path) as one,
        new_run(tmp_path) as two,
        launch(tools, one) as first,
        launch(tools, two) as second,
    ):
        wait_until_ready(first)
        wait_until_ready(second)
        first.aws.client("sqs").create_queue(QueueName="q")
        assert second.aws.client("sqs").list_queues().get("QueueUrls", []) == []


def test_a_port_in_use_is_one_line(tools: Toolchain, run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OperationError) as caught, launch(tools, run, port=port):
            pass
    message = str(caught.value)
    assert message.startswith(f"port {port} of 127.0.0.1 cannot be used: Address already in use; ")
    assert "--port" in message
    assert "\n" not in message


@linux
def test_its_port_is_nobody_elses_before_it_listens(tools: Toolchain, run: Run) -> None:
    with launch(tools, run) as emulator:
        with socket.socket() as other, pytest.raises(OSError, match="Address already in use"):
            other.bind(("127.0.0.1", int(emulator.endpoint.rpartition(":")[2])))
        wait_until_ready(emulator)
    assert is_refused(emulator.endpoint)


def test_a_dead_emulator_is_one_line(tools: Toolchain, run: Run) -> None:
    broken = replace(tools, ministack=Path("/bin/false"))
    with launch(broken, run) as emulator, pytest.raises(OperationError) as caught:
        wait_until_ready(emulator)
    message = str(caught.value)
    assert message.startswith("the local AWS has ended (exit code 1): ")
    assert "start the stack again" in message
    assert "\n" not in message


def test_it_enforces_iam(emulator: Emulator) -> None:
    iam = emulator.aws.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    nobody = Aws(emulator.endpoint, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    with pytest.raises(Exception, match="AccessDenied"):
        nobody.client("sqs").list_queues()
