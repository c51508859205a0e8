"""What commands that judge a change have in common: what to compare with, and how findings are shown."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from thestack.contract.findings import Finding, Level
from thestack.contract.sites import place_of
from thestack.definition.model import ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part, Severity
from thestack.diagnostics.site import Site
from thestack.operations.promises import folder_of

COLOURS = {Level.SAFE: "green", Level.DANGEROUS: "yellow", Level.BREAKING: "red"}
AgainstOption = Annotated[
    str | None,
    typer.Option(help="The commit to compare with, by any name that git knows. By itself: main."),
]

AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        help="What may be deleted or replaced with all that it holds: SERVICE.LOGICAL_ID. Repeatable."
    ),
]


def diagnostics_of(
    findings: Iterable[Finding], models: Sequence[ServiceModel], root: Path
) -> list[Diagnostic]:
    """A diagnostic for each finding that is not safe."""
    known = {model.name: model for model in models}
    return [_diagnostic(each, known, root) for each in findings if each.level is not Level.SAFE]


def _diagnostic(finding: Finding, models: Mapping[str, ServiceModel], root: Path) -> Diagnostic:
    site, part = _place(finding, models, root)
    severity = Severity.ERROR if finding.level is Level.BREAKING else Severity.WARNING
    unsaid = [each for each in finding.hurt if each not in finding.message]
    hurt = f"; it hurts {', '.join(unsaid)}" if unsaid else ""
    message = f"{finding.message}{hurt}"
    return Diagnostic(finding.code, message, site, part, finding.help, severity)


def _place(finding: Finding, models: Mapping[str, ServiceModel], root: Path) -> tuple[Site, Part]:
    if model := models.get(finding.service):
        return place_of(model, finding.about)
    file = f"{folder_of(finding.service)}/service.json" if finding.service else "docs/api/README.md"
    if not finding.service and (root / finding.about).is_file():
        file = finding.about  # what clients ask
    return Site(str(root / file), 1), Part()


def as_json(finding: Finding) -> dict[str, object]:
    """A finding for programs."""
    return {
        "code": finding.code,
        "level": finding.level.value,
        "service": finding.service,
        "about": finding.about,
        "message": finding.message,
        "hurt": list(finding.hurt),
        "help": finding.help,
    }
