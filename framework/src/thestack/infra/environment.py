"""An environment's settings: where it runs, and what of the stack it does without."""

import importlib.util
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from thestack.definition import names
from thestack.infra.errors import SynthesisError
from thestack.infra.pieces import SETTINGS, Backups, Budget, Edge, Monitoring, Preview

Architecture = Literal["arm64", "x86_64"]
Tenancy = Literal["multi", "single"]
Purpose = Literal["production", "integration", "preview", "developer"]
FOLDER = Path("deploy/environments")
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Environment:
    """The settings of one environment, as a file of `deploy/environments` gives them.

    `name` starts every physical name. `account` and `region` may be left out: then those of the deploying
    credentials hold. `purpose` is whose account it is in. `retain_data` keeps tables, user pool and logs when
    a stack is destroyed. `emulated` adapts the templates to the local AWS; each such place says how. Times
    are in seconds unless named otherwise.

    With `tenancy="single"` the environment is one tenant's, `default_tenant`, and nobody else's tokens are
    taken.
    """

    name: str
    mail_sender: str
    account: str | None = None
    region: str | None = None
    purpose: Purpose = "developer"
    tenancy: Tenancy = "multi"
    emulated: bool = False
    retain_data: bool = True
    introspection: bool = False
    default_tenant: str | None = None

    # Amazon Linux 2023, which both have, is what bundles are made for: glibc 2.34.
    runtime: str = "python3.13"
    node_runtime: str = "nodejs22.x"
    # A fifth cheaper by the millisecond than x86_64.
    architecture: Architecture = "arm64"
    # A function's share of a processor goes by it, 1,769 MB being one, and so does its price: with more, work
    # is done sooner for about as much.
    memory_mb: int = 512
    # Functions start from a snapshot, which spares most of a cold start of Python; Node has none. Each
    # version's is paid for while nobody calls it, about $2 a month at 512 MB, and versions are kept for
    # rollbacks: so not by default, where what is idle costs nothing.
    snap_start: bool = False
    subgraph_timeout: int = 20
    router_timeout: int = 29
    consumer_timeout: int = 30
    relay_timeout: int = 60
    consumer_concurrency: int = 10
    relay_batch: int = 100
    log_level: str = "INFO"
    log_retention_days: int = 30
    throttle_rate: int = 200
    throttle_burst: int = 400
    authorizer_ttl: int = 300

    # What an environment may do without. `thestack cost` says what costs while nobody uses it.
    point_in_time_recovery: bool = True
    tracing: bool = True
    access_log: bool = True
    sweep_minutes: int | None = 5
    # Each consumer's queue is asked for messages all month, which costs 0.26 USD. Without, what is said waits
    # in the queues, for 14 days: for an environment that nobody works with meanwhile.
    polling: bool = True
    # Private objects are shown through CloudFront, by addresses signed with a key that must be there before;
    # without it, from their buckets.
    cdn: bool = True
    # A copy of an environment, restored to look into it, must not send tonight's reminders again.
    timers: bool = True

    # Pieces of the stack, None or False where it does without.
    edge: Edge | None = None
    public_site: bool = False
    internal_site: bool = False
    monitoring: Monitoring | None = None
    backups: Backups | None = None
    budget: Budget | None = None
    preview: Preview | None = None

    # Without it users are made by whoever runs the environment, and nobody else gets a mail of Cognito's.
    sign_up: bool = True

    # Where the frontends are served: their browsers may upload and fetch what is signed.
    origins: tuple[str, ...] = ()

    # What an environment has only where it says so.
    subscriptions: bool = False
    # The API's metrics by route, 0.30 USD each a month and six a route. Nothing here looks at them.
    route_metrics: bool = False

    # The epochs of the services whose tables were restored: 2 after the first time. `thestack restore` makes
    # the table of an epoch; a deployment that would make an empty one is refused.
    epochs: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        for wrong in self._mistakes():
            raise SynthesisError(f"environment {self.name!r}: {wrong}; see {FOLDER / self.name}.py")

    def epoch(self, service: str) -> int:
        """How often the service's table was restored, and one more."""
        return self.epochs.get(service, 1)

    @property
    def mail_identities(self) -> Sequence[str]:
        """The SES identities that may cover the sender: its address and its domain."""
        return (self.mail_sender, self.mail_sender.partition("@")[2])

    @property
    def browser_origins(self) -> tuple[str, ...]:
        """Where the pages come from that may ask API and buckets: `origins`, and the frontends in the edge's
        domain. Without a domain any: CloudFront's own names are known only once they are made, and who asks
        proves it by a token or a signature, never by a cookie.
        """
        if self.edge is None:
            return self.origins
        if self.edge.domain is None:
            return ("*",)
        hosts = (names.host(each, self.edge.domain) for each in (names.PUBLIC_HOST, names.INTERNAL_HOST))
        return tuple(dict.fromkeys((*self.origins, *(f"https://{host}" for host in hosts))))

    def on_this_machine(self) -> "Environment":
        """The same environment on an emulator of this machine, beside what else runs there."""
        return replace(
            self,
            emulated=True,
            architecture=host_architecture(),
            account=None,
            region=None,
            retain_data=False,
        )

    def _mistakes(self) -> list[str]:
        found: list[str] = []
        if not self.name.replace("-", "").isalnum() or self.name != self.name.lower() or len(self.name) > 20:
            found.append("name must be 1 to 20 lower-case letters, digits and hyphens")
        if self.account is not None and not (self.account.isdigit() and len(self.account) == 12):
            found.append(f"account {self.account!r} must be 12 digits")
        if self.tenancy == "single" and self.default_tenant is None:
            found.append("a single-tenant environment must say in default_tenant whose it is")
        if "@" not in self.mail_sender:
            found.append(f"mail_sender {self.mail_sender!r} must be an e-mail address")
        if not 2 <= self.consumer_concurrency <= 1000:
            found.append("consumer_concurrency must be between 2 and 1000, as Lambda's event sources have it")
        if not self.subgraph_timeout < self.router_timeout <= 29:
            found.append(
                "router_timeout must be above subgraph_timeout and at most 29, API Gateway's own limit"
            )
        found += [
            f"the epoch of {service} is {epoch}: the first is 1, and each restore makes it one more"
            for service, epoch in self.epochs.items()
            if epoch < 1
        ]
        found += [
            f"origin {each!r} must be a scheme, a host and perhaps a port: https://app.example.com"
            for each in self.origins
            if not ORIGIN.fullmatch(each)
        ]
        return found


