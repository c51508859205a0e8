"""The account of previews: what `thestack preview` puts beside this environment is gone after its time."""

from thestack.infra.environment import Environment
from thestack.infra.pieces import Budget

environment = Environment(
    name="preview",
    purpose="preview",
    mail_sender="no-reply@preview.thestack.example",
    default_tenant="preview",
    retain_data=False,
    introspection=True,
    point_in_time_recovery=False,
    log_retention_days=3,
    budget=Budget(monthly=50, mails=("team@thestack.example",)),
)
