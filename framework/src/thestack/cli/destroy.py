"""`thestack destroy`: a service is taken away."""

from typing import Annotated

import typer

from thestack.cli.deploy import TakeOverOption
from thestack.cli.destination import find_destination
from thestack.cli.findings import as_json
from thestack.cli.judged import show, stopped
from thestack.cli.output import Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption


@reporting
def destroy(
    service: Annotated[str, typer.Argument(help="The service.")],
    yes: Annotated[bool, typer.Option("--yes", help="Its data may go with it.")] = False,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Take a service away, out of the supergraph first. Refused, with exit code 1, while others need it."""
    root = find_root()
    to = find_destination(root, target, env, endpoint, run)
    if not yes and not to.settings.retain_data:
        raise UsageMistake(f"the data of {service} in {to.settings.name} goes with it; say so with --yes")
    from thestack.contract.operations import client_operations
    from thestack.deployment.lock import deploying
    from thestack.deployment.returning import destroy

    with stopped(format), deploying(to.aws, to.settings.name, f"destroy {service}", take_over):
        findings = destroy(to, service, client_operations(root))
    if format is Format.JSON:
        found = [as_json(each) for each in findings]
        print_json({"environment": to.settings.name, "destroyed": service, "findings": found})
        return
    show(findings)
    out.print(f"{service} is gone from {to.settings.name}", markup=False)
