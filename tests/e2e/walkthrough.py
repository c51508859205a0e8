"""Runs a page of documentation as its reader would, block by block.

What the fences say:

- `sh`: commands of the second terminal; the last one succeeds. With `background`: a command of the first
  terminal, which runs until the end of the page.
- `console`: commands after `$ `, each with what it prints; `…` stands for anything. With `eventually`, it is
  asked again until it prints that; with `exit=1`, it ends so.
- `python title="path"`: a file's content.
"""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 180.0
_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SAID = re.compile(r"^<(\d+)>$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the words after it, and its text."""

    language: str
    words: tuple[str, ...]
    text: str

    @property
    def options(self) -> dict[str, str]:
        """The words of the form `name=value`."""
        return dict(word.split("=", 1) for word in self.words if "=" in word)

    @property
    def exchanges(self) -> list[tuple[str, str]]:
        """The commands of a `console` block, each with what it prints."""
        parts = re.split(r"^\$ (.*)\n", self.text, flags=re.MULTILINE)[1:]
        return list(zip(parts[::2], parts[1::2], strict=True))


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [
        Block(language, tuple(shlex.split(words)), text) for language, words, text in _FENCE.findall(page)
    ]


class Shell:
    """The reader's second terminal: one shell for all commands, so that it keeps variables and functions."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        self._input, self._output = process.stdin, process.stdout

    def run(self, commands: str) -> tuple[int, str]:
        """The exit code and everything printed."""
        self._input.write(f"{commands}\nprintf '\\n<%s>\\n' $?\n")
        self._input.flush()
        said: list[str] = []
        for line in self._output:
            if ended := _SAID.match(line):
                return int(ended[1]), "".join(said).strip("\n")
            said.append(line)
        raise AssertionError(f"the shell ended at {commands!r}: {''.join(said)}")


@contextmanager
def shell(root: Path, env: dict[str, str]) -> Iterator[Shell]:
    """A shell in a folder."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=root,
        env=env,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield Shell(process)
        assert process.stdin
        process.stdin.close()


@contextmanager
def background(command: str, root: Path, env: dict[str, str], ready: str) -> Iterator[Path]:
    """A command that has printed `ready`, and gets a Ctrl-C when the context is left; answers its log."""
    log = root / ".stack/walkthrough.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            shlex.split(command), cwd=root, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while ready not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE)


def follow(block: Block, root: Path, terminal: Shell) -> None:
    """Do what a block says. Raises `AssertionError` where that comes to something else."""
    if block.language == "python":
        file = root / block.options["title"]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
    elif block.language == "sh":
        code, said = terminal.run(block.text)
        assert code == 0, f"{block.text}\n{said}"
    elif block.language == "console":
        wanted = int(block.options.get("exit", "0"))
        patience = PATIENCE if "eventually" in block.words else 0
        for command, expected in block.exchanges:
            _expect(terminal, command, (wanted, expected.strip("\n")), patience)


def _expect(terminal: Shell, command: str, wanted: tuple[int, str], patience: float) -> None:
    deadline = time.monotonic() + patience
    pattern = re.compile(".*".join(map(re.escape, wanted[1].split("…"))), re.DOTALL)
    while True:
        code, said = terminal.run(command)
        if code == wanted[0] and pattern.fullmatch(said):
            return
        assert time.monotonic() < deadline, f"$ {command}\nexit {code}\n{said}\ninstead of\n{wanted[1]}"
        time.sleep(0.2)
