"""What a load costs, by what the templates have for it. What a request comes to inside is assumed, here."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from thestack.costs.bill import Item
from thestack.costs.prices import HOURS, KILOBYTES, Prices
from thestack.costs.schedules import fires
from thestack.costs.template import Resource, Templates, resources
from thestack.infra.pieces import Load

ALL = "all"
"""What stands for the stack where a line is no single one's."""
SUBGRAPHS = Decimal("1.5")
"""Calls of subgraphs for a request, on an average."""
UNCACHED = Decimal("0.05")
"""The share of requests for which the authorizer runs: its answers are kept for five minutes."""
DELIVERIES = 2
"""Consumers that hear an event, on an average: one of them is the archive."""
READ_UNITS = 4
"""For a call of a subgraph: a page of a list, or some rows."""
WRITE_UNITS = 16
"""For an event or message: row, outbox entry and their indexes in a transaction, which is charged twice, and
the entry's deletion."""
INBOX_UNITS = 6
"""For a delivery: what the consumer remembers, and a row of its own."""
QUEUE_REQUESTS = 3
"""For a delivery: sent, received and deleted by itself, as if nothing came in batches."""
LOG_KILOBYTES = Decimal("1.5")
"""For a run of a function: a record, and Lambda's own lines."""
STORED_SHARE = Decimal("0.15")
"""Logs are kept compressed."""
TRACED = Decimal("0.05")
"""The share of requests that is traced."""
RENDITIONS = 3
"""Videos that are made of one."""
API_METRICS = 6
"""Metrics of a route, where an API tells those."""
OWN_METRICS = 4
"""Metrics that a service's functions tell by themselves."""
MILLISECONDS = {"router": 40, "authorizer": 5, "graphql": 25, "relay": 25, "consumer": 30}
"""How long functions run, warm, with what they wait for; most of the bill does not hang on it."""


@dataclass(frozen=True, slots=True)
class _Functions:
    """The functions of one kind: how much memory they have, on an average, and on which architecture."""

    gigabytes: Decimal
    architecture: str


def used_items(templates: Templates, load: Load, prices: Prices) -> Iterator[Item]:
    """The bill for a load, beside what the same stacks cost while idle. Never less for more load."""
    there = list(resources(templates))
    runs = _runs(load)
    lines = [
        *_requests(there, load),
        *_functions(there, runs),
        *_data(there, load),
        *_said(load),
        *_seen(there, load, sum(runs.values(), Decimal(0))),
        *_media(load),
    ]
    for what, key, quantity in lines:
        if quantity:
            yield Item(ALL, "load", what, prices[key], quantity)


_Lines = Iterator[tuple[str, str, Decimal]]


def _runs(load: Load) -> dict[str, Decimal]:
    """How often functions run, by their kind."""
    deliveries = load.events * DELIVERIES + load.messages
    return {
        "router": Decimal(load.requests),
        "authorizer": load.requests * UNCACHED,
        "graphql": load.requests * SUBGRAPHS,
        "relay": Decimal(load.events + load.messages),
        "consumer": Decimal(deliveries),
    }


def _requests(there: list[Resource], load: Load) -> _Lines:
    yield "API requests", "apigateway.http", Decimal(load.requests)
    if _any(there, "AWS::CloudFront::Distribution"):
        yield "CloudFront requests", "cloudfront.https", Decimal(load.requests)
        yield "CloudFront, to the world", "cloudfront.egress", Decimal(load.egress_gb)
    if _any(there, "AWS::WAFv2::WebACL"):
        yield "web ACL, requests", "waf.request", Decimal(load.requests)
    yield "users who sign in", "cognito.essentials", Decimal(load.users)


def _functions(there: list[Resource], runs: dict[str, Decimal]) -> _Lines:
    for kind, times in runs.items():
        some = _of_kind(there, kind)
        yield f"{kind} functions, requests", "lambda.request", times
        seconds = times * MILLISECONDS[kind] / 1000
        yield f"{kind} functions, duration", f"lambda.{some.architecture}", seconds * some.gigabytes


