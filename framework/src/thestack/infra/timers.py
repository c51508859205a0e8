"""What wakes a timer: a schedule of EventBridge Scheduler that sends to the timer's own queue."""

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ConsumerModel, ScheduleModel, ServiceModel
from thestack.infra.environment import FOLDER, Environment
from thestack.infra.errors import SynthesisError
from thestack.infra.queues import ConsumerQueue
from thestack.runtime.firing import template

AGE_SECONDS = 24 * 60 * 60
RETRIES = 185


class Timer(Construct):
    """The schedule of a timer, and the role by which it sends to that one queue."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        model: ServiceModel,
        consumer: ConsumerModel,
        schedule: ScheduleModel,
        queue: ConsumerQueue,
    ) -> None:
        super().__init__(scope, id)
        name = names.timer(environment.name, model.name, consumer)
        target, dead_letters = queue.queue.queue_arn, queue.dead_letters.queue_arn
        role = sending_role(self, "Role", [target, dead_letters])
        self.schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            name=name,
            description=f"Wakes {model.name}.{consumer.name}",
            schedule_expression=schedule.expression,
            schedule_expression_timezone=schedule.zone,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            state="ENABLED" if environment.timers else "DISABLED",
            target=scheduler.CfnSchedule.TargetProperty(
                arn=target,
                role_arn=role.role_arn,
                input=template(consumer, _tenant(environment, model, consumer)),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=AGE_SECONDS, maximum_retry_attempts=RETRIES
                ),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=dead_letters),
            ),
        )
        # Without its policy the role could not send what is due meanwhile.
        self.schedule.node.add_dependency(role)


def sending_role(scope: Construct, id: str, queues: Sequence[str]) -> iam.Role:
    """A role by which Scheduler, of this account alone, sends to these queues and does nothing else."""
    send = iam.PolicyStatement(sid="SendWhatIsDue", actions=["sqs:SendMessage"], resources=[*queues])
    return iam.Role(
        scope,
        id,
        assumed_by=iam.ServicePrincipal(
            "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        ),
        inline_policies={"send": iam.PolicyDocument(statements=[send])},
    )


def _tenant(environment: Environment, model: ServiceModel, consumer: ConsumerModel) -> str:
    if environment.default_tenant:
        return environment.default_tenant
    raise SynthesisError(
        f"{model.name}.{consumer.name} is a timer, and runs for the environment's default tenant; "
        f"{environment.name!r} has none: set `default_tenant` in {FOLDER / environment.name}.py"
    )
