"""A service's one table.

Entities, tombstones, outbox, inbox and idempotency records, and the indexes that serve its lists.
"""

import re

from aws_cdk import CfnElement, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra.backed_up import back_up
from thestack.infra.environment import Environment
from thestack.infra.waivers import waive

EXPIRES = "expires"


class ServiceTable(Construct):
    """The table, with a stream where the service speaks.

    Its logical id is pinned: renaming a construct must never replace data. A table that was restored has
    another, so that the stack takes it in beside the one before.
    """

    def __init__(self, scope: Construct, id: str, environment: Environment, model: ServiceModel) -> None:
        super().__init__(scope, id)
        epoch = environment.epoch(model.name)
        stored = [index for entity in model.entities for index in entity.all_indexes]
        indexes = [index.name for index in stored if not index.local]
        if model.speaks:
            indexes.append(names.OUTBOX_INDEX)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=names.table(environment.name, model.name, epoch),
            partition_key=_string("pk"),
            sort_key=_string("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=environment.point_in_time_recovery
            ),
            time_to_live_attribute=EXPIRES,
            stream=dynamodb.StreamViewType.NEW_IMAGE if model.speaks else None,
            removal_policy=RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY,
            deletion_protection=environment.retain_data,
        )
        for index in sorted(indexes):
            self.table.add_global_secondary_index(
                index_name=index,
                partition_key=_string(f"{index}:pk"),
                sort_key=_string(f"{index}:sk"),
                projection_type=dynamodb.ProjectionType.ALL,
            )
        for index in sorted(index.name for index in stored if index.local):
            self.table.add_local_secondary_index(
                index_name=index,
                sort_key=_string(f"{index}:sk"),
                projection_type=dynamodb.ProjectionType.ALL,
            )
        pin(self.table, logical_id(epoch))
        back_up(self.table, environment)
        waive(self.table, {"CKV_AWS_119": "Encrypted by a key that AWS manages; one's own costs while idle."})
        if not environment.point_in_time_recovery:
            waive(self.table, dict.fromkeys(("AwsSolutions-DDB3", "CKV_AWS_28"), "Its data may be lost."))

    @property
    def arn(self) -> str:
        return self.table.table_arn

    @property
    def stream_arn(self) -> str:
        """The stream's ARN; of a service that speaks."""
        if self.table.table_stream_arn is None:
            raise ValueError(f"{self.node.path} has no stream: the service says nothing")
        return self.table.table_stream_arn


def logical_id(epoch: int) -> str:
    """What the stack calls the table of an epoch."""
    return "Table" if epoch == 1 else f"Table{epoch}"


def epoch_of(id: str) -> int | None:
    """The epoch of the table that the stack calls so; None for what is none."""
    found = re.fullmatch(r"Table(\d*)", id)
    return int(found[1] or 1) if found else None


def pin(construct: Construct, logical_id: str) -> None:
    """Give a stateful resource a logical id that no refactoring of the constructs changes."""
    resource = construct.node.default_child if not isinstance(construct, CfnElement) else construct
    if not isinstance(resource, CfnElement):
        raise TypeError(f"{construct.node.path} is no single CloudFormation resource")
    resource.override_logical_id(logical_id)


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
