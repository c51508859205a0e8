"""Zips whose bytes depend on their content alone."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from thestack.infra.errors import SynthesisError

EPOCH = (2020, 1, 1, 0, 0, 0)


def write_zip(target: Path, tree: Path) -> None:
    """Zip a folder: sorted, with fixed times and modes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _add(archive, tree)


def extend_zip(target: Path, base: Path, tree: Path) -> None:
    """Copy the zip `base` to `target` as it is, then add a folder.

    What is compressed already is not compressed again.
    """
    shutil.copyfile(base, target)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _add(archive, tree)


def compile_tree(tree: Path, *, keep_sources: bool = True) -> None:
    """Compile a folder's modules to byte code that no file time can invalidate: imports then cost half.

    In a process of its own with a fixed hash seed, so that the same sources give the same bytes. Without
    `keep_sources` the byte code takes their place: a traceback then names file and line, and quotes
    nothing.
    """
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(tree), "-p", "/var/task", str(tree)]
    command += [] if keep_sources else ["-b"]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SynthesisError(f"some module does not compile: {(done.stdout + done.stderr).strip()[:500]}")
    if not keep_sources:
        for source in tree.rglob("*.py"):
            source.unlink()


def files(tree: Path) -> Iterator[Path]:
    """The files of a folder, sorted by path."""
    for path in sorted(tree.rglob("*")):
        if path.is_file():
            yield path


def _add(archive: zipfile.ZipFile, tree: Path) -> None:
    for path in files(tree):
        info = zipfile.ZipInfo(path.relative_to(tree).as_posix(), EPOCH)
        info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
        info.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
        archive.writestr(info, path.read_bytes(), compresslevel=9)
