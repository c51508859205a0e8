"""What resources cost while nobody uses them, and how to do without each."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from thestack.costs.bill import Item
from thestack.costs.prices import KILOBYTES, MINUTES, SECONDS, Prices, Unpriced
from thestack.costs.schedules import fires
from thestack.costs.template import Resource, Templates, resources
from thestack.costs.types import Charge, charge_of

POLLERS = 5
"""How many requests to a queue Lambda keeps waiting for messages, at least, however few come.
docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html; that `MaximumConcurrency` lowers it is nowhere
said.
"""
LONG_POLLS = 3
"""How many a minute each makes: a long poll waits for 20 seconds."""
SWEEP_SECONDS = Decimal("0.1")
"""How long a function takes that finds nothing to do."""
WOKEN_KILOBYTES = Decimal("0.7")
"""What it then writes to its log, with Lambda's own lines."""
RELEASES = "Releases"
"""The logical id of the bucket that the platform keeps releases in."""
RELEASES_GIGABYTES = Decimal("0.5")
"""What a year of releases comes to: bundles of some megabytes, each kept once, whoever deploys it again."""
SNAPSHOT_RUNTIMES = ("python", "dotnet")
"""Runtimes whose snapshots are charged for; Java's are not."""

_Lines = Iterator[tuple[str, str, Decimal, str]]
"""What it is, the key of its price, how much of it, and how to do without."""


def idle_items(templates: Templates, prices: Prices) -> Iterator[Item]:
    """The bill of these stacks while nobody uses them.

    Raises `Unpriced` for a type that nobody has classified, and for capacity that is paid by the hour.
    """
    for resource in resources(templates):
        refuse_provisioned(resource)
        if charge_of(resource) is Charge.IDLE:
            for what, key, quantity, without in _LINES[resource.type](resource):
                yield Item(resource.stack, resource.id, what, prices[key], quantity, without)


def refuse_provisioned(resource: Resource) -> None:
    """Raise `Unpriced` for what is paid by the hour whoever uses it: this stack has none of it."""
    given = resource.properties
    paid = {
        "AWS::DynamoDB::Table": given.get("BillingMode") != "PAY_PER_REQUEST",
        "AWS::Lambda::Alias": "ProvisionedConcurrencyConfig" in given,
        "AWS::Lambda::EventSourceMapping": "ProvisionedPollerConfig" in given,
        "AWS::Lambda::Version": "ProvisionedConcurrencyConfig" in given,
        "AWS::MediaConvert::Queue": given.get("PricingPlan", "ON_DEMAND") != "ON_DEMAND",
        "AWS::CloudFront::Distribution": '"vip"' in str(given).replace("'", '"'),
    }
    if paid.get(resource.type):
        raise Unpriced(
            f"{resource.stack} has {resource.id}, {resource.type}, with capacity that is paid by the hour: "
            "this stack pays by use alone"
        )


def _source(resource: Resource) -> _Lines:
    if resource.properties.get("Enabled") is False:
        return
    where = resource.properties.get("EventSourceArn")
    source = resource.referred(where)
    if source is None and ":sqs:" not in str(where):
        raise Unpriced(f"{resource.stack} has {resource.id}, whose source {where} the bill can't read")
    if source is not None and source.type != "AWS::SQS::Queue":
        return  # Lambda reads streams of tables for nothing
    fifo = source is not None and source.properties.get("FifoQueue") is True
    key = "sqs.fifo" if fifo else "sqs.standard"
    yield "polling of a queue", key, POLLERS * LONG_POLLS * MINUTES, "Environment(polling=False)"


def _rule(resource: Resource) -> _Lines:
    expression = resource.properties.get("ScheduleExpression")
    if not expression or resource.properties.get("State") == "DISABLED":
        return  # rules are free, and so is a rule's schedule
    times, without = fires(expression), "Environment(sweep_minutes=None)"
    for target in resource.properties.get("Targets", ()):
        yield from _woken(resource, target.get("Arn"), times, without)


def _schedule(resource: Resource) -> _Lines:
    if resource.properties.get("State") == "DISABLED":
        return
    times, without = fires(resource.properties["ScheduleExpression"]), "Environment(timers=False)"
    yield "timer", "scheduler.invocation", times, without
    yield from _woken(resource, resource.properties["Target"].get("Arn"), times, without)


