"""What reading a definition costs: a generated service of 30 entities and 60 operations."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, Measurement, Say, median_of
from bench.processes import Contender, in_turns

RUNS, ENTITIES = 15, 30
BUDGET = 150.0
_HEAD = '''\
"""A service that is as large as one gets before it is split."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from thestack import Caller, Clock, Connection, Entity, Event, Id
from thestack import Index, Owned, Page, Service, new_id, signed_in

service = Service("large")
'''
_ENTITY = """

class Thing{n}(Entity, key="id", owner="owner_id"):
    id: Id
    owner_id: Id
    title: Annotated[str, Field(min_length=1, max_length=200)]
    created_at: datetime
    note: str | None = None
    count: int = 0
    by_time = Index("owner_id", "created_at", sort=datetime)


class Thing{n}Made(Event, name="thing{n}.made", version=1):
    thing_id: Id
    owner_id: Id


@service.query(allow=signed_in)
async def things{n}(page: Page, *, mine: Owned[Thing{n}]) -> Connection[Thing{n}]:
    return await mine.page(Thing{n}.by_time, page)


@service.mutation(allow=signed_in)
async def make{n}(
    title: str, *, mine: Owned[Thing{n}, Thing{n}Made], caller: Caller, clock: Clock
) -> Thing{n}:
    thing = Thing{n}(id=new_id(), owner_id=caller.id, title=title, created_at=clock.now())
    return await mine.put(thing, emit=Thing{n}Made(thing_id=thing.id, owner_id=thing.owner_id))
"""
_PYDANTIC = "import pydantic\nclass Shape(pydantic.BaseModel):\n    id: str\n"
_LOAD = f"""{_PYDANTIC}
import pathlib, sys
from thestack.definition.load import models
(model,) = models(pathlib.Path(sys.argv[1]))
print(len(model.entities), len(model.operations))
"""


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Load and check the definition in fresh processes, in turns with ones that only import pydantic."""
    scratch = root / ".stack/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="definition-") as name:
        file = Path(name) / "services/large/service.py"
        file.parent.mkdir(parents=True)
        file.write_text(_HEAD + "".join(_ENTITY.format(n=number) for number in range(ENTITIES)))
        say(f"{RUNS} rounds of loading {ENTITIES} entities and {2 * ENTITIES} operations")
        proof = f"{ENTITIES} {2 * ENTITIES}"
        samples = in_turns(
            [
                Contender("pydantic", "", (sys.executable, "-c", _PYDANTIC), {}, ""),
                Contender("load", "loading", (sys.executable, "-c", _LOAD, name), {}, proof),
            ],
            RUNS,
        )
    over = [load - pydantic for load, pydantic in zip(samples["load"], samples["pydantic"], strict=True)]
    return [
        median_of("definition.pydantic", "importing pydantic, with one model", "ms", samples["pydantic"]),
        median_of("definition.load", "reading and checking it, over that", "ms", over, budget=BUDGET),
    ]


_METHOD = f"""\
{ENTITIES} entities, {ENTITIES} events and {2 * ENTITIES} operations in one file are loaded and checked by
a fresh interpreter, the framework's import included. CPU of the whole process, less that of one that imports
pydantic and makes one model; both in turns.
"""
DEFINITION = Measurement("definition", "Reading a definition", _METHOD.strip(), measure)
