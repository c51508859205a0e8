"""Where the stacks of the organization go, and how those of the management account meet."""

from aws_cdk import Environment as Place
from aws_cdk import Stack
from constructs import Construct

from deploy.accounts.settings import Account, Settings
from thestack.definition import names
from thestack.infra.parameters import tell, told
from thestack.infra.synthesizer import asset_synthesizer

ROOT_ID = "root/id"


def unit_id(unit: str) -> str:
    """The key of a unit's id."""
    return f"units/{unit.lower()}/id"


def unit_arn(unit: str) -> str:
    """The key of a unit's ARN."""
    return f"units/{unit.lower()}/arn"


class AccountStack(Stack):
    """The stack `name` of the organization, in an account and the organization's home region. What is
    `protected` is deleted by nobody who has not said so before.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        account: Account,
        name: str,
        description: str,
        *,
        protected: bool = False,
    ) -> None:
        super().__init__(
            scope,
            names.stack(settings.name, name),
            env=Place(account=account.id, region=settings.home_region),
            description=description,
            synthesizer=asset_synthesizer(),
            termination_protection=protected or None,
        )


def publish(scope: Construct, settings: Settings, key: str, value: str) -> None:
    """Tell the other stacks of the management account `value` under `key`."""
    id = f"Parameter{key.title().replace('/', '')}"
    tell(scope, id, names.organization_parameter(settings.name, key), value)


def read(scope: Construct, settings: Settings, key: str) -> str:
    """What the organization's stack said, at deployment."""
    return told(scope, names.organization_parameter(settings.name, key))
