"""`thestack check`: every mistake in every definition, in one report."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from thestack.cli.output import NO, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.contract.composition import CompositionError
from thestack.definition.load import load_all, models
from thestack.diagnostics.render import to_github, to_json, to_text


class CheckFormat(StrEnum):
    """How `check` reports."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


@reporting
def check(
    service: Annotated[
        str | None, typer.Argument(help="One service; without it, all, and how they compose.")
    ] = None,
    format: Annotated[CheckFormat, typer.Option(help="How to report.")] = CheckFormat.TEXT,
) -> None:
    """Check the definitions, and that their subgraphs compose into one supergraph.

    Exit code 1 if anything is wrong.
    """
    root = find_root()
    if service is not None:
        check_service(root, service)
    loaded = load_all(root, [service] if service else [])
    mistakes = [mistake for each in loaded for mistake in each.diagnostics]
    composition = None if mistakes or service else _composition(root)
    match format:
        case CheckFormat.JSON:
            print_json([*to_json(mistakes), *_entries(composition)])
        case CheckFormat.GITHUB:
            for line in filter(None, (to_github(mistakes), *_annotations(composition))):
                print(line)
        case CheckFormat.TEXT if mistakes:
            out.print(to_text(mistakes))
        case CheckFormat.TEXT if composition:
            out.print(str(composition), markup=False)
        case CheckFormat.TEXT:
            names = ", ".join(each.file.parent.name for each in loaded) or "no services"
            out.print(f"{names}: no mistakes{'' if service else '; the supergraph composes'}", markup=False)
    if mistakes or composition:
        raise typer.Exit(NO)


def _composition(root: Path) -> CompositionError | None:
    from thestack.infra.supergraph import supergraph_of

    try:
        supergraph_of(models(root), root)
    except CompositionError as error:
        return error
    return None


def _entries(error: CompositionError | None) -> list[dict[str, Any]]:
    return [
        {"code": each.code, "message": each.message, "subgraph": each.subgraph}
        for each in (error.mistakes if error else ())
    ]


def _annotations(error: CompositionError | None) -> list[str]:
    return [
        f"::error file=services/{each.subgraph or ''},title={each.code}::{' '.join(each.message.split())}"
        for each in (error.mistakes if error else ())
    ]
