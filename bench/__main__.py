"""`python -m bench`: measures, shows a table, writes results.json and results.md."""

import argparse
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import (
    analytics,
    architect,
    checking,
    cold,
    definition,
    development,
    imaging,
    sizes,
    stack,
    uploads,
    warm,
)
from bench.figures import Figure, Measurement, NotMeasured, Say, Section
from bench.machine import this_machine
from bench.report import page, show, write_json
from thestack.infra.errors import SynthesisError
from thestack.operations.errors import OperationError
from thestack.toolchain.installation import ToolchainError

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent
MEASUREMENTS: tuple[Measurement, ...] = (
    cold.COLD,
    warm.WARM,
    sizes.SIZES,
    imaging.IMAGING,
    definition.DEFINITION,
    checking.CHECKING,
    development.DEVELOPMENT,
    stack.STACK,
    uploads.UPLOADS,
    analytics.ANALYTICS,
    architect.ARCHITECT,
)
WORLD = 3
"""Exit code: something could not be measured. A budget that is not met is a result, and no failure."""


def main(arguments: Sequence[str]) -> int:
    """Run the bench; answers its exit code."""
    names = [each.name for each in MEASUREMENTS]
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=names,
        metavar="NAME",
        help=f"measure this alone: {', '.join(names)}",
    )
    parser.add_argument(
        "--out", type=Path, help="a folder for results.json and results.md; by default bench/, if all ran"
    )
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    talk = Console(stderr=True, highlight=False)

    def say(text: str) -> None:
        talk.print(f"[dim]{time.monotonic() - began:6.1f} s[/]  ", end="")
        talk.print(text, markup=False)

    machine, day = this_machine(), datetime.now(UTC).date()
    sections = [_run(each, say) for each in MEASUREMENTS if not chosen.only or each.name in chosen.only]
    show(sections, Console(width=max(80, min(120, shutil.get_terminal_size().columns))))
    folder = chosen.out or (None if chosen.only else FOLDER)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        write_json(sections, machine, day, folder / "results.json")
        (folder / "results.md").write_text(page(sections, machine, day), encoding="utf-8")
        say(f"written: {folder / 'results.json'} and results.md")
    return WORLD if any(section.failure for section in sections) else 0


def _run(measurement: Measurement, say: Say) -> Section:
    say(measurement.title)
    began = time.monotonic()
    failure: str | None = None
    figures: tuple[Figure, ...] = ()
    try:
        figures = tuple(measurement.measure(ROOT, say))
    except (OperationError, NotMeasured, SynthesisError, ToolchainError) as error:
        failure = " ".join(str(error).split())
        say(f"not measured: {failure}")
    took = round(time.monotonic() - began, 1)
    return Section(measurement.name, measurement.title, measurement.method, figures, failure, took)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs for a measurement is ended
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
