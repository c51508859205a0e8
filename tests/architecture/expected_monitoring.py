"""Who may tell of alarms: written by hand from the design, never derived from what it judges."""

import json

from tests.architecture.resolved import ACCOUNT, Grant, arn


def policies(e: str) -> dict[str, list[Grant]]:
    """What the policies of the alarms' topic and of its key say; `e` is the environment."""
    if e != "production":
        return {}
    topic = arn("sns", f"{e}-alarms")
    ours = {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": arn("cloudwatch", f"alarm:{e}-*-*")},
    }
    alarms = _said(Condition=ours, Principal={"Service": "cloudwatch.amazonaws.com"})
    plain = _said(Condition={"Bool": {"aws:SecureTransport": "false"}}, Principal={"AWS": "*"})
    account = _said(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    return {
        "AWS::SNS::TopicPolicy": [
            Grant("sns:Publish", topic, alarms),
            Grant("!sns:Publish", topic, plain),
            Grant("!sns:Subscribe", topic, plain),
        ],
        "AWS::KMS::Key": [
            Grant("kms:*", "*", account),
            Grant("kms:Decrypt", "*", alarms),
            Grant("kms:GenerateDataKey*", "*", alarms),
        ],
    }


def _said(**limits: object) -> str:
    return json.dumps(limits, sort_keys=True)
