"""ARNs computed from names: of this environment's account and region, whatever they are at deployment."""

from aws_cdk import Aws

from thestack.definition import names
from thestack.infra.environment import Environment


def arn(service: str, resource: str) -> str:
    """The ARN of a resource of this account and region."""
    return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"


def queue_arn(environment: Environment, address: str) -> str:
    """The queue of an address, "service/queue", whichever stack makes it."""
    return arn("sqs", names.queue(environment.name, address))


def bucket_arn(environment: Environment, service: str, name: str) -> str:
    """A service's bucket."""
    return f"arn:{Aws.PARTITION}:s3:::{names.bucket(environment.name, service, name, Aws.ACCOUNT_ID)}"


def releases_arn(environment: Environment) -> str:
    """The bucket of what was deployed."""
    return f"arn:{Aws.PARTITION}:s3:::{names.releases_bucket(environment.name, Aws.ACCOUNT_ID)}"


def live_function_arn(function: str) -> str:
    """The live alias of a function."""
    return arn("lambda", f"function:{function}:{names.LIVE}")


def schedules_arn(environment: Environment, group: str) -> str:
    """The schedules of a group. When the emulator looks at rights, it takes every one to be of `default`."""
    return arn("scheduler", f"schedule/{'default' if environment.emulated else group}/*")


def parameter_arn(environment: Environment, service: str, name: str) -> str:
    """The parameter that a service's secret is kept in."""
    return arn("ssm", f"parameter{names.secret_parameter(environment.name, service, name)}")


def secret_arn(environment: Environment, service: str, name: str) -> str:
    """The secret of a service in Secrets Manager, which ends its ARN with six characters of its own."""
    return arn("secretsmanager", f"secret:{names.secret(environment.name, service, name)}-??????")


def written_arn(environment: Environment, text: str) -> str:
    """An ARN as a definition writes it, with its `{region}`, `{account}` and `{environment}`."""
    stands_for = {"region": Aws.REGION, "account": Aws.ACCOUNT_ID, "environment": environment.name}
    for name, value in stands_for.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def sockets_arn(api: str) -> str:
    """The connections of a WebSocket API."""
    return arn("execute-api", f"{api}/*/*/@connections/*")


def subscription_parameters_arn(environment: Environment) -> str:
    """The parameters that tell of which service a subscription is."""
    return arn("ssm", f"parameter{names.subscription_parameter(environment.name, '*')}")


def connections_arn(environment: Environment) -> str:
    """The table of WebSocket connections."""
    return arn("dynamodb", f"table/{names.sockets_table(environment.name)}")


def mail_configuration_arn(environment: Environment) -> str:
    """SES's configuration set of the environment."""
    return arn("ses", f"configuration-set/{names.mail_configuration(environment.name)}")


def identity_arns(environment: Environment) -> list[str]:
    """What the environment's sender may be verified as. The emulator knows e-mail grants on `*` only."""
    if environment.emulated:
        return ["*"]
    return [arn("ses", f"identity/{identity}") for identity in environment.mail_identities]
