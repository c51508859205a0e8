"""A service's bucket: what it keeps as objects, for nobody but whom it signs for."""

from collections.abc import Mapping
from typing import Any

from constructs import Construct

from thestack.definition.model import BucketModel, ServiceModel
from thestack.infra.arns import bucket_arn
from thestack.infra.backed_up import back_up
from thestack.infra.environment import Environment
from thestack.infra.private_bucket import PrivateBucket

KEPT_VERSIONS = 30
"""Days for which what was overwritten or deleted can be brought back."""
UNFINISHED = 1
"""Days after which the parts of an upload that was not finished are given up."""
PREFLIGHT = 3600
"""Seconds for which a browser remembers what it may do."""


class ServiceBucket(PrivateBucket):
    """A bucket: private, encrypted, reached by TLS alone. `told` says that its objects are events.

    Where the environment's data is not retained, a stack with objects in it can't be deleted: empty it first.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        environment: Environment,
        model: ServiceModel,
        bucket: BucketModel,
        *,
        told: bool = False,
    ) -> None:
        origins = environment.browser_origins if bucket.browser else ()
        super().__init__(
            scope,
            id,
            environment,
            arn=bucket_arn(environment, model.name, bucket.name),
            logical_id=f"Bucket{bucket.name.title().replace('-', '')}",
            versioned=bucket.versioned,
            lifecycle=_lifecycle(bucket),
            cors_configuration={"corsRules": [_cors(origins)]} if origins else None,
            notification_configuration=(
                {"eventBridgeConfiguration": {"eventBridgeEnabled": True}} if told else None
            ),
        )
        if bucket.versioned:  # AWS Backup takes no others
            back_up(self.bucket, environment)


def _cors(origins: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        "allowedOrigins": list(origins),
        "allowedMethods": ["GET", "HEAD", "POST"],
        "allowedHeaders": ["*"],
        "exposedHeaders": ["ETag"],
        "maxAge": PREFLIGHT,
    }


def _lifecycle(bucket: BucketModel) -> list[Mapping[str, Any]]:
    rules: list[Mapping[str, Any]] = [
        {
            "id": "GiveUpUnfinished",
            "status": "Enabled",
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": UNFINISHED},
        }
    ]
    rules += [
        {"id": f"Expire-{area}", "status": "Enabled", "prefix": f"{area}/", "expirationInDays": time.days}
        for area, time in bucket.expires
    ]
    if bucket.versioned:
        rules.append(
            {
                "id": "ForgetVersions",
                "status": "Enabled",
                "noncurrentVersionExpiration": {"noncurrentDays": KEPT_VERSIONS},
                "expiredObjectDeleteMarker": True,
            }
        )
    return rules
