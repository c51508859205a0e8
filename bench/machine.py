"""Where a run took place: what a reader must know of the machine, and nothing that names it."""

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from thestack.toolchain.tools import node_executable

PACKAGES = (
    "thestack",
    "ariadne",
    "graphql-core",
    "pydantic",
    "botocore",
    "aiobotocore",
    "aws-lambda-powertools",
    "aws-cdk-lib",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine and what ran on it. `memory` in GB; `load` is the load average when the run began."""

    processor: str
    cores: int
    memory: int
    system: str
    load: float
    versions: dict[str, str]


def this_machine() -> Machine:
    """The machine that this runs on."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1,
        memory=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        system=f"{platform.system()} {platform.release().partition('-')[0]} on {platform.machine()}",
        load=round(os.getloadavg()[0], 2),
        versions={
            "Python": platform.python_version(),
            "Node": _said([str(node_executable()), "--version"]).removeprefix("v"),
            **{package: version(package) for package in PACKAGES},
        },
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.is_file() and (found := re.search(r"model name\s*:\s*(.+)", facts.read_text())):
        return found[1].strip()
    return platform.processor() or platform.machine()


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
