"""What stacks tell each other.

SSM parameters, read when a stack is deployed. No exports, so that no stack holds another fast.
"""

from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment

BUS_ARN = "bus/arn"
ROUTER_ROLE = "router/role"
POOL_ID = names.POOL_ID
POOL_ARN = "users/pool-arn"
SOCKETS_ROLE = "sockets/role"
SOCKETS_ENDPOINT = "sockets/endpoint"
SOCKETS_API = "sockets/api"
CLIENT_ID = names.CLIENT_ID
API_ID = "api/id"
DOORKEEPER = "api/doorkeeper"
API_URL = names.API_URL
ALARMS_TOPIC = "alarms/topic"
API_DISTRIBUTION = "edge/api"


def emulator_endpoint(stack: Stack) -> CfnParameter:
    """Where the emulator answers: on a port that is chosen when it starts."""
    said = "Where the emulator answers, http://127.0.0.1:PORT"
    return CfnParameter(stack, names.EMULATOR_ENDPOINT, type="String", description=said)


def publish(scope: Construct, environment: Environment, key: str, value: str) -> None:
    """Tell other stacks of the environment `value` under `key`."""
    tell(scope, f"Parameter{_pascal(key)}", names.parameter(environment.name, key), value)


def read(scope: Construct, environment: Environment, key: str) -> str:
    """What the platform said, at deployment."""
    return told(scope, names.parameter(environment.name, key))


def tell(scope: Construct, id: str, name: str, value: str) -> None:
    """Keep `value` in the parameter `name`."""
    ssm.CfnParameter(scope, id, type="String", name=name, value=value)


def told(scope: Construct, name: str) -> str:
    """What the parameter `name` holds, at deployment."""
    return ssm.StringParameter.value_for_string_parameter(scope, name)


def _pascal(key: str) -> str:
    return key.title().replace("/", "").replace("-", "")
