"""What each function may do, as plain data: derived from the capabilities that its handlers ask for.

A function that nobody asked to write can't; one that emits can't reach the queue of a message that it never
sends. Each grant carries its causes: the places in the definition that ask for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from thestack.definition import names
from thestack.definition.model import (
    Capability,
    ConsumerModel,
    DependencyModel,
    EntityModel,
    HandlerModel,
    HookModel,
    IndexModel,
    ServiceModel,
)
from thestack.definition.names import OUTBOX_INDEX, OUTBOX_PREFIX, UNIQUE_PREFIX
from thestack.definition.putting_off import putting_off
from thestack.diagnostics.diagnostic import Part
from thestack.infra.asked import asked, asked_grants
from thestack.infra.environment import Environment
from thestack.infra.grant import Cause, Grant, Kind, Resource

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
TAKE = ("sqs:ReceiveMessage", "sqs:DeleteMessage")
POLL = (*TAKE, "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")
SCHEDULE = (
    "scheduler:CreateSchedule",
    "scheduler:GetSchedule",
    "scheduler:UpdateSchedule",
    "scheduler:DeleteSchedule",
)
FORGET = ("dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
TRACE = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_LAMBDAS_OWN = frozenset({*STREAM, *TAKE, "sqs:GetQueueAttributes", "iam:PassRole", *LOG, *TRACE})


def subgraph_grants(model: ServiceModel, environment: Environment) -> list[Grant]:
    """For the subgraph.

    Every entity is read, because `_entities` asks for any; rows are written if some mutation writes.
    """
    entities = {entity.name: _declared(entity) for entity in model.entities}
    writers = [operation.handler for operation in model.operations if operation.writes]
    grants = _rows(model, entities, _asking(writers, WRITABLE)) + _markers(model, writers)
    handlers = subgraph_handlers(model)
    here = Cause(f"`{model.name}` says so of its function", model.site, Part("keyword", "function"))
    return [
        *grants,
        *_blobs(model, handlers),
        *_effects(handlers, environment),
        *asked_grants(model, handlers, model.function, here),
    ]


def consumer_grants(model: ServiceModel, consumer: ConsumerModel, environment: Environment) -> list[Grant]:
    """For a consumer.

    Its own queue and DLQ, the rows that it asks for, and the inbox that commits with them.
    """
    handler, address, table = consumer.handler, f"{model.name}/{consumer.queue}", _table(model)
    itself = Cause(f"`{consumer.name}` is a consumer", handler.site)
    here = Cause(f"`{consumer.name}` says so of its function", handler.site, Part("decorator", "function"))
    inbox = Cause("the inbox: what a message does commits with the record of it", handler.site)
    entities = {
        dependency.entity: asked(handler, dependency)
        for dependency in handler.dependencies
        if dependency.capability in ROWS and dependency.entity
    }
    queue, dead_letters = Resource(Kind.QUEUE, address), Resource(Kind.DEAD_LETTERS, address)
    writes = _asking([handler], WRITABLE)
    grants = _rows(model, entities, writes) + _markers(model, [handler])
    collected = _asking([handler], frozenset({Capability.COLLECTION}))
    if collected and not entities:
        grants.append(Grant("ReadRows", READ, (table,), collected))
    elif not entities:
        grants.append(Grant("ReadInbox", ("dynamodb:GetItem",), (table,), (inbox,)))
    if not writes:
        grants.append(Grant("RecordInbox", ("dynamodb:PutItem",), (table,), (inbox,)))
    return [
        Grant("PollQueue", POLL, (queue,), (itself,)),
        Grant("RejectToDeadLetters", ("sqs:SendMessage",), (dead_letters,), (itself,)),
        *grants,
        *_blobs(model, [handler]),
        *_effects([handler], environment),
        *asked_grants(model, [handler], consumer.function, here),
    ]


def hook_grants(model: ServiceModel, hook: HookModel, environment: Environment) -> list[Grant]:
    """For a hook: the rows that it asks for, and what it does with them."""
    handler = hook.handler
    here = Cause(f"`{handler.name}` says so of its function", handler.site, Part("decorator", "function"))
    writes = _asking([handler], WRITABLE)
    entities = _read(handler)
    grants = _rows(model, entities, writes)
    if writes and not entities:
        grants.append(Grant("ReadRows", ("dynamodb:GetItem",), (_table(model),), writes))
    return [
        *grants,
        *_markers(model, [handler]),
        *_blobs(model, [handler]),
        *_effects([handler], environment),
        *asked_grants(model, [handler], hook.function, here),
    ]


def relay_grants(model: ServiceModel, environment: Environment) -> list[Grant]:
    """For the relay.

    What was said is read, carried, and deleted once accepted; nothing else of the table may go.
    """
    asking = [(handler, each) for handler in model.handlers for each in handler.dependencies]
    emits = tuple(asked(*each) for each in asking if each[1].emits)
    sends = tuple(_sending(*each) for each in asking if each[1].sends)
    says = tuple(asked(*each) for each in asking if each[1].emits or each[1].sends)
    outbox = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{OUTBOX_PREFIX}*"]}}
    grants = [
        Grant("ReadStream", STREAM, (Resource(Kind.STREAM, model.name),), says),
        Grant("FindLeftBehind", ("dynamodb:Query",), (Resource(Kind.INDEX, OUTBOX_INDEX),), says),
        Grant("DeleteDelivered", ("dynamodb:DeleteItem",), (_table(model),), says, outbox),
        Grant("KeepUndelivered", ("sqs:SendMessage",), (Resource(Kind.UNDELIVERED, model.name),), says),
    ]
    if model.emits:
        # IfExists for the emulator alone, which does not populate the key; AWS does so for every PutEvents.
        own = {"StringEqualsIfExists": {"events:source": model.name}}
        grants.append(Grant("PublishOwnEvents", ("events:PutEvents",), (Resource(Kind.BUS),), emits, own))
    if model.sends:
        queues = tuple(Resource(Kind.QUEUE, address) for address in model.sends)
        # On AWS this grants batches too; the emulator knows an action for them that AWS does not have.
        batches = ("sqs:SendMessageBatch",) if environment.emulated else ()
        grants.append(Grant("SendMessages", ("sqs:SendMessage", *batches), queues, sends))
    return grants + _putting_off(model)


def _putting_off(model: ServiceModel) -> list[Grant]:
    """For the relay of a service that puts messages off: the schedules of its own group, and to give them
    the one role that may send to its queues.
    """
    causes = tuple(Cause(f"`{each.name}` puts a message off", each.site) for each in putting_off(model))
    if not causes:
        return []
    schedules, role = Resource(Kind.SCHEDULES, model.name), Resource(Kind.SCHEDULER, model.name)
    to_scheduler = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    return [
        Grant("KeepPutOff", SCHEDULE, (schedules,), causes),
        Grant("SendPutOff", ("iam:PassRole",), (role,), causes, to_scheduler),
    ]


def telling_grants(model: ServiceModel, telling: ConsumerModel, environment: Environment) -> list[Grant]:
    """For the function that tells subscribers.

    Its own queue and DLQ, the rows that its maps read, and those who subscribed: it finds them, tells them,
    and forgets who left.
    """
    handler, address = telling.handler, f"{model.name}/{telling.queue}"
    itself = _subscribed(model)
    entities = _read(handler)
    connections, subscribers = Resource(Kind.CONNECTIONS), Resource(Kind.CONNECTIONS_INDEX, "subscribers")
    return [
        Grant("PollQueue", POLL, (Resource(Kind.QUEUE, address),), itself),
        Grant("RejectToDeadLetters", ("sqs:SendMessage",), (Resource(Kind.DEAD_LETTERS, address),), itself),
        *_rows(model, entities, ()),
        *_blobs(model, [handler]),
        *_effects([handler], environment),
        *asked_grants(model, [handler], telling.function, itself[0]),
        Grant("FindSubscribers", ("dynamodb:Query",), (subscribers,), itself),
        Grant("ForgetWhoLeft", ("dynamodb:Query", *FORGET), (connections,), itself),
        Grant("TellSubscribers", ("execute-api:ManageConnections",), (Resource(Kind.SOCKETS),), itself),
    ]


def sockets_grants() -> list[Grant]:
    """For the function that hears WebSocket clients. It may ask a service whether a client may subscribe by a
    grant that lies with the service.
    """
    itself = (Cause("the environment has subscriptions"),)
    connections = Resource(Kind.CONNECTIONS)
    kept = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", *FORGET)
    return [
        Grant("KeepConnections", kept, (connections,), itself),
        Grant("FindSubscriptions", ("ssm:GetParameter",), (Resource(Kind.SUBSCRIPTION_PARAMETERS),), itself),
        Grant("CountConnections", ("dynamodb:Query",), (Resource(Kind.CONNECTIONS_INDEX, "users"),), itself),
        Grant("AnswerClients", ("execute-api:ManageConnections",), (Resource(Kind.SOCKETS),), itself),
    ]


def sockets_grant(model: ServiceModel) -> Grant:
    """The right of the WebSockets' function to ask a service who may subscribe."""
    itself = _subscribed(model)
    function = Resource(Kind.SUBSCRIPTIONS, model.name)
    return Grant("AskSubscriptions", ("lambda:InvokeFunction",), (function,), itself)


