"""How what the gates find is shown: at the place in the definition that it is about."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from thestack.contract.findings import Finding, Level
from thestack.contract.sites import site_of
from thestack.definition.model import ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Severity
from thestack.diagnostics.site import Site
from thestack.operations.promises import folder_of


def diagnostics_of(
    findings: Iterable[Finding], models: Sequence[ServiceModel], root: Path
) -> list[Diagnostic]:
    """A diagnostic for each finding that is not safe."""
    known = {model.name: model for model in models}
    return [_diagnostic(each, known, root) for each in findings if each.level is not Level.SAFE]


def _diagnostic(finding: Finding, models: Mapping[str, ServiceModel], root: Path) -> Diagnostic:
    model = models.get(finding.service)
    if model:
        site = site_of(model, finding.about)
    else:
        file = f"{folder_of(finding.service)}/service.json" if finding.service else "docs/api/README.md"
        site = Site(str(root / file), 1)
    severity = Severity.ERROR if finding.level is Level.BREAKING else Severity.WARNING
    hurt = f"; it hurts {', '.join(finding.hurt)}" if finding.hurt else ""
    return Diagnostic(finding.code, f"{finding.message}{hurt}", site, help=finding.help, severity=severity)
