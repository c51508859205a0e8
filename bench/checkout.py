"""A checkout of its own for what changes files, so that this one stays as it is."""

import shutil
from pathlib import Path

from bench.figures import Say
from thestack.toolchain.tools import ensure

_COPIED = ("services", "deploy")
_SHARED = ("node", "cache/bundles", "cache/jsii")
"""What is in `.stack` whatever its path; the emulator is not: its environment is bound to its folder."""


def checkout(root: Path, say: Say) -> Path:
    """A copy of the project in `.stack/bench`, made anew but for the emulator, which is installed once.

    Raises `ToolchainError`.
    """
    copy = root / ".stack/bench/checkout"
    for name in _COPIED:
        shutil.rmtree(copy / name, ignore_errors=True)
        shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in _SHARED:
        link = copy / ".stack" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        (root / ".stack" / name).mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(root / ".stack" / name)
    ensure(copy, say)
    return copy
