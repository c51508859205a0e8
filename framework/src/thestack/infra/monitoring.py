"""What a service's own stack has of monitoring: it is deployed, and goes, with what it watches."""

from constructs import Construct

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra.alarms import Alarms, service_alarms
from thestack.infra.burn_rate import subgraph_objective
from thestack.infra.dashboard import Dashboard
from thestack.infra.environment import Environment
from thestack.infra.pieces import Monitoring
from thestack.infra.service_dashboard import service_widgets
from thestack.infra.watched import watched


class ServiceMonitoring(Construct):
    """The alarms and the dashboard of a service, as far as the environment has them."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        monitoring: Monitoring,
        model: ServiceModel,
    ) -> None:
        super().__init__(scope, id)
        parts = watched(environment, model)
        arns: list[str] = []
        if monitoring.alarms:
            objective = subgraph_objective(environment, parts)
            arns = Alarms(
                self, "Alarms", environment, monitoring, model.name, service_alarms(parts), objective
            ).arns
        if monitoring.dashboards:
            name = names.dashboard(environment.name, model.name)
            Dashboard(self, "Dashboard", name, service_widgets(environment, parts, arns))
