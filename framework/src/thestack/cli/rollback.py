"""`thestack rollback`: a service goes back to what ran before it."""

from typing import Annotated

import typer

from thestack.cli.deploy import TakeOverOption
from thestack.cli.destination import find_destination
from thestack.cli.findings import AllowOption, as_json
from thestack.cli.judged import show, stopped
from thestack.cli.output import Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption


@reporting
def rollback(
    service: Annotated[str, typer.Argument(help="The service.")],
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    anyway: Annotated[bool, typer.Option(help="Whatever breaks by it.")] = False,
    allow: AllowOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Bring a service back: the router to the version that it called before, then the stack to its template.

    Refused, with exit code 1, where others rely by now on what would go. A second time it goes forward again.
    """
    root = find_root()
    to = find_destination(root, target, env, endpoint, run)
    from thestack.contract.operations import client_operations
    from thestack.deployment.lock import deploying
    from thestack.deployment.returning import roll_back

    with stopped(format), deploying(to.aws, to.settings.name, f"rollback {service}", take_over):
        operations = client_operations(root)
        returned = roll_back(to, service, operations=operations, anyway=anyway, allowed=allow or [])
    if format is Format.JSON:
        print_json(
            {
                "environment": to.settings.name,
                "service": service,
                "versions": returned.release.versions,
                "router": returned.served.version if returned.served else None,
                "findings": [as_json(each) for each in returned.findings],
            }
        )
        return
    show(returned.findings)
    out.print(f"{service} runs in {to.settings.name} as it did before", markup=False)
