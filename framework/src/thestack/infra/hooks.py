"""A hook's door in the API: routes of the service's own, which ask for no token."""

from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from thestack.definition import names
from thestack.definition.model import HookModel, ServiceModel
from thestack.infra import parameters
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.function import LiveFunction
from thestack.infra.waivers import waive


class HookRoutes(Construct):
    """A route for each method of a hook. They lie in the service's stack, so that a new hook changes nothing
    of the platform's.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        model: ServiceModel,
        hook: HookModel,
        function: LiveFunction,
    ) -> None:
        super().__init__(scope, id)
        api = parameters.read(self, environment, parameters.API_ID)
        keeper = parameters.read(self, environment, parameters.DOORKEEPER) if environment.edge else None
        integration = apigateway.CfnIntegration(
            self,
            "Integration",
            api_id=api,
            integration_type="AWS_PROXY",
            integration_uri=function.arn,
            payload_format_version="2.0",
            timeout_in_millis=environment.router_timeout * 1000,
        )
        for method in hook.methods:
            route = apigateway.CfnRoute(
                self,
                method.title(),
                api_id=api,
                route_key=f"{method} {names.hook_path('{tenant}', model.name, hook.name)}",
                target=f"integrations/{integration.ref}",
                authorization_type="CUSTOM" if keeper else "NONE",
                authorizer_id=keeper,
            )
            waive(route, {"AwsSolutions-APIG4": "Whoever calls a hook is known by what it says."})
        called = arn("execute-api", f"{api}/*/*{names.hook_path('{tenant}', model.name, hook.name)}")
        function.allow("ApiMayInvoke", "apigateway.amazonaws.com", called)
