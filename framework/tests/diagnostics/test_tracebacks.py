"""A traceback shows the service's own frames, and nothing of what called them or of what they called."""

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from thestack.diagnostics.tracebacks import LONGEST, user_traceback

SERVICE = """
import json

def parse(text):
    return json.loads(text)

def handler(text):
    return parse(text)

def chained(text):
    try:
        handler(text)
    except ValueError as wrong:
        raise RuntimeError("no such thing") from wrong

def both(text):
    failures = []
    for each in (handler, chained):
        try:
            each(text)
        except Exception as wrong:
            failures.append(wrong)
    raise ExceptionGroup("two", failures)

def deep(n):
    raise ValueError("x" * n)
"""


@pytest.fixture(params=["checkout/services/todo", "var/task/services/todo"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> ModuleType:
    """A service's module, as if unpacked in one place or the other."""
    path = tmp_path / request.param / "service.py"
    path.parent.mkdir(parents=True)
    path.write_text(SERVICE)
    module = ModuleType("services.todo.service")
    exec(compile(SERVICE, str(path), "exec"), vars(module))  # noqa: S102 - the fixture's own text
    return module


def traceback_of(call: Callable[[], object], package: str = "services.todo") -> str:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        call()
    return user_traceback(raised.value, package)


def files(traceback: str) -> set[str]:
    return {line.split('"')[1] for line in traceback.splitlines() if line.lstrip(" |").startswith("File ")}


def test_it_ends_at_user_code_with_the_message(service: ModuleType) -> None:
    text = traceback_of(lambda: service.handler("nonsense"))
    assert files(text) == {"services/todo/service.py"}
    assert text.splitlines()[-3:] == [
        '  File "services/todo/service.py", line 5, in parse',
        "    return json.loads(text)",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ]
    assert text.count("File ") == 2


def test_so_does_what_it_was_raised_from(service: ModuleType) -> None:
    text = traceback_of(lambda: service.chained("nonsense"))
    assert files(text) == {"services/todo/service.py"}
    assert "direct cause of the following" in text
    assert text.index("JSONDecodeError") < text.index("RuntimeError: no such thing")


def test_and_the_members_of_a_group(service: ModuleType) -> None:
    text = traceback_of(lambda: service.both("nonsense"))
    assert files(text) == {"services/todo/service.py"}
    assert text.count("JSONDecodeError") == 2
    assert "RuntimeError: no such thing" in text


def test_a_cause_without_own_frames_has_none_of_others(service: ModuleType) -> None:
    def adapter() -> None:
        try:
            json.loads("nonsense")
        except ValueError as wrong:
            raise PermissionError("refused") from wrong

    service.json = ModuleType("adapter")
    service.json.loads = lambda _: adapter()  # type: ignore[attr-defined]
    text = traceback_of(lambda: service.handler("x"))
    assert files(text) == {"services/todo/service.py"}
    assert "JSONDecodeError" in text
    assert text.endswith("PermissionError: refused")


def test_an_error_that_never_met_the_service_keeps_all_frames() -> None:
    text = traceback_of(lambda: json.loads("nonsense"))
    assert {Path(file).name for file in files(text)} >= {"decoder.py", Path(__file__).name}


def test_another_service_or_a_library_is_not_the_users() -> None:
    text = traceback_of(lambda: exec(compile("1 / 0", "/x/site-packages/services/todo/service.py", "exec")))  # noqa: S102
    assert "site-packages" in text
    text = traceback_of(lambda: exec(compile("1 / 0", "/x/services/todos/service.py", "exec")))  # noqa: S102
    assert "services/todos" in text
    assert Path(__file__).name in text


def test_it_is_bounded_and_keeps_the_end(service: ModuleType) -> None:
    text = traceback_of(lambda: service.deep(100_000))
    assert len(text) <= LONGEST
    assert text.endswith("xxx")


def test_recursion_is_told_shortly() -> None:
    code = compile("def f(n):\n    f(n + 1)", "/x/services/todo/service.py", "exec")
    names: dict[str, Callable[[int], None]] = {}
    exec(code, names)  # noqa: S102
    assert traceback_of(lambda: names["f"](0)).count("File ") < 10
