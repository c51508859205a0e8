"""The settings of the pieces that an environment can do without, each None where it does."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

SETTINGS = ConfigDict(extra="forbid", strict=True)
"""How settings are read: what is misspelt or of another type is a mistake."""
NotNegative = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Waf:
    """The web ACL before the API. With `counting` its rules count what they would block: begin so, look at
    what is counted, then switch it off.

    `requests` is how many an address may send in five minutes; `body_bytes` how large a request may be, of
    which WAF looks at 64 KB at most.
    """

    counting: bool = True
    requests: Annotated[int, Field(ge=10)] = 2000
    body_bytes: Annotated[int, Field(ge=1, le=64 * 1024)] = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Edge:
    """CloudFront before the API, whose back door it closes.

    `domain` is where the environment is reached: api.DOMAIN, app.DOMAIN and internal.DOMAIN; without one by
    CloudFront's own names. `zone_id`, `certificate_arn` and `web_acl_arn` are what the stacks `zone` and
    `edge-global` came to: the latter is in us-east-1, which no stack of another region can refer to.
    """

    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")] | None = None
    zone_id: str | None = None
    certificate_arn: Annotated[str, Field(pattern=r"^arn:[\w-]+:acm:us-east-1:")] | None = None
    web_acl_arn: Annotated[str, Field(pattern=r"^arn:[\w-]+:wafv2:us-east-1:\d+:global/webacl/")] | None = (
        None
    )
    waf: Waf | None = None
    logs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Monitoring:
    """Alarms and dashboards, and who is told.

    `availability` is the share of requests, in percent, that must not fail; None watches no such objective.
    `runbooks` is where the runbooks of `docs/runbooks` are read. `sampling` is the share of requests that are
    traced. `sink_arn` is the monitoring account's OAM sink and `logs_destination_arn` the logs account's
    destination, each None where this environment stays by itself. `masking` hides addresses and credentials
    in logs: None does where logs are shipped to others.
    """

    mails: tuple[str, ...] = ()
    availability: Annotated[float, Field(ge=95, lt=100)] | None = 99.9
    runbooks: str = "docs/runbooks"
    sampling: Annotated[float, Field(ge=0, le=1)] = 0.05
    dashboards: bool = True
    alarms: bool = True
    sink_arn: str | None = None
    logs_destination_arn: str | None = None
    masking: bool | None = None

    @property
    def masks(self) -> bool:
        """Whether what is sensitive is hidden in logs."""
        return self.logs_destination_arn is not None if self.masking is None else self.masking


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Backups:
    """AWS Backup of tables and buckets, in a vault whose points can't be deleted before their time.

    `schedule` says when, in UTC: each backup of a table is a whole one, and point-in-time recovery has every
    second of 35 days anyway. In the mode "governance" somebody with the right to may unlock the vault; in
    "compliance" nobody ever can, once three days are over.
    """

    keep_days: Annotated[int, Field(ge=1)] = 35
    schedule: str = "cron(0 3 ? * SUN *)"
    mode: Literal["governance", "compliance"] = "governance"


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Preview:
    """What makes an environment a preview beside another one of the same account, `base`.

    Its router calls the subgraphs of the base for the services `borrowed`. `held` are the addresses of
    queues, "service/queue", that its services send to and that nobody in it empties: what is sent is held
    there, and nobody of the base hears of it.
    """

    base: str
    borrowed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Load:
    """What an environment is asked to do in a month, of which `thestack cost` makes the bill.

    `requests` are clients' GraphQL requests; `events` and `messages` what handlers say and send; `users`
    those who sign in; `video_minutes` of originals. What is kept, and what leaves by CloudFront, is in
    gigabytes.
    """

    requests: NotNegative = 0
    events: NotNegative = 0
    messages: NotNegative = 0
    mails: NotNegative = 0
    pushes: NotNegative = 0
    users: NotNegative = 0
    video_minutes: NotNegative = 0
    table_gb: NotNegative = 0
    media_gb: NotNegative = 0
    egress_gb: NotNegative = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Budget:
    """What the environment may cost in a month, in US dollars, and who is told when it is about to.

    `load` is what it is expected to do for that: `thestack cost --check` holds the bill to `monthly`.
    """

    monthly: int
    mails: tuple[str, ...]
    load: Load = Load()
