"""One readable line for each record of the log."""

from rich.markup import escape

from thestack.operations.records import Record
from thestack.operations.trace import SHORT_ID

_WHO, _WHAT, _OUTCOME, _TIME = 24, 32, 10, 9
_COLOURS = {"ERROR": "red", "WARNING": "yellow"}


def text_of(record: Record) -> str:
    """The record as one aligned line, with its error's traceback indented below.

    For rich: `out.print(text_of(record))` colours it on a terminal, and only there. Columns: local time,
    service and trigger, what it was about, outcome, duration, the beginning of the correlation id.
    """
    at = record.at.astimezone().strftime("%H:%M:%S.%f")[:-3]
    took = f"{duration(record.ms):>{_TIME}}"
    line = (
        f"[dim]{at}[/]  {escape(f'{record.who:<{_WHO}}  {what(record):<{_WHAT}}')}"
        f"  {outcome(record, _OUTCOME)}{took}"
    )
    if record.correlation_id:
        line += f"  [dim]{escape(record.correlation_id[:SHORT_ID])}[/]"
    return "\n".join([line, *error_lines(record)])


def what(record: Record) -> str:
    """What it was about: "mutation completeTodo 200", "todo.completed → bus", "todo.created, attempt 2"."""
    if record.operation or record.door:
        kind = record.operation.partition(" ")[0] or f"{record.door} door"
        return " ".join(filter(None, [kind, ", ".join(record.fields), str(record.status or "")]))
    about = record.type
    if record.destination:
        about += " → queue" if record.destination == record.type else f" → {record.destination}"
    if record.attempt > 1:
        about += f", attempt {record.attempt}"
    return about


def outcome(record: Record, width: int = 0) -> str:
    """The outcome, coloured by how much it matters."""
    colour = _COLOURS.get(record.level, "green" if record.went_well else "yellow")
    return f"[{colour}]{escape(f'{record.outcome:<{width}}')}[/]"


def duration(ms: float) -> str:
    """Milliseconds for a reader: "12 ms", "1.25 s"."""
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.2f} s"


def error_lines(record: Record) -> list[str]:
    """What was raised, indented; nothing where nothing was."""
    if record.error is None:
        return []
    text = record.error.traceback or f"{record.error.type}: {record.error.message}"
    return [f"    {escape(line)}" for line in text.rstrip().splitlines()]
