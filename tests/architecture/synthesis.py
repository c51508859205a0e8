"""Every app, synthesized for every environment: once for all tests, cached by what goes into it.

`python -m tests.architecture.synthesis FOLDER` fills a folder: the templates, with empty bundles since those
depend on nothing that is checked here, and what cdk-nag has to say of them.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from thestack.definition import names
from thestack.definition.load import models
from thestack.definition.model import ServiceModel
from thestack.infra.environment import FOLDER, Environment, load_environment
from thestack.infra.synth import PACKAGE, inputs
from thestack.toolchain.tools import node_environment

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".stack/cache/synthesis"
EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
ENVIRONMENTS = tuple(sorted(path.stem for path in (ROOT / FOLDER).glob("[!_]*.py")))
TOOLS = ("aws-cdk-lib", "cdk-nag")


@dataclass(frozen=True)
class Waiver:
    """That findings of a rule stand, in a construct and what is in it."""

    stack: str
    path: str
    rule: str
    reason: str


@dataclass(frozen=True)
class Stack:
    """A synthesized stack of the app "environments", or of another; `paths` are constructs' by logical id."""

    app: str
    name: str
    template: Mapping[str, Any]
    paths: Mapping[str, str]
    waivers: tuple[Waiver, ...]

    def waived(self, logical_id: str) -> dict[str, str]:
        """The rules whose findings about a resource stand, with the reasons."""
        return self.waived_at(self.paths[logical_id])

    def waived_at(self, path: str) -> dict[str, str]:
        """The same of a construct."""
        return {each.rule: each.reason for each in self.waivers if f"{path}/".startswith(f"{each.path}/")}


@cache
def stacks() -> tuple[Stack, ...]:
    """All stacks of all apps and environments."""
    folder = synthesized()
    return tuple(_stacks(folder))


def of_environment(environment: str) -> Mapping[str, Mapping[str, Any]]:
    """The templates of an environment, by the stacks' names."""
    return {each.name: each.template for each in stacks() if _is_of(each, environment)}


def findings() -> list[str]:
    """What cdk-nag finds that nothing waives. A rule with findings of several kinds names them in brackets;
    whoever waives the rule waives all of them.
    """
    waived = {each.name: each for each in stacks()}
    found: list[str] = []
    for path in sorted(synthesized().glob("*/validation-report.json")):
        for report in json.loads(path.read_text())["pluginReports"]:
            for violation in report["violations"]:
                rule = violation["ruleName"].partition("[")[0]
                for construct in violation["violatingConstructs"]:
                    place = construct["constructPath"]
                    if rule not in waived[place.partition("/")[0]].waived_at(f"/{place}"):
                        found.append(f"{violation['ruleName']}: {place}")
    return found


def synthesized() -> Path:
    """The folder, filled by whichever test needs it first."""
    folder = CACHE / key()
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in CACHE.glob("[!.]*"):
                shutil.rmtree(old)
            made = CACHE / ".new"
            shutil.rmtree(made, ignore_errors=True)
            command = [sys.executable, "-W", "ignore", "-m", __name__, str(made)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr[-3000:]
            made.rename(folder)
    return folder


def key() -> str:
    """What stands for everything that the synthesis depends on."""
    told = [sys.version, *(f"{tool} {version(tool)}" for tool in TOOLS)]
    digest = hashlib.sha256(json.dumps(told).encode())
    for path in inputs(PACKAGE / "definition", PACKAGE / "infra", ROOT / "deploy", ROOT / "services"):
        digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()[:20]


def _is_of(stack: Stack, environment: str) -> bool:
    others = [each for each in ENVIRONMENTS if each.startswith(f"{environment}-")]
    mine = stack.name.startswith(f"{environment}-")
    return stack.app == "environments" and mine and not stack.name.startswith(tuple(others) or ("\0",))


def _stacks(folder: Path) -> Iterator[Stack]:
    for path in sorted(folder.glob("*/*.template.json")):
        name = path.name.removesuffix(".template.json")
        metadata = json.loads(path.with_name(f"{name}.metadata.json").read_text())
        said = [(place, each) for place, entries in metadata.items() for each in entries]
        paths = {each["data"]: place for place, each in said if each["type"] == "aws:cdk:logicalId"}
        waivers = tuple(
            Waiver(name, place, rule.removeprefix("Annotation::"), reason)
            for place, each in said
            if each["type"] == "aws:cdk:acknowledged-rules"
            for rule, reason in each["data"].items()
        )
        yield Stack(path.parent.name, name, json.loads(path.read_text()), paths, waivers)


def main(out: Path) -> None:
    """Fill the folder `out`."""
    os.environ.update(node_environment(), CDK_VALIDATION="true")
    import aws_cdk as cdk
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    from deploy.accounts.app import accounts_app
    from deploy.accounts.example import organization

    out.mkdir(parents=True)
    bundle, services = out / "bundle.zip", models(ROOT)
    app = cdk.App(outdir=str(out / "environments"), analytics_reporting=False, tree_metadata=False)
    for name in ENVIRONMENTS:
        add(app, load_environment(ROOT, name), services, bundle)
    _add_preview(app, bundle)
    for each in (app, accounts_app(organization, str(out / "accounts"))):
        cdk.Validations.of(each).add_plugins(AwsSolutionsChecks(verbose=True), ServerlessChecks(verbose=True))
        try:
            each.synth()
        except RuntimeError:  # what is found is in its report
            if not (Path(each.outdir) / "validation-report.json").is_file():
                raise


def add(
    app: Any,
    environment: Environment,
    services: Sequence[ServiceModel],
    bundle: Path,
    *,
    extended: bool = True,
) -> None:
    """Add these services' stacks, by their `infra.py` `extended` or not, and what they share."""
    from deploy.shared import add_shared
    from thestack.infra.extension import extend
    from thestack.infra.service import ServiceStack

    bundle.write_bytes(EMPTY_ZIP)
    add_shared(app, environment, names.SHARED, bundle)
    for model in services:
        stack = ServiceStack(app, environment, model, bundle)
        if extended:
            extend(stack, model, ROOT)


def _add_preview(app: Any, bundle: Path) -> None:
    """What a preview of todo has that no environment has: the rest is as in those."""
    from deploy.shared import add_shared
    from thestack.infra.previews import beside, held_queues

    base, own = load_environment(ROOT, "preview"), models(ROOT, ["todo"])
    borrowed = ("analytics", "media", "notifications")
    preview = beside(base, "pr-123", borrowed=borrowed, held=held_queues(own, ["todo"]))
    add_shared(app, preview, [names.PLATFORM], bundle)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
