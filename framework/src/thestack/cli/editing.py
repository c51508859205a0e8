"""Changes to a JSON text, by an editor, by a file or by single fields."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any

from thestack.cli.output import UsageMistake


def in_editor(text: str) -> tuple[str, Path]:
    """The text as the user leaves it in $VISUAL or $EDITOR, and the file that holds it, for them to delete or
    to come back to. Raises `UsageMistake`.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor and not sys.stdin.isatty():
        raise UsageMistake("there is no terminal to edit in; set EDITOR, or say --file or --set")
    handle, name = tempfile.mkstemp(prefix="dead-letter-", suffix=".json")  # which only its owner can read
    file = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as writing:
        writing.write(f"{text}\n")
    command = [*shlex.split(editor or "vi"), name]
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        file.unlink()
        raise UsageMistake(f"cannot start the editor {command[0]!r}: {error.strerror}; set EDITOR") from None
    if done.returncode:
        file.unlink()
        raise UsageMistake(
            f"the editor {command[0]!r} ended with exit code {done.returncode}: nothing changed"
        )
    return file.read_text(encoding="utf-8").strip(), file


def from_file(file: Path) -> str:
    """The text in a file. Raises `UsageMistake`."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageMistake(f"cannot read {file}: {error}") from None


def with_fields(text: str, assignments: Sequence[str]) -> str:
    """The JSON object with some fields set, each as in "data.subject=Hello": JSON where the value is some,
    else text. Raises `UsageMistake`.
    """
    try:
        whole = json.loads(text)
    except ValueError:
        raise UsageMistake("the message is no JSON: --set has no fields to set; say --file") from None
    for assignment in assignments:
        path, equals, value = assignment.partition("=")
        *outer, last = path.split(".")
        place = whole
        for step in outer:
            place = place.get(step) if isinstance(place, dict) else None
        if not equals or not isinstance(place, dict):
            raise UsageMistake(f"cannot set {assignment!r}: write FIELD=VALUE, as in data.subject=Hello")
        place[last] = _value(value)
    return json.dumps(whole, indent=2, ensure_ascii=False)


def differences(before: str, after: str) -> list[str]:
    """The lines that differ, with some around them, as `diff -u` has them."""
    return list(unified_diff(before.splitlines(), after.splitlines(), "in the DLQ", "edited", lineterm=""))


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
