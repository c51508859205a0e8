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
SNS_ON_ALL = (
    "sns:CreatePlatformEndpoint",
    "sns:GetEndpointAttributes",
    "sns:SetEndpointAttributes",
    "sns:DeleteEndpoint",
)
"""IAM knows no resource for them."""
SITE = f"arn:aws:cloudfront::{ACCOUNT}:distribution/SiteCloudFrontDistribution"
"""The distribution of a frontend, in its own stack."""
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
    count = arn("sqs", f"{e}-analytics-count")
    email, push, reminders = (
        arn("sqs", f"{e}-notifications-{each}") for each in ("email", "push", "reminders")
    )
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
            *may("sqs:SendMessage", arn("sqs", f"{e}-todo-relay-undelivered")),
            *_sends(e, email, detaching, reminders),
            *_puts_off(e, "todo"),
            *may("events:PutEvents", f"ssm:/{e}/platform/bus/arn", when=own_source),
        ],
        **_notifications(e, notifications, email, push, reminders),
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
        "authorizer": [] if e == "local" else _origin(e),
        "pre-token": [],
    }
    table |= _sockets(e, todo) if e == "local" else {"doorkeeper": _origin(e), "sign-in": _sign_in(e)}
    return {f"{e}-{name}": [*grants, *telemetry(f"{e}-{name}")] for name, grants in table.items()}


def _origin(e: str) -> list[Grant]:
    """The secret by which CloudFront is known."""
    return may("ssm:GetParameter", arn("ssm", f"parameter/{e}/edge/origin"))


def _sign_in(e: str) -> list[Grant]:
    """The keys of sessions, and the client by which users are signed in, with its secret."""
    told = ("frontend-internal/session-keys", "platform/users/internal-client-id")
    pool = arn("cognito-idp", f"userpool/ssm:/{e}/platform/users/pool-id")
    return [
        *may("ssm:GetParameter", *(arn("ssm", f"parameter/{e}/{each}") for each in told)),
        *may("cognito-idp:DescribeUserPoolClient", pool),
    ]


def _todos(table: str) -> list[str]:
    """The indexes of todos."""
    return [f"{table}/index/Todo.{name}" for name in ("by_attachment", "by_created", "by_ref")]


def _notifications(e: str, table: str, email: str, push: str, reminders: str) -> dict[str, list[Grant]]:
    """What the functions of notifications may do."""
    index = f"{table}/index"
    told = may("dynamodb:Query", f"{index}/Notification.by_time", f"{index}/Notification.by_unread")
    devices = may("dynamodb:Query", f"{index}/Device.by_time", f"{index}/Device.by_token")
    sent = may("dynamodb:Query", f"{index}/SentEmail.by_about", f"{index}/SentEmail.by_time")
    rows = [*may(READ, table), *may(WRITE, table)]
    key = may("ssm:GetParameter", arn("ssm", f"parameter/{e}/notifications/unsubscribe-key"))
    sns = [*may(SNS_ON_ALL, "*"), *may("sns:Publish", arn("sns", "endpoint/*"))]
    profiles = may("cognito-idp:AdminGetUser", f"ssm:/{e}/platform/users/pool-arn")
    outbox = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["outbox#*"]}}

    def takes(queue: str) -> list[Grant]:
        return [*may(POLL, queue), *may("sqs:SendMessage", f"{queue}-dlq")]

    heard = {
        f"notifications-on-{each}": [*takes(arn("sqs", f"{e}-notifications-{each}")), *rows]
        for each in ("todo-ended", "bounced", "complained")
    }
    return heard | {
        "notifications-graphql": [*rows, *told, *devices, *sent, *sns],
        "notifications-queue-send-email": [*takes(email), *rows, *told, *sent, *_mail(e), *profiles, *key],
        "notifications-queue-send-push": [*takes(push), *rows, *told, *devices, *sns],
        "notifications-queue-remind": [*takes(reminders), *rows, *told],
        "notifications-hook-unsubscribe": [*rows, *key],
        "notifications-relay": [
            *may(STREAM, f"{table}/stream/*latest*"),
            *may("dynamodb:Query", f"{index}/outbox"),
            *may("dynamodb:DeleteItem", table, when=outbox),
            *may("sqs:SendMessage", arn("sqs", f"{e}-notifications-relay-undelivered")),
            *_sends(e, email, push),
            *_puts_off(e, "notifications"),
        ],
    }


def _sends(e: str, *queues: str) -> list[Grant]:
    """To send to these queues. The emulator has an action of its own for batches."""
    return [*may("sqs:SendMessage", *queues), *(may("sqs:SendMessageBatch", *queues) if e == "local" else [])]


