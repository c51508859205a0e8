"""What stacks tell each other.

SSM parameters, read when a stack is deployed. No exports, so that no stack holds another fast.
"""

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment

BUS_ARN = "bus/arn"
ROUTER_ROLE = "router/role"
POOL_ID = "users/pool-id"
POOL_ARN = "users/pool-arn"
SOCKETS_ROLE = "sockets/role"
SOCKETS_ENDPOINT = "sockets/endpoint"
SOCKETS_API = "sockets/api"
CLIENT_ID = "users/client-id"
API_ID = "api/id"
API_URL = names.API_URL


def publish(scope: Construct, environment: Environment, key: str, value: str) -> None:
    """Tell other stacks `value` under `key`."""
    name = names.parameter(environment.name, key)
    ssm.CfnParameter(
        scope,
        f"Parameter{key.title().replace('/', '').replace('-', '')}",
        type="String",
        name=name,
        value=value,
    )


def read(scope: Construct, environment: Environment, key: str) -> str:
    """What the platform said, at deployment."""
    return ssm.StringParameter.value_for_string_parameter(scope, names.parameter(environment.name, key))
