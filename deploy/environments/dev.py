"""A developer's own account: real AWS, disposable data, and short logs."""

from thestack.infra.environment import Environment

environment = Environment(
    name="dev",
    mail_sender="no-reply@dev.thestack.example",
    default_tenant="dev",
    origins=("http://localhost:5173",),
    retain_data=False,
    introspection=True,
    point_in_time_recovery=False,
    log_retention_days=7,
)
