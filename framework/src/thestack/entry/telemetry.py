"""The record that every entry point logs of each request, event and message: one line, the same everywhere.

`thestack.operations.records` says what is in it, and reads it back; the router writes its own in the same
form.
"""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from thestack.definition.problems import Problem
from thestack.diagnostics.tracebacks import user_traceback
from thestack.ports import Envelope
from thestack.runtime.journal import Journal

WENT_WELL = "ok"
LONGEST_MESSAGE = 2000


class Telemetry:
    """Tells what became of what a function was given. `package` is where the author's own code is."""

    def __init__(self, trigger: str, *, service: str | None = None, package: str = "") -> None:
        self.logger = Logger(service=service, use_rfc3339=True, location=None)
        self._trigger, self._package = trigger, package

    def tell(
        self,
        outcome: str,
        began: float,
        *,
        level: str = "info",
        correlation_id: str | None = None,
        failure: Exception | None = None,
        **what: Any,
    ) -> None:
        """Log one record; `began` is what `time.perf_counter` said. What is None or empty is left out."""
        ms = round((time.perf_counter() - began) * 1000, 1)
        said = {**what, "correlation_id": correlation_id, "error": failure and self._described(failure)}
        kept = {name: value for name, value in said.items() if value}
        log = getattr(self.logger, level)
        log(f"{self._trigger}: {outcome}", trigger=self._trigger, outcome=outcome, ms=ms, **kept)

    def _described(self, failure: Exception) -> dict[str, str]:
        """An expected failure tells what it means by itself; any other, where it came from as well."""
        told = {"type": type(failure).__name__, "message": str(failure)[:LONGEST_MESSAGE]}
        if not isinstance(failure, Problem):
            told["traceback"] = user_traceback(failure, self._package)
        return told


def caused_by(journal: Journal) -> list[dict[str, str]]:
    """What a run committed, by id and type."""
    return [{"id": envelope.id, "type": envelope.type} for envelope in journal.caused]


def together(failures: Sequence[Exception]) -> Exception | None:
    """Several failures of one run as one."""
    return failures[0] if len(failures) == 1 else ExceptionGroup("several", failures) if failures else None


def waited(envelope: Envelope) -> float:
    """Milliseconds since the envelope was made."""
    return round((datetime.now(UTC) - envelope.time).total_seconds() * 1000, 1)
