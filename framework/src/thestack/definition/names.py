"""Every physical name of a service's parts, computed from the environment's name and the model's names, here
alone.
"""

from hashlib import sha256
from urllib.parse import quote, unquote

from thestack.definition.model import ConsumerModel

PLATFORM = "platform"
"""What stands where a service's name does for what services share; no service is called so."""
ROUTER = "router"
"""What stands where a service's name does for the supergraph that is served; no service is called so."""
ZONE = "zone"
"""The stack of the DNS zone."""
EDGE_GLOBAL = "edge-global"
"""The stack of what CloudFront takes from us-east-1 alone."""
EDGE_REGION = "us-east-1"
"""The one region of that stack, wherever the environment is."""
EDGE = "edge"
"""The stack of CloudFront before the API."""
FRONTEND_PUBLIC = "frontend-public"
"""The stack of the public frontend."""
FRONTEND_INTERNAL = "frontend-internal"
"""The stack of the internal frontend."""
MONITORING = "monitoring"
"""The stack of the environment's alarms and dashboards."""
BACKUPS = "backups"
"""The stack of the environment's backups."""
BUDGET = "budget"
"""The stack of the environment's budget."""
SHARED = (PLATFORM, ZONE, EDGE_GLOBAL, EDGE, FRONTEND_PUBLIC, FRONTEND_INTERNAL, MONITORING, BACKUPS, BUDGET)
"""What services share, in the order of its creation; no service is called so."""
API_HOST, PUBLIC_HOST, INTERNAL_HOST = "api", "app", "internal"
"""Under which names in an environment's domain API and frontends are reached."""
OUTBOX_INDEX = "outbox"
OUTBOX_PREFIX = "outbox#"
UNIQUE_PREFIX = "unique#"


def kebab(name: str) -> str:
    """`send_email` -> `send-email`."""
    return name.replace("_", "-")


def stack(environment: str, service: str) -> str:
    """The CloudFormation stack of a service."""
    return f"{environment}-{service}"


def table(environment: str, service: str, epoch: int = 1) -> str:
    """The service's one table. What is restored is a new table, of the next epoch."""
    return f"{environment}-{service}" if epoch == 1 else f"{environment}-{service}.{epoch}"


def graphql_function(environment: str, service: str) -> str:
    """The subgraph's Lambda function."""
    return f"{environment}-{service}-graphql"


def relay_function(environment: str, service: str) -> str:
    """The function that carries the outbox to bus and queues."""
    return f"{environment}-{service}-relay"


def consumer_function(environment: str, service: str, consumer: ConsumerModel) -> str:
    """The function that runs one consumer."""
    return f"{environment}-{service}-{consumer.trigger}-{kebab(consumer.name)}"


FIFO = ".fifo"
"""How the addresses and names of queues end that keep order."""


def hook_function(environment: str, service: str, hook: str) -> str:
    """The function that answers one hook."""
    return f"{environment}-{service}-hook-{hook}"


def hook_path(tenant: str, service: str, hook: str) -> str:
    """Where the API answers a hook; in a route `tenant` is the variable `{tenant}`."""
    return f"/public/hooks/{tenant}/{service}/{hook}"


def telling_function(environment: str, service: str) -> str:
    """The function that tells subscribers of what the service hears."""
    return f"{environment}-{service}-subscriptions"


def queue(environment: str, address: str) -> str:
    """The SQS queue of an address, "service/queue" or "service/queue.fifo"."""
    service, _, name = address.partition("/")
    return f"{environment}-{service}-{kebab(name)}"


def dead_letter_queue(environment: str, address: str) -> str:
    """The DLQ beside it, which is of the same kind."""
    name = queue(environment, address)
    return f"{name.removesuffix(FIFO)}-dlq{FIFO if name.endswith(FIFO) else ''}"


def rule(environment: str, service: str, consumer: ConsumerModel) -> str:
    """The EventBridge rule that feeds an event consumer's queue."""
    return f"{environment}-{service}-{kebab(consumer.name)}"


