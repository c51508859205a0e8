"""How deployments tell what the gates found, and why they stopped."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from thestack.cli.findings import COLOURS, as_json
from thestack.cli.output import NO, Format, err, out, print_json
from thestack.contract.findings import Finding, Level
from thestack.deployment.deploying import TakenBack
from thestack.deployment.judging import Refused
from thestack.deployment.returning import NothingBefore
from thestack.deployment.smoke import Broken
from thestack.operations.aws import telling


@contextmanager
def stopped(format: Format) -> Iterator[None]:
    """Within it, a deployment that is refused or taken back ends the command with exit code 1, in words."""
    try:
        with telling("AWS does not take the deployment"):
            yield
    except Refused as error:
        if format is Format.JSON:
            print_json({"refused": True, "findings": [as_json(each) for each in error.findings]})
        else:
            show(error.findings)
            err.print("nothing was changed: what runs there would break", markup=False)
        raise typer.Exit(NO) from None
    except (Broken, NothingBefore, TakenBack) as error:
        err.print(str(error), markup=False)
        raise typer.Exit(NO) from None


def show(findings: Sequence[Finding]) -> None:
    """Print what is not safe."""
    for each in findings:
        if each.level is Level.SAFE:
            continue
        out.print(f"[{COLOURS[each.level]}]{each.level}\\[{each.code}][/] ", end="")
        out.print(f"{each.service}: {each.message}", markup=False)
        for who in each.hurt:
            out.print(f"  hurt: {who}", markup=False)
        if each.help:
            out.print(f"  help: {each.help}", markup=False)
