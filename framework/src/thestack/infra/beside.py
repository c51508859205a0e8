"""What a preview has instead of the services that are not in it: the base's subgraphs, which its router may
call, and queues that hold what its services send to them.
"""

from aws_cdk import aws_iam as iam
from constructs import Construct

from thestack.definition import names
from thestack.infra.arns import arn
from thestack.infra.environment import Environment
from thestack.infra.function import LiveFunction
from thestack.infra.pieces import Preview
from thestack.infra.queues import encrypted_queue
from thestack.infra.waivers import waive


class Beside(Construct):
    """The right to call the base's subgraphs, and the queues. It changes nothing of the base: in one account
    a role's own policy is enough to call a function.
    """

    def __init__(
        self, scope: Construct, id: str, environment: Environment, preview: Preview, router: LiveFunction
    ) -> None:
        super().__init__(scope, id)
        if preview.borrowed:
            functions = [names.graphql_function(preview.base, each) for each in preview.borrowed]
            calling = iam.CfnPolicy(
                self,
                "RouterMayCallBase",
                policy_name="call-base",
                roles=[router.role.role_name],
                policy_document=iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            sid="CallBase",
                            actions=["lambda:InvokeFunction"],
                            resources=[arn("lambda", f"function:{each}:*") for each in functions],
                        )
                    ]
                ),
            )
            waive(calling, {"AwsSolutions-IAM5": "Versions are called by their numbers, and new ones come."})
        for address in preview.held:
            encrypted_queue(
                self,
                f"Held{_title(address)}",
                environment,
                names.queue(environment.name, address),
                f"Held{_title(address)}",
                fifo=address.endswith(names.FIFO),
            )


def _title(address: str) -> str:
    """`notifications/send_email.fifo` -> `NotificationsSendEmailFifo`."""
    return "".join(
        each.title() for each in names.kebab(address.replace("/", "-").replace(".", "-")).split("-")
    )
