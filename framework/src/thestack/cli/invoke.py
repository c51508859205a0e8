"""`thestack invoke`: one handler, run by hand."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TextIO

import typer

from thestack.cli.lines import text_of
from thestack.cli.output import NO, Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import check_service, find_root
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
from thestack.definition.model import ServiceModel
from thestack.diagnostics.diagnostic import nearest
from thestack.operations.handing import BY_HAND, WrongEvent, envelope, request
from thestack.operations.handlers import GRAPHQL, of_service
from thestack.operations.invocation import FINAL, Invoker
from thestack.operations.records import Record
from thestack.ports import Claims

_RAW = frozenset({"requestContext", "Records"})
"""What only an event has that Lambda hands a function; neither arguments nor data of events are called so."""
_TOKEN_LASTS = timedelta(minutes=5)


@reporting
def invoke(
    handler: Annotated[
        str,
        typer.Argument(
            metavar="SERVICE.HANDLER",
            help="A query or mutation by its function's name (todo.complete_todo), a consumer "
            "(analytics.count), a hook, SERVICE.graphql or SERVICE.relay.",
        ),
    ],
    event: Annotated[
        typer.FileText | None,
        typer.Option(metavar="FILE", help="A JSON file, or - for standard input; without it, {}."),
    ] = None,
    caller: Annotated[
        str | None,
        typer.Option("--as", metavar="SUB", help="The caller's user id; without it, nobody's signed in."),
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group of the caller's. May be repeated.")] = None,
    tenant: Annotated[str | None, typer.Option(help="The tenant; without it, the environment's own.")] = None,
    type: Annotated[
        str | None, typer.Option(help="Which event the data is, for a consumer that hears several.")
    ] = None,
    wait: Annotated[float, typer.Option(min=1, help="Seconds to wait for a consumer's outcome.")] = 60.0,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Run one handler where it lives, for real, and show what came of it; exit code 1 if it failed.

    Of a query or mutation, FILE holds the arguments; every plain field of the answer is asked for.

    Of a consumer, FILE holds a CloudEvent, or only its data. It is put into the consumer's queue, since only
    what comes from there can be tried again or given up, and each attempt is shown as it is logged. An event
    that took effect before is a duplicate, by its id.

    Of a hook, FILE holds a request: its method, query, form, headers and body, each of which may be left out.

    A FILE with `requestContext` or `Records` is handed to the function as it is, as are those of
    SERVICE.graphql and SERVICE.relay.
    """
    root = find_root()
    service, _, name = handler.partition(".")
    check_service(root, service)
    (model,) = models(root, [service])
    given = _read(event)
    where = find_target(root, target, env, endpoint, run)
    function = _function(model, handler, of_service(where.environment, model))
    in_tenant = tenant or settings_of(root, where.environment).default_tenant or "main"
    claims = _claims(caller, group or [], in_tenant)
    invoker = Invoker(where.aws, where.environment)
    consumer = next((each for each in model.consumers if each.name == name), None)
    hook = next((each for each in model.hooks if each.handler.name == name), None)
    operation = next((each for each in model.operations if name in (each.handler.name, each.graphql)), None)

    def report(record: Record) -> None:
        if format is Format.TEXT:
            out.print(text_of(record))

    try:
        if _RAW & set(given) or not (consumer or operation or hook):
            ran = invoker.call(function, given)
        elif consumer:
            made = envelope(model, consumer, given, type, in_tenant)
            ran = invoker.deliver(model, consumer, made, wait, report)
        elif hook:
            ran = invoker.visit(model, hook, given, in_tenant)
            for record in ran.records:
                report(record)
        elif operation:
            ran = invoker.ask(function, request(model, operation, given), claims)
            for record in ran.records:
                report(record)
    except WrongEvent as wrong:
        raise UsageMistake(str(wrong)) from None
    if format is Format.JSON:
        records = [record.as_json() for record in ran.records]
        print_json({"handler": handler, "went_well": ran.went_well, "answer": ran.answer, "records": records})
    elif ran.answer is not None:
        print(json.dumps(ran.answer, indent=2))
    elif not (ran.records and ran.records[-1].outcome in FINAL):
        err.print(f"no outcome within {wait:.0f} s; look for it with `thestack logs {handler}`", markup=False)
    if not ran.went_well:
        raise typer.Exit(NO)


def _read(file: TextIO | None) -> dict[str, Any]:
    try:
        given = json.load(file) if file else {}
    except ValueError as wrong:
        raise UsageMistake(f"--event is no JSON: {wrong}") from None
    if not isinstance(given, dict):
        raise UsageMistake("--event must be a JSON object")
    return given


def _claims(caller: str | None, groups: Sequence[str], tenant: str) -> Claims | None:
    if caller is None:
        if groups:
            raise UsageMistake("--group is a group of the caller's; say whose with --as")
        return None
    return Claims(caller, tenant, frozenset(groups), BY_HAND, datetime.now(UTC) + _TOKEN_LASTS)


def _function(model: ServiceModel, handler: str, functions: Mapping[str, str]) -> str:
    """The name of the function that runs a handler. Raises `UsageMistake`."""
    runs = dict(functions)
    for operation in model.operations:
        for name in (operation.handler.name, operation.graphql):
            runs.setdefault(f"{model.name}.{name}", functions[f"{model.name}.{GRAPHQL}"])
    if handler not in runs:
        raise UsageMistake(f"there is no handler {handler!r}. {nearest(handler, runs)}".rstrip())
    return runs[handler]
