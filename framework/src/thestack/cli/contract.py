"""`thestack contract`: what services promise each other, committed, and what a change of it does."""

from pathlib import Path

import typer

from thestack.cli.findings import COLOURS, AgainstOption, as_json, diagnostics_of
from thestack.cli.output import NO, Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.contract.findings import Finding, Level, refused
from thestack.definition.load import models
from thestack.diagnostics.render import to_text
from thestack.operations.promises import Checkout, change_since, checkout_of, update, usual_ref

contract = typer.Typer(
    help="What services promise each other, and what a change of it does.",
    no_args_is_help=True,
    add_completion=False,
)


@contract.command("update")
@reporting
def update_command(format: FormatOption = Format.TEXT) -> None:
    """Write every service's promise into its contract/, and docs/api from all of them, to be committed."""
    checkout = _checkout(find_root())
    changed = update(checkout, change_since(checkout, None).composed_after)
    if format is Format.JSON:
        print_json({"changed": changed})
    elif changed:
        for path in changed:
            out.print(path, markup=False)
        out.print(f"{len(changed)} files changed; look at them and commit them")
    else:
        out.print("nothing changed")


@contract.command()
@reporting
def diff(against: AgainstOption = None, format: FormatOption = Format.TEXT) -> None:
    """Tell what a change does to others: what is safe, dangerous or breaking, and who is hurt.

    Exit code 1 if anything is breaking.
    """
    from thestack.contract.gates import judge

    root = find_root()
    checkout = _checkout(root)
    ref = against or usual_ref(root)
    findings = judge(change_since(checkout, ref))
    if format is Format.JSON:
        print_json({"against": ref, "findings": [as_json(each) for each in findings]})
    else:
        _show(findings, checkout, ref)
    if refused(findings):
        raise typer.Exit(NO)


def _checkout(root: Path) -> Checkout:
    return checkout_of(root, models(root))


def _show(findings: list[Finding], checkout: Checkout, ref: str | None) -> None:
    for each in findings:
        if each.level is Level.SAFE:
            out.print(f"[{COLOURS[each.level]}]{each.level}[/] ", end="")
            out.print(f"{each.service}: {each.message}", markup=False)
    shown = diagnostics_of(findings, checkout.models, checkout.root)
    if shown:
        out.print(to_text(shown))
    counted = ", ".join(
        f"{sum(each.level is level for each in findings)} {level.value}"
        for level in Level
        if any(each.level is level for each in findings)
    )
    with_what = f"against {ref}" if ref else "nothing to compare with: git knows neither main nor origin/main"
    out.print(f"{with_what}: {counted or 'no difference'}", markup=False)
