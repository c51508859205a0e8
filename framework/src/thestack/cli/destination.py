"""Where a deployment goes: any environment on AWS, on the local stack's emulator, or on another one."""

from pathlib import Path

from thestack.cli.output import UsageMistake, err
from thestack.cli.target import LOCAL, Place, find_stack, find_target, settings_of
from thestack.deployment.destination import Destination
from thestack.operations.aws import Aws


def find_destination(
    root: Path, place: Place, environment: str | None, endpoint: str | None, run: str | None
) -> Destination:
    """The environment to deploy to. On an emulator any may be deployed, beside what runs there.

    Raises `OperationError` or `UsageMistake`.
    """
    if place is Place.AWS or endpoint:
        target = find_target(root, place, environment, endpoint, run)
        return _to(root, target.aws, target.environment, emulated=place is Place.LOCAL)
    stack = find_stack(root, run)
    if environment in {None, stack.environment} and stack.is_source:
        raise UsageMistake(
            f"the environment {stack.environment} of `thestack dev` runs from the source, and serves what is "
            "saved: nothing is deployed to it; name another, as in --env dev, which is put beside it"
        )
    return _to(root, stack.aws, environment or LOCAL, emulated=True)


def _to(root: Path, aws: Aws, environment: str, *, emulated: bool) -> Destination:
    settings = settings_of(root, environment)
    if emulated and not settings.emulated:
        settings = settings.on_this_machine()
    return Destination(root, settings, aws, lambda text: err.print(text, markup=False))
