"""A service's bucket: what it keeps as objects, for nobody but whom it signs for."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thestack.definition.model import BucketModel, ServiceModel
from thestack.infra.arns import bucket_arn
from thestack.infra.environment import Environment
from thestack.infra.table import pin

KEPT_VERSIONS = 30
"""Days for which what was overwritten or deleted can be brought back."""
UNFINISHED = 1
"""Days after which the parts of an upload that was not finished are given up."""
PREFLIGHT = 3600
"""Seconds for which a browser remembers what it may do."""


class ServiceBucket(Construct):
    """A bucket: private, encrypted, reached by TLS alone. `told` says that its objects are events.

    Where the environment's data is not retained, a stack with objects in it can't be deleted: empty it first.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        model: ServiceModel,
        bucket: BucketModel,
        *,
        told: bool = False,
    ) -> None:
        super().__init__(scope, id)
        self.arn = bucket_arn(environment, model.name, bucket.name)
        self.name = self.arn.rpartition(":")[2]
        origins = environment.origins if bucket.browser else ()
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=self.name,
            bucket_encryption={
                "serverSideEncryptionConfiguration": [
                    {"serverSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
                ]
            },
            public_access_block_configuration={
                "blockPublicAcls": True,
                "blockPublicPolicy": True,
                "ignorePublicAcls": True,
                "restrictPublicBuckets": True,
            },
            ownership_controls={"rules": [{"objectOwnership": "BucketOwnerEnforced"}]},
            versioning_configuration={"status": "Enabled"} if bucket.versioned else None,
            cors_configuration={"corsRules": [_cors(origins)]} if origins else None,
            lifecycle_configuration={"rules": _lifecycle(bucket)},
            notification_configuration=(
                {"eventBridgeConfiguration": {"eventBridgeEnabled": True}} if told else None
            ),
        )
        self.bucket.apply_removal_policy(
            RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY
        )
        pin(self.bucket, f"Bucket{bucket.name.title().replace('-', '')}")
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
            resources=[self.arn, f"{self.arn}/*"],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        return iam.PolicyDocument(statements=[refused])


def _cors(origins: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        "allowedOrigins": list(origins),
        "allowedMethods": ["GET", "HEAD", "POST"],
        "allowedHeaders": ["*"],
        "exposedHeaders": ["ETag"],
        "maxAge": PREFLIGHT,
    }


def _lifecycle(bucket: BucketModel) -> list[Mapping[str, Any]]:
    rules: list[Mapping[str, Any]] = [
        {
            "id": "GiveUpUnfinished",
            "status": "Enabled",
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": UNFINISHED},
        }
    ]
    rules += [
        {"id": f"Expire-{area}", "status": "Enabled", "prefix": f"{area}/", "expirationInDays": time.days}
        for area, time in bucket.expires
    ]
    if bucket.versioned:
        rules.append(
            {
                "id": "ForgetVersions",
                "status": "Enabled",
                "noncurrentVersionExpiration": {"noncurrentDays": KEPT_VERSIONS},
                "expiredObjectDeleteMarker": True,
            }
        )
    return rules
