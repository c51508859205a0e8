"""By which mails go out, and by which it is told what became of them."""

from aws_cdk import aws_ses as ses
from constructs import Construct

from thestack.definition import names
from thestack.infra.arns import arn
from thestack.infra.environment import Environment

TOLD = ("BOUNCE", "COMPLAINT")


class Mail(Construct):
    """SES's configuration set of the environment. Bounces and complaints go to the account's default bus, the
    only one that SES knows; what is told there and heard by nobody costs nothing.
    """

    def __init__(self, scope: Construct, id: str, environment: Environment) -> None:
        super().__init__(scope, id)
        self.configuration = ses.CfnConfigurationSet(
            self,
            "Configuration",
            name=names.mail_configuration(environment.name),
            reputation_options=ses.CfnConfigurationSet.ReputationOptionsProperty(
                reputation_metrics_enabled=True
            ),
            # SES's own list, of the account: what it keeps back it tells as a bounce.
            suppression_options=ses.CfnConfigurationSet.SuppressionOptionsProperty(
                suppressed_reasons=list(TOLD)
            ),
        )
        ses.CfnConfigurationSetEventDestination(
            self,
            "Told",
            configuration_set_name=self.configuration.ref,
            event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                name="default-bus",
                enabled=True,
                matching_event_types=list(TOLD),
                event_bridge_destination=ses.CfnConfigurationSetEventDestination.EventBridgeDestinationProperty(
                    event_bus_arn=arn("events", "event-bus/default")
                ),
            ),
        )