def _puts_off(e: str, service: str) -> list[Grant]:
    """To keep schedules of the service's own, with the role that sends what is due."""
    # The emulator takes every schedule to be of the group `default`.
    schedules = arn("scheduler", f"schedule/{'default' if e == 'local' else f'{e}-{service}'}/*")
    actions = ("CreateSchedule", "GetSchedule", "UpdateSchedule", "DeleteSchedule")
    only = {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    return [
        *may(tuple(f"scheduler:{each}" for each in actions), schedules),
        *may("iam:PassRole", "ServicePutOffRole6E43684B.Arn", when=only),
    ]


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
    plain = {"Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    condition = json.dumps(plain, sort_keys=True)
    buckets = {
        "BucketArchive": f"{e}-analytics-archive-{ACCOUNT}",
        "Releases": f"{e}-platform-releases-{ACCOUNT}",
    }
    found = {
        id: [Grant("!s3:*", f"arn:aws:s3:::{name}{end}", condition) for end in ("", "/*")]
        for id, name in buckets.items()
    }
    logs = ("api", "app", "internal") if e == "production" else ()
    pages = [f"arn:aws:s3:::{e}-frontend-{site}-site-{ACCOUNT}" for site in ("public", "internal")]
    shown = {
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceArn": SITE}},
    }
    found["Pages"] = [
        grant
        for each in pages
        for grant in (
            *(Grant("!s3:*", f"{each}{end}", condition) for end in ("", "/*")),
            Grant("s3:GetObject", f"{each}/*", json.dumps(shown, sort_keys=True)),
        )
    ]
    if logs:
        found["AccessLogs"] = [
            Grant("!s3:*", f"arn:aws:s3:::{e}-edge-{each}-logs-{ACCOUNT}{end}", condition)
            for each in logs
            for end in ("", "/*")
        ]
    return found


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
            may("lambda:InvokeFunction", arn("lambda", f"function:{e}-{name}-graphql:*")),
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
        live("notifications-relay"): [
            ("events.amazonaws.com", arn("events", f"rule/{e}-notifications-sweep"), None)
        ],
        live("notifications-hook-unsubscribe"): [
            (api, arn("execute-api", "API/*/*/public/hooks/{tenant}/notifications/unsubscribe"), None)
        ],
        live("authorizer"): [(api, arn("execute-api", "API/authorizers/AUTHORIZER"), None)],
        **(
            {live("sockets"): [(api, arn("execute-api", "API/*"), None)]}
            if e == "local"
            else {
                live("doorkeeper"): [(api, arn("execute-api", "API/authorizers/AUTHORIZER"), None)],
                live("sign-in"): [("cloudfront.amazonaws.com", SITE, ACCOUNT)] * 2,
            }
        ),
    }


def senders(e: str) -> dict[str, list[Grant]]:
    """What Scheduler may do with the role of each service that puts messages off."""

    def to(*queues: str) -> list[Grant]:
        names = [f"{e}-{each}{end}" for each in queues for end in ("", "-dlq")]
        return may("sqs:SendMessage", *(arn("sqs", name) for name in names))

    return {
        "todo": to("notifications-email", "notifications-reminders", "todo-detaching"),
        "notifications": to("notifications-email", "notifications-push"),
    }


def queue_policies(e: str) -> dict[str, list[Grant]]:
    """What each queue admits from whom, by queue."""
    found: dict[str, list[Grant]] = {}
    asked = [f"notifications-{each}{end}" for each in ("email", "push", "reminders") for end in ("", "-dlq")]
    asked += ["todo-detaching", "todo-detaching-dlq"]
    asked += ["analytics-relay-undelivered", "analytics-rebuild", "analytics-rebuild-dlq"]
    for name in ("todo-relay-undelivered", "notifications-relay-undelivered", *asked):
        found[f"{e}-{name}"] = tls_only(e, f"{e}-{name}")
    told = [f"notifications-{each}" for each in ("bounced", "complained")]
    consumers = (
        "analytics-count",
        "todo-media-deleted",
        "notifications-todo-ended",
        *told,
        *(["todo-subscriptions"] if e == "local" else []),
    )
    for name, of in [(f"{each}{end}", each) for each in consumers for end in ("", "-dlq")]:
        queue, rules = f"{e}-{name}", [arn("events", f"rule/{e}-bus/{e}-{of}")]
        if of in told:  # AWS says it on the default bus; on the emulator who stands in for AWS may, too
            rules = [
                arn("events", f"rule/{e}-{of}{end}") for end in ("", *(["-aws-ses"] if e == "local" else []))
            ]
        events = {
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": rules if len(rules) > 1 else rules[0]}},
        }
        deliver = Grant("sqs:SendMessage", arn("sqs", queue), json.dumps(events, sort_keys=True))
        found[queue] = [*tls_only(e, queue), deliver]
    return {queue: grants for queue, grants in found.items() if grants}


def tls_only(e: str, queue: str) -> list[Grant]:
    if e == "local":  # the emulator speaks HTTP over loopback
        return []
    plain = {"Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return [Grant("!sqs:*", arn("sqs", queue), json.dumps(plain, sort_keys=True))]
