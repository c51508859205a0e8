"""`thestack synth`: the CloudFormation templates."""

from pathlib import Path
from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, UsageMistake, out, print_json, reporting
from thestack.cli.project import check_service, find_root
from thestack.definition import names


@reporting
def synth(
    service: Annotated[
        str | None, typer.Argument(help="One service, or one of what they share: platform, edge, ...")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every service, and all that the environment has.")
    ] = False,
    env: Annotated[
        str, typer.Option("--env", help="The environment, as deploy/environments names it.")
    ] = "dev",
    target: Annotated[
        Path | None,
        typer.Option("--out", help="A folder for templates and bundles, for any tool that deploys them."),
    ] = None,
    validate: Annotated[
        bool, typer.Option(help="Run CDK's own validation too, which takes seconds.")
    ] = False,
    format: FormatOption = Format.TEXT,
) -> None:
    """Make the CloudFormation templates of a service, or of everything.

    One service without --out: its template is printed. Otherwise the templates' paths are.
    """
    from thestack.infra.environment import load_environment
    from thestack.infra.errors import SynthesisError
    from thestack.infra.synth import synthesize
    from thestack.local.failures import explained
    from thestack.operations.errors import OperationError

    root = find_root()
    if (service is None) != everything:
        raise UsageMistake("name one service, or say --all")
    if service and service not in names.SHARED:
        check_service(root, service)
    try:
        load_environment(root, env)
    except SynthesisError as error:
        raise UsageMistake(str(error)) from None
    chosen = [service] if service else []
    try:
        assembly = explained(root, lambda: synthesize(root, env, chosen, out=target, validate=validate))
    except OSError as error:
        where = target or root / ".stack"
        raise OperationError(
            f"cannot write the templates to {where}: {error.strerror or error}; name a folder with --out"
        ) from None
    if service and not assembly.stacks:
        raise UsageMistake(
            f"the environment {env} does without {service}: deploy/environments/{env}.py says so"
        )
    if service and target is None and format is Format.TEXT:
        print(assembly.stack(names.stack(env, service)).template.read_text(encoding="utf-8"))
    elif format is Format.JSON:
        print_json({stack.name: str(stack.template) for stack in assembly.stacks})
    else:
        for stack in assembly.stacks:
            out.print(str(stack.template), markup=False)