def stand_in_rule(environment: str, service: str, consumer: ConsumerModel, source: str) -> str:
    """The rule that feeds it what stands in for a service of AWS on the emulator."""
    return f"{rule(environment, service, consumer)}-{source.replace('.', '-')}"


def stand_in(source: str) -> str:
    """What says on the emulator what a service of AWS would: nobody but AWS may say `aws.…` there, either."""
    return f"emulated.{source}"


def timer(environment: str, service: str, consumer: ConsumerModel) -> str:
    """The schedule that wakes a timer, and its role."""
    return f"{environment}-{service}-{kebab(consumer.name)}"


def schedule_group(environment: str, service: str) -> str:
    """The group of the schedules of what a service's handlers put off."""
    return f"{environment}-{service}"


def put_off(tenant: str, address: str, name: str) -> str:
    """The schedule, in that group, of one message: `name` is what its sender calls it, or its id."""
    digest = sha256(f"{tenant}\n{address}\n{name}".encode()).hexdigest()
    return f"{kebab(address.partition('/')[2].partition('.')[0])[:23]}-{digest[:40]}"


def bus(environment: str) -> str:
    """The environment's event bus."""
    return f"{environment}-bus"


EMULATOR_ENDPOINT = "EmulatorEndpoint"
ORIGIN_SECRET = "OriginSecret"  # noqa: S105 - the name of a parameter that a deployment fills
"""What templates ask of who deploys them: parameters of CloudFormation's."""


def host(label: str, domain: str) -> str:
    """`api`, `app` or `internal` in an environment's domain."""
    return f"{label}.{domain}"


API_URL = "api/url"
"""The key of the parameter that says where the API answers."""
POOL_ID = "users/pool-id"
"""That of the user pool."""
CLIENT_ID = "users/client-id"
"""That of the client by which users sign in."""
INTERNAL_CLIENT = "users/internal-client-id"
"""That of the client by which staff sign in to the internal frontend."""
SITE = "site"
"""The bucket of a frontend's pages."""
SESSION_KEYS = "session-keys"


def site_url(stack: str) -> str:
    """The key of the parameter that says where a frontend is, by the name of its stack."""
    return f"{stack}/url"


def site_distribution(stack: str) -> str:
    """The key of the parameter that names its distribution."""
    return f"{stack}/distribution"


def session_keys_parameter(environment: str) -> str:
    """The SecureString of SSM with the keys that sessions of the internal frontend are signed with."""
    return secret_parameter(environment, FRONTEND_INTERNAL, SESSION_KEYS)


def session_keys(environment: str) -> str:
    """CloudFront's key value store that has the same keys."""
    return f"{environment}-{SESSION_KEYS}"


def guard_function(environment: str) -> str:
    """The function on CloudFront that verifies sessions."""
    return f"{environment}-{FRONTEND_INTERNAL}-guard"


def sign_in_function(environment: str) -> str:
    """The function that signs in to the internal frontend."""
    return f"{environment}-sign-in"


def parameter(environment: str, key: str) -> str:
    """The SSM parameter by which the platform tells services of a resource:
    `bus/arn`, `router/role`, `users/pool-id`, ... They lie apart from what services keep.
    """
    return f"/{environment}/{PLATFORM}/{key}"


def secret_parameter(environment: str, service: str, name: str) -> str:
    """The SecureString of SSM that a `parameter` of a service is kept in."""
    return f"/{environment}/{service}/{name}"


def secret(environment: str, service: str, name: str) -> str:
    """The secret of Secrets Manager that a `secret` of a service is kept in."""
    return f"{environment}/{service}/{name}"


def subscription_parameter(environment: str, field: str) -> str:
    """The SSM parameter that holds the service of a field of Subscription."""
    return parameter(environment, f"subscriptions/{field}")


def release_parameter(environment: str, service: str) -> str:
    """The SSM parameter that points to what runs of a service, or of `ROUTER`."""
    return parameter(environment, f"releases/{service}")


def releases_parameter(environment: str) -> str:
    """Where those parameters lie."""
    return parameter(environment, "releases")


