"""A developer's own account: real AWS, disposable data, and short logs."""

from thestack.infra.environment import Environment
from thestack.infra.pieces import Budget, Edge, Monitoring

environment = Environment(
    name="dev",
    purpose="developer",
    mail_sender="no-reply@dev.thestack.example",
    default_tenant="dev",
    origins=("http://localhost:5173",),
    retain_data=False,
    introspection=True,
    point_in_time_recovery=False,
    log_retention_days=7,
    edge=Edge(logs=False),
    public_site=True,
    internal_site=True,
    monitoring=Monitoring(alarms=False, dashboards=False),
    sweep_minutes=60,
    budget=Budget(monthly=20, mails=("developer@thestack.example",)),
)
