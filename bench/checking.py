"""What `thestack check` takes, warm: on this repository, and on fifty generated services."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, Measurement, NotMeasured, Say, median_of

RUNS, MANY, FEW = 5, 50, 5
BUDGET = 3.0
_SERVICE = '''\
"""A service among many."""

from datetime import datetime

from thestack import Caller, Clock, Connection, Entity, Event, ForeignEvent
from thestack import Id, Index, Owned, Page, Service, new_id, owner, signed_in

service = Service("s{n}")


class Thing{n}(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    title: str
    created_at: datetime
    by_time = Index("owner_id", "created_at", sort=datetime)


class Thing{n}Made(Event, name="thing{n}.made", version=1):
    thing_id: Id
    owner_id: Id


class Heard(ForeignEvent, name="thing{before}.made", version=1, source="s{before}"):
    thing_id: Id


@service.query(allow=signed_in)
async def things{n}(page: Page, *, mine: Owned[Thing{n}]) -> Connection[Thing{n}]:
    return await mine.page(Thing{n}.by_time, page)


@service.mutation(allow=signed_in)
async def make{n}(
    title: str, *, mine: Owned[Thing{n}, Thing{n}Made], caller: Caller, clock: Clock
) -> Thing{n}:
    thing = Thing{n}(id=new_id(), owner_id=caller.id, title=title, created_at=clock.now())
    return await mine.put(thing, emit=Thing{n}Made(thing_id=thing.id, owner_id=thing.owner_id))


@service.on()
async def hear(event: Heard, /) -> None: ...
'''
_OPERATION = "query Things{n} {{ things{n}(first: 10) {{ nodes {{ id title }} }} }}\n"


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Check in fresh processes, after one that fills the caches."""
    say(f"{RUNS} times checking this repository")
    here = _seconds(root, RUNS)
    scratch = root / ".stack/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="checking-") as folder:
        few, many = (_checked(root, Path(folder) / str(count), count, say) for count in (FEW, MANY))
    each = [1000 * (slow - quick) / (MANY - FEW) for slow, quick in zip(many, few, strict=True)]
    return [
        median_of("check.repository", "this repository", "s", here, budget=BUDGET),
        median_of("check.few", f"{FEW} generated services", "s", few),
        median_of("check.many", f"{MANY} generated services", "s", many),
        median_of("check.growth", "for each further service", "ms", each),
    ]


def _checked(root: Path, project: Path, count: int, say: Say) -> list[float]:
    """Seconds of checks of a project of so many services, whose contracts are committed on main."""
    say(f"making {count} services, their templates and contracts")
    shutil.copytree(
        root / "deploy", project / "deploy", ignore=shutil.ignore_patterns("contract", "__pycache__")
    )
    (project / ".stack").mkdir()
    for name in ("ffmpeg", "ministack", "node"):
        (project / ".stack" / name).symlink_to(root / ".stack" / name)
    operations = project / "frontends/web/operations"
    operations.mkdir(parents=True)
    for number in range(count):
        file = project / f"services/s{number}/service.py"
        file.parent.mkdir(parents=True)
        file.write_text(_SERVICE.format(n=number, before=(number - 1) % count))
        (operations / f"things{number}.graphql").write_text(_OPERATION.format(n=number))
    (project / ".gitignore").write_text(".stack\n__pycache__\n")
    _run([sys.executable, "-m", "thestack.cli", "contract", "update"], project)
    who = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "-A"],
        ["commit", "--quiet", "-m", "All"],
    ):
        _run(["git", *who, *words], project)
    say(f"{RUNS} times checking {count} services")
    return _seconds(project, RUNS)


def _seconds(project: Path, runs: int) -> list[float]:
    samples: list[float] = []
    for _ in range(runs + 1):
        began = time.perf_counter()
        _run([sys.executable, "-m", "thestack.cli", "check"], project)
        samples.append(time.perf_counter() - began)
    return samples[1:]  # the first one fills the caches


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"`{' '.join(command[-3:])}` failed: {(done.stderr or done.stdout)[-600:]}")


_METHOD = f"""\
`thestack check` in processes of its own, wall clock: definitions, stale contracts, and every gate against
main, whose contracts are the same. The generated services have an entity with an index, a query, a mutation
and an event each, hear the event of another, and are asked by one operation of a client each; templates are
in the cache. `growth` is ({MANY} services - {FEW} services) / {MANY - FEW}.
"""
CHECKING = Measurement("checking", "Checking everything, warm", _METHOD.strip(), measure)
