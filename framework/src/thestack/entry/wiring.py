"""What the composition roots of a service share: its model, and the AWS adapters behind its ports."""

import importlib
from collections.abc import Callable
from typing import Any

from botocore.config import Config
from botocore.session import get_session

from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.store import DynamoStore
from thestack.definition import names
from thestack.definition.model import Capability, HandlerModel, ServiceModel
from thestack.definition.module import model_of
from thestack.entry.settings import Settings
from thestack.ports import BlobStore, Mailer, Profiles, Scheduler
from thestack.runtime.ports import Ports
from thestack.runtime.provided import Provided
from thestack.runtime.secrets import Secrets

BOUNDED = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


def load_model(module: str) -> ServiceModel:
    """The model of the service defined in the module of this name, which the checks before the deploy found
    right.
    """
    return model_of(importlib.import_module(module))


def package_of(module: str) -> str:
    """The package of a service's own files, by the module of its definition: "services.todo"."""
    return module.rpartition(".")[0]


def client(service: str, endpoint: str | None = None, config: Config = BOUNDED) -> Any:
    """A client with bounded waits, of an endpoint of its own where one is given:
    botocore's, which is what boto3's is, without the layer of resources that it loads.
    """
    return get_session().create_client(service, endpoint_url=endpoint, config=config)


def ports_of(model: ServiceModel, settings: Settings, handlers: tuple[HandlerModel, ...]) -> Ports:
    """The ports that these handlers ask for; what none asks for is not even imported."""
    asked = {dependency.capability for handler in handlers for dependency in handler.dependencies}
    clock, secrets = SystemClock(), _secrets(model, settings, handlers)
    return Ports(
        store=DynamoStore(client("dynamodb"), names.table(settings.environment, model.name, settings.epoch)),
        clock=clock,
        mailer=_mailer(settings) if Capability.MAILER in asked else None,
        profiles=_profiles(settings) if Capability.PROFILES in asked else None,
        epoch=settings.epoch,
        secrets=secrets,
        provided=Provided(model, clock, secrets),
        buckets=buckets_of(model, settings, handlers, _signing),
        api=settings.api,
    )


def queue_url(settings: Settings, name: str) -> str:
    """The URL of a queue of this account, by its name."""
    suffix = "amazonaws.com.cn" if settings.region.startswith("cn-") else "amazonaws.com"
    return f"https://sqs.{settings.region}.{suffix}/{settings.account}/{name}"


def scheduler_of(model: ServiceModel, settings: Settings, session: Any) -> Scheduler:
    """What keeps the messages that a service puts off; `session` is aiobotocore's."""
    from thestack.adapters.aws.scheduler import Destination, EventBridgeScheduler

    partition = settings.scheduler_role.split(":")[1]

    def arn(queue: str) -> str:
        return f"arn:{partition}:sqs:{settings.region}:{settings.account}:{queue}"

    def destination_of(address: str) -> Destination:
        dead_letters = names.dead_letter_queue(settings.environment, address)
        if address.endswith(names.FIFO):  # Scheduler's DLQs are standard queues
            dead_letters = names.relay_dead_letter_queue(settings.environment, model.name)
        return Destination(arn(names.queue(settings.environment, address)), arn(dead_letters))

    group = names.schedule_group(settings.environment, model.name)
    return EventBridgeScheduler(session, group, settings.scheduler_role, destination_of)


def _secrets(model: ServiceModel, settings: Settings, handlers: tuple[HandlerModel, ...]) -> Secrets:
    asked = [each for handler in handlers for each in handler.dependencies]
    asked += [each for provider in model.providers_of(handlers) for each in provider.dependencies]
    places = [each.secret for each in asked if each.secret]
    parameters = managed = None
    if places:
        from thestack.adapters.aws.secrets import ManagedSecrets, SsmSecrets

        if not all(place.manager for place in places):
            prefix = names.secret_parameter(settings.environment, model.name, "")
            parameters = SsmSecrets(client("ssm"), prefix)
        if any(place.manager for place in places):
            prefix = names.secret(settings.environment, model.name, "")
            managed = ManagedSecrets(client("secretsmanager"), prefix)
    return Secrets(model.name, SystemClock(), parameters, managed)


def buckets_of(
    model: ServiceModel, settings: Settings, handlers: tuple[HandlerModel, ...], s3: Callable[[], Any]
) -> dict[str, BlobStore]:
    """The buckets that these handlers ask for, by their names; `s3` makes the client, if there are some."""
    asked = {each.bucket for handler in handlers for each in handler.dependencies if each.bucket}
    if not asked:
        return {}
    from thestack.adapters.aws.blobs import S3Blobs

    made, environment = s3(), settings.environment
    return {
        name: S3Blobs(
            made,
            names.bucket(environment, model.name, name, settings.account),
            versioned=model.bucket(name).versioned,
        )
        for name in sorted(asked)
    }


def _signing() -> Any:
    from thestack.adapters.aws.blobs import SIGNING

    return client("s3", config=SIGNING)


def _mailer(settings: Settings) -> Mailer:
    from thestack.adapters.aws.mailer import SesMailer

    return SesMailer(client("sesv2"), settings.mail_sender, settings.mail_configuration)


def _profiles(settings: Settings) -> Profiles:
    from thestack.adapters.aws.profiles import CognitoProfiles

    return CognitoProfiles(client("cognito-idp"), settings.user_pool)
