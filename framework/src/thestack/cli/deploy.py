"""`thestack deploy`: single services, judged against what runs where they go."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from thestack.cli.destination import find_destination
from thestack.cli.findings import AllowOption, as_json
from thestack.cli.judged import show, stopped
from thestack.cli.output import Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption
from thestack.definition import names
from thestack.deployment.deploying import Outcome
from thestack.deployment.destination import Destination
from thestack.deployment.making import Made
from thestack.deployment.stepping import Step

TakeOverOption = Annotated[
    str | None, typer.Option(help="The lock of a deployment that is known to have died, as it was told.")
]


@reporting
def deploy(
    services: Annotated[
        list[str] | None,
        typer.Argument(
            help="Services, in the order in which they go; `platform`, `edge` and what else they share, and "
            "`router`, may be named."
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All that the environment has, and every service.")
    ] = False,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    allow: AllowOption = None,
    take_over: TakeOverOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Deploy services, each by itself, as far as nothing that runs there breaks.

    Each is judged against the contracts of what the environment runs now, then its stack is brought up, the
    supergraph is made of what runs, a new version of the router is asked, and its alias is moved. What does
    not work is taken back. With `router` among the names the supergraph is made there, and not after each
    service. Exit code 1 if it is refused or taken back.
    """
    root = find_root()
    wanted = _wanted(root, services or [], everything)
    to = find_destination(root, target, env, endpoint, run)
    from thestack.contract.operations import client_operations
    from thestack.deployment.deploying import check_begun, deploy
    from thestack.deployment.lock import deploying
    from thestack.deployment.making import make

    with stopped(format):
        check_begun(to, wanted)
        made = make(to, [each for each in wanted if each != names.ROUTER])
        wanted = _had(to, wanted, made, everything)
        with deploying(to.aws, to.settings.name, f"deploy {' '.join(wanted)}", take_over):
            if to.settings.emulated and names.PLATFORM in wanted:
                from thestack.local.provision import verify_sender

                verify_sender(to.aws, to.settings.mail_sender)
            outcome = deploy(to, wanted, made, operations=client_operations(root), allowed=allow or [])
    _report(to, outcome, format)


def _wanted(root: Path, services: list[str], everything: bool) -> list[str]:
    if everything == bool(services):
        raise UsageMistake("name services to deploy, or say --all")
    if everything:
        files = sorted((root / "services").glob("*/service.py"))
        return [*names.SHARED, *(each.parent.name for each in files)]
    for name in services:
        if name not in {*names.SHARED, names.ROUTER}:
            check_service(root, name)
    return services


def _had(to: Destination, wanted: list[str], made: Mapping[str, Made], everything: bool) -> list[str]:
    """Those that the environment has. Raises `UsageMistake` for one that is named and is not among them."""
    without = [each for each in wanted if each not in {*made, names.ROUTER}]
    if without and not everything:
        raise UsageMistake(
            f"the environment {to.settings.name} does without {', '.join(without)}: its settings, in "
            f"deploy/environments/{to.settings.name}.py, say so"
        )
    return [each for each in wanted if each not in without]


def _report(to: Destination, outcome: Outcome, format: Format) -> None:
    if format is Format.JSON:
        print_json(
            {
                "environment": to.settings.name,
                "deployed": [
                    {
                        "service": each.service,
                        "release": each.hash,
                        "versions": each.release.versions,
                        "outputs": dict(each.outputs),
                    }
                    for each in outcome.deployed
                ],
                "unchanged": outcome.unchanged,
                "router": outcome.served.version if outcome.served else None,
                "findings": [as_json(each) for each in outcome.findings],
            }
        )
        return
    show(outcome.findings)
    for each in outcome.deployed:
        out.print(f"{each.service} is deployed to {to.settings.name}: release {each.hash[:12]}", markup=False)
        for what, value in _told(each):
            out.print(f"  {what}: {value}", markup=False, soft_wrap=True)
    for name in outcome.unchanged:
        out.print(f"{name} runs in {to.settings.name} already as it is here", markup=False)
    if outcome.served:
        out.print(f"the router serves it as version {outcome.served.version}", markup=False)
    if any(each.service in {names.PLATFORM, names.EDGE} for each in outcome.deployed):
        url = _url(to)
        said = (
            f"GraphQL is at {url}/graphql" if url else f"the API is reached once `{names.EDGE}` is deployed"
        )
        out.print(said, markup=False)


def _told(step: Step) -> Iterator[tuple[str, str]]:
    """What a stack's outputs are for, where it says so: which settings to fill in."""
    outputs: Mapping[str, Any] = step.release.template.get("Outputs", {})
    for key, value in step.outputs.items():
        if said := outputs.get(key, {}).get("Description"):
            yield said, value


def _url(to: Destination) -> str | None:
    """Where the API answers, once it is reached."""
    ssm, name = to.aws.client("ssm"), names.parameter(to.settings.name, names.API_URL)
    found = ssm.get_parameters(Names=[name])["Parameters"]
    return str(found[0]["Value"]) if found else None