def _of_kind(there: list[Resource], kind: str) -> _Functions:
    functions = [each.properties for each in there if each.type == "AWS::Lambda::Function"]
    known = tuple(MILLISECONDS)
    named = [
        each
        for each in functions
        if str(each.get("FunctionName")).endswith(f"-{kind}")
        or (kind == "consumer" and not str(each.get("FunctionName")).endswith(known))
    ]
    sizes = [Decimal(each.get("MemorySize", 128)) for each in named or functions] or [Decimal(512)]
    first = next(iter(named or functions), {})
    architecture = (first.get("Architectures") or ["x86_64"])[0]
    return _Functions(sum(sizes, Decimal(0)) / len(sizes) / 1024, architecture)


def _data(there: list[Resource], load: Load) -> _Lines:
    said, kept = load.events + load.messages, Decimal(load.table_gb)
    deliveries = load.events * DELIVERIES + load.messages
    yield "rows read", "dynamodb.read", load.requests * SUBGRAPHS * READ_UNITS
    written = Decimal(said * WRITE_UNITS + deliveries * INBOX_UNITS)
    yield "rows written", "dynamodb.write", written
    yield "rows kept", "dynamodb.storage", kept
    tables = [each for each in there if each.type == "AWS::DynamoDB::Table"]
    if any(
        each.properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")
        for each in tables
    ):
        yield "point-in-time recovery", "dynamodb.pitr", kept
    if _any(there, "AWS::Backup::BackupPlan"):
        yield "backups of tables", "backup.dynamodb", kept * _backups_kept(there)
        yield "backups of buckets", "backup.s3", Decimal(load.media_gb)


def _backups_kept(there: list[Resource]) -> Decimal:
    """How many backups of a table are kept at a time, each of them whole."""
    plans = [each.properties["BackupPlan"] for each in there if each.type == "AWS::Backup::BackupPlan"]
    rules = [rule for plan in plans for rule in plan["BackupPlanRule"]]
    months = [Decimal(rule["Lifecycle"]["DeleteAfterDays"]) * 24 / HOURS for rule in rules]
    return sum(
        (fires(rule["ScheduleExpression"]) * kept for rule, kept in zip(rules, months, strict=True)),
        Decimal(0),
    )


def _said(load: Load) -> _Lines:
    deliveries = Decimal(load.events * DELIVERIES + load.messages)
    yield "events", "eventbridge.event", Decimal(load.events)
    yield "queues", "sqs.standard", deliveries * QUEUE_REQUESTS
    yield "mails", "ses.mail", Decimal(load.mails)
    yield "pushes", "sns.push", Decimal(load.pushes)


def _seen(there: list[Resource], load: Load, runs: Decimal) -> _Lines:
    ingested = runs * LOG_KILOBYTES / KILOBYTES
    groups = [each.properties for each in there if each.type == "AWS::Logs::LogGroup"]
    days = max((int(each.get("RetentionInDays", 30)) for each in groups), default=30)
    yield "logs, written", "logs.ingested", ingested
    yield "logs, kept", "logs.stored", ingested * STORED_SHARE * days / 30
    if any("DataProtectionPolicy" in each for each in groups):
        yield "logs, looked through for secrets", "logs.protection", ingested
    traced = [each for each in there if each.properties.get("TracingConfig", {}).get("Mode") == "Active"]
    if traced:
        yield "traces", "xray.trace", load.requests * TRACED
    if load.requests:
        names = [str(each.properties.get("FunctionName")) for each in there]
        subgraphs = sum(name.endswith("-graphql") for name in names)
        yield "metrics of services", "cloudwatch.metric", Decimal(subgraphs * OWN_METRICS)
    stages = [each.properties for each in there if each.type == "AWS::ApiGatewayV2::Stage"]
    if load.requests and any(
        each.get("DefaultRouteSettings", {}).get("DetailedMetricsEnabled") for each in stages
    ):
        routes = sum(each.type == "AWS::ApiGatewayV2::Route" for each in there)
        yield "metrics of the API's routes", "cloudwatch.metric", Decimal(routes * API_METRICS)


def _media(load: Load) -> _Lines:
    yield "videos transcoded", "mediaconvert.minute", Decimal(load.video_minutes * RENDITIONS)
    yield "media kept", "s3.storage", Decimal(load.media_gb)


def _any(there: list[Resource], type: str) -> bool:
    return any(each.type == type for each in there)
