"""What a service's dashboard shows, of its parts alone."""

from collections.abc import Iterator, Mapping, Sequence

from thestack.definition import names
from thestack.infra.dashboard import AlarmStates, Graph, Line, Query, Text, Widget
from thestack.infra.environment import Environment
from thestack.infra.metrics import OLDEST, WAITING, of_function, of_own, of_queue, of_table
from thestack.infra.watched import Watched

HOUR = 60 * 60
MOST_LOGS = 50
"""How many logs one query reads at most."""
GB_SECOND: Mapping[str, float] = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
CALL = 0.0000002
READ, WRITE = 0.0000001525, 0.0000007625
"""US dollars in eu-central-1, November 2026: a GB-second and a call of Lambda, a unit of a table."""


def service_widgets(environment: Environment, parts: Watched, alarms: Sequence[str]) -> list[Widget]:
    """The widgets of a service's dashboard; `alarms` are the ARNs of its alarms."""
    functions = {name.removeprefix(f"{environment.name}-{parts.service}-"): name for name in parts.memory}
    found: list[Widget] = [
        Text(markdown=f"# {parts.service} in {environment.name}"),
        *([AlarmStates(arns=alarms)] if alarms else []),
        Graph(title="Answered, and failed of it", lines=list(_answered(environment, parts))),
        _of_each(functions, "Calls", "Invocations"),
        _of_each(functions, "Ended by an error", "Errors"),
        _of_each(functions, "Throttled", "Throttles"),
        _of_each(functions, "Duration, median, ms", "Duration", "p50"),
        _of_each(functions, "Duration, p99, ms", "Duration", "p99"),
        cold_starts(list(functions.values())),
        Graph(title="Table", lines=list(_table(parts))),
        Graph(title="Estimated cost an hour, US dollars", lines=list(_cost(environment, parts)), period=HOUR),
    ]
    if parts.queues:
        dead = [Line(name, of_queue(queue, WAITING)) for name, queue in parts.dead_letters.items()]
        old = [Line(name, of_queue(queue, OLDEST)) for name, queue in parts.queues.items()]
        found += [Graph(title="Dead letters", lines=dead), Graph(title="Oldest message, s", lines=old)]
    if parts.relay and parts.undelivered:
        behind = [
            Line("behind its stream, ms", of_function(parts.relay, "IteratorAge", "Maximum")),
            Line("refused", of_own(environment.name, parts.service, names.REFUSED), right=True),
            Line("undelivered", of_queue(parts.undelivered, WAITING), right=True),
        ]
        found.append(Graph(title="Relay", lines=behind))
    return found


def cold_starts(functions: Sequence[str]) -> Query:
    """Cold starts by the line that Lambda writes after each call. No metric of AWS tells of them; one of our
    own would cost $0.30 a month for each function, a query costs what it reads when somebody looks.
    """
    return Query(
        title="Cold starts",
        groups=[names.log_group(each) for each in functions[:MOST_LOGS]],
        query="filter @type = 'REPORT' and ispresent(@initDuration) "
        "| stats count(*) as starts, pct(@initDuration, 99) as p99_ms by bin(1h)",
    )


def _of_each(functions: Mapping[str, str], title: str, name: str, stat: str = "Sum") -> Graph:
    return Graph(
        title=title, lines=[Line(label, of_function(each, name, stat)) for label, each in functions.items()]
    )


def _answered(environment: Environment, parts: Watched) -> Iterator[Line]:
    said = of_own(environment.name, parts.service, names.FAILED)
    yield Line("answered", said.as_stat("SampleCount"))
    yield Line("failed", said, right=True)


def _table(parts: Watched) -> Iterator[Line]:
    yield Line("read units", of_table(parts.table, "ConsumedReadCapacityUnits"))
    yield Line("write units", of_table(parts.table, "ConsumedWriteCapacityUnits"))
    yield Line("reads throttled", of_table(parts.table, "ReadThrottleEvents"), right=True)
    yield Line("writes throttled", of_table(parts.table, "WriteThrottleEvents"), right=True)


def _cost(environment: Environment, parts: Watched) -> Iterator[Line]:
    """What metrics tell of: time and calls of functions, units of the table but for its indexes."""
    lambdas: list[str] = []
    for number, (function, memory) in enumerate(parts.memory.items()):
        price = memory / 1024 / 1000 * GB_SECOND[environment.architecture]
        yield Line("", of_function(function, "Duration"), id=f"d{number}", visible=False)
        yield Line("", of_function(function, "Invocations"), id=f"n{number}", visible=False)
        lambdas.append(f"FILL(d{number}, 0) * {price:.16f} + FILL(n{number}, 0) * {CALL:.16f}")
    yield Line("", of_table(parts.table, "ConsumedReadCapacityUnits"), id="r", visible=False)
    yield Line("", of_table(parts.table, "ConsumedWriteCapacityUnits"), id="w", visible=False)
    yield Line("functions", expression=" + ".join(lambdas), id="functions")
    yield Line("table", expression=f"FILL(r, 0) * {READ:.16f} + FILL(w, 0) * {WRITE:.16f}", id="table")
