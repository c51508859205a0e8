"""Where what was merged goes first: production's settings, with data that may be lost."""

from thestack.infra.environment import Environment
from thestack.infra.pieces import Budget, Edge, Load, Monitoring

environment = Environment(
    name="integration",
    purpose="integration",
    mail_sender="no-reply@integration.thestack.example",
    default_tenant="integration",
    retain_data=False,
    point_in_time_recovery=False,
    log_retention_days=7,
    edge=Edge(),
    public_site=True,
    internal_site=True,
    monitoring=Monitoring(mails=("team@thestack.example",)),
    budget=Budget(
        monthly=50,
        mails=("team@thestack.example",),
        load=Load(requests=20_000, events=20_000, messages=2_000, users=100, table_gb=1, media_gb=1),
    ),
)
