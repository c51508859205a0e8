"""Production, multi-tenant. Set `account` and `region` to yours: then nothing deploys it anywhere else."""

from thestack.infra.environment import Environment

environment = Environment(
    name="production",
    mail_sender="no-reply@thestack.example",
    origins=("https://app.thestack.example",),
    account="111122223333",
    region="eu-central-1",
    memory_mb=1024,
    log_retention_days=365,
    throttle_rate=1000,
    throttle_burst=2000,
    consumer_concurrency=50,
)
