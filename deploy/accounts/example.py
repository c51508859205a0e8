"""The organization of the examples. Put yours here: what is known first, and ids as they come to be."""

from deploy.accounts.settings import Account, IdentityCenter, LandingZone, Settings

organization = Settings(
    name="thestack",
    home_region="eu-central-1",
    regions=("eu-central-1",),
    repository="thestack-example/thestack",
    alerts=("finance@thestack.example",),
    management=Account(name="management", mail="aws@thestack.example", monthly=20, id="000011112222"),
    log_archive=Account(
        name="log-archive", mail="aws+log-archive@thestack.example", monthly=20, id="000022223333"
    ),
    audit=Account(name="audit", mail="aws+audit@thestack.example", monthly=20, id="000033334444"),
    multi_tenant=Account(
        name="production",
        mail="aws+production@thestack.example",
        monthly=500,
        id="111122223333",
        environment="production",
    ),
    single_tenant=(
        Account(
            name="acme", mail="aws+acme@thestack.example", monthly=300, id="444455556666", environment="acme"
        ),
    ),
    integration=Account(
        name="integration",
        mail="aws+integration@thestack.example",
        monthly=50,
        id="222233334444",
        environment="integration",
    ),
    preview=Account(
        name="preview",
        mail="aws+preview@thestack.example",
        monthly=50,
        id="333344445555",
        environment="preview",
    ),
    developers=(
        Account(
            name="dev-ada",
            mail="aws+ada@thestack.example",
            monthly=20,
            id="555566667777",
            environment="dev",
            deployed_by="dev-ada",
        ),
        Account(
            name="dev-grace",
            mail="aws+grace@thestack.example",
            monthly=20,
            id="666677778888",
            environment="dev",
            deployed_by="dev-grace",
        ),
    ),
    monitoring=Account(
        name="monitoring", mail="aws+monitoring@thestack.example", monthly=30, id="777788889999"
    ),
    logs=Account(name="logs", mail="aws+logs@thestack.example", monthly=30, id="888899990000"),
    landing_zone=LandingZone(
        identity_baseline="arn:aws:controltower:eu-central-1:000011112222:enabledbaseline/XAHCR4CJTSI4W07MZ"
    ),
    identity_center=IdentityCenter(
        instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef",
        administrators="90670ad1e2-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        developers="90670ad1e2-1b2c3d4e-5f60-7182-93a4-b5c6d7e8f90a",
        auditors="90670ad1e2-2c3d4e5f-6071-8293-a4b5-c6d7e8f90a1b",
        finance="90670ad1e2-3d4e5f60-7182-93a4-b5c6-d7e8f90a1b2c",
    ),
)
