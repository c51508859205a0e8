"""One Lambda function as this stack runs them.

A role of its own, a log of its own, retained versions and the alias `live`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.grant import Grant, Kind, Resource
from thestack.infra.grants import telemetry_grants
from thestack.infra.sandbox import sandboxed
from thestack.infra.table import pin
from thestack.infra.waivers import waive

LISTED = "tests/architecture/expected_grants.py lists the statements of every function, to the letter."
FUNCTION_WAIVERS = {
    "AwsSolutions-IAM5": f"Objects of a bucket, versions of a function, traces: {LISTED}",
    "Serverless-LambdaStarPermissions": f"Traces know no resources. {LISTED}",
    "AwsSolutions-L1": "A setting: the newest whose wheels every dependency has for both architectures.",
    "Serverless-LambdaLatestVersion": "As for AwsSolutions-L1.",
    "Serverless-LambdaDLQ": "Asynchronously it is invoked by the sweep alone, which comes again.",
    "CKV_AWS_116": "As for Serverless-LambdaDLQ.",
    "CKV_AWS_115": "Event sources are bounded by maximum concurrency, the API by its throttling.",
    "CKV_AWS_117": "It talks to AWS's APIs alone; a network of one's own costs a gateway while nobody calls.",
    "CKV_AWS_173": "Its variables are names and settings; what is secret lies in SSM or Secrets Manager.",
}
LOG_WAIVERS = {"CKV_AWS_158": "Logs are encrypted by a key of AWS's; one of one's own costs while idle."}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSettings:
    """What differs between functions.

    `timeout` in seconds; `memory` in megabytes, None for the environment's; `role_name` only where another
    stack must know it; `bundle` None where its code is `code`, or is run from the source, outside Lambda.
    `first`: the logical id of the one version that the template has of a function whose later versions are
    published by deployments, which then move the alias. No update of the stack moves it.
    """

    name: str
    handler: str
    bundle: Path | None
    timeout: int
    memory: int | None = None
    grants: Sequence[iam.PolicyStatement] = ()
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    runtime: str | None = None
    role_name: str | None = None
    description: str = ""
    code: str = "# runs from the source"
    first: str | None = None


class LiveFunction(Construct):
    """A function, called and triggered by its alias only.

    Versions are retained: a supergraph that is live elsewhere may still call the one before. CDK's default
    deletes it.
    """

    def __init__(
        self, scope: Construct, id: str, environment: Environment, settings: FunctionSettings
    ) -> None:
        super().__init__(scope, id)
        keep = RemovalPolicy.RETAIN if environment.retain_data else RemovalPolicy.DESTROY
        self.log_group = logs.CfnLogGroup(
            self,
            "Log",
            log_group_name=names.log_group(settings.name),
            retention_in_days=environment.log_retention_days,
        )
        self.log_group.apply_removal_policy(keep)
        telemetry = telemetry_grants(environment, settings.name)
        self.role = iam.Role(
            self,
            "Role",
            role_name=settings.role_name,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={
                "grants": iam.PolicyDocument(
                    statements=[
                        *settings.grants,
                        *(statement(each, self._own_arns) for each in telemetry),
                        *sandboxed(environment),
                    ]
                )
            },
        )
        runtime = settings.runtime or environment.runtime
        has_snapshots = _has_snapshots(runtime)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=settings.name,
            description=settings.description or None,
            runtime=lambda_.Runtime(
                runtime, supports_inline_code=settings.bundle is None, supports_snap_start=has_snapshots
            ),
            architecture=_ARCHITECTURES[environment.architecture],
            handler=settings.handler,
            code=_code(settings),
            role=self.role.without_policy_updates(),
            memory_size=settings.memory or environment.memory_mb,
            timeout=Duration.seconds(settings.timeout),
            environment={names.APP_ID: names.app_id(settings.name), **settings.variables},
            tracing=lambda_.Tracing.ACTIVE if environment.tracing else lambda_.Tracing.DISABLED,
            snap_start=_SNAPSHOTS if has_snapshots and environment.snap_start else None,
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
        )
        # The log exists, with its retention, before the function can write a line of it.
        self.function.node.add_dependency(self.log_group)
        self.alias = lambda_.Alias(self, "Live", alias_name=names.LIVE, version=self._version(settings.first))

        waive(self, FUNCTION_WAIVERS)
        if environment.emulated:
            waive(self, {"CKV_AWS_111": "The emulator evaluates mails and pushes on `*` alone."})
        waive(self.log_group, LOG_WAIVERS)

    @property
    def arn(self) -> str:
        """The ARN of the alias."""
        return self.alias.function_arn

    def _version(self, first: str | None) -> lambda_.IVersion:
        if first is None:
            return self.function.current_version
        version = lambda_.Version(self, "First", lambda_=self.function, removal_policy=RemovalPolicy.RETAIN)
        pin(version, first)
        return version

    @property
    def versions_arn(self) -> str:
        """The ARNs of its versions, and of the alias."""
        return f"{self.function.function_arn}:*"

    def _own_arns(self, resource: Resource) -> Sequence[str]:
        return [self.log_group.attr_arn] if resource.kind is Kind.LOG else ["*"]

    def allow(self, id: str, principal: str, source_arn: str, source_account: str | None = None) -> None:
        """Let an AWS service invoke the alias, from this source alone."""
        lambda_.CfnPermission(
            self,
            id,
            action="lambda:InvokeFunction",
            function_name=self.arn,
            principal=principal,
            source_arn=source_arn,
            source_account=source_account,
        )


def statement(grant: Grant, arns: Callable[[Resource], Sequence[str]]) -> iam.PolicyStatement:
    """The grant as IAM has it; `arns` tells what a resource is in the stack that it is made in."""
    return iam.PolicyStatement(
        sid=grant.sid,
        actions=list(grant.actions),
        resources=[arn for resource in grant.resources for arn in arns(resource)],
        conditions=dict(grant.conditions) or None,
    )


_SNAPSHOTS = lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
_FIRST_WITH_SNAPSHOTS = (3, 12)
_ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


def _has_snapshots(runtime: str) -> bool:
    """Whether Lambda starts functions of this runtime from a snapshot: Python's from 3.12 on."""
    language, _, version = runtime.partition("python")
    return not language and tuple(map(int, version.split("."))) >= _FIRST_WITH_SNAPSHOTS


def _code(settings: FunctionSettings) -> lambda_.Code:
    if settings.bundle is None:
        return lambda_.Code.from_inline(settings.code)
    return lambda_.Code.from_asset(str(settings.bundle))
