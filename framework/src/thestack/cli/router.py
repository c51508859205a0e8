"""`thestack router`: what other routers than the one that is deployed are started with."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import settings_of

router = typer.Typer(help="Other routers than Hive's, which is deployed: what they are started with.")


class Kind(StrEnum):
    """A router that runs as a server."""

    APOLLO = "apollo"
    COSMO = "cosmo"


@router.callback()
def group() -> None:
    """Other routers than Hive's."""


@router.command("config")
@reporting
def config(
    kind: Annotated[Kind, typer.Argument(help="Which router.")],
    target: Annotated[Path, typer.Option("--out", help="The folder that its files are written to.")],
    env: Annotated[
        str, typer.Option("--env", help="The environment, as deploy/environments names it.")
    ] = "dev",
    format: FormatOption = Format.TEXT,
) -> None:
    """Write what a router is started with, from the supergraph of this checkout's services.

    It is generated, and not run by anything here: docs/edge.md says what it takes to run it.
    """
    root = find_root()
    settings = settings_of(root, env)
    from thestack.contract.sdl import subgraph
    from thestack.definition.load import models
    from thestack.infra.supergraph import compose_all
    from thestack.ports.router import Configure, Graph
    from thestack.router import apollo, cosmo

    configure: dict[Kind, Configure] = {Kind.APOLLO: apollo.files, Kind.COSMO: cosmo.files}
    subgraphs = {model.name: subgraph(model) for model in models(root) if model.answers}
    graph = Graph(
        compose_all(subgraphs, root).sdl, subgraphs, settings.subgraph_timeout, settings.introspection
    )
    written = [_write(target / name, text) for name, text in configure[kind](graph).items()]
    if format is Format.JSON:
        print_json({"router": kind, "files": written})
        return
    for path in written:
        out.print(path, markup=False)


def _write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)
