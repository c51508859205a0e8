"""The settings of an organization: its accounts, who may reach them, and what each may cost."""

import re
from collections import Counter
from collections.abc import Mapping

from pydantic.dataclasses import dataclass

from thestack.infra.errors import SynthesisError
from thestack.infra.pieces import SETTINGS

_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Account:
    """An account. `mail` is its root user's, and no other account's in the world.

    `id` is its number, None until it is there: what is put into the account waits for it. `environment` is
    the one of `deploy/environments` that lies in it; `deployed_by` is GitHub's environment whose jobs deploy
    it, where that is called otherwise. `monthly` is what the account may cost in a month, in US dollars.
    """

    name: str
    mail: str
    monthly: int
    id: str | None = None
    environment: str | None = None
    deployed_by: str | None = None

    @property
    def github_environment(self) -> str | None:
        """GitHub's environment whose jobs deploy to the account."""
        return self.deployed_by or self.environment


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class LandingZone:
    """Control Tower's landing zone. `version` is that of its manifest; Control Tower's logs of configuration
    are kept for `retention_days`.

    `identity_baseline` is the ARN of the baseline that Control Tower enables for Identity Center, which
    `aws controltower list-enabled-baselines` tells once the landing zone is there. Units are registered, and
    get their controls, when it is known.
    """

    version: str = "3.3"
    retention_days: int = 365
    identity_baseline: str | None = None
    baseline_version: str = "4.0"


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class AuditTrail:
    """The organization's CloudTrail: its objects can't be deleted or overwritten for `retention_days`.

    With `compliance` nobody can shorten that, not even the root user; without it, who has
    `s3:BypassGovernanceRetention`, which the organization's policies deny.
    """

    retention_days: int = 365
    compliance: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class IdentityCenter:
    """Who reaches the accounts: the ARN of Identity Center's instance, and the ids of its groups."""

    instance_arn: str
    administrators: str
    developers: str
    auditors: str
    finance: str


@dataclass(frozen=True, slots=True, kw_only=True, config=SETTINGS)
class Settings:
    """An organization. `name` starts the names of what is its own.

    Work is done in `regions`; `home_region` is Control Tower's and Identity Center's. `repository` is
    GitHub's OWNER/NAME, whose jobs deploy. `alerts` are the mail addresses that are told of costs.

    Raises `SynthesisError` naming what is wrong.
    """

    name: str
    home_region: str
    regions: tuple[str, ...]
    repository: str
    alerts: tuple[str, ...]

    management: Account
    log_archive: Account
    audit: Account

    multi_tenant: Account
    single_tenant: tuple[Account, ...]
    integration: Account
    preview: Account
    developers: tuple[Account, ...]
    monitoring: Account
    logs: Account

    landing_zone: LandingZone = LandingZone()
    audit_trail: AuditTrail = AuditTrail()
    identity_center: IdentityCenter | None = None

    def __post_init__(self) -> None:
        if wrong := self._mistakes():
            raise SynthesisError(f"organization {self.name!r}: {'; '.join(wrong)}; see deploy/accounts")

    @property
    def units(self) -> Mapping[str, tuple[Account, ...]]:
        """The organizational units with their accounts; Control Tower has its own, Security, beside them."""
        return {
            "Production": (self.multi_tenant, *self.single_tenant),
            "Test": (self.integration, self.preview),
            "Developers": self.developers,
            "Infrastructure": (self.monitoring, self.logs),
        }

    @property
    def members(self) -> tuple[Account, ...]:
        """Every account but the management account, which no policy of the organization holds."""
        own = (account for accounts in self.units.values() for account in accounts)
        return (self.log_archive, self.audit, *own)

    @property
    def known(self) -> tuple[Account, ...]:
        """Every account that is there."""
        return tuple(each for each in (self.management, *self.members) if each.id)

    def _mistakes(self) -> list[str]:
        accounts = (self.management, *self.members)
        found = [
            f"{each!r} must be a name of small letters, digits and hyphens, at most 30"
            for each in (self.name, *(account.name for account in accounts))
            if not _NAME.fullmatch(each)
        ]
        for account in accounts:
            if "@" not in account.mail:
                found.append(f"mail {account.mail!r} of {account.name} must be an e-mail address")
            if account.id is not None and not re.fullmatch(r"\d{12}", account.id):
                found.append(
                    f"id {account.id!r} of {account.name} must be 12 digits, or None while it is not there"
                )
            if account.monthly <= 0:
                found.append(f"monthly {account.monthly} of {account.name} must be above 0")
        for what in ("name", "mail", "id"):
            values = Counter(getattr(account, what) for account in accounts if getattr(account, what))
            found += [
                f"{what} {value!r} is that of {count} accounts"
                for value, count in values.items()
                if count > 1
            ]
        if self.management.id is None:
            found.append("the management account is there before everything else: say its id")
        if self.home_region not in self.regions:
            found.append(f"home_region {self.home_region!r} must be one of regions {', '.join(self.regions)}")
        if not _REPOSITORY.fullmatch(self.repository):
            found.append(f"repository {self.repository!r} must be OWNER/NAME")
        if self.name in {account.environment for account in accounts}:
            found.append("name must not be an environment's, whose deployment may change stacks called so")
        return found
