"""A consumer's queue, its DLQ, the rule that feeds it with events, and the source that empties it."""

import math
from datetime import timedelta
from typing import Any

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ConsumerModel, Function, ServiceModel, Trigger
from thestack.infra.arns import arn
from thestack.infra.aws_envelope import aws_envelope
from thestack.infra.environment import Environment
from thestack.infra.errors import SynthesisError
from thestack.infra.function import LiveFunction
from thestack.infra.patterns import aws_pattern, rule_pattern, stand_in_patterns
from thestack.infra.table import pin
from thestack.infra.waivers import waive

RETENTION = Duration.days(14)
EVENT_AGE = Duration.hours(24)
EVENT_RETRIES = 185
IS_LAST = "It is a DLQ itself: what lies in it is looked at, and redriven or dropped, by somebody."
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
        self._environment, self._consumer = environment, consumer
        address = f"{model.name}/{consumer.queue}"
        name, suffix = names.queue(environment.name, address), consumer.name.title().replace("_", "")
        self.dead_letters = encrypted_queue(
            self,
            "DeadLetters",
            environment,
            names.dead_letter_queue(environment.name, address),
            f"DeadLetters{suffix}",
            fifo=consumer.is_fifo,
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
            fifo=consumer.is_fifo,
            delay=model.delay(consumer),
            visibility_timeout=Duration.seconds(visibility(environment, model, consumer)),
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters, max_receive_count=consumer.retry.attempts + CRASHES
            ),
        )
        if consumer.trigger is Trigger.EVENT:
            self._subscribe(environment, model, consumer)

    def feed(self, scope: Construct, id: str, function: LiveFunction) -> None:
        """Let the function take what comes into the queue."""
        polling = self._consumer.polling
        source = lambda_.CfnEventSourceMapping(
            scope,
            id,
            function_name=function.arn,
            event_source_arn=self.queue.queue_arn,
            enabled=None if self._environment.polling else False,
            batch_size=polling.batch,
            maximum_batching_window_in_seconds=seconds(polling.window) or None,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={
                "maximumConcurrency": polling.concurrency or self._environment.consumer_concurrency
            },
        )
        waive(source, {"Serverless-LambdaEventSourceMappingDestination": "Queues have DLQs instead."})

    def _subscribe(self, environment: Environment, model: ServiceModel, consumer: ConsumerModel) -> None:
        said = rule_pattern(model, consumer)
        places = {"{environment}": environment.name, "{account}": Aws.ACCOUNT_ID}
        by_aws = aws_pattern(model, consumer, places)
        name, rules = names.rule(environment.name, model.name, consumer), list[events.CfnRule]()
        if said is not None:
            bus = names.bus(environment.name)
            rules.append(self._rule("Rule", name, said, event_bus_name=bus, input_path="$.detail"))
        if by_aws is not None:
            envelope = aws_envelope(environment.default_tenant)
            rules.append(self._rule("AwsRule", name, by_aws, input_transformer=envelope))
        if environment.emulated:
            for source, pattern in stand_in_patterns(model, consumer, places).items():
                envelope = aws_envelope(environment.default_tenant, source)
                id = f"StandIn{source.title().replace('.', '')}"
                name = names.stand_in_rule(environment.name, model.name, consumer, source)
                rules.append(self._rule(id, name, pattern, input_transformer=envelope))
        sources = one_or_all([each.attr_arn for each in rules])
        for queue in (self.queue, self.dead_letters):
            queue.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="DeliverMatchedEvents",
                    principals=[iam.ServicePrincipal("events.amazonaws.com")],
                    actions=["sqs:SendMessage"],
                    resources=[queue.queue_arn],
                    conditions={"ArnEquals": {"aws:SourceArn": sources}},
                )
            )

    def _rule(
        self,
        id: str,
        name: str,
        pattern: dict[str, Any],
        *,
        event_bus_name: str | None = None,
        input_path: str | None = None,
        input_transformer: events.CfnRule.InputTransformerProperty | None = None,
    ) -> events.CfnRule:
        """A rule that puts into the queue what matches; without a bus, one of the account's default bus."""
        return events.CfnRule(
            self,
            id,
            name=name,
            event_bus_name=event_bus_name,
            event_pattern=pattern,
            targets=[
                events.CfnRule.TargetProperty(
                    id="queue",
                    arn=self.queue.queue_arn,
                    input_path=input_path,
                    input_transformer=input_transformer,
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


def one_or_all(values: list[str]) -> str | list[str]:
    """The only value itself, as templates have it, or all of them."""
    return values[0] if len(values) == 1 else values


def seconds(duration: timedelta) -> int:
    """Whole seconds, and no fewer."""
    return math.ceil(duration.total_seconds())


def timeout_of(function: Function, default: int) -> int:
    """The timeout of a function that has its own, or the environment's `default`, in seconds."""
    return default if function.timeout is None else seconds(function.timeout)


def visibility(environment: Environment, model: ServiceModel, consumer: ConsumerModel) -> int:
    """How long a message that was taken is hidden, in seconds: Lambda's advice is six times the function's
    timeout and the window, so that no batch comes back while it is worked on.

    Raises `SynthesisError` where the definition says less than that.
    """
    takes = timeout_of(consumer.function, environment.consumer_timeout)
    least = 6 * takes + seconds(consumer.polling.window)
    given = consumer.polling.visibility
    if given is None:
        return least
    if seconds(given) < least:
        who = f"{model.name}.{consumer.name}"
        raise SynthesisError(
            f"{who} hides a message for {seconds(given)} s, and its function may take {takes} s in "
            f"{environment.name}: write a `visibility` of {least} s or more"
        )
    return seconds(given)


def encrypted_queue(
    scope: Construct,
    id: str,
    environment: Environment,
    name: str,
    logical_id: str,
    *,
    fifo: bool = False,
    delay: timedelta = timedelta(),
    visibility_timeout: Duration | None = None,
    dead_letter_queue: sqs.DeadLetterQueue | None = None,
    redrive_allow_policy: sqs.RedriveAllowPolicy | None = None,
) -> sqs.Queue:
    """A queue that is encrypted at rest and refuses plain HTTP."""
    queue = sqs.Queue(
        scope,
        id,
        queue_name=name,
        fifo=fifo or None,
        # For those who can't say an id, as Scheduler; whoever can says the message's own.
        content_based_deduplication=fifo or None,
        # Each group for itself: thousands of messages a second, and no id that is taken by another tenant's.
        deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if fifo else None,
        fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if fifo else None,
        delivery_delay=Duration.seconds(seconds(delay)) if delay else None,
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
    waive(queue, {"CKV_AWS_27": "It is encrypted by SQS's own key, which checkov does not count."})
    if environment.emulated:
        waive(queue, {"AwsSolutions-SQS4": "It is reached by plain HTTP over loopback."})
    if dead_letter_queue is None:
        waive(queue, dict.fromkeys(("AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy"), IS_LAST))
    return queue
