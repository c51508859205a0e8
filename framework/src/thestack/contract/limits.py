"""What no stack may have: exports, by which stacks hold one another, and more resources than are safe."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from thestack.contract.findings import Finding, Level
from thestack.contract.promise import Contract, StackShape

RESOURCES = 450
"""CloudFormation takes 500 in a stack; what is left is for the deployment in which it is split."""


def shape_of(template: Mapping[str, Any]) -> StackShape:
    """The shape of a template's stack."""
    outputs: Mapping[str, Mapping[str, Any]] = template.get("Outputs", {})
    exports = sorted(_text(output["Export"]["Name"]) for output in outputs.values() if "Export" in output)
    imports = sorted({_text(each) for each in _values(template, "Fn::ImportValue")})
    return StackShape(len(template.get("Resources", {})), tuple(exports), tuple(imports))


def over_limits(contract: Contract) -> Iterable[Finding]:
    """What is refused of the service's stack, however it came about."""
    service, stack = contract.service, contract.stack
    for kind, names in (("exports", stack.exports), ("imports", stack.imports)):
        for name in names:
            yield Finding(
                "C606",
                Level.BREAKING,
                service,
                f"the stack of {service} {kind} {name}, which CloudFormation lets nobody change while "
                "another stack has it: the two are no longer deployed one by one",
                name,
                help="Write it to an SSM parameter in the one stack, read that in the other at deploy time.",
            )
    if stack.resources > RESOURCES:
        yield Finding(
            "C607",
            Level.BREAKING,
            service,
            f"the stack of {service} has {stack.resources} resources, more than {RESOURCES}: CloudFormation "
            "takes 500, and what is full can't even be split",
            help="Split the service, or move what infra.py adds into a stack of its own.",
        )


def _values(value: Any, key: str) -> Iterator[Any]:
    if isinstance(value, Mapping):
        if key in value:
            yield value[key]
        for each in value.values():
            yield from _values(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each, key)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(next(_values(value, "Fn::Sub"), value))
