"""Two versions of a service on one table, as they run while one of them is deployed, and after a rollback."""

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.store import MemoryStore
from thestack.definition.load import load
from thestack.testing.harness import BEGIN, MemoryProfiles, Running, user

from .conftest import HERE

ALICE = user("alice")
CREATE = "mutation ($i: CreateNoteInput!) { createNote(input: $i) { id } }"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def before(store: MemoryStore) -> Running:
    return running("before", store)


@pytest.fixture
def after(store: MemoryStore) -> Running:
    return running("after", store)


def running(version: str, store: MemoryStore) -> Running:
    loaded = load(HERE / f"notebook_{version}.py", HERE)
    assert loaded.model, loaded.diagnostics
    return Running(loaded.model, FixedClock(BEGIN), MemoryMailer(), MemoryProfiles(), store=store)


async def asked(service: Running, query: str, **variables: object) -> dict[str, object]:
    answer = await service.ask(query, ALICE, **variables)
    assert "errors" not in answer
    (field,) = answer["data"].values()
    return dict(field)


async def test_the_old_version_reads_rows_with_fields_that_it_does_not_know(
    before: Running, after: Running
) -> None:
    id = (await asked(after, CREATE, i={"text": "new", "stars": 5}))["id"]
    note = await asked(before, "query ($id: ID!) { note(id: $id) { text mood } }", id=id)
    assert note == {"text": "new", "mood": "calm"}


async def test_what_the_old_version_writes_keeps_what_only_the_new_one_knows(
    before: Running, after: Running
) -> None:
    id = (await asked(after, CREATE, i={"text": "new", "stars": 5}))["id"]
    await asked(before, 'mutation ($id: ID!) { rewrite(id: $id, text: "old") { id } }', id=id)
    note = await asked(after, "query ($id: ID!) { note(id: $id) { text stars } }", id=id)
    assert note == {"text": "old", "stars": 5}


async def test_the_new_version_reads_rows_with_fields_that_are_gone(before: Running, after: Running) -> None:
    id = (await asked(before, CREATE, i={"text": "old", "mood": "wild"}))["id"]
    note = await asked(after, "query ($id: ID!) { note(id: $id) { text stars } }", id=id)
    assert note == {"text": "old", "stars": 0}
