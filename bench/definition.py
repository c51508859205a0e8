"""What reading a definition costs: a generated service of 30 entities and 60 operations."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, Measurement, NotMeasured, Say, median_of

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
_LOAD = """\
import pathlib, sys, time
import pydantic
class Shape(pydantic.BaseModel):
    id: str
began = time.process_time()
from thestack.definition.load import models
(model,) = models(pathlib.Path(sys.argv[1]))
print((time.process_time() - began) * 1000, len(model.entities), len(model.operations))
"""


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Load and check the definition in fresh processes."""
    scratch = root / ".stack/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="definition-") as name:
        file = Path(name) / "services/large/service.py"
        file.parent.mkdir(parents=True)
        file.write_text(_HEAD + "".join(_ENTITY.format(n=number) for number in range(ENTITIES)))
        say(f"{RUNS} times loading {ENTITIES} entities and {2 * ENTITIES} operations")
        samples = [_load(Path(name)) for _ in range(RUNS + 1)][1:]  # the first one fills the caches
    return [median_of("definition.load", "reading and checking it", "ms", samples, budget=BUDGET)]


def _load(folder: Path) -> float:
    """The CPU of one load, in ms."""
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, str(folder)], capture_output=True, text=True, check=False
    )
    cpu, *counted = done.stdout.split() or [""]
    if counted != [str(ENTITIES), str(2 * ENTITIES)]:
        raise NotMeasured(f"the definition was not loaded: {done.stderr[-600:]}")
    return float(cpu)


_METHOD = f"""\
{ENTITIES} entities, {ENTITIES} events and {2 * ENTITIES} operations in one file are loaded and checked by a
fresh interpreter. CPU from when it has imported pydantic, and made a model with it, until the ServiceModel is
there: the framework's own import is in it.
"""
DEFINITION = Measurement(
    "definition", "Reading a definition, over importing pydantic", _METHOD.strip(), measure
)
