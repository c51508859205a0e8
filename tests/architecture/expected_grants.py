"""Who may do what: written by hand from the design, never derived from what it judges."""

import json

from tests.architecture.resolved import ACCOUNT, Grant, arn

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem")
STREAM = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
POLL = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")


def may(actions: str | tuple[str, ...], *resources: str, when: object = None) -> list[Grant]:
    condition = json.dumps({"Condition": when}, sort_keys=True) if when else ""
    return [
        Grant(action, resource, condition)
        for action in ((actions,) if isinstance(actions, str) else actions)
        for resource in resources
    ]


def functions(e: str) -> dict[str, list[Grant]]:
    """What each function's role allows, by function, beside its own log and traces.

    `e` is the environment.
    """
    todo, notifications, analytics = (
        arn("dynamodb", f"table/{e}-{name}") for name in ("todo", "notifications", "analytics")
    )
    sent = (f"{notifications}/index/SentEmail.by_about", f"{notifications}/index/SentEmail.by_time")
    email, count = arn("sqs", f"{e}-notifications-email"), arn("sqs", f"{e}-analytics-count")
    counted = (f"{analytics}/index/Score.by_events", f"{analytics}/index/Tally.by_name")
    rebuild = arn("sqs", f"{e}-analytics-rebuild")
    deleted, detaching = arn("sqs", f"{e}-todo-media-deleted"), arn("sqs", f"{e}-todo-detaching")
    own_outbox = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["outbox#*"]}}
    own_source = {"StringEqualsIfExists": {"events:source": "todo"}}
    table = {
        "todo-graphql": [
            *may(READ, todo),
            *may("dynamodb:Query", *_todos(todo)),
            *may(WRITE, todo),
        ],
        **{
            f"todo-{name}": [
                *may(POLL, queue),
                *may("sqs:SendMessage", f"{queue}-dlq"),
                *may(READ, todo),
                *may("dynamodb:Query", *_todos(todo)),
                *may(WRITE, todo),
            ]
            for name, queue in {"on-media-deleted": deleted, "queue-detach": detaching}.items()
        },
        "todo-relay": [
            *may(STREAM, f"{todo}/stream/*latest*"),
            *may("dynamodb:Query", f"{todo}/index/outbox"),
            *may("dynamodb:DeleteItem", todo, when=own_outbox),
            *may("sqs:SendMessage", arn("sqs", f"{e}-todo-relay-undelivered"), email, detaching),
            *(may("sqs:SendMessageBatch", email, detaching) if e == "local" else []),  # the emulator's own
            *may("events:PutEvents", f"ssm:/{e}/platform/bus/arn", when=own_source),
        ],
        "notifications-graphql": [*may(READ, notifications), *may("dynamodb:Query", *sent)],
        "notifications-queue-send-email": [
            *may(POLL, email),
            *may("sqs:SendMessage", f"{email}-dlq"),
            *may(READ, notifications),
            *may("dynamodb:Query", *sent),
            *may(WRITE, notifications),
            *_mail(e),
            *may("cognito-idp:AdminGetUser", f"ssm:/{e}/platform/users/pool-arn"),
        ],
        "analytics-graphql": [
            *may(READ, analytics),
            *may("dynamodb:Query", *counted),
            *may(WRITE, analytics),
        ],
        "analytics-on-count": [
            *may(POLL, count),
            *may("sqs:SendMessage", f"{count}-dlq"),
            *may(READ, analytics),
            *may("dynamodb:Query", *counted),
            *may(WRITE, analytics),
            *_archive(e, writes=True),
        ],
        "analytics-queue-rebuild-part": [
            *may(POLL, rebuild),
            *may("sqs:SendMessage", f"{rebuild}-dlq"),
            *may(READ, analytics),
            *may("dynamodb:Query", *counted),
            *may(WRITE, analytics),
            *_archive(e, writes=False),
        ],
        "analytics-relay": [
            *may(STREAM, f"{analytics}/stream/*latest*"),
            *may("dynamodb:Query", f"{analytics}/index/outbox"),
            *may("dynamodb:DeleteItem", analytics, when=own_outbox),
            *may("sqs:SendMessage", arn("sqs", f"{e}-analytics-relay-undelivered"), rebuild),
            *(may("sqs:SendMessageBatch", rebuild) if e == "local" else []),
        ],
        "router": [],
        "authorizer": [],
        "pre-token": [],
    }
    if e == "local":
        table |= _sockets(e, todo)
    return {f"{e}-{name}": [*grants, *telemetry(f"{e}-{name}")] for name, grants in table.items()}


def _todos(table: str) -> list[str]:
    """The indexes of todos."""
    return [f"{table}/index/Todo.{name}" for name in ("by_attachment", "by_created", "by_ref")]


def _sockets(e: str, todo: str) -> dict[str, list[Grant]]:
    """What subscriptions add, where an environment has them."""
    told = arn("execute-api", f"ssm:/{e}/platform/sockets/api/*/*/@connections/*")
    queue, connections = arn("sqs", f"{e}-todo-subscriptions"), arn("dynamodb", f"table/{e}-platform-sockets")
    forget = ("dynamodb:DeleteItem", "dynamodb:BatchWriteItem")
    return {
        "todo-subscriptions": [
            *may(POLL, queue),
            *may("sqs:SendMessage", f"{queue}-dlq"),
            *may(READ, todo),
            *may("dynamodb:Query", *_todos(todo)),
            *may("dynamodb:Query", f"{connections}/index/subscribers", connections),
            *may(forget, connections),
            *may("execute-api:ManageConnections", told),
        ],
        "sockets": [
            *may(("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", *forget), connections),
            *may("dynamodb:Query", f"{connections}/index/users"),
            *may("ssm:GetParameter", arn("ssm", f"parameter/{e}/platform/subscriptions/*")),
            *may("execute-api:ManageConnections", arn("execute-api", "SocketsApi/*/*/@connections/*")),
        ],
    }