def router_grant(model: ServiceModel) -> Grant:
    """The router's right to call a service's subgraph."""
    itself = Cause(f"`{model.name}` is a subgraph", model.site)
    return Grant(
        "InvokeSubgraph", ("lambda:InvokeFunction",), (Resource(Kind.FUNCTION, model.name),), (itself,)
    )


def origin_grants(environment: Environment) -> list[Grant]:
    """For who keeps the API's doors: the secret by which CloudFront is known, where it stands before them."""
    if environment.edge is None:
        return []
    before = Cause(f"CloudFront stands before the API of {environment.name}")
    secret = Resource(Kind.PARAMETER, names.origin_secret(environment.name))
    return [Grant("ReadOriginSecret", ("ssm:GetParameter",), (secret,), (before,))]


def telemetry_grants(environment: Environment, function: str) -> list[Grant]:
    """For every function: its own log group; traces, which X-Ray grants on no resource narrower than `*`."""
    log = Cause("every function writes its own log")
    grants = [Grant("WriteOwnLog", LOG, (Resource(Kind.LOG, function),), (log,))]
    if environment.tracing:
        traced = Cause(f"the environment {environment.name} is traced")
        grants.append(Grant("SendTraces", TRACE, (Resource(Kind.EVERYTHING),), (traced,)))
    return grants


