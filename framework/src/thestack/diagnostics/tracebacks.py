"""Tracebacks as the author of a service needs them: their own frames, and nothing of what runs them."""

from collections.abc import Iterator
from traceback import FrameSummary, StackSummary, TracebackException

LONGEST = 16_000
"""Characters that a traceback may have; the last ones, where the error is told, are kept."""


def user_traceback(error: BaseException, package: str) -> str:
    """The error with the frames of the service's own files, wherever they were unpacked.

    `package` is the service's: "services.todo". The same is done to what the error was raised from, and to
    the errors of a group. Where none of them passed through the service, all frames stay: that one is ours.
    """
    summary = TracebackException.from_exception(error)
    summaries = list(_all(summary))
    inside = f"{package.replace('.', '/')}/"
    own = [[_shown(frame, inside) for frame in each.stack if _is_in(frame, inside)] for each in summaries]
    if any(own):
        for each, frames in zip(summaries, own, strict=True):
            each.stack = StackSummary.from_list(frames)
    return "".join(summary.format())[-LONGEST:].rstrip()


def _all(summary: TracebackException) -> Iterator[TracebackException]:
    yield summary
    for inner in (summary.__cause__, summary.__context__, *(summary.exceptions or ())):
        if inner is not None:
            yield from _all(inner)


def _is_in(frame: FrameSummary, inside: str) -> bool:
    path = f"/{frame.filename.replace(chr(92), '/')}"
    return f"/{inside}" in path and "/site-packages/" not in path


def _shown(frame: FrameSummary, inside: str) -> FrameSummary:
    """The frame, with its file named from the project's folder."""
    path = frame.filename.replace(chr(92), "/")
    return FrameSummary(path[path.rindex(inside) :], frame.lineno, frame.name, line=frame.line)
