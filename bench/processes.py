"""The CPU of whole processes, of several commands in turns."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import NotMeasured


@dataclass(frozen=True, slots=True)
class Contender:
    """A command, and what its output must hold: proof that it did the work."""

    key: str
    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    proof: str


def cpu_of(contender: Contender) -> float:
    """The CPU, user and system, of a contender's process and all that it started, in ms.

    Raises `NotMeasured` if it fails or its output lacks the proof.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            contender.command, env=dict(contender.variables), stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode or contender.proof not in said:
        raise NotMeasured(f"{contender.name} exited with {process.returncode}: {said[-600:]}")
    return (used.ru_utime + used.ru_stime) * 1000


def in_turns(contenders: Sequence[Contender], runs: int) -> dict[str, list[float]]:
    """The samples of each, A B C A B C ..., after one round that fills the file system's caches."""
    samples: dict[str, list[float]] = {each.key: [] for each in contenders}
    for number in range(runs + 1):
        for each in contenders:
            cpu = cpu_of(each)
            if number:
                samples[each.key].append(cpu)
    return samples