def telemetry(function: str) -> list[Grant]:
    log = arn("logs", f"log-group:/aws/lambda/{function}:*")
    return [
        *may(("logs:CreateLogStream", "logs:PutLogEvents"), log),
        *may(("xray:PutTraceSegments", "xray:PutTelemetryRecords"), "*"),
    ]


def bucket_policies(e: str) -> dict[str, list[Grant]]:
    """What each bucket refuses, by the logical id of the bucket."""
    if e == "local":  # it is reached by plain HTTP, over loopback
        return {}
    bucket = f"arn:aws:s3:::{e}-analytics-archive-{ACCOUNT}"
    plain = {"Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    condition = json.dumps(plain, sort_keys=True)
    return {"BucketArchive": [Grant("!s3:*", each, condition) for each in (bucket, f"{bucket}/*")]}


def _archive(e: str, *, writes: bool) -> list[Grant]:
    bucket = f"arn:aws:s3:::{e}-analytics-archive-{ACCOUNT}"
    actions = ("s3:GetObject", *(("s3:PutObject", "s3:DeleteObject") if writes else ()))
    return [*may("s3:ListBucket", bucket), *may(actions, f"{bucket}/*")]


def _mail(e: str) -> list[Grant]:
    if e == "local":
        return may("ses:SendEmail", "*")
    domain = {"dev": "dev.thestack.example", "production": "thestack.example"}[e]
    sender = f"no-reply@{domain}"
    by = (arn("ses", f"identity/{sender}"), arn("ses", f"identity/{domain}"))
    by = (*by, arn("ses", f"configuration-set/{e}-mail"))
    return may("ses:SendEmail", *by, when={"StringEquals": {"ses:FromAddress": sender}})


def router_policies(e: str) -> dict[str, tuple[list[str], list[Grant]]]:
    """Which subgraphs the router may call, and which subscriptions the WebSockets' function, by the policy.

    The roles that it is put on, and the grants.
    """
    asks = may("lambda:InvokeFunction", arn("lambda", f"function:{e}-todo-subscriptions:live"))
    told = {"ask-todo": ([f"ssm:/{e}/platform/sockets/role"], asks)}
    return (told if e == "local" else {}) | {
        f"invoke-{name}": (
            [f"ssm:/{e}/platform/router/role"],
            may("lambda:InvokeFunction", arn("lambda", f"function:{e}-{name}-graphql:live")),
        )
        for name in ("todo", "notifications", "analytics", "media")
    }


def invokers(e: str) -> dict[str, list[tuple[str, str, str | None]]]:
    """Which AWS services may invoke which alias, for whom.

    Function, principal, source ARN, source account.
    """

    def live(name: str) -> str:
        return arn("lambda", f"function:{e}-{name}:live")

    api = "apigateway.amazonaws.com"
    return {
        live("todo-relay"): [("events.amazonaws.com", arn("events", f"rule/{e}-todo-sweep"), None)],
        live("analytics-relay"): [("events.amazonaws.com", arn("events", f"rule/{e}-analytics-sweep"), None)],
        live("media-relay"): [("events.amazonaws.com", arn("events", f"rule/{e}-media-sweep"), None)],
        live("pre-token"): [("cognito-idp.amazonaws.com", arn("cognito-idp", "userpool/UserPool"), ACCOUNT)],
        live("router"): [
            (api, arn("execute-api", "API/*/*/graphql"), None),
            (api, arn("execute-api", "API/*/*/public/graphql"), None),
        ],
        live("authorizer"): [(api, arn("execute-api", "API/authorizers/AUTHORIZER"), None)],
    } | ({live("sockets"): [(api, arn("execute-api", "API/*"), None)]} if e == "local" else {})


def queue_policies(e: str) -> dict[str, list[Grant]]:
    """What each queue admits from whom, by queue."""
    found: dict[str, list[Grant]] = {}
    detaching = ("todo-detaching", "todo-detaching-dlq")
    rebuild = ("analytics-relay-undelivered", "analytics-rebuild", "analytics-rebuild-dlq")
    email = ("notifications-email", "notifications-email-dlq")
    for name in ("todo-relay-undelivered", *detaching, *rebuild, *email):
        found[f"{e}-{name}"] = tls_only(e, f"{e}-{name}")
    consumers = ("analytics-count", "todo-media-deleted", *(["todo-subscriptions"] if e == "local" else []))
    for name, of in [(f"{each}{end}", each) for each in consumers for end in ("", "-dlq")]:
        queue, rule = f"{e}-{name}", arn("events", f"rule/{e}-bus/{e}-{of}")
        events = {
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        deliver = Grant("sqs:SendMessage", arn("sqs", queue), json.dumps(events, sort_keys=True))
        found[queue] = [*tls_only(e, queue), deliver]
    return {queue: grants for queue, grants in found.items() if grants}


def tls_only(e: str, queue: str) -> list[Grant]:
    if e == "local":  # the emulator speaks HTTP over loopback
        return []
    plain = {"Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return [Grant("!sqs:*", arn("sqs", queue), json.dumps(plain, sort_keys=True))]
