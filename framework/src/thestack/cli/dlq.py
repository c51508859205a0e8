"""`thestack dlq`: what consumers gave up on, why, and its way back."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from thestack.cli import editing, letters
from thestack.cli.output import NO, Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.selection import choose, consumers_of, find, no, queues_of, read
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption, find_target
from thestack.operations.dead_letter import DeadLetter
from thestack.operations.dead_letters import DeadLetters
from thestack.operations.discards import Discards, log_group
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Interrupted, Interruption
from thestack.operations.rehearsal import refusal, rehearse_there
from thestack.runtime.rehearse import Verdict

_PROGRESS_SECONDS = 5

dlq = typer.Typer(
    help="Dead letters: what consumers gave up on, why, and its way back.", no_args_is_help=True
)
Consumer = Annotated[str, typer.Argument(help="SERVICE.HANDLER, as in notifications.send_email.")]
Id = Annotated[
    str, typer.Argument(help="The event's or message's id, or SQS's; its first 8 characters or more will do.")
]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="These.")]
CauseOption = Annotated[str | None, typer.Option(help="Those with this cause, as `list` names it.")]
AllOption = Annotated[bool, typer.Option("--all", help="All of the consumer's.")]


@dlq.command("list")
@reporting
def show_all(
    consumer: Annotated[str | None, typer.Argument(help="SERVICE.HANDLER; without it, all.")] = None,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List the dead letters of a consumer, or of all: how many of each cause, since when, and one of them.

    With --format json, every letter whole.
    """
    root = find_root()
    consumers = consumers_of(root, consumer)
    where = find_target(root, target, env, endpoint, run)
    found = [letter for queue in queues_of(where, consumers) for letter in read(queue)]
    if format is Format.JSON:
        print_json([letters.entry(letter) for letter in found])
        return
    if found:
        out.print(letters.table(found))
    out.print(_number(len(found)))