def subgraph_handlers(model: ServiceModel) -> list[HandlerModel]:
    """The handlers that the subgraph's function runs."""
    return [*(each.handler for each in model.operations), *(each.handler for each in model.computed)]


def needs(handlers: Iterable[HandlerModel], capability: Capability) -> bool:
    """Whether some handler asks for the capability."""
    return bool(_asking(handlers, frozenset({capability})))


def is_lambdas_own(action: str, resource: Resource) -> bool:
    """Whether Lambda itself uses it in the function's name, for event sources, logs and traces, or another
    service while it answers.

    No call of the function's code shows it.
    """
    return action in _LAMBDAS_OWN or resource.kind is Kind.UNDELIVERED


def _read(handler: HandlerModel) -> dict[str, Cause]:
    """The entities that a handler reads, alone or beside others, each with what asks for it."""
    return {
        name: asked(handler, dependency)
        for dependency in handler.dependencies
        if dependency.capability in {*ROWS, Capability.COLLECTION}
        for name in (*filter(None, [dependency.entity]), *dependency.entities)
    }


def _rows(model: ServiceModel, entities: Mapping[str, Cause], writes: tuple[Cause, ...]) -> list[Grant]:
    grants: list[Grant] = []
    if entities:
        grants.append(Grant("ReadRows", READ, (_table(model),), tuple(entities.values())))
    stored = {
        index.name: _indexed(entity, index)
        for entity in map(model.entity, entities)
        for index in entity.all_indexes
    }
    if stored:
        indexes = {name: stored[name] for name in sorted(stored)}
        resources = tuple(Resource(Kind.INDEX, name) for name in indexes)
        grants.append(Grant("ReadIndexes", ("dynamodb:Query",), resources, tuple(indexes.values())))
    if writes:
        grants.append(Grant("WriteRows", WRITE, (_table(model),), writes))
    return grants


