"""Where the stacks of an environment go."""

from pathlib import Path

from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.infra.environment import Environment
from thestack.operations.aws import Aws


def to(aws: Aws) -> Destination:
    settings = Environment(name="dev", mail_sender="no-reply@thestack.example")
    return Destination(Path(), settings, aws, lambda _: None)


def test_every_stack_is_in_the_environments_region_but_the_one_that_cloudfront_takes_from_elsewhere() -> None:
    there = to(Aws(region="eu-central-1"))
    regions = {name: there.aws_of(name).region for name in (*names.SHARED, "todo")}
    assert regions.pop(names.EDGE_GLOBAL) == "us-east-1"
    assert set(regions.values()) == {"eu-central-1"}


def test_an_emulator_has_every_stack_where_it_is() -> None:
    emulator = Aws("http://127.0.0.1:9", region="eu-central-1")
    assert to(emulator).aws_of(names.EDGE_GLOBAL) is emulator
