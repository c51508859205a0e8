"""Who follows the tutorial to the letter gets what it says."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.checkout import ROOT, copy_checkout
from tests.e2e.walkthrough import background, blocks, follow, shell
from thestack.local.description import running

PAGE = (ROOT / "docs/tutorial.md").read_text()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The reader's, but for the set-up: it is done, and would make another `.venv` for another path."""
    make = tmp_path / "bin/make"
    make.parent.mkdir()
    make.write_text(f'#!/bin/sh\nexec {shutil.which("make")} -o setup "$@"\n')
    make.chmod(0o755)
    path = f"{make.parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "COLUMNS": "120", "NO_COLOR": "1"}


@pytest.mark.timeout(600)
def test_every_step_does_what_it_says(tmp_path: Path, env: dict[str, str]) -> None:
    root = copy_checkout(tmp_path / "checkout")
    (root / ".venv").symlink_to(ROOT / ".venv")
    with ExitStack() as exits:
        terminal = exits.enter_context(shell(root, env))
        for block in blocks(PAGE):
            if "background" in block.words:
                log = exits.enter_context(background(block.text, root, env, "Ctrl-C stops it."))
            else:
                try:
                    follow(block, root, terminal)
                except AssertionError as wrong:
                    raise AssertionError(
                        f"{wrong}\n\nThe first terminal:\n{log.read_text()[-6000:]}"
                    ) from None
    assert "stopped; nothing is left" in log.read_text()
    assert running(root) == []
