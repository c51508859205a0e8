"""Where messages that a service puts off are kept: a group of schedules, and the role that sends them."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra.arns import arn, queue_arn, schedules_arn
from thestack.infra.environment import Environment
from thestack.infra.table import pin
from thestack.infra.timers import sending_role


class PutOffMessages(Construct):
    """The group that the relay keeps schedules in, and the role that they have.

    With the group goes what is kept in it, so it is retained where data is.
    """

    def __init__(
        self, scope: Construct, id: str, environment: Environment, model: ServiceModel, undelivered: str
    ) -> None:
        super().__init__(scope, id)
        name = names.schedule_group(environment.name, model.name)
        group = scheduler.CfnScheduleGroup(self, "Group", name=name)
        group.apply_removal_policy(RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY)
        pin(group, "PutOffMessages")
        self.schedules_arn = schedules_arn(environment, name)
        self.role_arn = sending_role(self, "Role", _queues(environment, model, undelivered)).role_arn


def _queues(environment: Environment, model: ServiceModel, undelivered: str) -> Sequence[str]:
    """The queues that the service sends to; for what can't be sent their DLQs, or, beside a queue that keeps
    order, the service's own: Scheduler's DLQs are standard queues.
    """
    queues = [queue_arn(environment, address) for address in model.sends]
    standard = [each for each in model.sends if not each.endswith(names.FIFO)]
    queues += [arn("sqs", names.dead_letter_queue(environment.name, each)) for each in standard]
    return [*queues, undelivered] if len(standard) < len(model.sends) else queues
