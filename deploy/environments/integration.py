"""Where what was merged goes first: production's settings, with data that may be lost."""

from thestack.infra.environment import Environment

environment = Environment(
    name="integration",
    mail_sender="no-reply@integration.thestack.example",
    default_tenant="integration",
    retain_data=False,
    point_in_time_recovery=False,
    log_retention_days=7,
)
