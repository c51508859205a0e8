"""CloudFormation's stacks: brought up to a template, on an emulator and on AWS by the same calls."""

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from thestack.definition import names
from thestack.deployment.assets import asset_bucket, execution_role
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.waiting import wait

Template = Mapping[str, Any]
Outputs = Mapping[str, str]

LONGEST_BODY = 51_200
"""Bytes of a template that CloudFormation takes with a request; a longer one must lie in a bucket."""
TEMPLATES = "thestack-templates"
"""Where long ones lie on an emulator; on AWS they lie beside the assets."""
_SECONDS, _STEP = 3600.0, 3.0
_DONE = ("CREATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE")
_NEVER_MADE = ("ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS")
_UNKNOWN_TYPE = re.compile(r"AWS::\w+::\w+")


def deploy(
    aws: Aws, name: str, template: Template, given: Mapping[str, str] = MappingProxyType({})
) -> tuple[Outputs, list[str]]:
    """Create the stack, or update it to the template where there is one. `given` are values for what the
    template asks of who deploys it; where the emulator answers it is told in any case.

    Answers its outputs, and the resource types that were left out because the emulator does not know them.
    A stack that fails is as it was before. Raises `OperationError` with each resource that failed, and why.
    """
    cloudformation = aws.client("cloudformation")
    status = _status(cloudformation, name)
    if status in _NEVER_MADE:  # of it nothing is left but its name
        remove(aws, name)
        status = None
    change = cloudformation.update_stack if status else cloudformation.create_stack
    told = {**given, **({names.EMULATOR_ENDPOINT: aws.endpoint} if aws.endpoint else {})}
    parameters = [
        {"ParameterKey": parameter, "ParameterValue": told[parameter]}
        for parameter in template.get("Parameters", {})
        if parameter in told
    ]
    left_out: list[str] = []
    while True:
        try:
            change(
                StackName=name,
                **_handed(aws, name, without(template, left_out)),
                Parameters=parameters,
                Capabilities=["CAPABILITY_NAMED_IAM"],
                **execution_role(aws),
            )
            break
        except ClientError as error:
            if "No updates are to be performed" in _message(error):
                break
            # Nobody else deploys meanwhile: it was this request, whose answer was lost, and which went again.
            if status is None and error.response["Error"]["Code"] == "AlreadyExistsException":
                break
            unknown = _unknown_types(error, template, left_out) if aws.endpoint else []
            if not unknown:
                raise OperationError(f"the stack {name} was refused: {_message(error)}") from None
            left_out += unknown
    return _outputs(_finished(aws, cloudformation, name)), left_out


def adopt(aws: Aws, name: str, id: str, resource: Mapping[str, Any], identifier: Mapping[str, str]) -> None:
    """Take a resource that is there into a stack, as it is; nothing else of the stack changes.

    `resource` is what a template has of it, and `identifier` what AWS knows it by. Nothing is done where the
    stack has it already. Raises `OperationError`.
    """
    cloudformation = aws.client("cloudformation")
    text = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    template = json.loads(text) if isinstance(text, str) else text
    if id in template["Resources"]:
        return
    change = {"StackName": name, "ChangeSetName": f"adopt-{id}-{int(time.time())}"}
    cloudformation.create_change_set(
        **change,
        **_handed(aws, name, {**template, "Resources": {**template["Resources"], id: resource}}),
        ChangeSetType="IMPORT",
        ResourcesToImport=[
            {"ResourceType": resource["Type"], "LogicalResourceId": id, "ResourceIdentifier": identifier}
        ],
        Parameters=[
            {"ParameterKey": each, "UsePreviousValue": True} for each in template.get("Parameters", ())
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )

    def is_made() -> bool:
        found = cloudformation.describe_change_set(**change)
        if found["Status"] == "FAILED":
            raise OperationError(f"the stack {name} refuses to take {id} in: {found.get('StatusReason')}")
        return str(found["Status"]) == "CREATE_COMPLETE"

    _wait(aws, is_made, f"the stack {name} does not say whether it takes {id} in")
    cloudformation.execute_change_set(**change)
    _finished(aws, cloudformation, name)


def remove(aws: Aws, name: str) -> None:
    """Delete the stack with all that it holds. Raises `OperationError`."""
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_stack(StackName=name, **execution_role(aws))

    def is_gone() -> bool:
        status = _status(cloudformation, name)
        if status == "DELETE_FAILED":
            reasons = "; ".join(_reasons(cloudformation, name)) or "no reason given"
            raise OperationError(f"the stack {name} could not be deleted: {reasons}")
        return status is None

    _wait(aws, is_gone, f"the stack {name} is not deleted")


def exists(aws: Aws, name: str) -> bool:
    """Whether there is such a stack."""
    return _status(aws.client("cloudformation"), name) is not None


def without(template: Template, kinds: Iterable[str]) -> dict[str, Any]:
    """The template without the resources of these types, and without `DependsOn` of them."""
    left_out = set(kinds)
    gone = {name for name, resource in template["Resources"].items() if resource["Type"] in left_out}
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


def difference(before: Template, after: Template) -> str:
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


def _handed(aws: Aws, name: str, template: Template) -> dict[str, str]:
    """The template as CloudFormation takes it: itself, or where it lies if it is a long one."""
    text = json.dumps(template)
    if len(text.encode()) <= LONGEST_BODY:
        return {"TemplateBody": text}
    s3, key = aws.client("s3"), template_key(name, f"{hashlib.sha256(text.encode()).hexdigest()}.json")
    if aws.endpoint:
        s3.create_bucket(Bucket=TEMPLATES)
        s3.put_object(Bucket=TEMPLATES, Key=key, Body=text.encode())
        return {"TemplateURL": f"{aws.endpoint}/{TEMPLATES}/{key}"}
    bucket = asset_bucket(aws)
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    return {"TemplateURL": f"https://{bucket}.s3.{aws.region}.amazonaws.com/{key}"}


def template_key(stack: str, end: str) -> str:
    """Where a long template lies in its bucket."""
    return f"templates/{stack}-{end}"


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in _message(error):
            raise
        return None
    status = str(stack["StackStatus"])
    return None if status == "DELETE_COMPLETE" else status


def _unknown_types(error: ClientError, template: Template, known: Sequence[str]) -> list[str]:
    """The types of the template that a refusal names."""
    used = {resource["Type"] for resource in template["Resources"].values()} - set(known)
    return sorted(used & set(_UNKNOWN_TYPE.findall(_message(error))))


def _finished(aws: Aws, cloudformation: Any, name: str) -> Mapping[str, Any]:
    described: dict[str, Any] = {}

    def is_done() -> bool:
        (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        described.update(stack)
        return not str(stack["StackStatus"]).endswith("_IN_PROGRESS")

    _wait(aws, is_done, f"the stack {name} is not there")
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


def _wait(aws: Aws, done: Callable[[], bool], otherwise: str) -> None:
    wait(aws, done, otherwise, seconds=_SECONDS, step=_STEP)
