"""What the field's checkers have to say of the templates of every app and environment: nothing that is not
waived beside its construct. A verdict is remembered by what it is about: changed templates alone are judged.
"""

import hashlib
import json
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.resolved import ACCOUNT, REGION, Template, arn
from tests.architecture.synthesis import ENVIRONMENTS, ROOT, Stack, findings, of_environment, stacks
from thestack.definition import names

VERDICTS = ROOT / ".stack/cache/verdicts"
CHECKOV = ROOT / ".stack/checkov/bin/checkov"
WORDS = re.compile("|".join(sorted(ENVIRONMENTS, key=len, reverse=True)) + r"|\b\d{12}\b")
"""What differs between environments that are alike: their names and accounts."""
SERVICES = {path.parent.name for path in (ROOT / "services").glob("*/service.py")}
LATER = re.compile(r"ssm:(/[\w-]+)+|\w+\.Arn")
ARNS = {
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/told",
    "AWS::KMS::Key": arn("kms", "key/told"),
    "AWS::KinesisFirehose::DeliveryStream": arn("firehose", "deliverystream/told"),
}
LINTERS = ("cfn-lint", "parliament")
HARMLESS = {"LOW"}
IDENTITIES = ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")


def distinct() -> list[Stack]:
    """One of those stacks that are alike but for names."""
    seen: dict[str, Stack] = {}
    for stack in stacks():
        seen.setdefault(WORDS.sub("…", json.dumps([stack.template, stack.waivers], default=vars)), stack)
    return list(seen.values())


def written(folder: Path, made: Sequence[Stack]) -> list[Path]:
    """Their templates as files, named by their stacks."""
    paths = [folder / f"{stack.name}.json" for stack in made]
    for path, stack in zip(paths, made, strict=True):
        path.write_text(json.dumps(stack.template))
    return paths


@pytest.fixture
def unjudged(request: pytest.FixtureRequest) -> Iterator[list[Stack]]:
    """The stacks that this test has not passed as they are; all are remembered when it passes."""
    test = hashlib.sha256(f"{request.node.name} {[version(each) for each in LINTERS]}".encode())
    for path in (Path(__file__), ROOT / "requirements/checkov.lock"):
        test.update(path.read_bytes())
    marks: dict[Path, Stack] = {}
    for stack in distinct():
        digest = test.copy()
        digest.update(json.dumps([stack.template, stack.waivers], default=vars, sort_keys=True).encode())
        marks[VERDICTS / digest.hexdigest()[:32]] = stack
    yield [stack for mark, stack in marks.items() if not mark.exists()]
    if getattr(request.node, "passed", False):
        VERDICTS.mkdir(parents=True, exist_ok=True)
        for mark in marks:
            mark.touch()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_is_synthesized_with_all_its_services(environment: str) -> None:
    made = of_environment(environment)
    assert {names.stack(environment, each) for each in {*SERVICES, names.PLATFORM}} <= made.keys()


def test_cdk_nag_finds_nothing_that_is_not_waived() -> None:
    assert findings() == []


def test_cfn_lint_reports_no_error(unjudged: list[Stack], tmp_path: Path) -> None:
    paths = written(tmp_path, unjudged)
    lint = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--non-zero-exit-code",
        "error",
        "--regions",
        REGION,
    ]
    # W3005: the CDK names the role as a dependency once more. W3037: what the emulator asks for alone.
    command = [*lint, "--ignore-checks", "W3005", "W3037", "--", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if paths else None
    assert done is None or done.returncode == 0, done.stdout


def test_checkov_finds_nothing_that_is_not_waived(unjudged: list[Stack], tmp_path: Path) -> None:
    written(tmp_path, unjudged)
    by_name = {stack.name: stack for stack in unjudged}
    found: list[str] = []
    for failed in _checkov(tmp_path) if unjudged else ():
        stack = by_name[Path(failed["file_path"]).stem]
        logical_id = failed["resource"].rpartition(".")[2]
        if failed["check_id"] not in stack.waived(logical_id):
            found.append(f"{failed['check_id']} ({failed['check_name']}): {stack.name} {failed['resource']}")
    assert found == []


def test_parliament_finds_no_mistake_in_a_policy(unjudged: list[Stack]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of setuptools
        from parliament import analyze_policy_string, enhance_finding
    found: dict[str, str] = {}
    for stack in unjudged:
        for logical_id, policy in _policies(stack):
            waived = stack.waived(logical_id)
            for finding in analyze_policy_string(policy).findings:
                told = enhance_finding(finding)
                if told.severity not in HARMLESS and told.issue not in waived:
                    found.setdefault(f"{told.issue} {told.detail}", f"{stack.name} {logical_id}")
    assert found == {}


def _checkov(folder: Path) -> list[dict[str, Any]]:
    quiet = ["--skip-download", "--compact", "--quiet", "--output", "json"]
    command = [str(CHECKOV), "--directory", str(folder), "--framework", "cloudformation", *quiet]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert said["summary"]["passed"]
    assert not said["summary"]["parsing_errors"]
    found: list[dict[str, Any]] = said["results"]["failed_checks"]
    return found


def _policies(stack: Stack) -> Iterator[tuple[str, str]]:
    """The policies of identities, each with the logical id of who has it."""
    template = Template(stack.template)
    for kind in IDENTITIES:
        for logical_id, properties in template.of_type(kind).items():
            inline = [each["PolicyDocument"] for each in properties.get("Policies", ())]
            for document in [*inline, properties.get("PolicyDocument")]:
                if document:
                    text = json.dumps({"Version": "2012-10-17", **document})
                    yield logical_id, LATER.sub(lambda later: _told(template, later[0]), text)


def _told(template: Template, later: str) -> str:
    """An example of what is known when a stack is deployed: another stack's parameter, or an ARN."""
    if later.endswith(".Arn"):
        return ARNS.get(template.raw.get(later.removesuffix(".Arn"), {}).get("Type", ""), "*")
    if later.endswith("pool-arn"):
        return arn("cognito-idp", "userpool/told")
    return arn("events", "event-bus/told") if later.endswith("/arn") else "told"
