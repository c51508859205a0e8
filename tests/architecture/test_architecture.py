"""docs/architecture.md draws the system that the templates make, each box with its construct and its test;
what differs from the overview's arrows stands in an ADR.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import pytest

from tests.architecture.arrows import Arrow, arrows
from tests.architecture.resolved import Template
from tests.architecture.synthesis import ROOT, of_environment

TEXT = (ROOT / "docs/architecture.md").read_text()
ADR = (ROOT / "docs/adr/0030-what-differs-from-the-overview.md").read_text()
SERVICES = {path.parent.name for path in (ROOT / "services").glob("*/service.py")}
ENVIRONMENT = "production"
"""It does without nothing."""
BY_BROWSERS: set[Arrow] = {
    ("Client", "Route53"),
    ("Client", "MediaS3"),
    ("Frontend", "API"),
    ("Internal", "API"),
    ("InternalCloudFront", "Cognito"),
}
"""What no template makes: who holds an address, or is sent to one."""
OVERVIEW: set[Arrow] = BY_BROWSERS | {
    ("Route53", "FrontendCloudFront"),
    ("Route53", "InternalCloudFront"),
    ("Route53", "APICloudFront"),
    ("Route53", "Certificate"),
    ("FrontendCloudFront", "FrontendS3"),
    ("InternalCloudFront", "InternalS3"),
    ("APICloudFront", "WAF"),
    ("WAF", "APIGateway"),
    ("APIGateway", "Authorizer"),
    ("APIGateway", "Router"),
    ("Router", "Todo"),
    ("Router", "Media"),
    ("Media", "MediaS3"),
    ("Media", "MediaConvert"),
    ("Todo", "DynamoDB"),
    ("Media", "DynamoDB"),
    ("EventBridge", "Analytics"),
    ("SQS", "Notifications"),
    ("DynamoDB", "EventBridge"),
    ("Analytics", "DynamoDB"),
    ("Todo", "SQS"),
    ("Notifications", "SES"),
    ("Notifications", "SNS"),
}
"""The arrows of the overview, its containers replaced by what is in them; all functions call Monitoring."""
MONITORING = {"XRay", "CloudWatch"}


@dataclass
class Drawn:
    """What the diagrams show: nodes, the members of containers, and arrows."""

    nodes: set[str] = field(default_factory=set)
    members: dict[str, set[str]] = field(default_factory=dict)
    arrows: set[Arrow] = field(default_factory=set)

    def of(self, end: str) -> set[str]:
        """What an arrow's end stands for."""
        return self.members.get(end, {end})

    def shows(self, arrow: Arrow) -> bool:
        return any(arrow[0] in self.of(one) and arrow[1] in self.of(other) for one, other in self.arrows)


@cache
def drawn() -> Drawn:
    found = Drawn()
    for diagram in re.findall(r"```mermaid\n(.*?)```", TEXT, re.DOTALL):
        around: list[str] = []
        for line in diagram.splitlines():
            if head := re.match(r"subgraph (\w+)", line):
                around.append(head[1])
                found.members.setdefault(head[1], set())
            elif line == "end":
                around.pop()
            elif "-->" in line:
                ends = re.split(r"(?:--[^->]+)?-->", line)
                found.arrows |= set(pairwise(ends))
            elif (node := re.fullmatch(r"(\w+)(\[.*\])?(:::added)?", line)) and node[2] != "[...]":
                found.nodes.add(node[1])
                for container in around:
                    found.members[container].add(node[1])
    return found


@cache
def made() -> set[Arrow]:
    templates = of_environment(ENVIRONMENT)
    named = {name.removeprefix(f"{ENVIRONMENT}-"): Template(each) for name, each in templates.items()}
    return arrows(named, SERVICES)


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] not in {"box", "arrow"}:
            yield cells


BOXES = {cells[0]: cells for cells in rows(TEXT)}


def test_every_box_has_a_construct_and_a_test() -> None:
    assert drawn().nodes - BOXES.keys() == set()
    assert len(drawn().nodes) > 35
    assert BOXES.keys() <= drawn().nodes | drawn().members.keys()


@pytest.mark.parametrize("box", BOXES)
def test_a_boxs_construct_and_test_are_there(box: str) -> None:
    _, construct, test = BOXES[box]
    name, source = followed(construct)
    assert "/" in name or re.search(rf"^(class|def) {name}\b", source, re.MULTILINE), construct
    name, source = followed(test)
    assert len(name) > len("test_"), test
    assert f"def {name}" in source, test


def followed(cell: str) -> tuple[str, str]:
    """What a link is called, and the text of the file that it leads to."""
    link = re.fullmatch(r"\[([\w/]+)\]\(\.\./(\S+)\)", cell)
    assert link, cell
    return link[1], (ROOT / link[2]).read_text()


def test_no_arrow_is_drawn_that_nothing_makes() -> None:
    for one, other in drawn().arrows - BY_BROWSERS:
        pairs = {(a, b) for a in drawn().of(one) for b in drawn().of(other)}
        assert one == "ControlTower" or pairs & made(), f"{one} --> {other}"


def test_no_arrow_is_made_that_is_not_drawn() -> None:
    assert sorted(arrow for arrow in made() if not drawn().shows(arrow)) == []


def test_what_differs_from_the_overview_is_decided() -> None:
    here = {arrow for arrow in made() | BY_BROWSERS if arrow[1] not in MONITORING}
    told = {tuple(cells[0].split(" -> ")): (cells[1], cells[2]) for cells in rows(ADR)}
    missing = dict.fromkeys(OVERVIEW - here, ("yes", "no"))
    more = dict.fromkeys(here - OVERVIEW, ("no", "yes"))
    assert told == missing | more


def test_every_function_tells_monitoring() -> None:
    functions = {"Authorizer", "Router", "Relay", *(each.title() for each in SERVICES)}
    assert {(each, other) for each in functions for other in MONITORING} <= made()
