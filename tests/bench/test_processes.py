"""How processes are measured: in turns, with their children, and only if they did the work."""

import sys
from pathlib import Path

import pytest

from bench.figures import NotMeasured
from bench.processes import Contender, cpu_of, in_turns

BUSY = "import time\nwhile time.process_time() < 0.2: pass\n"


def contender(code: str, key: str = "one", proof: str = "") -> Contender:
    return Contender(key, key, [sys.executable, "-I", "-S", "-c", code], {}, proof)


def test_contenders_run_in_turns_after_one_round_that_is_not_counted(tmp_path: Path) -> None:
    log = tmp_path / "log"
    contenders = [contender(f"open({str(log)!r}, 'a').write({key!r})", key) for key in "ABC"]
    samples = in_turns(contenders, 2)
    assert log.read_text() == "ABC" * 3
    assert {key: len(each) for key, each in samples.items()} == {"A": 2, "B": 2, "C": 2}


def test_the_cpu_of_children_counts() -> None:
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', {BUSY!r}])"
    assert cpu_of(contender(child)) >= 200


def test_waiting_is_no_cpu() -> None:
    assert cpu_of(contender("import time; time.sleep(0.5)")) < 500


@pytest.mark.parametrize(
    ("code", "proof", "reason"),
    [
        ("raise SystemExit('no table')", "", "one exited with 1: no table"),
        ("print('something else')", "the answer", "one exited with 0: something else"),
    ],
)
def test_a_process_that_did_not_do_the_work_is_not_measured(code: str, proof: str, reason: str) -> None:
    with pytest.raises(NotMeasured, match=reason):
        cpu_of(contender(code, proof=proof))
