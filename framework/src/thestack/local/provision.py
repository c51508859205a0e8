"""Deploys the synthesized templates on the local AWS, through the same calls that a deployment makes."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from thestack.infra.assembly import Assembly, Asset, StackFiles
from thestack.operations.aws import ACCOUNT, Aws, telling
from thestack.operations.errors import OperationError
from thestack.toolchain.installation import Report

_WORKERS = 4
_STACK_SECONDS = 60.0
_STEP = 0.02
_DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
_ENDPOINT_PARAMETER = "EmulatorEndpoint"
_UNKNOWN_TYPE = re.compile(r"AWS::\w+::\w+")

LONGEST_BODY = 51_200
"""Bytes of a template that CloudFormation takes with a request; a longer one must lie in a bucket."""
TEMPLATES = "thestack-templates"

Outputs = Mapping[str, str]


def provision(aws: Aws, assembly: Assembly, report: Report) -> tuple[Mapping[str, Outputs], tuple[str, ...]]:
    """Upload the assets and create the stacks: the first alone, the others at once.

    Answers each stack's outputs by its name, and the resource types that were left out because the emulator
    does not know them; each is reported.

    Raises:
        OperationError: a stack fails; the message has the reason of each resource that failed.
    """
    s3, cloudformation = aws.client("s3"), aws.client("cloudformation")
    first, *others = assembly.stacks
    with (
        telling(f"the local AWS at {aws.endpoint} does not take the stacks"),
        ThreadPoolExecutor(_WORKERS) as pool,
    ):
        _upload(s3, aws, [asset for stack in assembly.stacks for asset in stack.assets], pool)
        made = [deploy(cloudformation, aws, first.name, _template(first))]
        made += pool.map(lambda stack: deploy(cloudformation, aws, stack.name, _template(stack)), others)
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


def without(template: dict[str, Any], kinds: Iterable[str]) -> dict[str, Any]:
    """The template without the resources of these types, and without `DependsOn` of them."""
    gone = {name for name, resource in template["Resources"].items() if resource["Type"] in set(kinds)}
    kept: dict[str, Any] = {}
    for name, resource in template["Resources"].items():
        if name in gone:
            continue
        waits = resource.get("DependsOn", [])
        waits = [waits] if isinstance(waits, str) else waits
        kept[name] = (
            {**resource, "DependsOn": [each for each in waits if each not in gone]} if waits else resource
        )
    return {**template, "Resources": kept}


def _template(stack: StackFiles) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(stack.template.read_text(encoding="utf-8"))
    return template


def _upload(s3: Any, aws: Aws, assets: Sequence[Asset], pool: ThreadPoolExecutor) -> None:
    places = {(_resolved(asset.bucket, aws), _resolved(asset.key, aws)): asset.path for asset in assets}
    for bucket in sorted({bucket for bucket, _ in places}):
        s3.create_bucket(Bucket=bucket)

    def put(place: tuple[tuple[str, str], Path]) -> None:
        (bucket, key), path = place
        with path.open("rb") as body:
            s3.put_object(Bucket=bucket, Key=key, Body=body)

    list(pool.map(put, places.items()))


def _resolved(text: str, aws: Aws) -> str:
    known = {"${AWS::AccountId}": ACCOUNT, "${AWS::Region}": aws.region, "${AWS::Partition}": "aws"}
    for name, value in known.items():
        text = text.replace(name, value)
    return text


def deploy(cloudformation: Any, aws: Aws, name: str, template: dict[str, Any]) -> tuple[Outputs, list[str]]:
    """Create the stack, or update it to the template where there is one.

    Answers its outputs, and the resource types that were left out. Raises `OperationError`.
    """
    parameters = [
        {"ParameterKey": parameter, "ParameterValue": aws.endpoint}
        for parameter in template.get("Parameters", {})
        if parameter == _ENDPOINT_PARAMETER
    ]
    change = cloudformation.update_stack if _exists(cloudformation, name) else cloudformation.create_stack
    left_out: list[str] = []
    while True:
        try:
            change(
                StackName=name,
                **_handed(aws, name, without(template, left_out)),
                Parameters=parameters,
                Capabilities=["CAPABILITY_NAMED_IAM"],
            )
            break
        except ClientError as error:
            if "No updates are to be performed" in _message(error):
                break
            unknown = _unknown_types(error, template, left_out)
            if not unknown:
                raise OperationError(f"the stack {name} was refused: {_message(error)}") from None
            left_out += unknown
    return _outputs(_finished(cloudformation, name)), left_out


def _handed(aws: Aws, name: str, template: dict[str, Any]) -> dict[str, str]:
    """The template as CloudFormation takes it: itself, or where it lies if it is a long one."""
    text = json.dumps(template)
    if len(text.encode()) <= LONGEST_BODY:
        return {"TemplateBody": text}
    s3, key = aws.client("s3"), f"{name}.json"
    s3.create_bucket(Bucket=TEMPLATES)
    s3.put_object(Bucket=TEMPLATES, Key=key, Body=text.encode())
    return {"TemplateURL": f"{aws.endpoint}/{TEMPLATES}/{key}"}


def remove(cloudformation: Any, name: str) -> None:
    """Delete the stack with all that it holds. Raises `OperationError`."""
    cloudformation.delete_stack(StackName=name)
    otherwise = f"the stack {name} is not deleted after {_STACK_SECONDS:.0f} s"
    _wait(lambda: not _exists(cloudformation, name), otherwise)


def _exists(cloudformation: Any, name: str) -> bool:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return False
    return str(stack["StackStatus"]) != "DELETE_COMPLETE"


def _unknown_types(error: ClientError, template: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    """The types of the template that a refusal names."""
    used = {resource["Type"] for resource in template["Resources"].values()} - set(known)
    return sorted(used & set(_UNKNOWN_TYPE.findall(_message(error))))


def _finished(cloudformation: Any, name: str) -> Mapping[str, Any]:
    described: dict[str, Any] = {}

    def is_done() -> bool:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        described.update(stack)
        return not str(stack["StackStatus"]).endswith("_IN_PROGRESS")

    _wait(is_done, f"the stack {name} is not there after {_STACK_SECONDS:.0f} s")
    if described["StackStatus"] not in _DONE:
        reasons = "; ".join(_reasons(cloudformation, name)) or described.get(
            "StackStatusReason", "no reason given"
        )
        raise OperationError(f"the stack {name} failed ({described['StackStatus']}): {reasons}")
    return described


def _reasons(cloudformation: Any, name: str) -> list[str]:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [each for each in reversed(events) if str(each["ResourceStatus"]).endswith("_FAILED")]
    return [f"{each['LogicalResourceId']} ({each['ResourceType']}): {_reason(each)}" for each in failed]


def _reason(event: Mapping[str, Any]) -> str:
    return str(event.get("ResourceStatusReason", "no reason given"))


def _outputs(stack: Mapping[str, Any]) -> Outputs:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}


def _message(error: ClientError) -> str:
    return str(error.response["Error"].get("Message", error))


def _wait(done: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _STACK_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise OperationError(otherwise)
        time.sleep(_STEP)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What an update of a stack does, in a few words: "+ SQS::Queue, ~ DynamoDB::Table"; "" for nothing."""
    old, new = before["Resources"], after["Resources"]
    signs = {
        "+": [new[id] for id in new.keys() - old.keys()],
        "~": [new[id] for id in new.keys() & old.keys() if new[id] != old[id]],
        "-": [old[id] for id in old.keys() - new.keys()],
    }
    counted = [
        f"{sign} {f'{count} ' if count > 1 else ''}{kind.removeprefix('AWS::')}"
        for sign, resources in signs.items()
        for kind, count in sorted(Counter(resource["Type"] for resource in resources).items())
    ]
    return ", ".join(counted)
