"""`thestack check`: every mistake in every definition, and whatever of a change would hurt others."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from thestack.cli.findings import AgainstOption, AllowOption, diagnostics_of
from thestack.cli.output import NO, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.definition.load import Loaded, load_all
from thestack.diagnostics.diagnostic import Diagnostic, Severity
from thestack.diagnostics.render import to_github, to_json, to_text
from thestack.operations.promises import change_since, checkout_of, findings_of, usual_ref


class CheckFormat(StrEnum):
    """How `check` reports."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@reporting
def check(
    service: Annotated[
        str | None, typer.Argument(help="One service's definition alone; without it, all, and the gates.")
    ] = None,
    against: AgainstOption = None,
    allow: AllowOption = None,
    format: Annotated[CheckFormat, typer.Option(help="How to report.")] = CheckFormat.TEXT,
) -> None:
    """Check the definitions, that what they promise is committed, and that no change of it hurts anybody.

    Exit code 1 if anything is wrong.
    """
    root = find_root()
    if service is not None:
        check_service(root, service)
    loaded = load_all(root, [service] if service else [])
    mistakes = [mistake for each in loaded for mistake in each.diagnostics]
    compared = ""
    if not mistakes and service is None and loaded:
        ref = against or usual_ref(root)
        compared = f"; compared with {ref}" if ref else "; compared with nothing: git knows no main here"
        mistakes = _judged(root, loaded, ref, allow or [])
    match format:
        case CheckFormat.JSON:
            print_json(to_json(mistakes))
        case CheckFormat.GITHUB:
            if mistakes:
                print(to_github(mistakes))
        case CheckFormat.TEXT:
            if mistakes:
                out.print(to_text(mistakes))
            else:
                names = ", ".join(each.file.parent.name for each in loaded) or "no services"
                out.print(f"{names}: no mistakes{compared}", markup=False)
    if any(each.severity is Severity.ERROR for each in mistakes):
        raise typer.Exit(NO)


def _judged(
    root: Path, loaded: Sequence[Loaded], ref: str | None, allowed: Sequence[str]
) -> list[Diagnostic]:
    """What the gates find."""
    checkout = checkout_of(root, [each.model for each in loaded if each.model])
    change = change_since(checkout, ref)
    return diagnostics_of(findings_of(checkout, change, allowed), checkout.models, root)
