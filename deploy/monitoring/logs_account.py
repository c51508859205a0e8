"""The logs account: where the logs of all environments are kept, read by nobody of another account."""

import json

from aws_cdk import Aws, CfnOutput, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from deploy.accounts.place import AccountStack
from deploy.accounts.settings import Settings
from deploy.monitoring.monitoring_account import sources
from thestack.definition import names
from thestack.infra.private_bucket import FOR_GOOD, PrivateBucket
from thestack.infra.table import pin
from thestack.infra.waivers import waive

KEPT_DAYS = 365
BUFFER_MEGABYTES, BUFFER_SECONDS = 64, 300
"""How much, and how long, Firehose collects for one object: few objects cost little."""


class LogsAccountStack(AccountStack):
    """Logs come by a destination of CloudWatch Logs and a stream of Firehose into an encrypted bucket, by
    day.

    The destination's ARN goes into `Monitoring.logs_destination_arn` of each environment in this region,
    which is the only one that its log groups reach.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope, settings, settings.logs, "logs", "The logs of all environments", protected=True
        )
        self._settings, self._account = settings, str(settings.logs.id)
        key = self._key()
        bucket = self._bucket(key)
        stream = self._stream(bucket, key)
        destination = self._destination(stream)
        CfnOutput(self, "DestinationArn", value=destination.attr_arn)

    def _key(self) -> kms.CfnKey:
        """The key of the bucket, which policies of this account alone can let anybody use."""
        own = iam.PolicyStatement(
            sid="TheAccountsOwnPolicies",
            principals=[iam.AccountPrincipal(self._account)],
            actions=["kms:*"],
            resources=["*"],
        )
        key = kms.CfnKey(
            self,
            "Key",
            description="The logs of all environments",
            enable_key_rotation=True,
            key_policy=iam.PolicyDocument(statements=[own]),
        )
        key.apply_removal_policy(RemovalPolicy.RETAIN)
        pin(key, "Key")
        return key

    def _bucket(self, key: kms.CfnKey) -> PrivateBucket:
        name = names.logs_bucket(self._settings.name, self._account)
        bucket = PrivateBucket(
            self,
            "Logs",
            FOR_GOOD,
            arn=f"arn:{Aws.PARTITION}:s3:::{name}",
            logical_id="Logs",
            versioned=True,
            key_arn=key.attr_arn,
            lifecycle=[
                {
                    "id": "ForgetWhatIsOld",
                    "status": "Enabled",
                    "expirationInDays": KEPT_DAYS,
                    "noncurrentVersionExpiration": {"noncurrentDays": 1},
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1},
                }
            ],
        )
        # Whatever is allowed some day, by mistake or not: nobody of another account reads what lies here.
        bucket.policy.add_statements(
            iam.PolicyStatement(
                sid="NobodyElse",
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=["s3:GetObject*", "s3:ListBucket*"],
                resources=[bucket.arn, f"{bucket.arn}/*"],
                conditions={"StringNotEquals": {"aws:PrincipalAccount": self._account}},
            )
        )
        return bucket

    def _stream(self, bucket: PrivateBucket, key: kms.CfnKey) -> firehose.CfnDeliveryStream:
        writes = iam.Role(
            self,
            "Writes",
            assumed_by=iam.ServicePrincipal(
                "firehose.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self._account}}
            ),
            inline_policies={
                "grants": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            sid="WriteLogs",
                            actions=["s3:PutObject", "s3:AbortMultipartUpload"],
                            resources=[f"{bucket.arn}/*"],
                        ),
                        iam.PolicyStatement(
                            sid="FindBucket",
                            actions=[
                                "s3:GetBucketLocation",
                                "s3:ListBucket",
                                "s3:ListBucketMultipartUploads",
                            ],
                            resources=[bucket.arn],
                        ),
                        iam.PolicyStatement(
                            sid="Encrypt",
                            actions=["kms:GenerateDataKey", "kms:Decrypt"],
                            resources=[self._arn("kms", f"key/{key.ref}")],
                        ),
                    ]
                )
            },
        )
        waive(writes, {"AwsSolutions-IAM5": "It writes whatever comes, into this one bucket."})
        return firehose.CfnDeliveryStream(
            self,
            "Stream",
            delivery_stream_name=names.logs(self._settings.name),
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input={"keyType": "AWS_OWNED_CMK"},
            extended_s3_destination_configuration={
                "bucketArn": bucket.arn,
                "roleArn": writes.role_arn,
                "prefix": "logs/!{timestamp:yyyy/MM/dd}/",
                "errorOutputPrefix": "failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
                # What CloudWatch Logs sends is gzipped already.
                "compressionFormat": "UNCOMPRESSED",
                "fileExtension": ".gz",
                "bufferingHints": {
                    "sizeInMBs": BUFFER_MEGABYTES,
                    "intervalInSeconds": BUFFER_SECONDS,
                },
            },
        )

    def _destination(self, stream: firehose.CfnDeliveryStream) -> logs.CfnDestination:
        name = names.logs(self._settings.name)
        accounts = [account.id for account in sources(self._settings)]
        # Logs tries it as the destination is made, in this account's name.
        groups = [f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{id}:*" for id in (*accounts, self._account)]
        sends = iam.Role(
            self,
            "Sends",
            assumed_by=iam.ServicePrincipal(
                "logs.amazonaws.com", conditions={"StringLike": {"aws:SourceArn": groups}}
            ),
            inline_policies={
                "grants": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            sid="SendLogs",
                            actions=["firehose:PutRecord", "firehose:PutRecordBatch"],
                            resources=[self._arn("firehose", f"deliverystream/{name}")],
                        )
                    ]
                )
            },
        )
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "EnvironmentsSend",
                    "Effect": "Allow",
                    "Principal": {"AWS": [str(id) for id in accounts]},
                    "Action": ["logs:PutSubscriptionFilter", "logs:PutAccountPolicy"],
                    "Resource": self._arn("logs", f"destination:{name}"),
                }
            ],
        }
        destination = logs.CfnDestination(
            self,
            "Destination",
            destination_name=name,
            role_arn=sends.role_arn,
            target_arn=stream.attr_arn,
            destination_policy=json.dumps(policy),
        )
        destination.node.add_dependency(sends)
        return destination

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{self._account}:{resource}"