def settings_to_text(environment: Environment) -> str:
    """Settings that no file of `deploy/environments` has, as text: the same for the same."""
    return TypeAdapter(Environment).dump_json(environment).decode()


def settings_of_text(text: str) -> Environment:
    """The settings of such a text. Raises `SynthesisError`."""
    try:
        return TypeAdapter(Environment).validate_json(text)
    except ValidationError as error:
        raise SynthesisError(f"these are no settings of an environment: {_told(error)}") from None


def host_architecture() -> Architecture:
    """The architecture of this machine, in Lambda's words; what the local AWS runs functions on."""
    return "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"


def load_environment(root: Path, name: str) -> Environment:
    """The environment of this name, from `deploy/environments/<name>.py`.

    Raises `SynthesisError` naming those that exist.
    """
    path = root / FOLDER / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"thestack_environment_{name}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        known = ", ".join(sorted(each.stem for each in (root / FOLDER).glob("[!_]*.py"))) or "none"
        raise SynthesisError(f"no environment {name!r}: {FOLDER / name}.py is missing; there are: {known}")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ValidationError as error:
        raise SynthesisError(f"{FOLDER / name}.py: {_told(error)}") from None
    environment = getattr(module, "environment", None)
    if not isinstance(environment, Environment):
        raise SynthesisError(f"{FOLDER / name}.py must set `environment = Environment(...)`")
    if environment.name != name:
        raise SynthesisError(
            f"{FOLDER / name}.py names its environment {environment.name!r}; file and name must agree"
        )
    return environment


def _told(error: ValidationError) -> str:
    """What is wrong with settings, each with its place, in one line."""
    found = ("".join(f"{step}." for step in each["loc"])[:-1] + f": {each['msg']}" for each in error.errors())
    return f"{error.title}: {'; '.join(found)}"
