"""The WebSocket API by which clients are told: opt-in."""

from aws_cdk import Aws, CfnOutput, Fn, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from thestack.definition import names
from thestack.infra import parameters
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.function import LiveFunction
from thestack.infra.table import EXPIRES, pin
from thestack.infra.waivers import waive
from thestack.runtime.connections import SUBSCRIBERS, USERS

ROUTES = ("$connect", "$disconnect", "$default")
STAGE = "live"
SOCKETS_WAIVERS = {
    "AwsSolutions-APIG4": "A client says its token in its first message, and is cut off without.",
    "AwsSolutions-APIG1": "The function logs each message itself, with what became of it.",
    "Serverless-APIGWAccessLogging": "As for AwsSolutions-APIG1.",
    "CKV_AWS_95": "As for AwsSolutions-APIG1.",
}


class ConnectionsTable(Construct):
    """Connections and subscriptions. Nothing in it is worth a backup: whoever is cut off connects anew."""

    def __init__(self, scope: Construct, id: str, environment: Environment) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=names.sockets_table(environment.name),
            partition_key=_string("pk"),
            sort_key=_string("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            time_to_live_attribute=EXPIRES,
            removal_policy=RemovalPolicy.DESTROY,
        )
        for index in (SUBSCRIBERS, USERS):
            self.table.add_global_secondary_index(
                index_name=index,
                partition_key=_string(f"{index}:pk"),
                sort_key=_string(f"{index}:sk"),
                projection_type=dynamodb.ProjectionType.ALL,
            )
        pin(self.table, "Connections")
        waive(
            self.table,
            {"CKV_AWS_28": "Connections live for hours.", "AwsSolutions-DDB3": "As for CKV_AWS_28."},
        )
        waive(self.table, {"CKV_AWS_119": "Encrypted by a key that AWS manages; one's own costs while idle."})


class SocketsApi(Construct):
    """The API without its routes, which need the function, which needs to know where the API is."""

    def __init__(self, scope: Construct, id: str, environment: Environment, emulator: str | None) -> None:
        super().__init__(scope, id)
        self._settings = environment
        self.api = apigateway.CfnApi(
            self,
            "Api",
            name=names.sockets_api(environment.name),
            protocol_type="WEBSOCKET",
            route_selection_expression="$request.body.type",
        )
        pin(self.api, "SocketsApi")
        # Where frames are posted: the emulator serves every API itself, on a port chosen when it starts.
        self.endpoint = (
            Fn.join("/", [emulator, "_aws/execute-api", self.api.ref, STAGE])
            if emulator
            else f"https://{self.api.ref}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{STAGE}"
        )

    def serve(self, function: LiveFunction) -> None:
        """Let the function hear what clients do, and tell other stacks and people where the API is."""
        uri = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:lambda:path/2015-03-31/functions/{function.arn}"
        integration = apigateway.CfnIntegration(
            self,
            "Integration",
            api_id=self.api.ref,
            integration_type="AWS_PROXY",
            integration_uri=f"{uri}/invocations",
        )
        for route in ROUTES:
            apigateway.CfnRoute(
                self,
                f"Route{route.removeprefix('$').title()}",
                api_id=self.api.ref,
                route_key=route,
                target=f"integrations/{integration.ref}",
            )
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.ref,
            stage_name=STAGE,
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=self._settings.throttle_rate,
                throttling_burst_limit=self._settings.throttle_burst,
            ),
        )
        waive(self, SOCKETS_WAIVERS)
        function.allow("ApiMayInvoke", "apigateway.amazonaws.com", arn("execute-api", f"{self.api.ref}/*"))
        said = {
            parameters.SOCKETS_ROLE: function.role.role_name,
            parameters.SOCKETS_ENDPOINT: self.endpoint,
            parameters.SOCKETS_API: self.api.ref,
        }
        for key, value in said.items():
            parameters.publish(self, self._settings, key, value)
        CfnOutput(self, "SocketsApiId", value=self.api.ref).override_logical_id("SocketsApiId")


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
