"""Where the stacks of the organization go, and how those of the management account meet."""

from aws_cdk import Environment as Place
from constructs import Construct

from deploy.accounts.settings import Account, Settings
from thestack.definition import names
from thestack.infra.parameters import tell, told

ROOT_ID = "root/id"


def unit_id(unit: str) -> str:
    """The key of a unit's id."""
    return f"units/{unit.lower()}/id"


def unit_arn(unit: str) -> str:
    """The key of a unit's ARN."""
    return f"units/{unit.lower()}/arn"


def at_home(settings: Settings, account: Account) -> Place:
    """The account, in the organization's home region."""
    return Place(account=account.id, region=settings.home_region)


def publish(scope: Construct, settings: Settings, key: str, value: str) -> None:
    """Tell the other stacks of the management account `value` under `key`."""
    id = f"Parameter{key.title().replace('/', '')}"
    tell(scope, id, names.organization_parameter(settings.name, key), value)


def read(scope: Construct, settings: Settings, key: str) -> str:
    """What the organization's stack said, at deployment."""
    return told(scope, names.organization_parameter(settings.name, key))
