"""`thestack new`: the one file of a new service."""

from pathlib import Path
from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.scaffold import Scaffold, scaffold
from thestack.definition.load import load_all
from thestack.definition.model import ServiceModel
from thestack.definition.naming import name_mistake
from thestack.definition.shapes import camel
from thestack.operations.errors import OperationError


@reporting
def new(
    name: Annotated[
        str, typer.Argument(help="One word of small letters and digits, best a plural: reviews.")
    ],
    format: FormatOption = Format.TEXT,
) -> None:
    """Write services/NAME/service.py: an entity, a query, a mutation and its event; and nothing else."""
    root = find_root()
    if mistake := name_mistake(name):
        raise UsageMistake(mistake)
    file = root / "services" / name / "service.py"
    if file.parent.exists():
        raise UsageMistake(f"{file.parent} exists already; choose another name, or delete it first")
    made = scaffold(name)
    taken = [clash for each in load_all(root) if each.draft for clash in _clashes(each.draft, made)]
    if taken:
        raise UsageMistake(f"{'; '.join(taken)}: choose another name than {name!r}")
    _write(file, made.source)
    if format is Format.JSON:
        shown = {"service": name, "file": str(file.relative_to(root)), "entity": made.entity}
        print_json({**shown, "query": camel(made.many), "mutation": camel(made.mutation)})
        return
    out.print(f"services/{name}/service.py: the entity {made.entity}, the query {camel(made.many)}, ", end="")
    out.print(f"the mutation {camel(made.mutation)}, the event {made.says}.", markup=False)
    out.print("It is a beginning that works: change it to what you need.")
    for command, why in (
        (f"thestack check {name}", "says what is wrong with it"),
        ("thestack dev", "runs it, with all the others; one that runs already takes it in"),
    ):
        out.print(f"  [bold]{command:24}[/]{why}")


def _clashes(model: ServiceModel, made: Scaffold) -> list[str]:
    """What of the new service another has already: types and root fields are the supergraph's, and an event
    has one owner.
    """
    types = {each.name for each in model.entities} | {each.name for each in model.inputs}
    types |= {each.name for each in model.enums}
    fields = {each.graphql for each in model.operations}
    events = {each.name for each in model.events}
    wanted = (
        ("type", made.entity, types),
        ("field", camel(made.many), fields),
        ("field", camel(made.mutation), fields),
        ("event", made.says, events),
    )
    return [f"{model.name} has the {what} {name}" for what, name, taken in wanted if name in taken]


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror or error
        raise OperationError(f"cannot write {file}: {why}; permit writing there and run it again") from None