def releases_bucket(environment: str, account: str) -> str:
    """The S3 bucket that holds what those parameters point to."""
    return bucket(environment, PLATFORM, "releases", account)


def deploy_lock(environment: str) -> str:
    """The SSM parameter that is there while somebody deploys to the environment."""
    return parameter(environment, "deploying")


def preview_parameter(base: str, preview: str) -> str:
    """The SSM parameter that says of a preview beside an environment what it has, and until when."""
    return parameter(base, f"previews/{preview}")


def previews_parameter(base: str) -> str:
    """Where those parameters lie."""
    return parameter(base, "previews")


def bucket(environment: str, service: str, name: str, account: str) -> str:
    """The S3 bucket, whose name is nobody else's in the world."""
    return f"{environment}-{service}-{name}-{account}"


def blob_place(tenant: str, key: str) -> str:
    """Where a tenant's object of the key "area/rest" lies in its bucket: "area/tenant/rest"; so do those
    whose keys begin with this one.

    Raises `ValueError` for a key that has no area, or steps that an address leaves out.
    """
    area, slash, rest = key.partition("/")
    if not area or not slash or {"", ".", ".."} & {*rest.split("/")[:-1]} or rest in {".", ".."}:
        raise ValueError(f'{key!r} is no key of an object: write "area/rest"')
    return f"{area}/{quote(tenant, safe='')}/{rest}"


def blob_key(place: str) -> tuple[str, str]:
    """The tenant and the key of the object that lies in a place. Raises `ValueError` where none can."""
    area, tenant, rest = (*place.split("/", 2), "", "")[:3]
    if not (area and tenant and rest):
        raise ValueError(f"{place!r} is no place of a tenant's object")
    return unquote(tenant), f"{area}/{rest}"


def relay_dead_letter_queue(environment: str, service: str) -> str:
    """Where the relay's event source puts the position of records that it gave up on."""
    return f"{environment}-{service}-relay-undelivered"


def sweep_rule(environment: str, service: str) -> str:
    """The schedule that wakes the relay to look for what was left behind."""
    return f"{environment}-{service}-sweep"


def platform_stack(environment: str) -> str:
    """The CloudFormation stack of what services share."""
    return stack(environment, PLATFORM)


def router_function(environment: str) -> str:
    """The supergraph router's Lambda function, and the name of its role."""
    return f"{environment}-router"


def authorizer_function(environment: str) -> str:
    """The API's Lambda authorizer."""
    return f"{environment}-authorizer"


def doorkeeper_function(environment: str) -> str:
    """The authorizer of the doors that ask for no token, where CloudFront stands before the API."""
    return f"{environment}-doorkeeper"


def origin_secret(environment: str) -> str:
    """The SecureString of SSM by which the API knows CloudFront."""
    return secret_parameter(environment, EDGE, "origin")


def pre_token_function(environment: str) -> str:
    """The function that adds the tenant to access tokens."""
    return f"{environment}-pre-token"


def api(environment: str) -> str:
    """The environment's HTTP API."""
    return f"{environment}-api"


def sockets_api(environment: str) -> str:
    """The environment's WebSocket API."""
    return f"{environment}-sockets"


def sockets_function(environment: str) -> str:
    """The function that hears what WebSocket clients say, and the name of its role."""
    return f"{environment}-sockets"


def sockets_table(environment: str) -> str:
    """The table of WebSocket connections and of what they subscribed to."""
    return f"{environment}-{PLATFORM}-sockets"


def backup_vault(environment: str) -> str:
    """The vault of the environment's backups, and their plan."""
    return f"{environment}-backups"


def mail_configuration(environment: str) -> str:
    """SES's configuration set, by which mails go out and what becomes of them is told."""
    return f"{environment}-mail"


def user_pool(environment: str) -> str:
    """The environment's user pool."""
    return f"{environment}-users"


