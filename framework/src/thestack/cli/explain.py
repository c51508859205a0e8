"""`thestack explain`: the plan of a query, what each resolver reads for it, and what that costs."""

import json
from typing import Annotated, Any

import typer

from thestack.cli.output import NO, Format, FormatOption, UsageMistake, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import (
    EndpointOption,
    EnvironmentOption,
    Place,
    RunOption,
    TargetOption,
    find_target,
    settings_of,
)
from thestack.definition.load import models


@reporting
def explain(
    query: Annotated[str, typer.Argument(help="A GraphQL query, as clients send it.")],
    user: Annotated[
        str | None,
        typer.Option("--as", help="Who asks: a user's id or e-mail address; without it, nobody signed in."),
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group to be in too. May be repeated.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Another tenant than the user's.")] = None,
    variables: Annotated[str, typer.Option(help="The query's variables, as a JSON object.")] = "{}",
    operation: Annotated[
        str | None, typer.Option(help="Which operation, where the query has several.")
    ] = None,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Show how a query is answered: the router's plan, its calls of subgraphs, what each resolver reads.

    The router and the resolvers of this checkout run in this process, on the tables of the environment, with
    your own rights instead of the functions'. Nothing is written. Read units are estimates. Exit code 1 if
    the answer has errors.
    """
    from thestack.cli.explained import as_json, show
    from thestack.operations import explanation
    from thestack.operations.callers import claims_of

    root = find_root()
    request = {"query": query, "variables": _object(variables), "operationName": operation}
    if user is None and (group or tenant):
        raise UsageMistake("--group and --tenant are of a user; name one with --as")
    try:
        explanation.check_is_query(query, operation)
    except explanation.NotAQuery as error:
        raise UsageMistake(str(error)) from None
    services = models(root)
    where = find_target(root, target, env, endpoint, run)
    settings = settings_of(root, where.environment)
    claims = user and claims_of(
        where.aws, where.environment, user, group or [], tenant, settings.default_tenant
    )
    found = explanation.explain(request, claims or None, services, settings, where.aws, root)
    if format is Format.JSON:
        print_json(as_json(found))
    else:
        show(found)
    if found.answer.get("errors"):
        raise typer.Exit(NO)


def _object(variables: str) -> dict[str, Any]:
    try:
        given = json.loads(variables)
    except ValueError as error:
        raise UsageMistake(f"--variables is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise UsageMistake(f"--variables must be a JSON object, not {given!r}")
    return given