@dlq.command()
@reporting
def show(
    id: Id,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Show one dead letter: the message, why it was given up, and the traceback, if the log still has it."""
    root = find_root()
    where = find_target(root, target, env, endpoint, run)
    queue, letter = find(queues_of(where, consumers_of(root)), id)
    try:
        failure = queue.failure(letter)
    except OperationError as error:
        failure = None
        err.print(f"the traceback is not known: {error}", markup=False)
    if format is Format.JSON:
        print_json({**letters.entry(letter), "traceback": failure.traceback if failure else None})
        return
    for line in letters.lines_of(letter, failure):
        out.print(line)


@dlq.command("dry-run")
@reporting
def dry_run(
    id: Id,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Run this checkout's code on a dead letter, in this process, and commit nothing: what would it do?

    It reads the environment's rows and users, on the local stack with the rights of the consumer's role, on
    AWS with yours. Rows, events and mails are shown, and none is written or sent. Exit code 1 if the message
    would fail again.
    """
    root = find_root()
    where = find_target(root, target, env, endpoint, run)
    queue, letter = find(queues_of(where, consumers_of(root)), id)
    rehearsal = rehearse_there(where.aws, where.environment, queue.service, queue.model, letter.body)
    package = queue.service.module.rpartition(".")[0]
    if format is Format.JSON:
        print_json(letters.rehearsal_entry(letter, rehearsal, package))
    else:
        for line in letters.rehearsal_lines(letter, rehearsal, package):
            out.print(line)
        out.print("Nothing of it was done.")
    if rehearsal.verdict in {Verdict.FAILED, Verdict.REJECTED}:
        raise typer.Exit(NO)


@dlq.command()
@reporting
def edit(
    id: Id,
    file: Annotated[
        Path | None, typer.Option(help="The message as it shall be, instead of an editor.")
    ] = None,
    set: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=VALUE", help="A field, as in data.subject=Hello.")
    ] = None,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Change a dead letter where it is, in $EDITOR; `redrive` sends it.

    It keeps its id, so that its effect stays single, and notes in the field `edited` when that was. What the
    consumer would not read is not taken: exit code 1.
    """
    if file and set:
        raise UsageMistake("--file and --set are two ways; say one of them")
    root = find_root()
    where = find_target(root, target, env, endpoint, run)
    queue, letter = find(queues_of(where, consumers_of(root)), id)
    before, draft = letters.pretty(letter.body), None
    if file:
        after = editing.from_file(file)
    elif set:
        after = editing.with_fields(before, set)
    else:
        after, draft = editing.in_editor(before)
    after = letters.pretty(after)
    changes = editing.differences(before, after)
    wrong = _why_not(queue, letter, after) if changes else None
    if wrong:
        kept = f"; your text is in {draft}: mend it and say --file {draft}" if draft else ""
        no(f"{queue.consumer} would not take that: {wrong}{kept}")
    if changes:
        stamped = {**json.loads(after), "edited": datetime.now(UTC).isoformat(timespec="seconds")}
        text = json.dumps(stamped, ensure_ascii=False, separators=(",", ":"))
        if not queue.replace(letter, text):
            no(f"{letter.id} is no longer in the DLQ of {queue.consumer}: somebody else was faster")
    if draft:
        draft.unlink()
    if format is Format.JSON:
        print_json({"consumer": queue.consumer, "id": letter.id, "changes": changes})
        return
    for line in changes:
        out.print(line, markup=False)
    out.print(f"{letter.id} is {'edited' if changes else 'as it was'}", markup=False)


@dlq.command()
@reporting
def redrive(
    consumer: Consumer,
    ids: Ids = None,
    cause: CauseOption = None,
    everything: AllOption = False,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="At most so many a second.")] = 10,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Send a consumer's dead letters back to its queue: by id, by cause, or --all.

    What took effect before has no second one, so that doing it twice, or being interrupted, does no harm.
    """
    root = find_root()
    consumers = consumers_of(root, consumer)
    where = find_target(root, target, env, endpoint, run)
    (queue,) = queues_of(where, consumers)
    chosen = choose(queue, ids or [], cause, everything)
    progress = _Progress()
    with Interruption() as interruption:
        try:
            queue.redrive(chosen, rate=rate, pause=interruption.pause, report=progress)
        except Interrupted:
            err.print(f"{progress.moved} redriven; the others are where they were")
            raise
    if format is Format.JSON:
        print_json({"consumer": consumer, "redriven": progress.moved})
    else:
        out.print(f"{_number(progress.moved)} redriven to {consumer}", markup=False)


@dlq.command()
@reporting
def discard(
    consumer: Consumer,
    ids: Ids = None,
    cause: CauseOption = None,
    everything: AllOption = False,
    why: Annotated[str, typer.Option(help="The reason, which is kept with each message.")] = "",
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Give dead letters up for good: by id, by cause, or --all.

    Each is first kept whole, with the reason and who gave it, in the log group /thestack/ENV/discarded.
    """
    if not why.strip():
        raise UsageMistake("--why is missing: say why these messages shall have no effect")
    root = find_root()
    consumers = consumers_of(root, consumer)
    where = find_target(root, target, env, endpoint, run)
    (queue,) = queues_of(where, consumers)
    chosen = choose(queue, ids or [], cause, everything)
    records = Discards(where.aws, where.environment)
    discarded = queue.discard(chosen, lambda letter: records.record(letter, why))
    kept = log_group(where.environment)
    if format is Format.JSON:
        print_json({"consumer": consumer, "discarded": discarded, "kept": kept})
    else:
        out.print(f"{_number(discarded)} of {consumer} discarded; the record is in {kept}", markup=False)


class _Progress:
    """Says every few seconds how many went."""

    def __init__(self) -> None:
        self.moved, self._told = 0, time.monotonic()

    def __call__(self, moved: int) -> None:
        self.moved = moved
        if time.monotonic() - self._told > _PROGRESS_SECONDS:
            self._told = time.monotonic()
            err.print(f"{moved} redriven so far")


def _why_not(queue: DeadLetters, letter: DeadLetter, text: str) -> str | None:
    """Why a text cannot take the letter's place."""
    try:
        id = json.loads(text).get("id")
    except (ValueError, AttributeError):
        return "it is no JSON object"
    if letter.said.get("id", id) != id:
        return f"its id is no longer {letter.id}"
    return refusal(queue.service, queue.model, text)


def _number(count: int) -> str:
    return f"{count} dead letter{'' if count == 1 else 's'}"
