"""What no function of a preview may do, whatever its definition or its `infra.py` asks for: reach people."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam

from thestack.infra.environment import Environment
from thestack.infra.previews import SIMULATOR

MAIL = ("ses:SendEmail", "ses:SendRawEmail", "ses:SendTemplatedEmail")
"""What tells policies to whom it goes."""
BEYOND = ("ses:SendBulkEmail", "ses:SendBulkTemplatedEmail", "ses:SendCustomVerificationEmail", "sns:Publish")
"""What does not."""


def sandboxed(environment: Environment) -> Sequence[iam.PolicyStatement]:
    """Denials for every role of a preview's functions; none elsewhere.

    Mails go to SES's simulator alone, and pushes and text messages to nobody. The emulator sends nothing to
    anybody, and does not tell policies to whom a mail goes.
    """
    if environment.preview is None:
        return []
    denied = [_deny("TellNobody", BEYOND)]
    if not environment.emulated:
        anybody = {"ForAnyValue:StringNotLike": {"ses:Recipients": [f"*@{SIMULATOR}"]}}
        unsaid = {"Null": {"ses:Recipients": "true"}}
        denied += [_deny("MailToNobody", MAIL, anybody), _deny("MailToNobodyUnsaid", MAIL, unsaid)]
    return denied


def _deny(
    sid: str, actions: Sequence[str], conditions: Mapping[str, object] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        actions=[*actions],
        resources=["*"],
        conditions=dict(conditions) if conditions else None,
    )
