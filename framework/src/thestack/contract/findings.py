"""What a gate finds in a change: how bad it is, whom it hurts, and the way out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a change is.

    SAFE: nobody can tell. DANGEROUS: it is fine under a condition, which the message says. BREAKING: it is
    refused.
    """

    SAFE = "safe"
    DANGEROUS = "dangerous"
    BREAKING = "breaking"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a change does.

    `code` is stable ("C401") and has a page in docs/diagnostics. `service` is whose change it is, `about` the
    coordinate there: "Todo.title", "Query.todos", "todo.completed", "notifications/email", "Table". `hurt`
    says who: "analytics.count", "operation Todos of frontends/public/operations/todos.graphql".
    """

    code: str
    level: Level
    service: str
    message: str
    about: str = ""
    hurt: tuple[str, ...] = ()
    help: str = ""


def refused(findings: Iterable[Finding]) -> list[Finding]:
    """Those for which a change is refused."""
    return [each for each in findings if each.level is Level.BREAKING]
