"""Which requests X-Ray traces, and by what one finds them again."""

from aws_cdk import aws_xray as xray
from constructs import Construct

from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.pieces import Monitoring

PRIORITY = 1000
"""Before the account's default rule, which is the last."""


class Traces(Construct):
    """Groups of traces, which cost nothing without insights, and the rule of what is sampled.

    Lambda decides by itself where a trace begins with one of its functions, as it does here, since HTTP APIs
    trace nothing: one request a second and 5 % of the others. The rule holds for whatever asks X-Ray for
    rules, as an OpenTelemetry collector does, and its default is Lambda's own.
    """

    def __init__(self, scope: Construct, id: str, environment: Environment, monitoring: Monitoring) -> None:
        super().__init__(scope, id)
        router = f'service("{names.router_function(environment.name)}")'
        self._group("failing", environment, f"{router} AND (fault = true OR error = true)")
        self._group("slow", environment, f"{router} AND responsetime > 2")
        xray.CfnSamplingRule(
            self,
            "Sampling",
            sampling_rule=xray.CfnSamplingRule.SamplingRuleProperty(
                rule_name=names.traces(environment.name, "sampling"),
                version=1,
                priority=PRIORITY,
                reservoir_size=1,
                fixed_rate=monitoring.sampling,
                service_name=f"{environment.name}-*",
                service_type="*",
                resource_arn="*",
                host="*",
                http_method="*",
                url_path="*",
            ),
        )

    def _group(self, what: str, environment: Environment, expression: str) -> None:
        xray.CfnGroup(
            self,
            what.title(),
            group_name=names.traces(environment.name, what),
            filter_expression=expression,
            insights_configuration=xray.CfnGroup.InsightsConfigurationProperty(
                insights_enabled=False, notifications_enabled=False
            ),
        )