def _markers(model: ServiceModel, handlers: Iterable[HandlerModel]) -> list[Grant]:
    """Unique values are released with the row that had them; nothing else may go for good."""
    unique = {entity.name for entity in model.entities if entity.unique}
    causes = tuple(
        asked(handler, dependency)
        for handler in handlers
        for dependency in handler.dependencies
        if dependency.capability in WRITABLE and dependency.entity in unique
    )
    only = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{UNIQUE_PREFIX}*"]}}
    return (
        [Grant("ReleaseUnique", ("dynamodb:DeleteItem",), (_table(model),), causes, only)] if causes else []
    )


def _effects(handlers: Sequence[HandlerModel], environment: Environment) -> list[Grant]:
    grants: list[Grant] = []
    if mails := _asking(handlers, frozenset({Capability.MAILER})):
        by = [Resource(Kind.SENDER, environment.mail_sender)]
        if not environment.emulated:  # which knows e-mail grants on `*` only, as what the sender is
            by.append(Resource(Kind.MAIL_CONFIGURATION, environment.name))
        only = {} if environment.emulated else {"StringEquals": {"ses:FromAddress": environment.mail_sender}}
        grants.append(Grant("SendMail", ("ses:SendEmail",), tuple(by), mails, only))
    if profiles := _asking(handlers, frozenset({Capability.PROFILES})):
        pool = Resource(Kind.USER_POOL, environment.name)
        grants.append(Grant("ReadProfiles", ("cognito-idp:AdminGetUser",), (pool,), profiles))
    return grants


def _blobs(model: ServiceModel, handlers: Sequence[HandlerModel]) -> list[Grant]:
    """The objects of each bucket that is asked for. Of a versioned one they may be deleted for good."""
    found: list[Grant] = []
    for bucket in model.buckets:
        asking = [(who, each) for who in handlers for each in who.dependencies if each.bucket == bucket.name]
        if not asking:
            continue
        itself, objects = (Resource(kind, bucket.name) for kind in (Kind.BUCKET, Kind.OBJECTS))
        reads = tuple(asked(*each) for each in asking)
        writes = tuple(asked(*each) for each in asking if each[1].capability is Capability.BLOBS)
        suffix = bucket.name.title().replace("-", "")
        found.append(Grant(f"ListObjectsOf{suffix}", ("s3:ListBucket",), (itself,), reads))
        found.append(Grant(f"ReadObjectsOf{suffix}", ("s3:GetObject",), (objects,), reads))
        if writes:
            actions = ("s3:PutObject", "s3:DeleteObject")
            found.append(Grant(f"WriteObjectsOf{suffix}", actions, (objects,), writes))
        if writes and bucket.versioned:
            found.append(Grant(f"ListVersionsOf{suffix}", ("s3:ListBucketVersions",), (itself,), writes))
            found.append(Grant(f"DeleteVersionsOf{suffix}", ("s3:DeleteObjectVersion",), (objects,), writes))
    return found


def _subscribed(model: ServiceModel) -> tuple[Cause, ...]:
    return tuple(
        Cause(f"`{each.graphql}` is a subscription", each.handler.site) for each in model.subscriptions
    )


def _table(model: ServiceModel) -> Resource:
    return Resource(Kind.TABLE, model.name)


def _asking(handlers: Iterable[HandlerModel], capabilities: frozenset[Capability]) -> tuple[Cause, ...]:
    """The dependencies that ask for one of the capabilities."""
    return tuple(
        asked(handler, dependency)
        for handler in handlers
        for dependency in handler.dependencies
        if dependency.capability in capabilities
    )


def _sending(handler: HandlerModel, dependency: DependencyModel) -> Cause:
    queues = tuple(Resource(Kind.QUEUE, address) for address in dependency.sends)
    return replace(asked(handler, dependency), concerns=queues)


def _declared(entity: EntityModel) -> Cause:
    return Cause(f"`{entity.name}` is an entity of the subgraph", entity.site)


def _indexed(entity: EntityModel, index: IndexModel) -> Cause:
    concerns = (Resource(Kind.INDEX, index.name),)
    if index is entity.by_ref:
        text, part = f"others than its owner may read a `{entity.name}`", Part("keyword", "allow")
    else:
        text, part = f"`{index.name}` is an index", Part("field", index.attribute)
    return Cause(text, entity.site, part, concerns)
