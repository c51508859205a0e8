"""What single resources cost while nobody uses them, by figures that can be worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from thestack.costs.bill import total
from thestack.costs.idle import idle_items
from thestack.costs.prices import Unpriced, load_prices

PRICES = load_prices("eu-central-1")
FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {"MemorySize": 512, "Architectures": ["arm64"], "Runtime": "python3.13"},
}
ALIAS = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "F"}}}


def idle(resources: dict[str, Any]) -> dict[str, Decimal]:
    """What each of these comes to, in dollars; what costs nothing is not there."""
    items = list(idle_items({"stack": {"Resources": resources}}, PRICES))
    return {id: total(each for each in items if each.resource == id) for id in {i.resource for i in items}}


def of(type: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{type}", "Properties": properties}


def source(of: str, **more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {"EventSourceArn": {"Fn::GetAtt": [of, "Arn"]}, **more},
    }


def test_five_long_polls_three_times_a_minute_all_month() -> None:
    # 5 x 3 a minute x 60 x 730 hours = 657,000 requests, at 0.40 a million, or 0.50 where order is kept
    queues = {
        "Plain": of("SQS::Queue"),
        "Ordered": of("SQS::Queue", FifoQueue=True),
        "A": source("Plain"),
        "B": source("Ordered"),
        "C": source("Plain", Enabled=False),
    }
    assert idle(queues) == {"A": Decimal("0.2628"), "B": Decimal("0.3285")}


def test_streams_of_tables_are_read_for_nothing() -> None:
    table = of("DynamoDB::Table", BillingMode="PAY_PER_REQUEST")
    assert idle({"Table": table, "Stream": source("Table")}) == {}


def test_what_a_schedule_wakes() -> None:
    rule = of("Events::Rule", ScheduleExpression="rate(1 hour)", Targets=[{"Arn": {"Ref": "Live"}}])
    (dollars,) = idle({"F": FUNCTION, "Live": ALIAS, "Rule": rule}).values()
    # 730 runs of 0.1 s at half a gigabyte, 0.7 kB of log each; the rule itself costs nothing
    assert dollars == Decimal(730) * (
        Decimal("0.20") / 1_000_000
        + Decimal("0.05") * Decimal("13.3334") / 1_000_000
        + Decimal("0.7") / (1024 * 1024) * Decimal("0.63")
    )
    assert idle({"Rule": of("Events::Rule", EventPattern={})}) == {}


@pytest.mark.parametrize(
    ("resource", "dollars"),
    [
        (of("CloudWatch::Alarm", MetricName="Errors", Period=300), "0.10"),
        (of("CloudWatch::Alarm", MetricName="Errors", Period=10), "0.30"),
        (
            of(
                "CloudWatch::Alarm",
                Metrics=[
                    {"Id": "share", "Expression": "bad / all"},
                    {"Id": "bad", "MetricStat": {"Period": 300}},
                    {"Id": "all", "MetricStat": {"Period": 300}},
                ],
            ),
            "0.20",
        ),
        (of("CloudWatch::CompositeAlarm"), "0.50"),
        (of("CloudWatch::Dashboard"), "3.00"),
        (of("KMS::Key"), "1.00"),
        (of("SecretsManager::Secret"), "0.40"),
        (of("Route53::HostedZone"), "0.50"),
        (of("WAFv2::WebACL", Rules=[{}, {}, {}]), "8.00"),
    ],
)
def test_what_is_paid_by_the_month(resource: dict[str, Any], dollars: str) -> None:
    assert idle({"It": resource}) == {"It": Decimal(dollars)}


def test_a_snapshot_is_paid_for_as_long_as_its_version_is_there() -> None:
    warm = of(
        "Lambda::Function",
        MemorySize=512,
        Runtime="python3.13",
        SnapStart={"ApplyOn": "PublishedVersions"},
    )
    version = of("Lambda::Version", FunctionName={"Ref": "F"})
    cached = idle({"F": warm, "V": version})["V"]
    assert cached == Decimal("0.5") * 730 * 3600 * Decimal("1.5046") / 1_000_000
    assert idle({"F": FUNCTION, "V": version}) == {}


def test_a_type_that_nobody_classified_is_named() -> None:
    with pytest.raises(Unpriced, match=r"stack has Gateway of the type AWS::EC2::NatGateway"):
        idle({"Gateway": of("EC2::NatGateway")})


@pytest.mark.parametrize(
    "resource",
    [
        of("DynamoDB::Table", BillingMode="PROVISIONED"),
        of("Lambda::Alias", ProvisionedConcurrencyConfig={"ProvisionedConcurrentExecutions": 1}),
        of("Lambda::EventSourceMapping", ProvisionedPollerConfig={"MinimumPollers": 2}),
        of("MediaConvert::Queue", PricingPlan="RESERVED"),
        of("CloudFront::Distribution", DistributionConfig={"ViewerCertificate": {"SslSupportMethod": "vip"}}),
    ],
)
def test_what_is_paid_by_the_hour_is_refused(resource: dict[str, Any]) -> None:
    with pytest.raises(Unpriced, match="paid by the hour"):
        idle({"It": resource})


def test_a_region_without_prices() -> None:
    with pytest.raises(Unpriced, match=r"no prices of mars-north-1.*eu-central-1, us-east-1"):
        load_prices("mars-north-1")


def test_each_price_says_where_it_is_from() -> None:
    assert PRICES.written == "2026-11-26"
    assert all(each.source.startswith("https://aws.amazon.com/") for each in PRICES.by_key.values())
    assert all(each.dollars > 0 and each.per > 0 for each in PRICES.by_key.values())
