"""The operations that an environment's router told, read from its log: what clients really ask."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from thestack.contract.recorded import Section
from thestack.definition import names
from thestack.operations.aws import Aws
from thestack.operations.logs import Line, Logs

_PHRASE = "operation: recorded"
_CLIENT = re.compile(r"\w[\w.-]{0,63}", re.ASCII)


def recorded_since(aws: Aws, environment: str, since: datetime) -> Mapping[str, list[Section]]:
    """By client, the operations that the router of the environment executed since a moment.

    A process of the router tells each of them once. Raises `OperationError`.
    """
    return by_client(Logs(aws, [names.router_function(environment)]).read(since, _PHRASE))


def by_client(lines: Iterable[Line]) -> dict[str, list[Section]]:
    """The same of lines of a log. What is no operation, or not what its hash says, is left out."""
    found: dict[str, dict[str, Section]] = {}
    for line in sorted(lines, key=lambda each: each.at):
        if told := _told(line):
            client, section = told
            found.setdefault(client, {})[section.hash] = section
    return {client: list(sections.values()) for client, sections in sorted(found.items())}


def _told(line: Line) -> tuple[str, Section] | None:
    try:
        said = json.loads(line.text)
        told = said["operation"] if said["message"] == _PHRASE else {}
        client, hash, text = (str(told[key]) for key in ("client", "hash", "text"))
    except (KeyError, TypeError, ValueError):
        return None  # another line that has the phrase in it
    is_whole = hash == hashlib.sha256(text.encode()).hexdigest()[:12]
    return (client, Section(hash, line.at.date(), text)) if is_whole and _CLIENT.fullmatch(client) else None
