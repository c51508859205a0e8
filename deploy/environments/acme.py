"""Production, single-tenant: Acme's own. One more such tenant is one more such file, and one more account."""

from thestack.infra.environment import Environment
from thestack.infra.pieces import Backups, Budget, Edge, Load, Monitoring, Waf

environment = Environment(
    name="acme",
    purpose="production",
    tenancy="single",
    default_tenant="acme",
    mail_sender="no-reply@acme.thestack.example",
    origins=("https://app.acme.thestack.example",),
    account="444455556666",
    region="eu-central-1",
    memory_mb=1024,
    log_retention_days=365,
    throttle_rate=1000,
    throttle_burst=2000,
    consumer_concurrency=50,
    edge=Edge(
        domain="acme.thestack.example",
        zone_id="Z0ABCDEFGHIJ123456789",
        certificate_arn="arn:aws:acm:us-east-1:444455556666:certificate/1b2c3d4e-5f60-7182-93a4-b5c6d7e8f90a",
        web_acl_arn="arn:aws:wafv2:us-east-1:444455556666:global/webacl/acme/1b2c3d4e-5f60-7182-93a4-b5c6d7e8f90a",
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
        monthly=300,
        mails=("on-call@thestack.example",),
        load=Load(
            requests=1_000_000,
            events=300_000,
            messages=50_000,
            mails=30_000,
            users=1_000,
            video_minutes=100,
            table_gb=5,
            media_gb=50,
            egress_gb=100,
        ),
    ),
)
