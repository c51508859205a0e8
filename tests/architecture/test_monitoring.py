"""What is watched of the services, and what whoever is told can do."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests.architecture.conftest import stacks_of, synthesized
from tests.architecture.resolved import Template, arn
from thestack.cli.app import app
from thestack.infra.environment import load_environment
from thestack.infra.pieces import Monitoring

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS = ROOT / "docs/runbooks"
SERVICES = ("analytics", "media", "notifications", "todo")
TOPIC = "ssm:/production/platform/alarms/topic"


@pytest.fixture
def production(folder: Path) -> Mapping[str, Template]:
    found = synthesized("production", folder)
    return {name.removeprefix("production-"): Template(each) for name, each in found.items()}


def test_whoever_is_told_of_an_alarm_is_told_what_to_do(production: Mapping[str, Template]) -> None:
    told = {
        alarm["AlarmName"]: alarm["AlarmDescription"].rpartition("What to do: ")[2]
        for template in production.values()
        for alarm in alarms(template)
        if alarm.get("AlarmActions")
    }
    assert told
    missing = {name: link for name, link in told.items() if not (RUNBOOKS / Path(link).name).is_file()}
    assert missing == {}
    written = {page.name for page in RUNBOOKS.glob("*.md")} - {"README.md"}
    assert written == {Path(link).name for link in told.values()}


def test_a_runbooks_commands_are_there_with_their_options() -> None:
    calls = {
        call for page in RUNBOOKS.glob("*.md") for call in re.findall(r"`thestack ([^`]+)`", page.read_text())
    }
    assert len(calls) > 10
    for call in calls:
        command: Any = get_command(app)
        words = call.split()
        while hasattr(command, "get_command"):
            command = command.get_command(None, words.pop(0))
            assert command, call
        known = {option for parameter in command.params for option in parameter.opts}
        assert {each for each in words if each.startswith("--")} <= known, call


def test_an_alarm_tells_the_topic_when_it_goes_off_and_when_it_is_over(
    production: Mapping[str, Template],
) -> None:
    for service in (*SERVICES, "monitoring"):
        telling = [each for each in alarms(production[service]) if each.get("AlarmActions")]
        assert telling
        for alarm in telling:
            assert alarm["AlarmActions"] == alarm["OKActions"] == [TOPIC]
        # What tells nobody is a part of what does.
        silent = {each["AlarmName"] for each in alarms(production[service])} - {
            each["AlarmName"] for each in telling
        }
        (both,) = production[service].of_type("AWS::CloudWatch::CompositeAlarm").values()
        rule = both["AlarmRule"]
        assert {name for id, name in names(production[service]).items() if id in rule} == silent


@pytest.mark.parametrize("service", SERVICES)
def test_every_dead_letter_and_every_relay_is_watched(
    production: Mapping[str, Template], service: str
) -> None:
    template = production[service]
    queues = {each["QueueName"] for each in template.of_type("AWS::SQS::Queue").values()}
    dead = {name for name in queues if name.endswith(("-dlq", "-dlq.fifo", "-relay-undelivered"))}
    watched = {
        dimension["Value"]: alarm
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
    }
    assert set(watched) == dead | {f"production-{service}-relay"}
    for name in dead:
        assert (watched[name]["MetricName"], watched[name]["Threshold"]) == (
            "ApproximateNumberOfMessagesVisible",
            1,
        )
    relay = watched[f"production-{service}-relay"]
    assert (relay["MetricName"], relay["Threshold"]) == ("IteratorAge", 300_000)


@pytest.mark.parametrize("service", SERVICES)
def test_a_dashboard_shows_every_function_and_every_queue(
    production: Mapping[str, Template], service: str
) -> None:
    template = production[service]
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"] == f"production-{service}"
    body = json.loads(dashboard["DashboardBody"])
    shown = json.dumps(body)
    for function in template.of_type("AWS::Lambda::Function").values():
        assert f'"{function["FunctionName"]}"' in shown
        assert f"'/aws/lambda/{function['FunctionName']}'" in shown  # its cold starts
    for queue in template.of_type("AWS::SQS::Queue").values():
        assert f'"{queue["QueueName"]}"' in shown
    for widget in body["widgets"]:
        assert widget["x"] + widget["width"] <= 24
    titles = {widget["properties"].get("title") for widget in body["widgets"]}
    assert titles >= {"Calls", "Ended by an error", "Throttled", "Cold starts", "Dead letters", "Relay"}
    (states,) = [each["properties"] for each in body["widgets"] if each["type"] == "alarm"]
    assert arn("cloudwatch", f"alarm:production-{service}-burn-rate") in states["alarms"]


def test_an_environment_does_without(folder: Path) -> None:
    dev, local = synthesized("dev", folder), synthesized("local", folder)
    half = replace(load_environment(ROOT, "dev"), name="half", monitoring=Monitoring(alarms=False))
    assert kinds(stacks_of(half, [], folder)) == {"AWS::CloudWatch::Dashboard"}
    assert kinds(dev) == set()
    assert kinds(local) == set()
    assert "local-monitoring" not in local


def test_the_platforms_dashboard_shows_the_way_of_a_request(production: Mapping[str, Template]) -> None:
    (dashboard,) = production["monitoring"].of_type("AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"] == "production-platform"
    shown = dashboard["DashboardBody"]
    for name in (
        "AWS/ApiGateway",
        "4xx",
        "5xx",
        "Latency",
        "AWS/CloudFront",
        "AWS/Cognito",
        "EstimatedCharges",
        "thestack/production",
    ):
        assert f'"{name}"' in shown
    for function in production["platform"].of_type("AWS::Lambda::Function").values():
        assert f"'/aws/lambda/{function['FunctionName']}'" in shown  # its cold starts
    assert '"value":500' in shown  # the budget


def test_traces_are_sampled_and_grouped_without_what_costs(production: Mapping[str, Template]) -> None:
    groups = production["monitoring"].of_type("AWS::XRay::Group").values()
    assert {each["GroupName"] for each in groups} == {"production-failing", "production-slow"}
    for group in groups:
        assert group["InsightsConfiguration"]["InsightsEnabled"] is False
        assert 'service("production-router")' in group["FilterExpression"]
    (rule,) = production["monitoring"].of_type("AWS::XRay::SamplingRule").values()
    assert rule["SamplingRule"]["FixedRate"] == 0.05
    assert rule["SamplingRule"]["ServiceName"] == "production-*"


def test_on_the_emulator_the_stack_has_what_it_can_deploy(tmp_path: Path) -> None:
    import aws_cdk as cdk

    from deploy.monitoring.stack import add_monitoring

    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    add_monitoring(app, load_environment(ROOT, "production").on_this_machine(), None)
    (stack,) = app.synth().stacks
    types = {each["Type"] for each in stack.template["Resources"].values()}
    assert types == {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"}
    assert "Metrics" not in {
        name for each in stack.template["Resources"].values() for name in each["Properties"]
    }


def kinds(templates: Mapping[str, Any]) -> set[str]:
    found = {each["Type"] for template in templates.values() for each in template["Resources"].values()}
    return {each for each in found if each.startswith(("AWS::CloudWatch::", "AWS::SNS::", "AWS::KMS::"))}


def alarms(template: Template) -> Iterator[dict[str, Any]]:
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        yield from template.of_type(kind).values()


def names(template: Template) -> dict[str, str]:
    return {id: each["AlarmName"] for id, each in template.of_type("AWS::CloudWatch::Alarm").items()}
