"""Where an environment keeps what was deployed to it: templates, contracts and supergraphs by hash."""

from constructs import Construct

from thestack.infra.arns import releases_arn
from thestack.infra.environment import Environment
from thestack.infra.private_bucket import PrivateBucket

KEPT_VERSIONS = 365
"""Days for which what was overwritten or deleted can be brought back."""


class Releases(PrivateBucket):
    """The bucket. No function may read it."""

    def __init__(self, scope: Construct, id: str, environment: Environment) -> None:
        forgetting = {
            "id": "ForgetVersions",
            "status": "Enabled",
            "noncurrentVersionExpiration": {"noncurrentDays": KEPT_VERSIONS},
        }
        super().__init__(
            scope,
            id,
            environment,
            arn=releases_arn(environment),
            logical_id="Releases",
            versioned=True,
            lifecycle=[forgetting],
        )
