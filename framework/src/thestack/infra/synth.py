"""Synthesis: the CDK app run in a process of its own, its output cached by what went into it."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from thestack.contract.files import FOLDER, SERVICE
from thestack.definition import names
from thestack.infra.assembly import Assembly, Asset, StackFiles, read_assembly
from thestack.infra.errors import SynthesisError
from thestack.toolchain.tools import node_environment

__all__ = ["Assembly", "Asset", "StackFiles", "SynthesisError", "synthesize"]

PACKAGE = Path(__file__).parents[1]
APP = "deploy.app"
Code = Literal["bundles", "source"]
LEFT_OUT = frozenset(
    {
        "__pycache__",
        "cli",
        "costs",
        "deployment",
        "development",
        "local",
        "operations",
        "testing",
        "tests",
        "toolchain",
        ".pytest_cache",
    }
)
KEPT = 8
"""How many assemblies, and how many bundles of one name, the cache keeps."""


def synthesize(
    root: Path,
    environment: str,
    services: Sequence[str] = (),
    *,
    out: Path | None = None,
    validate: bool = False,
    emulated: bool = False,
    settings: str = "",
    code: Code = "bundles",
) -> Assembly:
    """The templates, assets and contracts of an environment: of all services and what they share, or of
    `services` alone, for which no other service is needed; `names.SHARED` can be among them.

    `out` receives a copy; without it the assembly lies in the cache and must not be changed. `validate`
    also runs CDK's own validation, which takes seconds. `emulated` makes it for an emulator on this machine,
    whatever the environment's settings say. `settings` are those of an environment that has no file, as
    `settings_to_text` has them. With `code="source"` no function has a bundle, which takes seconds instead
    of minutes, and no contracts are made. Imports no CDK itself. Raises `SynthesisError` with what the app
    said.

    Example: `synthesize(Path("."), "local").stack("local-todo").template`.
    """
    cache = root / ".stack/cache/assemblies"
    folder = cache / f"{environment}-{_key(root, environment, services, validate, emulated, settings, code)}"
    if folder.exists():
        os.utime(folder)
    else:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".new-") as scratch:
            made = Path(scratch) / "assembly"
            run_app(
                root,
                environment,
                services,
                made,
                validate=validate,
                emulated=emulated,
                code=code,
                settings=settings,
            )
            _move(made, folder)
        _forget(cache, folder)
        _forget_bundles(root / ".stack/cache/bundles")
    if out is not None:
        shutil.copytree(folder, out, dirs_exist_ok=True)
    return read_assembly(out or folder, names.platform_stack(environment))


def run_app(
    root: Path,
    environment: str,
    services: Sequence[str],
    out: Path,
    *,
    validate: bool = False,
    emulated: bool = False,
    code: Code = "bundles",
    settings: str = "",
) -> None:
    """Run the CDK app once, into the folder `out`.

    With `code="source"` no function has a bundle. Raises `SynthesisError`.
    """
    variables = {
        **os.environ,
        **node_environment(),
        "CDK_OUTDIR": str(out),
        "CDK_VALIDATION": "true" if validate else "false",
        "CDK_DISABLE_VERSION_CHECK": "1",
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(root / ".stack/cache/jsii"),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH")))),
        "THESTACK_CODE": code,
        "THESTACK_EMULATED": "1" if emulated else "",
        "THESTACK_ENV": environment,
        "THESTACK_SERVICES": ",".join(services),
        "THESTACK_SETTINGS": settings,
    }
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling CDK anew takes longer than the synthesis
    command = [sys.executable, "-m", APP]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root, env=variables, stdout=pipe, stderr=pipe, text=True) as app:
        try:
            _, said = app.communicate()
        except BaseException:
            app.terminate()  # not killed: it removes what it has half made
            raise
    if app.returncode:
        what = ", ".join(services) or "all stacks"
        raise SynthesisError(f"synthesis of {what} for {environment} failed:\n{said.strip()[-4000:]}")


def _key(
    root: Path,
    environment: str,
    services: Sequence[str],
    validate: bool,
    emulated: bool,
    settings: str,
    code: Code,
) -> str:
    told = [environment, sorted(services), validate, emulated, settings, code, sys.version, sys.platform]
    digest = hashlib.sha256(json.dumps(told).encode())
    for path in inputs(PACKAGE, root / "deploy", root / "services"):
        digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def inputs(*folders: Path) -> Iterator[Path]:
    """Every file of these folders that templates and bundles can depend on."""
    for folder in folders:
        for place, below, files in os.walk(folder):
            below[:] = sorted(each for each in set(below) - LEFT_OUT if not _is_promise(Path(place) / each))
            yield from (Path(place) / name for name in sorted(files) if not name.endswith(".pyc"))


def _is_promise(folder: Path) -> bool:
    """Whether a folder holds a committed contract, which follows from the rest."""
    return folder.name == FOLDER and (folder / SERVICE).is_file()


def _move(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:
        if not folder.exists():  # else another process was first, with the same content
            raise


def _forget(cache: Path, current: Path) -> None:
    found = sorted(
        (path for path in cache.glob("[!.]*") if path != current), key=lambda path: path.stat().st_mtime
    )
    for path in found[: -(KEPT - 1)]:
        shutil.rmtree(path, ignore_errors=True)


def _forget_bundles(cache: Path) -> None:
    by_name: dict[str, list[Path]] = {}
    for path in sorted(cache.glob("*.zip"), key=lambda path: path.stat().st_mtime):
        by_name.setdefault(path.name.rpartition("-")[0], []).append(path)
    for paths in by_name.values():
        for path in paths[:-KEPT]:
            path.unlink(missing_ok=True)
