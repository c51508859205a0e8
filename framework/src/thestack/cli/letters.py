"""Dead letters and their rehearsals, as text and as JSON."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.markup import escape
from rich.table import Table

from thestack.diagnostics.tracebacks import user_traceback
from thestack.operations.dead_letter import DeadLetter
from thestack.operations.records import Failure
from thestack.runtime.keys import UNIT
from thestack.runtime.rehearse import Change, Rehearsal, Verdict

_LONG_ENOUGH = 14
"""Characters of an id that tell it from all others, in practice."""
_VERDICTS = {
    Verdict.EFFECTED: "[green]it would take effect[/]",
    Verdict.DUPLICATE: "[green]it was handled already: nothing would be done[/]",
    Verdict.PASSED: "[green]the consumer's filter leaves it out: nothing would be done[/]",
    Verdict.REJECTED: "[red]it would be rejected[/]",
    Verdict.FAILED: "[red]the handler would fail[/]",
}


def age(since: datetime) -> str:
    """How long ago that was, in one unit: "3 h"."""
    passed = max(datetime.now(UTC) - since, timedelta())
    for unit, length in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if passed >= length:
            return f"{passed // length} {unit}"
    return f"{passed.seconds} s"


def counts(letters: Sequence[DeadLetter]) -> str:
    """How many there are of each cause: "2 MailRefused, 1 unknown"."""
    return ", ".join(f"{len(group)} {cause}" for (_, cause), group in _groups(letters).items())


def table(letters: Sequence[DeadLetter]) -> Table:
    """The letters by consumer and cause."""
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("consumer", "cause"):
        shown.add_column(heading, overflow="fold")
    for heading in ("count", "oldest", "newest"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("for example", no_wrap=True)
    for (consumer, cause), group in _groups(letters).items():
        oldest, newest = group[0], group[-1]
        shown.add_row(
            escape(consumer),
            escape(cause),
            str(len(group)),
            age(oldest.since),
            age(newest.since),
            escape(newest.id[:_LONG_ENOUGH]),
        )
    return shown


def entry(letter: DeadLetter) -> dict[str, Any]:
    """A letter for programs."""
    return {
        "consumer": letter.consumer,
        "id": letter.id,
        "message_id": letter.message_id,
        "type": letter.type,
        "cause": letter.cause,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "since": letter.since.isoformat(),
        "edited": letter.said.get("edited"),
        "message": letter.said or letter.body,
    }


def lines_of(letter: DeadLetter, failure: Failure | None) -> Iterator[str]:
    """A letter for people, in rich's markup."""
    envelope = letter.envelope
    attempts = "unknown" if letter.attempts is None else str(letter.attempts)
    facts = {
        "consumer": letter.consumer,
        "type": letter.type or "none: this is no CloudEvent of ours",
        "id": letter.id,
        "cause": letter.cause,
        "reason": letter.reason,
        "attempts": attempts,
        "said": f"{_when(envelope.time)}, by {envelope.source}" if envelope else "",
        "dead since": _when(letter.since),
        "edited": letter.said.get("edited", ""),
        "its way": f"thestack trace {envelope.correlation_id}"
        if envelope and envelope.correlation_id
        else "",
    }
    for name, value in facts.items():
        if value:
            yield f"[bold]{name:12}[/]{escape(str(value))}"
    yield ""
    yield escape(pretty(letter.body))
    if failure and failure.traceback:
        yield ""
        yield escape(failure.traceback)


def pretty(body: str) -> str:
    """A body for people: its JSON indented, or the text that it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


def rehearsal_entry(letter: DeadLetter, rehearsal: Rehearsal, package: str) -> dict[str, Any]:
    """A rehearsal for programs."""
    error = rehearsal.error
    return {
        "consumer": letter.consumer,
        "id": letter.id,
        "verdict": rehearsal.verdict,
        "error": error
        and {
            "type": type(error).__name__,
            "message": str(error),
            "traceback": user_traceback(error, package),
        },
        "changes": [
            {"entity": each.entity, "key": each.key._asdict(), "before": each.before, "after": each.after}
            for each in rehearsal.changes
        ],
        "said": [
            {"to": each.destination, "message": json.loads(each.envelope.to_json())}
            for each in rehearsal.said
        ],
        "mails": [
            {"to": mail.to, "subject": mail.subject, "text": mail.text, "html": mail.html}
            for mail in rehearsal.mails
        ],
        "effects": rehearsal.effects,
        "objects": rehearsal.objects,
    }


def rehearsal_lines(letter: DeadLetter, rehearsal: Rehearsal, package: str) -> Iterator[str]:
    """A rehearsal for people, in rich's markup."""
    error = rehearsal.error
    why = f": {escape(str(error))}" if rehearsal.verdict is Verdict.REJECTED else ""
    yield f"[bold]{letter.consumer}[/]  {escape(letter.id)}  {_VERDICTS[rehearsal.verdict]}{why}"
    if error is not None and rehearsal.verdict is Verdict.FAILED:
        yield escape(user_traceback(error, package))
    for mail in rehearsal.mails:
        yield f"  [bold]mail[/]    {escape(mail.to)}: {escape(mail.subject)}"
    for key in rehearsal.effects:
        yield f"  [bold]effect[/]  once({escape(repr(key))}), which was not run"
    for done in rehearsal.objects:
        yield f"  [bold]object[/]  {escape(done)}"
    for change in rehearsal.changes:
        yield from _change_lines(change)
    for each in rehearsal.said:
        said = f"{each.envelope.type} → {each.destination}  {_json(dict(each.envelope.data))}"
        yield f"  [bold]say[/]     {escape(said)}"


def _change_lines(change: Change) -> Iterator[str]:
    verb = "put" if change.before is None else "delete" if change.after is None else "change"
    key = f"{change.key.pk} / {change.key.sk}".replace(UNIT, " ")
    yield f"  [bold]{verb:6}[/]  {escape(f'{change.entity}  {key}')}"
    before, after = change.before, change.after
    if before is None or after is None:
        for name, value in (after or before or {}).items():
            yield f"          {escape(f'{name}: {_json(value)}')}"
        return
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield f"          {escape(f'{name}: {_json(before.get(name))} → {_json(after.get(name))}')}"


def _groups(letters: Sequence[DeadLetter]) -> Mapping[tuple[str, str], list[DeadLetter]]:
    """The letters by consumer and cause, each group oldest first, most letters first."""
    found: defaultdict[tuple[str, str], list[DeadLetter]] = defaultdict(list)
    for letter in sorted(letters, key=lambda each: each.since):
        found[letter.consumer, letter.cause].append(letter)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], -len(item[1]))))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {age(moment)} ago"
