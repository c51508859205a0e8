"""A function's environment, parsed once.

Names come from the model; what only the deployment knows comes in variables.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """What the deployment tells a function of a service."""

    module: str
    environment: str
    region: str
    account: str
    epoch: int
    consumer: str
    mail_sender: str
    mail_configuration: str
    user_pool: str
    default_tenant: str
    scheduler_role: str
    sockets: str
    hook: str
    api: str


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Parse the variables that the infrastructure sets.

    Raises `KeyError` naming one that every function has and this lacks.
    """
    return Settings(
        module=environ["THESTACK_SERVICE"],
        environment=environ["THESTACK_ENVIRONMENT"],
        region=environ["AWS_REGION"],
        account=environ["THESTACK_ACCOUNT"],
        epoch=int(environ.get("THESTACK_EPOCH", "1")),
        consumer=environ.get("THESTACK_CONSUMER", ""),
        mail_sender=environ.get("THESTACK_MAIL_SENDER", ""),
        mail_configuration=environ.get("THESTACK_MAIL_CONFIGURATION", ""),
        user_pool=environ.get("THESTACK_USER_POOL", ""),
        default_tenant=environ.get("THESTACK_DEFAULT_TENANT", "main"),
        scheduler_role=environ.get("THESTACK_SCHEDULER_ROLE", ""),
        sockets=environ.get("THESTACK_SOCKETS", ""),
        hook=environ.get("THESTACK_HOOK", ""),
        api=environ.get("THESTACK_API", ""),
    )
