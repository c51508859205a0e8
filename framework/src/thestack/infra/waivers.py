"""Why what checkers of templates find stands: said beside the construct that it is about."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def waive(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Let findings about a construct, and what is in it, stand: `reasons` by the rules' ids.

    Those of cdk-nag begin with `AwsSolutions-` and `Serverless-`, checkov's with `CKV`, parliament's are its
    own words in capitals. Templates are the same with and without; the checks in `tests/architecture` read
    the reasons from what CDK writes beside them.

    Example: `waive(bucket, {"AwsSolutions-S1": "Nobody reads it but deployments, which the trail has."})`.
    """
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )
