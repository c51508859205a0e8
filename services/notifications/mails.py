"""Mails from templates: HTML, in which everything is escaped, and text beside it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifications.records import Topic

TEMPLATES = Path(__file__).parent / "templates"
NAMES = {Topic.UPDATES: "update", Topic.REMINDERS: "reminder"}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's subject and its two bodies."""

    subject: str
    html: str
    text: str


def render(
    topic: Topic,
    *,
    subject: str,
    text: str,
    unsubscribe: str,
    due_at: datetime | None = None,
    zone: str = "UTC",
) -> Rendered:
    """The mail of a topic. `unsubscribe` is a link; `due_at` is written in the time zone `zone`."""
    line = " ".join(subject.split())  # a header has one line
    said = {
        "subject": line,
        "text": text,
        "topic": NAMES[topic],
        "unsubscribe": unsubscribe,
        "due": due_at and due_at.astimezone(ZoneInfo(zone)),
        "zone": zone,
    }
    html, plain = (
        _environment().get_template(f"{NAMES[topic]}.{ending}.j2").render(said) for ending in ("html", "txt")
    )
    return Rendered(line, html, plain)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
