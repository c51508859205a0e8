"""The locked dependencies of a bundle, installed for its platform, pruned, zipped, and cached by content.

They change with the lock, the sources with every edit; kept apart, an edit repacks in a fraction of a second.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thestack.infra.archive import compile_tree, write_zip
from thestack.infra.environment import Architecture
from thestack.infra.errors import SynthesisError
from thestack.infra.pruning import prune

# Lambda's Python runtimes from 3.12 on are Amazon Linux 2023, whose glibc is 2.34.
WHEEL_TAGS = {
    "arm64": ("manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64"),
    "x86_64": ("manylinux2014_x86_64", "manylinux_2_28_x86_64", "manylinux_2_34_x86_64"),
}
BUNDLE_VERSION = b"9"
"""Part of every cache key: raise it when what a bundle leaves out changes."""


@dataclass(frozen=True, slots=True)
class Platform:
    """Where a bundle runs.

    `local`: on the interpreter that builds it, as the local AWS does whatever `runtime` says.
    """

    runtime: str
    architecture: Architecture
    local: bool = False

    @property
    def python(self) -> str:
        """The interpreter's version, "3.13"."""
        return running_python() if self.local else self.runtime.removeprefix("python")

    @property
    def same_interpreter(self) -> bool:
        """Whether byte code compiled here is what the function's interpreter reads."""
        return self.python == running_python()


def running_python() -> str:
    """The version of the interpreter that builds: "3.11"."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def dependency_layer(
    requirements: Sequence[Path], platform: Platform, cache: Path, services: frozenset[str] = frozenset()
) -> Path:
    """A zip of what `requirements` name, installed for `platform`, without what no function needs: of AWS's
    services its clients know those that the framework calls, and `services`.

    Every requirement must carry its hashes, and nothing beyond the files is installed. Raises
    `SynthesisError` when pip can't install them.
    """
    key = hashlib.sha256(BUNDLE_VERSION + repr(platform).encode() + platform.python.encode())
    for path in requirements:
        key.update(path.read_bytes())
    key.update(" ".join(sorted(services)).encode())
    target = cache / f"layer-{key.hexdigest()[:20]}.zip"
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".layer-") as scratch:
        tree = Path(scratch) / "tree"
        _install(requirements, platform, tree)
        prune(tree, services)
        if platform.same_interpreter:
            compile_tree(tree, keep_sources=False)
        write_zip(Path(scratch) / "layer.zip", tree)
        os.replace(Path(scratch) / "layer.zip", target)
    return target


def _install(requirements: Sequence[Path], platform: Platform, target: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--no-compile",
        "--target",
        str(target),
    ]
    command += ["--disable-pip-version-check", "--no-warn-conflicts", "--only-binary=:all:"]
    command += ["--require-hashes", "--no-deps"]
    if not platform.local:
        command += ["--implementation", "cp", "--python-version", platform.python]
        command += [part for tag in WHEEL_TAGS[platform.architecture] for part in ("--platform", tag)]
    command += [part for path in requirements for part in ("--requirement", str(path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [
            line for line in done.stderr.splitlines() if line.startswith("ERROR")
        ] or done.stderr.splitlines()
        names = ", ".join(path.name for path in requirements)
        raise SynthesisError(
            f"the dependencies of {names} could not be installed for Python {platform.python} "
            f"on {platform.architecture}: {' '.join(lines[:2]) or 'pip failed'}; "
            "check the network and the lock, then run the command again"
        )
