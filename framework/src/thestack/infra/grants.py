"""IAM statements: what a function may do, derived from the capabilities that its handlers ask for.

A function that nobody asked to write can't; one that emits can't reach the queue of a message that it never
sends.
"""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import aws_iam as iam

from thestack.definition.model import Capability, HandlerModel, ServiceModel
from thestack.definition.names import OUTBOX_INDEX, OUTBOX_PREFIX
from thestack.infra.arns import identity_arns, queue_arn
from thestack.infra.environment import Environment

ROWS = frozenset({Capability.OWNED, Capability.STORE, Capability.READER})
WRITABLE = frozenset({Capability.OWNED, Capability.STORE, Capability.ONCE})
READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem")
STREAM = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
POLL = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")


def statement(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Mapping[str, object] | None = None
) -> iam.PolicyStatement:
    """One allowing statement."""
    return iam.PolicyStatement(
        sid=sid,
        actions=list(actions),
        resources=list(resources),
        conditions=dict(conditions) if conditions else None,
    )


def subgraph_grants(
    model: ServiceModel, environment: Environment, table: str, user_pool: str | None
) -> list[iam.PolicyStatement]:
    """For the subgraph.

    Every entity is read, because `_entities` asks for any; rows are written if some mutation writes.
    """
    writes = any(_asks(operation.handler, WRITABLE) for operation in model.operations if operation.writes)
    handlers = subgraph_handlers(model)
    grants = _rows(model, table, [entity.name for entity in model.entities], writes=writes)
    return grants + _effects(handlers, environment, user_pool)


def consumer_grants(
    model: ServiceModel,
    handler: HandlerModel,
    environment: Environment,
    table: str,
    queue: str,
    dead_letters: str,
    user_pool: str | None,
) -> list[iam.PolicyStatement]:
    """For a consumer.

    Its own queue and DLQ, the rows that it asks for, and the inbox that commits with them.
    """
    writes = _asks(handler, WRITABLE)
    entities = [dep.entity for dep in handler.dependencies if dep.capability in ROWS and dep.entity]
    grants = _rows(model, table, entities, writes=writes)
    if not entities:
        grants.append(statement("ReadInbox", ["dynamodb:GetItem"], [table]))
    if not writes:
        grants.append(statement("RecordInbox", ["dynamodb:PutItem"], [table]))
    return [
        statement("PollQueue", POLL, [queue]),
        statement("RejectToDeadLetters", ["sqs:SendMessage"], [dead_letters]),
        *grants,
        *_effects([handler], environment, user_pool),
    ]


def relay_grants(
    model: ServiceModel, environment: Environment, table: str, stream: str, undelivered: str, bus: str | None
) -> list[iam.PolicyStatement]:
    """For the relay.

    What was said is read, carried, and deleted once accepted; nothing else of the table may go.
    """
    grants = [
        statement("ReadStream", STREAM, [stream]),
        statement("FindLeftBehind", ["dynamodb:Query"], [f"{table}/index/{OUTBOX_INDEX}"]),
        statement(
            "DeleteDelivered",
            ["dynamodb:DeleteItem"],
            [table],
            {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{OUTBOX_PREFIX}*"]}},
        ),
        statement("KeepUndelivered", ["sqs:SendMessage"], [undelivered]),
    ]
    if bus:
        # IfExists for the emulator alone, which does not populate the key; AWS does so for every PutEvents.
        own = {"StringEqualsIfExists": {"events:source": model.name}}
        grants.append(statement("PublishOwnEvents", ["events:PutEvents"], [bus], own))
    if model.sends:
        queues = [queue_arn(environment, address) for address in model.sends]
        # On AWS this grants batches too; the emulator knows an action for them that AWS does not have.
        send = ["sqs:SendMessage", *(["sqs:SendMessageBatch"] if environment.emulated else [])]
        grants.append(statement("SendMessages", send, queues))
    return grants


def telemetry_grants(environment: Environment, log_group: str) -> list[iam.PolicyStatement]:
    """For every function: its own log group; traces, which X-Ray grants on no resource narrower than `*`."""
    grants = [statement("WriteOwnLog", ["logs:CreateLogStream", "logs:PutLogEvents"], [log_group])]
    if environment.tracing:
        grants.append(statement("SendTraces", ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], ["*"]))
    return grants


def subgraph_handlers(model: ServiceModel) -> list[HandlerModel]:
    """The handlers that the subgraph's function runs."""
    return [*(each.handler for each in model.operations), *(each.handler for each in model.computed)]


def needs(handlers: Iterable[HandlerModel], capability: Capability) -> bool:
    """Whether some handler asks for the capability."""
    return any(_asks(handler, frozenset({capability})) for handler in handlers)


def _rows(
    model: ServiceModel, table: str, entities: Sequence[str], *, writes: bool
) -> list[iam.PolicyStatement]:
    grants: list[iam.PolicyStatement] = []
    if entities:
        grants.append(statement("ReadRows", READ, [table]))
    indexes = sorted({index.name for entity in entities for index in model.entity(entity).all_indexes})
    if indexes:
        grants.append(
            statement("ReadIndexes", ["dynamodb:Query"], [f"{table}/index/{name}" for name in indexes])
        )
    if writes:
        grants.append(statement("WriteRows", WRITE, [table]))
    return grants


def _effects(
    handlers: Sequence[HandlerModel], environment: Environment, user_pool: str | None
) -> list[iam.PolicyStatement]:
    grants: list[iam.PolicyStatement] = []
    if needs(handlers, Capability.MAILER):
        sender = {"StringEquals": {"ses:FromAddress": environment.mail_sender}}
        condition = None if environment.emulated else sender
        grants.append(statement("SendMail", ["ses:SendEmail"], identity_arns(environment), condition))
    if user_pool and needs(handlers, Capability.PROFILES):
        grants.append(statement("ReadProfiles", ["cognito-idp:AdminGetUser"], [user_pool]))
    return grants


def _asks(handler: HandlerModel, capabilities: frozenset[Capability]) -> bool:
    return any(dependency.capability in capabilities for dependency in handler.dependencies)
