"""What a service expects of others, written in its own tests: `services/NAME/tests/expectations.py`.

    EXPECTATIONS = [
        message("a mail when a todo is done", SendEmail(to_user=Id("alice"), about=Id("1"), ...)),
        event("of what was deleted the id", MediaDeleted, {"media_id": "1"}),
        query(
            "a title",
            "shop",
            "query ($id: ID!) { book(id: $id) { title } }",
            given=[{"query": 'mutation { sell(title: "X") { id } }', "keeps": {"id": "sell.id"}}],
            answer={"book": {"title": "X"}},
        ),
    ]

They become a part of the service's contract (`thestack contract update`). The other service's tests hold its
handlers against them, from those files alone: `from thestack.testing.contracts import *`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from thestack.contract.promise import Expectation
from thestack.definition.shapes import ForeignEvent, ForeignMessage
from thestack.definition.tolerance import tolerantly

__all__ = ["event", "message", "query"]
Given = Sequence[Mapping[str, Any]]


def query(
    name: str,
    provider: str,
    text: str,
    *,
    answer: Any,
    variables: Mapping[str, Any] | None = None,
    given: Given = (),
) -> Expectation:
    """That a query, asked by a signed-in user with no groups, is answered so; after the mutations in `given`.

    Each of these has a `query`, maybe `variables`, and `keeps`: names of further variables, with the path in
    its answer where their values are. The text "$name" in `answer` stands for the value of a variable.
    """
    return Expectation(name, provider, "query", text, answer, variables=variables, given=tuple(given))


def event(
    name: str, shape: type[ForeignEvent], example: Mapping[str, Any], *, given: Given = ()
) -> Expectation:
    """That an event of another service has these fields, with values like these; said after the mutations in
    `given`, if there are any. Raises `ValidationError` for an example that the class itself can't read.
    """
    tolerantly(shape, example)
    declared: Mapping[str, Any] = vars(shape)["__declared__"].keywords
    return Expectation(
        name,
        str(declared["source"]),
        "event",
        str(declared["name"]),
        dict(example),
        version=int(declared["version"]),
        given=tuple(given),
    )


def message(name: str, example: ForeignMessage) -> Expectation:
    """That another service takes a message like this one."""
    shape: Any = example
    declared: Mapping[str, Any] = vars(type(shape))["__declared__"].keywords
    address = f"{declared['service']}/{declared['queue']}{'.fifo' if declared.get('group') else ''}"
    data = shape.model_dump(mode="json")
    version = int(declared.get("version", 1))
    return Expectation(name, str(declared["service"]), "message", address, data, version=version)
