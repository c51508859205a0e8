"""What docs/definition.md shows loads without a mistake, and answers what it says."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from thestack.definition.load import load_all
from thestack.testing import Harness, user

PAGE = (Path(__file__).parents[3] / "docs/definition.md").read_text(encoding="utf-8")
IMPORTS = """\
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import Field
from thestack import *

"""
SERVICE = 'service = Service("shop")\n'


@dataclass
class Example:
    """A definition with the operations that are shown below it, and their answers."""

    title: str
    code: str
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def project(self) -> str:
        head, *files = re.split(r"^(# services/\w+/service\.py\n)", self.code, flags=re.MULTILINE)
        if not files:
            return IMPORTS + SERVICE + head
        return "".join(mark + IMPORTS + text for mark, text in zip(files[::2], files[1::2], strict=True))


def examples() -> Iterator[Example]:
    title, example, query = "", None, ""
    for found in re.finditer(r"^#+ ([^\n]+)$|^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL):
        heading, language, text = found.groups()
        if heading:
            title = heading
        elif language == "python":
            if example:
                yield example
            example = Example(title, text)
        elif language == "graphql":
            query = text
        elif language == "json" and example:
            example.asked.append((query, text))
    if example:
        yield example


EXAMPLES = list(examples())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
async def test_an_example_is_right_and_answers_what_is_shown(
    example: Example, project: Callable[[str], Path]
) -> None:
    loaded = load_all(project(example.project))
    assert [(each.code, each.message) for one in loaded for each in one.diagnostics] == []
    harness = Harness(*(one.model for one in loaded if one.model))
    for query, expected in example.asked:
        answer = await harness["shop"].ask(query, user("alice"))
        assert answer == {"data": json.loads(expected)}


def test_every_section_with_an_example_is_found() -> None:
    assert len(EXAMPLES) == PAGE.count("```python")
    assert sum(len(each.asked) for each in EXAMPLES) == PAGE.count("```graphql") == PAGE.count("```json")
