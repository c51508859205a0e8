"""A bucket that nobody reaches but whom a role lets in: no public access, encrypted, over TLS alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aws_cdk import Fn, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thestack.infra.table import pin
from thestack.infra.waivers import waive


class Lifetime(Protocol):
    """What of an environment decides how long a bucket lives, and whether an emulator has it."""

    @property
    def retain_data(self) -> bool: ...

    @property
    def emulated(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _ForGood:
    retain_data: bool = True
    emulated: bool = False


FOR_GOOD: Lifetime = _ForGood()
"""Of a bucket that is of no environment, and outlives its stack."""


class PrivateBucket(Construct):
    """The bucket of the ARN `arn`, with a pinned logical id; `lifecycle` are its rules. `by_acl` is for those
    that AWS writes into by an ACL, which is still not let be a public one. It is encrypted with the key
    `key_arn`, or with one that S3 keeps.

    `policy` is what its policy says, for whoever adds to it.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Lifetime,
        *,
        arn: str,
        logical_id: str,
        versioned: bool,
        lifecycle: Sequence[Mapping[str, Any]],
        by_acl: bool = False,
        key_arn: str | None = None,
        **further: Any,
    ) -> None:
        super().__init__(scope, id)
        self.arn, self.name = arn, arn.rpartition(":")[2]
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=self.name,
            bucket_encryption={"serverSideEncryptionConfiguration": [_encryption(key_arn)]},
            public_access_block_configuration={
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            ownership_controls={
                "rules": [{"objectOwnership": "BucketOwnerPreferred" if by_acl else "BucketOwnerEnforced"}]
            },
            versioning_configuration={"status": "Enabled"} if versioned else None,
            lifecycle_configuration={"rules": lifecycle},
            **further,
        )
        self.bucket.apply_removal_policy(
            RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY
        )
        pin(self.bucket, logical_id)
        reason = "The account's trail says who changed it; a log of every read would cost more than it holds."
        waive(self.bucket, dict.fromkeys(("AwsSolutions-S1", "CKV_AWS_18"), reason))
        if not versioned:
            waive(self.bucket, {"CKV_AWS_21": "Its objects are written once, and can be made again."})
        if environment.emulated:
            waive(self.bucket, {"AwsSolutions-S10": "It is reached by plain HTTP over loopback."})
        self.policy = self._tls_alone()
        # The emulator enforces this too, and is reached by plain HTTP over loopback.
        if not environment.emulated:
            s3.CfnBucketPolicy(self, "Policy", bucket=self.bucket.ref, policy_document=self.policy)

    def _tls_alone(self) -> iam.PolicyDocument:
        refused = iam.PolicyStatement(
            sid="RefusePlainHttp",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:*"],
            resources=[self.bucket.attr_arn, Fn.join("", [self.bucket.attr_arn, "/*"])],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        return iam.PolicyDocument(statements=[refused])


def _encryption(key_arn: str | None) -> dict[str, Any]:
    if key_arn is None:
        return {"serverSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    # With a key of the bucket's, S3 asks KMS once for many objects.
    return {
        "serverSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key_arn},
        "bucketKeyEnabled": True,
    }
