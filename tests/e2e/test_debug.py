"""A debugger's breakpoint in a resolver works."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.checkout import copy_checkout
from tests.e2e.debugger import stopping_at
from tests.e2e.development import developing

CREATE = 'mutation { createTodo(input: {title: "Buy milk"}) { title } }'


def test_a_breakpoint_in_a_resolver_stops_and_shows_its_variables(tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "checkout")
    file = root / "services/todo/service.py"
    lines = file.read_text().splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if "title=input.title" in text]
    with developing(root, "--debug", "todo.graphql") as dev, ThreadPoolExecutor(1) as other:
        said = dev.says("a debugger can attach to local-todo-graphql at 127.0.0.1:")
        port = int(said.partition("local-todo-graphql at 127.0.0.1:")[2].split()[0])
        alice = dev.client("alice")
        with stopping_at(port, file, line) as debugger:
            answer = other.submit(alice.ask, CREATE)
            stopped = debugger.event("stopped")
            assert stopped["reason"] == "breakpoint"
            frames = debugger.ask("stackTrace", threadId=stopped["threadId"])["stackFrames"]
            assert Path(frames[0]["source"]["path"]) == file
            title = debugger.ask("evaluate", expression="input.title", frameId=frames[0]["id"])
            assert title["result"] == "'Buy milk'"
            debugger.ask("continue", threadId=stopped["threadId"])
            assert answer.result(30) == {"data": {"createTodo": {"title": "Buy milk"}}}
        dev.says("todo serves its new code", dev.save("services/todo/service.py", file.read_text() + "\n"))
        with stopping_at(port, file, line) as debugger:  # the new worker listens where the old one did
            answer = other.submit(alice.ask, CREATE)
            stopped = debugger.event("stopped")
            debugger.ask("continue", threadId=stopped["threadId"])
            assert answer.result(30)["data"]
