"""One machine: the emulator. Nothing outlives it, and whoever runs it sees everything."""

from thestack.infra.environment import Environment, host_architecture

environment = Environment(
    name="local",
    emulated=True,
    mail_sender="no-reply@thestack.example",
    default_tenant="local",
    origins=("http://localhost:5173",),
    architecture=host_architecture(),
    retain_data=False,
    introspection=True,
    log_retention_days=1,
    subscriptions=True,
)
