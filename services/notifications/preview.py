"""What the mails look like: `python -m services.notifications.preview FOLDER` writes each with sample
data.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

from services.notifications.mails import NAMES, Rendered, render
from services.notifications.records import Topic


class Sample(TypedDict, total=False):
    """What a mail is made of, as `render` takes it."""

    subject: str
    text: str
    due_at: datetime
    zone: str


BY_TOPIC: dict[Topic, Sample] = {
    Topic.UPDATES: {"subject": "Done: buy oat milk", "text": "Well done. One less to do."},
    Topic.REMINDERS: {
        "subject": "Due: buy <oat> milk & bread",
        "text": "You wanted to be done with this: buy <oat> milk & bread",
        "due_at": datetime(2026, 1, 2, 17, 30, tzinfo=UTC),
        "zone": "Europe/Berlin",
    },
}
SAMPLES: Sequence[tuple[str, Topic]] = [(NAMES[topic], topic) for topic in BY_TOPIC]
LINK = "https://example.com/public/hooks/main/notifications/unsubscribe?token=sample"


def previews() -> Iterator[tuple[str, Rendered]]:
    """Each template's name, and the mail that it makes of the sample."""
    for name, topic in SAMPLES:
        yield name, render(topic, unsubscribe=LINK, **BY_TOPIC[topic])


def write(folder: Path) -> list[Path]:
    """Write the previews into a folder, which is made if need be; answers the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, made in previews():
        for ending, text in (("html", made.html), ("txt", f"Subject: {made.subject}\n\n{made.text}")):
            path = folder / f"{name}.{ending}"
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    for path in write(Path(sys.argv[1] if len(sys.argv) > 1 else "previews")):
        print(path)
