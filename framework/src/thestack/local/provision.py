"""Brings the synthesized templates to the local AWS, through the same calls that a deployment makes."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from thestack.deployment.assets import upload
from thestack.deployment.stacks import LONGEST_BODY, Outputs, deploy
from thestack.infra.assembly import Assembly, StackFiles
from thestack.operations.aws import Aws, telling
from thestack.toolchain.installation import Report

__all__ = ["LONGEST_BODY", "provision", "verify_sender"]

_WORKERS = 4


def provision(aws: Aws, assembly: Assembly, report: Report) -> tuple[Mapping[str, Outputs], tuple[str, ...]]:
    """Upload the assets and create the stacks: the first alone, the others at once.

    Answers each stack's outputs by its name, and the resource types that were left out because the emulator
    does not know them; each is reported.

    Raises:
        OperationError: a stack fails; the message has the reason of each resource that failed.
    """
    first, *others = assembly.stacks
    with (
        telling(f"the local AWS at {aws.endpoint} does not take the stacks"),
        ThreadPoolExecutor(_WORKERS) as pool,
    ):
        upload(aws, [asset for stack in assembly.stacks for asset in stack.assets])
        made = [deploy(aws, first.name, _template(first))]
        made += pool.map(lambda stack: deploy(aws, stack.name, _template(stack)), others)
    left_out = tuple(sorted({kind for _, kinds in made for kind in kinds}))
    for kind in left_out:
        report(f"left out: {kind}, which the local AWS does not know")
    return {stack.name: outputs for stack, (outputs, _) in zip(assembly.stacks, made, strict=True)}, left_out


def verify_sender(aws: Aws, sender: str) -> None:
    """Make the address one that SES sends from, as its owner does once by answering a mail.

    Raises `OperationError`.
    """
    with telling(f"the local AWS at {aws.endpoint} does not take {sender} as a sender of mail"):
        aws.client("sesv2").create_email_identity(EmailIdentity=sender)


def _template(stack: StackFiles) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(stack.template.read_text(encoding="utf-8"))
    return template
