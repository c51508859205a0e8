"""What of an environment is backed up: what bears the tag, by which the backups' stack finds it."""

from aws_cdk import Tags
from constructs import IConstruct

from thestack.infra.environment import Environment

TAG = "thestack:backup"
"""Its value is the environment's name."""


def back_up(resource: IConstruct, environment: Environment) -> None:
    """Have a table or a bucket backed up, where the environment has backups."""
    if environment.backups:
        Tags.of(resource).add(TAG, environment.name)
