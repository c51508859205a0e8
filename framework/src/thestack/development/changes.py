"""Which parts of a project change while it runs, told as soon as a file is saved."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles import DefaultFilter, watch

_DEBOUNCE_MS, _STEP_MS = 30, 10
_UNSEEN = frozenset({"tests", "contract"})
"""Folders of a service that no function runs."""

DEPLOY = ""
"""Stands for deploy/, where it is no service that changed."""
Told = Callable[[set[str]], None]


@contextmanager
def following(root: Path, told: Told) -> Iterator[None]:
    """While entered, `told` is called with the names of the services whose files changed, or `DEPLOY`."""
    ended = threading.Event()
    services, deploy = root / "services", root / "deploy"
    folders = [folder for folder in (services, deploy) if folder.is_dir()]
    is_of_interest = DefaultFilter(ignore_dirs=(*DefaultFilter.ignore_dirs, *_UNSEEN))

    def follow() -> None:
        changes = watch(
            *folders,
            watch_filter=lambda change, path: is_of_interest(change, str(Path(path).relative_to(root))),
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            stop_event=ended,
            rust_timeout=500,
            raise_interrupt=False,
        )
        for batch in changes:
            told({_part(Path(path), services) for _, path in batch})

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(2)


def _part(path: Path, services: Path) -> str:
    return path.relative_to(services).parts[0] if path.is_relative_to(services) else DEPLOY
