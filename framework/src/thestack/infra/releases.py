"""Where an environment keeps what was deployed to it: templates, contracts and supergraphs by hash."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from thestack.infra.arns import releases_arn
from thestack.infra.environment import Environment
from thestack.infra.table import pin

KEPT_VERSIONS = 365
"""Days for which what was overwritten or deleted can be brought back."""


class Releases(Construct):
    """The bucket: private, encrypted, versioned, reached by TLS alone. No function may read it."""

    def __init__(self, scope: Construct, id: str, environment: Environment) -> None:
        super().__init__(scope, id)
        arn = releases_arn(environment)
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=arn.rpartition(":")[2],
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
            versioning_configuration={"status": "Enabled"},
            lifecycle_configuration={
                "rules": [
                    {
                        "id": "ForgetVersions",
                        "status": "Enabled",
                        "noncurrentVersionExpiration": {"noncurrentDays": KEPT_VERSIONS},
                    }
                ]
            },
        )
        self.bucket.apply_removal_policy(
            RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY
        )
        pin(self.bucket, "Releases")
        if environment.emulated:  # it enforces this too, and is reached by plain HTTP over loopback
            return
        refused = iam.PolicyStatement(
            sid="RefusePlainHttp",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["s3:*"],
            resources=[arn, f"{arn}/*"],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        s3.CfnBucketPolicy(
            self,
            "Policy",
            bucket=self.bucket.ref,
            policy_document=iam.PolicyDocument(statements=[refused]),
        )