def _woken(resource: Resource, arn: Any, times: Decimal, without: str) -> _Lines:
    """What it costs that a function is woken so often, itself or by way of its queue."""
    target = resource.referred(arn)
    if target is not None and target.type == "AWS::SQS::Queue":
        yield "messages of a timer", "sqs.standard", times * 3, without
        sources = (
            Resource(resource.stack, id, each["Type"], each.get("Properties") or {}, resource.beside)
            for id, each in resource.beside.items()
            if each["Type"] == "AWS::Lambda::EventSourceMapping"
        )
        named = [each for each in sources if each.referred(each.properties.get("EventSourceArn")) == target]
        target = named[0].referred(named[0].properties.get("FunctionName")) if named else None
    if target is not None and target.type == "AWS::Lambda::Alias":
        target = target.referred(target.properties.get("FunctionName"))
    if target is None or target.type != "AWS::Lambda::Function":
        return
    given = target.properties
    gigabytes = Decimal(given.get("MemorySize", 128)) / 1024
    architecture = (given.get("Architectures") or ["x86_64"])[0]
    yield "woken functions", "lambda.request", times, without
    yield "woken functions", f"lambda.{architecture}", times * SWEEP_SECONDS * gigabytes, without
    yield "logs of woken functions", "logs.ingested", times * WOKEN_KILOBYTES / KILOBYTES, without
    if given.get("TracingConfig", {}).get("Mode") == "Active":
        # So few requests are all traced: the first of each second is, whatever share of the others.
        yield "traces of woken functions", "xray.trace", times, "Environment(tracing=False)"


def _alarm(resource: Resource) -> _Lines:
    given, without = resource.properties, "Monitoring(alarms=False)"
    queried = [each["MetricStat"] for each in given.get("Metrics", ()) if "MetricStat" in each]
    periods = [each.get("Period", 60) for each in queried] or [given.get("Period", 60)]
    fast = min(periods) < 60
    # A band of an anomaly detector is two metrics more.
    bands = 2 * str(given.get("Metrics", "")).count("ANOMALY_DETECTION_BAND")
    key = "cloudwatch.alarm.fast" if fast else "cloudwatch.alarm"
    yield "alarms", key, Decimal(len(periods) + bands), without


def _bucket(resource: Resource) -> _Lines:
    if resource.id == RELEASES:
        yield "releases", "s3.storage", RELEASES_GIGABYTES, "nothing: rollbacks need them"


def _rules(resource: Resource, without: str) -> _Lines:
    rules = Decimal(len(resource.properties.get("Rules", ())))
    yield "web ACL's rules", "waf.rule", rules, without


def _web_acl(resource: Resource) -> _Lines:
    yield "web ACL", "waf.acl", Decimal(1), "Edge(waf=None)"
    yield from _rules(resource, "Edge(waf=None)")


def _version(resource: Resource) -> _Lines:
    function = resource.referred(resource.properties.get("FunctionName"))
    given = function.properties if function else {}
    snapshot = (given.get("SnapStart") or {}).get("ApplyOn") == "PublishedVersions"
    if snapshot and str(given.get("Runtime")).startswith(SNAPSHOT_RUNTIMES):
        gigabytes = Decimal(given.get("MemorySize", 128)) / 1024
        yield (
            "snapshots of functions",
            "lambda.snapstart",
            gigabytes * SECONDS,
            "Environment(snap_start=False)",
        )


def _one(what: str, key: str, without: str) -> Callable[[Resource], _Lines]:
    """A resource of which each costs the same."""

    def lines(resource: Resource) -> _Lines:
        yield what, key, Decimal(1), without

    return lines


_LINES: Mapping[str, Callable[[Resource], _Lines]] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::AnomalyDetector": lambda resource: iter(()),  # paid with the alarm on it
    "AWS::CloudWatch::CompositeAlarm": _one(
        "composite alarms", "cloudwatch.alarm.composite", "Monitoring(alarms=False)"
    ),
    "AWS::CloudWatch::Dashboard": _one("dashboards", "cloudwatch.dashboard", "Monitoring(dashboards=False)"),
    "AWS::Events::Rule": _rule,
    "AWS::KMS::Key": _one("customer keys", "kms.key", "the piece of the environment that asks for it"),
    "AWS::Lambda::EventSourceMapping": _source,
    "AWS::Lambda::Version": _version,
    "AWS::Route53::HealthCheck": _one("health checks", "route53.check", "Edge(domain=None)"),
    "AWS::Route53::HostedZone": _one("DNS zones", "route53.zone", "Edge(domain=None)"),
    "AWS::S3::Bucket": _bucket,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::SecretsManager::Secret": _one(
        "secrets", "secretsmanager.secret", "the piece of the environment that asks for it"
    ),
    "AWS::WAFv2::RuleGroup": lambda resource: _rules(resource, "Edge(waf=None)"),
    "AWS::WAFv2::WebACL": _web_acl,
}
