"""The CDK app of the organization: `cdk deploy --app "python -m deploy.accounts.app" STACK`.

It is put up once, by hand and step by step, as docs/accounts.md says; environments have an app of their own,
`deploy.app`.
"""

import sys

import aws_cdk as cdk

from deploy.accounts.example import organization
from deploy.accounts.guarding import PoliciesStack
from deploy.accounts.organization import OrganizationStack
from deploy.accounts.settings import Settings
from thestack.infra.errors import SynthesisError


def accounts_app(settings: Settings, outdir: str | None = None) -> cdk.App:
    """The app with each stack that can be made of what the settings know, into the folder `outdir`."""
    app = cdk.App(outdir=outdir, analytics_reporting=False, tree_metadata=False)
    OrganizationStack(app, settings)
    PoliciesStack(app, settings)
    return app


if __name__ == "__main__":
    try:
        accounts_app(organization).synth()
    except SynthesisError as error:
        sys.exit(str(error))
