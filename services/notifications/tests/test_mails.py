"""Templates: each renders whole, and what a user wrote is text in it and nothing else."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from services.notifications.mails import TEMPLATES, Rendered, render
from services.notifications.preview import SAMPLES, previews, write
from services.notifications.records import Topic

LINK = "https://api.example/unsubscribe?token=a&b=c"
HOSTILE = "<script>alert('x')</script> & \"<img src=x onerror=1>\" {{ 7 * 7 }} {% raw %}"
DUE = datetime(2026, 1, 2, 23, 30, tzinfo=UTC)


class Elements(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def rendered(topic: Topic, subject: str = "Milk", text: str = "Well done.", zone: str = "UTC") -> Rendered:
    due = DUE if topic is Topic.REMINDERS else None
    return render(topic, subject=subject, text=text, unsubscribe=LINK, due_at=due, zone=zone)


@pytest.mark.parametrize("topic", Topic)
def test_each_topic_has_both_parts_with_the_link(topic: Topic) -> None:
    made = rendered(topic)
    page = Elements(made.html)
    assert page.links == [LINK]
    assert "Well done." in page.text
    assert "Well done." in made.text
    assert LINK in made.text
    assert made.html.startswith("<!doctype html>")
    assert "<" not in made.text


@pytest.mark.parametrize("topic", Topic)
def test_hostile_data_is_text_in_the_page(topic: Topic) -> None:
    plain, hostile = rendered(topic), rendered(topic, HOSTILE, HOSTILE)
    page = Elements(hostile.html)
    assert page.tags == Elements(plain.html).tags
    assert page.text.count(HOSTILE) == 3  # title, heading and body
    assert HOSTILE in hostile.text


def test_a_subject_is_one_line() -> None:
    assert rendered(Topic.UPDATES, "Milk\r\nBcc: eve@example.com").subject == "Milk Bcc: eve@example.com"


def test_a_link_can_not_leave_its_attribute() -> None:
    made = render(Topic.UPDATES, subject="x", text="y", unsubscribe='"><script>')
    assert Elements(made.html).links == ['"><script>']


def test_a_due_time_is_written_in_the_users_zone() -> None:
    made = rendered(Topic.REMINDERS, zone="Europe/Berlin")
    for part in (made.html, made.text):
        assert "3 January 2026, 00:30" in part
        assert "Europe/Berlin" in part


def test_every_template_has_a_preview() -> None:
    names = {path.name.partition(".")[0] for path in TEMPLATES.glob("*.j2")} - {"base"}
    assert {name for name, _ in SAMPLES} == names
    for name, made in previews():
        assert made.subject, name
        assert Elements(made.html).links, name


def test_previews_are_written_as_files(tmp_path: Path) -> None:
    written = write(tmp_path)
    assert sorted(path.name for path in written) == [
        "reminder.html",
        "reminder.txt",
        "update.html",
        "update.txt",
    ]
    assert all(path.read_text(encoding="utf-8").strip() for path in written)
