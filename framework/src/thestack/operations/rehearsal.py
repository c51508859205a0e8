"""Rehearsals of a checkout's code against what an environment holds."""

import asyncio
from dataclasses import replace
from functools import partial

from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.profiles import CognitoProfiles
from thestack.adapters.aws.store import DynamoStore
from thestack.adapters.memory.store import MemoryStore
from thestack.definition import names
from thestack.definition.model import Capability, ConsumerModel, ServiceModel
from thestack.entry.settings import from_environment
from thestack.entry.wiring import buckets_of
from thestack.operations.aws import Aws, telling
from thestack.runtime.ports import Ports
from thestack.runtime.rehearse import Rehearsal, reading_only, rehearse


def rehearse_there(
    aws: Aws, environment: str, service: ServiceModel, consumer: ConsumerModel, body: str
) -> Rehearsal:
    """Run the consumer, as this process has loaded it, on a message: it reads the environment's rows and
    users, and writes and sends nothing.

    On an emulator it has the rights of its function's role; on AWS those of the user. Raises
    `OperationError` where the function is not deployed.
    """
    function = names.consumer_function(environment, service.name, consumer)
    with telling(f"cannot take the settings of the function {function} at {aws.place}"):
        deployed = aws.client("lambda").get_function_configuration(FunctionName=function)
        acting = _as_role(aws, deployed["Role"]) if aws.endpoint else aws
        settings = from_environment({**deployed["Environment"]["Variables"], "AWS_REGION": aws.region})
        asked = {dependency.capability for dependency in consumer.handler.dependencies}
        profiles = None
        if Capability.PROFILES in asked:
            profiles = CognitoProfiles(acting.client("cognito-idp"), settings.user_pool)
        store = DynamoStore(acting.client("dynamodb"), names.table(environment, service.name, settings.epoch))
        ports = Ports(
            store,
            SystemClock(),
            profiles=profiles,
            epoch=settings.epoch,
            api=settings.api,
            buckets=buckets_of(service, settings, (consumer.handler,), partial(acting.client, "s3")),
        )
    return asyncio.run(rehearse(service, consumer, ports, MemoryStore(), body))


def refusal(service: ServiceModel, consumer: ConsumerModel, body: str) -> str | None:
    """Why the consumer would reject a message before it looks at anything else; None if it would not."""
    ports = Ports(MemoryStore(), SystemClock())
    read = asyncio.run(rehearse(service, reading_only(consumer), ports, MemoryStore(), body))
    return None if read.error is None else str(read.error)


def _as_role(aws: Aws, role: str) -> Aws:
    keys = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="dry-run")["Credentials"]
    return replace(
        aws,
        access_key=keys["AccessKeyId"],
        secret_key=keys["SecretAccessKey"],
        token=keys["SessionToken"],
    )
