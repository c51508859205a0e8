"""A service's stack: everything that its definition asks for, and nothing that it does not."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import (
    BucketModel,
    Capability,
    ConsumerModel,
    Function,
    HandlerModel,
    HookModel,
    ServiceModel,
)
from thestack.definition.putting_off import putting_off
from thestack.infra import parameters
from thestack.infra.arns import (
    bucket_arn,
    connections_arn,
    identity_arns,
    mail_configuration_arn,
    parameter_arn,
    queue_arn,
    secret_arn,
    sockets_arn,
    written_arn,
)
from thestack.infra.buckets import ServiceBucket
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack
from thestack.infra.errors import SynthesisError
from thestack.infra.function import FunctionSettings, LiveFunction, statement
from thestack.infra.grant import Grant, Kind, Resource
from thestack.infra.grants import (
    consumer_grants,
    hook_grants,
    needs,
    relay_grants,
    router_grant,
    sockets_grant,
    subgraph_grants,
    subgraph_handlers,
    telling_grants,
)
from thestack.infra.hooks import HookRoutes
from thestack.infra.monitoring import ServiceMonitoring
from thestack.infra.putting_off import PutOffMessages
from thestack.infra.queues import ConsumerQueue, encrypted_queue, timeout_of
from thestack.infra.table import ServiceTable
from thestack.infra.timers import Timer
from thestack.infra.waivers import waive

AS_THE_ENVIRONMENT = Function()
RELAY_RETRIES = 20
RECORD_AGE = Duration.hours(12)
"""Half of what a stream keeps: what the relay could not carry until then is the sweeper's."""


class ServiceStack(EnvironmentStack):
    """The CloudFormation stack of one service, deployed and destroyed by itself.

    `bundle` is the zip of its functions, None where they run from the source; `further` are the zips of those
    with requirements of their own, by these.
    """

    def __init__(
        self,
        scope: Construct,
        environment: Environment,
        model: ServiceModel,
        bundle: Path | None,
        *,
        further: Mapping[str, Path] = MappingProxyType({}),
    ) -> None:
        super().__init__(
            scope,
            environment,
            model.name,
            f"Service {model.name}: {model.description or 'see its service.py'}"[:1024],
        )
        self.service = Service(self, "Service", environment, model, bundle, further)