STAFF = "staff"
"""The group of users that the internal frontend is for."""
RESOURCE_SERVER, INSIDE = "thestack", "inside"
INSIDE_SCOPE = f"{RESOURCE_SERVER}/{INSIDE}"
"""The scope of OAuth by which the authorizer lets in the tokens of a client that is made after it: the
internal frontend's.
"""
SIGN_IN_SCOPES = ("openid", "email", INSIDE_SCOPE)
"""What the internal frontend asks for."""


def user_pool_domain(environment: str, account: str) -> str:
    """The prefix of the user pool's domain, which is nobody else's in its region."""
    return f"{environment}-users-{account}"


def log_group(function: str) -> str:
    """A function's log group."""
    return f"/aws/lambda/{function}"


def access_log_group(environment: str) -> str:
    """The log group of the API's access log."""
    return f"/aws/apigateway/{api(environment)}"


def deploy_role(environment: str) -> str:
    """The role that a job of GitHub takes to deploy the environment."""
    return f"{environment}-deploy"


def execution_policy(environment: str) -> str:
    """What CloudFormation may do for the environment, by the role that `cdk bootstrap` makes."""
    return f"{environment}-execution"


_QUALIFIER = "hnb659fds"
"""CDK's own, by which its templates name their assets."""


def bootstrap_bucket(account: str, region: str) -> str:
    """The bucket that `cdk bootstrap` makes in an account and region for templates' files."""
    return f"cdk-{_QUALIFIER}-assets-{account}-{region}"


def bootstrap_role(account: str, region: str) -> str:
    """The role that it makes for CloudFormation, in which stacks are made."""
    return f"cdk-{_QUALIFIER}-cfn-exec-role-{account}-{region}"


def organization_parameter(organization: str, key: str) -> str:
    """The SSM parameter of the management account that tells of a part of the organization: `root/id`, ..."""
    return f"/{organization}/organization/{key}"


def audit_trail(organization: str) -> str:
    """The organization's CloudTrail."""
    return f"{organization}-audit"


def audit_bucket(organization: str, account: str) -> str:
    """The bucket in the log archive that it writes to."""
    return f"{organization}-audit-{account}"


def sink(organization: str) -> str:
    """The monitoring account's sink of metrics and traces."""
    return organization


def logs(organization: str) -> str:
    """The logs account's destination of logs, and the stream behind it."""
    return f"{organization}-logs"


def logs_bucket(organization: str, account: str) -> str:
    """The bucket in the logs account that they are kept in."""
    return f"{organization}-logs-{account}"


def metrics(environment: str) -> str:
    """The namespace of the metrics that an environment's functions make of their own."""
    return f"thestack/{environment}"


FAILED = "Failed"
"""The metric of who answers GraphQL: 1 for an answer that failed for no fault of who asked, else 0."""
HOOK_FAILED = "HookFailed"
"""The same of hooks."""
REFUSED = "Refused"
"""The metric of a relay: how many entries bus or queue did not take."""


def alarm(environment: str, service: str, what: str) -> str:
    """An alarm of a service, or of `PLATFORM`; `what` it watches."""
    return f"{environment}-{service}-{kebab(what)}"


def alarms(environment: str) -> str:
    """The topic that tells of alarms."""
    return f"{environment}-alarms"


def dashboard(environment: str, service: str) -> str:
    """The dashboard of a service, or of `PLATFORM`."""
    return f"{environment}-{service}"


def log_policy(environment: str, what: str) -> str:
    """A policy of all log groups of the environment's account; `what` it does with them."""
    return f"{environment}-logs-{what}"


def traces(environment: str, what: str) -> str:
    """A group of X-Ray, or a rule of what is sampled."""
    return f"{environment}-{what}"


def app_id(function: str) -> str:
    """What a function's calls of AWS say that they come from: its name, or its end where all does not fit."""
    return function[-APP_ID_LENGTH:]


APP_ID = "AWS_SDK_UA_APP_ID"
"""The variable that AWS's SDKs read it from, to say it in each request's user agent."""
APP_ID_LENGTH = 50
LIVE = "live"
"""The alias that every caller and event source uses."""
