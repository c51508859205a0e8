"""Where alarms are told: a topic, the key that its messages are encrypted with, and who reads them."""

from aws_cdk import Aws, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct

from thestack.definition import names
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.pieces import Monitoring
from thestack.infra.waivers import waive

CLOUDWATCH = "cloudwatch.amazonaws.com"


class AlarmTopic(Construct):
    """The topic of an environment's alarms, which CloudWatch alone publishes to, for these alarms alone.

    It is of the platform's stack, which is there before any service's alarm names it. The key is one's own,
    at $1 a month: CloudWatch may not use the one that AWS keeps for SNS. Who is told confirms a mail first.
    """

    def __init__(self, scope: Construct, id: str, environment: Environment, monitoring: Monitoring) -> None:
        super().__init__(scope, id)
        alarms = arn("cloudwatch", f"alarm:{names.alarm(environment.name, '*', '*')}")
        self._ours = {
            "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": alarms},
        }
        key = self._key(environment)
        self.topic = sns.CfnTopic(
            self,
            "Topic",
            topic_name=names.alarms(environment.name),
            display_name=f"Alarms of {environment.name}",
            kms_master_key_id=key.attr_arn,
        )
        sns.CfnTopicPolicy(self, "Policy", topics=[self.topic.ref], policy_document=self._policy(environment))
        for number, mail in enumerate(monitoring.mails):
            told = sns.CfnSubscription(
                self, f"Mail{number}", topic_arn=self.topic.ref, protocol="email", endpoint=mail
            )
            waive(told, {"Serverless-SNSRedrivePolicy": "Nobody reads alarms in a queue."})

    @property
    def arn(self) -> str:
        """The topic's ARN."""
        return self.topic.ref

    def _key(self, environment: Environment) -> kms.CfnKey:
        account = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:root"
        key = kms.CfnKey(
            self,
            "Key",
            description=f"Alarms of {environment.name} on their way",
            enable_key_rotation=True,
            pending_window_in_days=7,
            key_policy=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        sid="TheAccountsOwnPolicies",
                        principals=[iam.ArnPrincipal(account)],
                        actions=["kms:*"],
                        resources=["*"],
                    ),
                    iam.PolicyStatement(
                        sid="AlarmsAreEncrypted",
                        principals=[iam.ServicePrincipal(CLOUDWATCH)],
                        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                        resources=["*"],
                        conditions=self._ours,
                    ),
                ]
            ),
        )
        # Messages are encrypted while they are on their way alone: nothing is lost with it.
        key.apply_removal_policy(RemovalPolicy.DESTROY)
        return key

    def _policy(self, environment: Environment) -> iam.PolicyDocument:
        told = iam.PolicyStatement(
            sid="AlarmsAreTold",
            principals=[iam.ServicePrincipal(CLOUDWATCH)],
            actions=["sns:Publish"],
            resources=[self.topic.ref],
            conditions=self._ours,
        )
        refused = iam.PolicyStatement(
            sid="RefusePlainHttp",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sns:Publish", "sns:Subscribe"],
            resources=[self.topic.ref],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
        # The emulator enforces this too, and is reached by plain HTTP over loopback.
        return iam.PolicyDocument(statements=[told] if environment.emulated else [told, refused])
