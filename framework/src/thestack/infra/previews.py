"""A preview's settings: those of the environment that it is beside, under its own name, with nothing that
stays or that others pay for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from thestack.definition.model import ServiceModel
from thestack.infra.environment import FOLDER, Environment
from thestack.infra.pieces import Preview

SIMULATOR = "simulator.amazonses.com"
"""SES's own mailbox, which takes mails for any name with a label, and which nobody reads."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")


def beside(
    base: Environment, name: str, *, borrowed: Iterable[str] = (), held: Iterable[str] = ()
) -> Environment:
    """The settings of the preview `name` beside `base`. Its tenant is its own, and is called as it is, so
    that what it leaves in the base's tables is known by it.

    `borrowed` and `held` are as `Preview` has them. Raises `SynthesisError` for an impossible name.
    """
    return replace(
        base,
        name=name,
        purpose="preview",
        tenancy="single",
        default_tenant=name,
        preview=Preview(base=base.name, borrowed=tuple(sorted(borrowed)), held=tuple(sorted(held))),
        retain_data=False,
        point_in_time_recovery=False,
        sign_up=False,
        timers=False,
        # It lives for days, and a stream keeps a record for one: no sweep costs anything while it is idle.
        sweep_minutes=None,
        # A distribution takes a quarter of an hour to come and to go.
        cdn=False,
        edge=None,
        public_site=False,
        internal_site=False,
        monitoring=None,
        backups=None,
        budget=None,
    )


def held_queues(models: Iterable[ServiceModel], services: Iterable[str]) -> Sequence[str]:
    """The addresses that these services send to, and that are of none of `services`."""
    own = set(services)
    return sorted(
        {address for model in models for address in model.sends if address.split("/")[0] not in own}
    )


def mistake_in(name: str, others: Iterable[str]) -> str:
    """Why a preview can't be called so beside these environments and previews; "" if it can.

    Example:
        >>> mistake_in("preview-1", ["preview"])
        "it begins as the environment preview's names do: the service `1-x` of one would be `x` of the other"
    """
    if not _NAME.fullmatch(name):
        return "it must be 2 to 20 lower-case letters, digits and hyphens, and begin with a letter, as pr-123"
    for other in sorted(others):
        if name == other:
            return f"it is the environment {other}"
        if name.startswith(f"{other}-"):
            rest = name.removeprefix(f"{other}-")
            what = f"the service `{rest}-x` of one would be `x` of the other"
            return f"it begins as the environment {other}'s names do: {what}"
        if other.startswith(f"{name}-"):
            return f"the names of {other} begin with it; give it another, or take {other} down"
    return ""


def environments(root: Path) -> list[str]:
    """The names of the environments that have a file."""
    return sorted(each.stem for each in (root / FOLDER).glob("[!_]*.py"))
