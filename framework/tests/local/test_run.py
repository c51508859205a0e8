"""A run's folder lives as long as the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thestack.local.description import LocalStack, running, write
from thestack.local.run import live_runs, new_run
from thestack.operations.errors import OperationError

DIES = """
import os, signal, sys
from pathlib import Path
from thestack.local.run import new_run
with new_run(Path(sys.argv[1])) as run:
    (run.folder / "left").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_two_at_once_have_folders_of_their_own_and_leave_none(tmp_path: Path) -> None:
    with new_run(tmp_path) as first, new_run(tmp_path) as second:
        assert first.folder != second.folder
        assert {*live_runs(tmp_path)} == {first.folder, second.folder}
    assert list((tmp_path / ".stack/run").iterdir()) == []
    assert live_runs(tmp_path) == []


def test_what_a_killed_run_left_is_removed_by_the_next_one(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES, str(tmp_path)], check=False)
    (left,) = (tmp_path / ".stack/run").iterdir()
    assert (left / "left").exists()
    assert live_runs(tmp_path) == []
    with new_run(tmp_path) as run:
        assert list((tmp_path / ".stack/run").iterdir()) == [run.folder]


def test_other_commands_find_a_stack_while_it_runs(tmp_path: Path) -> None:
    with new_run(tmp_path) as run:
        assert running(tmp_path) == []
        stack = LocalStack(
            run.id, "local", "http://127.0.0.1:1", "api", "pool", "client", "templates", ("A::B::C",)
        )
        write(stack, run.folder)
        assert running(tmp_path) == [stack]
        assert stack.graphql == "http://127.0.0.1:1/_aws/execute-api/api/$default/graphql"
    assert running(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_refuses_is_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OperationError, match="cannot keep a run in"), new_run(tmp_path):
        pass


def test_a_file_in_the_way_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".stack").touch()
    with pytest.raises(OperationError) as caught, new_run(tmp_path):
        pass
    assert "cannot keep a run in" in str(caught.value)
    assert "\n" not in str(caught.value)