class Service(Construct):
    """Table, buckets, subgraph, relay and consumers of one service. What an `infra.py` adds can use its
    attributes.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        model: ServiceModel,
        bundle: Path | None,
        further: Mapping[str, Path],
    ) -> None:
        super().__init__(scope, id)
        self.environment, self.model = environment, model
        self._bundle, self._further = bundle, further
        self._pool_id: str | None = None
        self._pool_arn: str | None = None
        if needs(model.handlers, Capability.PROFILES):
            self._pool_id = parameters.read(self, environment, parameters.POOL_ID)
            self._pool_arn = parameters.read(self, environment, parameters.POOL_ARN)
        self.table = ServiceTable(self, "Data", environment, model)
        self.buckets = {bucket.name: self._bucket(bucket) for bucket in model.buckets}
        self.subgraph = self._subgraph() if model.answers else None
        self.relay = self._relay() if model.speaks else None
        telling = model.telling if environment.subscriptions else None
        self.telling = self._telling(telling) if telling else None
        self.consumers = {consumer.name: self._consumer(consumer) for consumer in model.consumers}
        self.hooks = {hook.name: self._hook(hook) for hook in model.hooks}
        if environment.monitoring:
            ServiceMonitoring(self, "Monitoring", environment, environment.monitoring, model)

    def asking(self, port: type[Any]) -> list[LiveFunction]:
        """The functions whose handlers ask for a port of the service's own."""
        model = self.model
        found = [(self.subgraph, subgraph_handlers(model))]
        found += [(self.consumers[each.name], [each.handler]) for each in model.consumers]
        found += [(self.hooks[each.name], [each.handler]) for each in model.hooks]
        return [
            function
            for function, handlers in found
            if function and any(each.type is port for each in model.providers_of(handlers))
        ]

    def _bucket(self, bucket: BucketModel) -> ServiceBucket:
        id = f"{bucket.name.title().replace('-', '')}Bucket"
        heard = {each for consumer in self.model.consumers for each in consumer.reads}
        told = any(each.bucket == bucket.name and each.type in heard for each in self.model.aws_events)
        return ServiceBucket(self, id, self.environment, self.model, bucket, told=told)

    def _subgraph(self) -> LiveFunction:
        environment, model = self.environment, self.model
        own = model.function.timeout
        if own is not None and own.total_seconds() >= environment.router_timeout:
            raise SynthesisError(
                f"the subgraph of {model.name} may run for {own.total_seconds():g} s, and the router of the "
                f"environment {environment.name} waits for {environment.router_timeout} s: give its "
                "`Function` a shorter timeout"
            )
        function = self._function(
            "Graphql",
            names.graphql_function(environment.name, model.name),
            "thestack.entry.graphql.handler",
            environment.subgraph_timeout,
            self._statements(subgraph_grants(model, environment)),
            self._tenant() | self._capability_variables(subgraph_handlers(model)),
            model.function,
        )
        # The router's right to call lies here: a new service changes nothing of the platform's stack. It
        # calls versions by their numbers, of which the next one is not known yet.
        right = iam.CfnPolicy(
            self,
            "RouterMayInvoke",
            policy_name=f"invoke-{model.name}",
            roles=[parameters.read(self, environment, parameters.ROUTER_ROLE)],
            policy_document=iam.PolicyDocument(
                statements=[statement(router_grant(model), lambda _: [function.versions_arn])]
            ),
        )
        waive(right, {"AwsSolutions-IAM5": "Every version of this one function, and its alias: ADR 0020."})
        return function

    def _relay(self) -> LiveFunction:
        environment, model = self.environment, self.model
        undelivered = encrypted_queue(
            self,
            "Undelivered",
            environment,
            names.relay_dead_letter_queue(environment.name, model.name),
            "RelayUndelivered",
        )
        bus = parameters.read(self, environment, parameters.BUS_ARN) if model.emits else None
        kept = None
        if putting_off(model):
            kept = PutOffMessages(self, "PutOff", environment, model, undelivered.queue_arn)
        relay = self._function(
            "Relay",
            names.relay_function(environment.name, model.name),
            "thestack.entry.relay.handler",
            environment.relay_timeout,
            self._statements(
                relay_grants(model, environment),
                {
                    Kind.STREAM: self.table.stream_arn,
                    Kind.UNDELIVERED: undelivered.queue_arn,
                    Kind.BUS: bus,
                    Kind.SCHEDULES: kept.schedules_arn if kept else None,
                    Kind.SCHEDULER: kept.role_arn if kept else None,
                },
            ),
            {"THESTACK_SCHEDULER_ROLE": kept.role_arn} if kept else None,
        )
        said = {
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"pk": {"S": [{"prefix": names.OUTBOX_PREFIX}]}}},
        }
        lambda_.CfnEventSourceMapping(
            self,
            "Stream",
            function_name=relay.arn,
            event_source_arn=self.table.stream_arn,
            starting_position="TRIM_HORIZON",
            batch_size=environment.relay_batch,
            maximum_batching_window_in_seconds=0,
            parallelization_factor=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=RELAY_RETRIES,
            maximum_record_age_in_seconds=int(RECORD_AGE.to_seconds()),
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria={"filters": [{"pattern": json.dumps(said, separators=(",", ":"))}]},
            destination_config={"onFailure": {"destination": undelivered.queue_arn}},
        )
        waive(relay, {"RESOURCE_MISMATCH": "Lambda's own guide grants dynamodb:ListStreams on the stream."})
        if environment.sweep_minutes:
            self._sweep(relay, environment.sweep_minutes)
        return relay

    def _sweep(self, relay: LiveFunction, minutes: int) -> None:
        rule = events.CfnRule(
            self,
            "Sweep",
            name=names.sweep_rule(self.environment.name, self.model.name),
            schedule_expression=f"rate({minutes} minute{'s' if minutes > 1 else ''})",
            targets=[events.CfnRule.TargetProperty(id="relay", arn=relay.arn, input='{"sweep":true}')],
        )
        waive(rule, {"Serverless-EventBusDLQ": "What one sweep misses the next one finds."})
        relay.allow("SweepMayInvoke", "events.amazonaws.com", rule.attr_arn)

    def _consumer(self, consumer: ConsumerModel) -> LiveFunction:
        environment, model = self.environment, self.model
        name = consumer.name.title().replace("_", "")
        queue = ConsumerQueue(self, f"{name}Queue", environment, model, consumer)
        function = self._function(
            name,
            names.consumer_function(environment.name, model.name, consumer),
            "thestack.entry.consumer.handler",
            environment.consumer_timeout,
            self._statements(
                consumer_grants(model, consumer, environment),
                {Kind.QUEUE: queue.queue.queue_arn, Kind.DEAD_LETTERS: queue.dead_letters.queue_arn},
            ),
            {"THESTACK_CONSUMER": consumer.name, **self._capability_variables([consumer.handler])},
            consumer.function,
        )
        queue.feed(self, f"{name}Source", function)
        if consumer.schedule:
            Timer(self, f"{name}Timer", environment, model, consumer, consumer.schedule, queue)
        return function

    def _hook(self, hook: HookModel) -> LiveFunction:
        environment, model = self.environment, self.model
        name = hook.name.title().replace("-", "")
        function = self._function(
            f"{name}Hook",
            names.hook_function(environment.name, model.name, hook.name),
            "thestack.entry.hook.handler",
            environment.subgraph_timeout,
            self._statements(hook_grants(model, hook, environment)),
            {"THESTACK_HOOK": hook.name, **self._capability_variables([hook.handler])},
            hook.function,
        )
        HookRoutes(self, f"{name}Routes", environment, model, hook, function)
        return function

    def _telling(self, telling: ConsumerModel) -> LiveFunction:
        """What tells subscribers, and lets the WebSockets' function ask who may be one."""
        environment, model = self.environment, self.model
        queue = ConsumerQueue(self, "SubscriptionsQueue", environment, model, telling)
        function = self._function(
            "Subscriptions",
            names.telling_function(environment.name, model.name),
            "thestack.entry.subscriptions.handler",
            environment.consumer_timeout,
            self._statements(
                telling_grants(model, telling, environment),
                {
                    Kind.QUEUE: queue.queue.queue_arn,
                    Kind.DEAD_LETTERS: queue.dead_letters.queue_arn,
                    Kind.SOCKETS: sockets_arn(parameters.read(self, environment, parameters.SOCKETS_API)),
                },
            ),
            {
                "THESTACK_SOCKETS": parameters.read(self, environment, parameters.SOCKETS_ENDPOINT),
                **self._capability_variables([telling.handler]),
            },
        )
        iam.CfnPolicy(
            self,
            "SocketsMayAsk",
            policy_name=f"ask-{model.name}",
            roles=[parameters.read(self, environment, parameters.SOCKETS_ROLE)],
            policy_document=iam.PolicyDocument(
                statements=[statement(sockets_grant(model), lambda _: [function.arn])]
            ),
        )
        for part in model.subscriptions:
            parameters.publish(self, environment, f"subscriptions/{part.graphql}", model.name)
        queue.feed(self, "SubscriptionsSource", function)
        return function

    def _function(
        self,
        id: str,
        name: str,
        handler: str,
        timeout: int,
        grants: Sequence[iam.PolicyStatement],
        variables: Mapping[str, str] | None = None,
        own: Function = AS_THE_ENVIRONMENT,
    ) -> LiveFunction:
        settings = FunctionSettings(
            name=name,
            handler=handler,
            bundle=self._further.get(own.requirements or "", self._bundle),
            timeout=timeout_of(own, timeout),
            memory=own.memory,
            grants=grants,
            variables={**own.environment, **self._variables(), **(variables or {})},
        )
        return LiveFunction(self, id, self.environment, settings)

    def _statements(
        self, grants: Sequence[Grant], near: Mapping[Kind, str | None] | None = None
    ) -> list[iam.PolicyStatement]:
        """The grants of a function. `near` are the ARNs of what stands beside it in this stack."""

        def arns(resource: Resource) -> Sequence[str]:
            if found := (near or {}).get(resource.kind):
                return [found]
            match resource.kind:
                case Kind.TABLE:
                    return [self.table.arn]
                case Kind.INDEX:
                    return [f"{self.table.arn}/index/{resource.name}"]
                case Kind.QUEUE:
                    return [queue_arn(self.environment, resource.name)]
                case Kind.CONNECTIONS:
                    return [connections_arn(self.environment)]
                case Kind.CONNECTIONS_INDEX:
                    return [f"{connections_arn(self.environment)}/index/{resource.name}"]
                case Kind.SENDER:
                    return identity_arns(self.environment)
                case Kind.MAIL_CONFIGURATION:
                    return [mail_configuration_arn(self.environment)]
                case Kind.USER_POOL if self._pool_arn:
                    return [self._pool_arn]
                case Kind.BUCKET:
                    return [bucket_arn(self.environment, self.model.name, resource.name)]
                case Kind.OBJECTS:
                    return [f"{bucket_arn(self.environment, self.model.name, resource.name)}/*"]
                case Kind.PARAMETER:
                    return [parameter_arn(self.environment, self.model.name, resource.name)]
                case Kind.SECRET:
                    return [secret_arn(self.environment, self.model.name, resource.name)]
                case Kind.ARN:
                    return [written_arn(self.environment, resource.name)]
                case _:
                    raise ValueError(f"nothing in the stack of {self.model.name} is the {resource}")

        return [statement(grant, arns) for grant in grants]

    def _variables(self) -> dict[str, str]:
        return {
            "THESTACK_SERVICE": self.model.module,
            "THESTACK_ENVIRONMENT": self.environment.name,
            "THESTACK_ACCOUNT": Aws.ACCOUNT_ID,
            "THESTACK_EPOCH": str(self.environment.epoch(self.model.name)),
            "POWERTOOLS_SERVICE_NAME": self.model.name,
            "POWERTOOLS_METRICS_NAMESPACE": names.metrics(self.environment.name),
            "POWERTOOLS_LOG_LEVEL": self.environment.log_level,
        }

    def _tenant(self) -> dict[str, str]:
        """Whose data an anonymous caller of a public field sees."""
        tenant = self.environment.default_tenant
        return {"THESTACK_DEFAULT_TENANT": tenant} if tenant else {}

    def _capability_variables(self, handlers: Sequence[HandlerModel]) -> dict[str, str]:
        variables: dict[str, str] = {}
        if needs(handlers, Capability.MAILER):
            variables["THESTACK_MAIL_SENDER"] = self.environment.mail_sender
            variables["THESTACK_MAIL_CONFIGURATION"] = names.mail_configuration(self.environment.name)
        if self._pool_id and needs(handlers, Capability.PROFILES):
            variables["THESTACK_USER_POOL"] = self._pool_id
        if needs(handlers, Capability.LINKS):
            variables["THESTACK_API"] = parameters.read(self, self.environment, parameters.API_URL)
        return variables
