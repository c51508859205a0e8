"""`thestack plan`: the order in which the changed services are deployed."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from thestack.cli.findings import AgainstOption, AllowOption, as_json
from thestack.cli.output import NO, Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.contract.findings import Finding
from thestack.contract.planning import PathMistake, Plan
from thestack.definition.load import models
from thestack.diagnostics.diagnostic import nearest
from thestack.operations.promises import checkout_of, usual_ref


@reporting
def plan(
    against: AgainstOption = None,
    services: Annotated[
        str | None,
        typer.Option(help="The services to deploy, with commas between. By itself: those that changed."),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(help="An order to verify instead: services and `router`, with commas between."),
    ] = None,
    allow: AllowOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Print an order of deployment that keeps every promise at each step, with the reason for each.

    Up to six services every order is tried. Each deployment can be taken back. Exit code 1 if there is no
    order: then the smallest set of changes that conflict is told, and the way out.
    """
    from thestack.contract.planning import plan as make
    from thestack.operations.ordering import mixed_since

    root = find_root()
    checkout = checkout_of(root, models(root))
    ref = against or usual_ref(root)
    if ref is None:
        raise UsageMistake("git knows neither main nor origin/main here: name what runs with --against")
    mixed = mixed_since(checkout, ref, _listed(services), allow or ())
    for name in _listed(services):
        if name not in {*mixed.before, *mixed.after}:
            known = sorted({*mixed.before, *mixed.after})
            raise UsageMistake(f"there is no service {name!r}. {nearest(name, known)}".rstrip())
    try:
        found = make(mixed, _listed(path))
    except PathMistake as mistake:
        raise UsageMistake(str(mistake)) from None
    if format is Format.JSON:
        print_json({"against": ref, **_as_json(found)})
    else:
        _show(found, ref)
    if not found.found:
        raise typer.Exit(NO)


def _listed(text: str | None) -> list[str]:
    return [each.strip() for each in (text or "").split(",") if each.strip()]


def _as_json(found: Plan) -> dict[str, Any]:
    conflict, wrong = found.conflict, found.refused
    return {
        "possible": found.found,
        "services": list(found.services),
        "steps": [
            {
                "action": each.step.action.value,
                "services": list(each.step.services),
                "reason": each.reason,
                "notes": list(each.notes),
            }
            for each in found.steps
        ],
        "batches": found.batches,
        "conflict": conflict
        and {
            "services": list(conflict.services),
            "reasons": [{"when": when, **as_json(finding)} for when, finding in conflict.reasons],
            "wayOut": conflict.way_out,
        },
        "refused": wrong and {"step": str(wrong[0]), "findings": [as_json(each) for each in wrong[1]]},
    }


def _show(found: Plan, ref: str) -> None:
    if not found.services:
        _line(f"nothing to deploy: no service differs from {ref}")
        return
    if found.found or found.refused:
        for number, each in enumerate(found.steps, 1):
            _line(f"{number:>3}. {each.step}: {each.reason}")
            for note in each.notes:
                _line(f"     note: {note}")
    if found.found:
        _line(f"every step keeps what was promised, and every deployment can be taken back; against {ref}")
    elif found.refused:
        step, findings = found.refused
        _line(f"{len(found.steps) + 1:>3}. {step}: refused")
        _findings(("", each) for each in findings)
    elif found.conflict:
        conflict = found.conflict
        *some, last = conflict.services
        why = f"the changes of {', '.join(some)} and {last} conflict" if some else f"the change of {last}"
        _line(f"impossible in any order: {why}; against {ref}")
        _findings(conflict.reasons)
        if conflict.way_out:
            _line(f"the way out: {conflict.way_out}")
    else:
        _line(f"no order was found for {len(found.services)} services; propose one by --path")


def _findings(findings: Iterable[tuple[str, Finding]]) -> None:
    for when, each in findings:
        hurt = f"; it hurts {', '.join(each.hurt)}" if each.hurt else ""
        _line(f"     {f'{when}: ' if when else ''}{each.message}{hurt} [{each.code}]")
        if each.help:
            _line(f"       = help: {each.help}")


def _line(text: str) -> None:
    out.print(text, markup=False)
