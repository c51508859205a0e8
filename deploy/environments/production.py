"""Production, multi-tenant. Set `account` and `region` to yours: then nothing deploys it anywhere else."""

from thestack.infra.environment import Environment
from thestack.infra.pieces import Backups, Budget, Edge, Load, Monitoring, Waf

environment = Environment(
    name="production",
    purpose="production",
    mail_sender="no-reply@thestack.example",
    origins=("https://app.thestack.example",),
    account="111122223333",
    region="eu-central-1",
    memory_mb=1024,
    log_retention_days=365,
    throttle_rate=1000,
    throttle_burst=2000,
    consumer_concurrency=50,
    edge=Edge(
        domain="thestack.example",
        zone_id="Z0123456789ABCDEFGHIJ",
        certificate_arn="arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        web_acl_arn="arn:aws:wafv2:us-east-1:111122223333:global/webacl/production/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        waf=Waf(counting=False),
    ),
    public_site=True,
    internal_site=True,
    monitoring=Monitoring(
        mails=("on-call@thestack.example",),
        runbooks="https://docs.thestack.example/runbooks",
        sink_arn="arn:aws:oam:eu-central-1:777788889999:sink/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        logs_destination_arn="arn:aws:logs:eu-central-1:888899990000:destination:thestack-logs",
    ),
    backups=Backups(),
    budget=Budget(
        monthly=500,
        mails=("on-call@thestack.example",),
        load=Load(
            requests=3_000_000,
            events=1_000_000,
            messages=200_000,
            mails=100_000,
            pushes=200_000,
            users=3_000,
            video_minutes=500,
            table_gb=10,
            media_gb=200,
            egress_gb=300,
        ),
    ),
)
