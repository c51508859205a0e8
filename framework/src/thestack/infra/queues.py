"""A consumer's queue, its DLQ, and, for events, the rule that feeds it."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ConsumerModel, ServiceModel, Trigger
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.table import pin

RETENTION = Duration.days(14)
EVENT_AGE = Duration.hours(24)
EVENT_RETRIES = 185
CRASHES = 2
"""Receptions beyond the declared attempts.

The consumer moves a message with its reason; redrive is for those whose consumer died.
"""


class ConsumerQueue(Construct):
    """Where a consumer's messages wait, and where those that it can't handle are kept."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        model: ServiceModel,
        consumer: ConsumerModel,
    ) -> None:
        super().__init__(scope, id)
        address = f"{model.name}/{consumer.queue}"
        name, suffix = names.queue(environment.name, address), consumer.name.title().replace("_", "")
        self.dead_letters = encrypted_queue(
            self,
            "DeadLetters",
            environment,
            names.dead_letter_queue(environment.name, address),
            f"DeadLetters{suffix}",
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                redrive_permission=sqs.RedrivePermission.BY_QUEUE,
                source_queues=[sqs.Queue.from_queue_arn(self, "Source", arn("sqs", name))],
            ),
        )
        self.queue = encrypted_queue(
            self,
            "Queue",
            environment,
            name,
            f"Queue{suffix}",
            # Lambda's advice: six times the function's timeout, so that no batch comes back while it is
            # worked on.
            visibility_timeout=Duration.seconds(6 * environment.consumer_timeout),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=consumer.retry.attempts + CRASHES
            ),
        )
        if consumer.trigger is Trigger.EVENT:
            self._subscribe(environment, model, consumer)

    def _subscribe(self, environment: Environment, model: ServiceModel, consumer: ConsumerModel) -> None:
        rule = events.CfnRule(
            self,
            "Rule",
            name=names.rule(environment.name, model.name, consumer),
            event_bus_name=names.bus(environment.name),
            event_pattern={
                "source": sorted({source for source, _ in consumer.hears}),
                "detail-type": sorted({name for _, name in consumer.hears}),
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="queue",
                    arn=self.queue.queue_arn,
                    input_path="$.detail",
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=int(EVENT_AGE.to_seconds()),
                        maximum_retry_attempts=EVENT_RETRIES,
                    ),
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                        arn=self.dead_letters.queue_arn
                    ),
                )
            ],
        )
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="DeliverMatchedEvents",
                    principals=[iam.ServicePrincipal("events.amazonaws.com")],
                    actions=["sqs:SendMessage"],
                    resources=[queue.queue_arn],
                    conditions={"ArnEquals": {"aws:SourceArn": rule.attr_arn}},
                )
            )


def encrypted_queue(
    scope: Construct,
    id: str,
    environment: Environment,
    name: str,
    logical_id: str,
    *,
    visibility_timeout: Duration | None = None,
    dead_letter_queue: sqs.DeadLetterQueue | None = None,
    redrive_allow_policy: sqs.RedriveAllowPolicy | None = None,
) -> sqs.Queue:
    """A queue that is encrypted at rest and refuses plain HTTP."""
    queue = sqs.Queue(
        scope,
        id,
        queue_name=name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        retention_period=RETENTION,
        visibility_timeout=visibility_timeout,
        dead_letter_queue=dead_letter_queue,
        redrive_allow_policy=redrive_allow_policy,
        removal_policy=RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY,
        # The emulator enforces this too, and is reached by plain HTTP over loopback.
        enforce_ssl=not environment.emulated,
    )
    pin(queue, logical_id)
    return queue
