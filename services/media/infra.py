"""What media adds to its stack by hand: MediaConvert's queue and role, and CloudFront before its buckets.

The emulator has neither: ffmpeg transcodes there, and what is private is fetched from the buckets.
"""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_mediaconvert as mediaconvert
from constructs import Construct

from services.media import here
from services.media.delivery import Delivery
from services.media.owned import ORIGINALS, RENDITIONS
from services.media.transcoding import Transcoder
from thestack.infra.environment import Environment
from thestack.infra.extension import Service, ServiceBucket, ServiceStack, waive

VIDEOS = "videos"
PUBLIC_KEY = "delivery-public-key"
"""The parameter beside the secret `delivery-key` that holds its public half, as PEM."""
WAIVERS = {
    "AwsSolutions-CFR1": "Who may see what is told by signed addresses, wherever one is.",
    "AwsSolutions-CFR2": "It serves signed addresses of files alone.",
    "CKV_AWS_68": "As for AwsSolutions-CFR2.",
    "AwsSolutions-CFR3": "A log of every picture costs more than the pictures.",
    "CKV_AWS_86": "As for AwsSolutions-CFR3.",
    "AwsSolutions-CFR4": "It is reached by CloudFront's own name, whose certificate can't ask for more.",
    "CKV_AWS_174": "As for AwsSolutions-CFR4.",
}
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""CloudFront's own cache policy for files; its id is the same in every account."""


def extend(stack: ServiceStack, service: Service) -> None:
    """Add it, and tell the functions that ask for a `Transcoder` or a `Delivery`."""
    environment = service.environment
    if environment.emulated:
        _transcode_here(service)
        return
    _MediaConvert(stack, "MediaConvert", service)
    if environment.cdn:
        _CloudFront(stack, "CloudFront", service)


def _transcode_here(service: Service) -> None:
    """ffmpeg says on the default bus what MediaConvert would."""
    bus = f"arn:aws:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus/default"
    for function in service.asking(Transcoder):
        function.function.add_environment(here.TRANSCODER, here.FFMPEG)
        function.role.add_to_policy(
            iam.PolicyStatement(sid="SayWhatMediaConvertWould", actions=["events:PutEvents"], resources=[bus])
        )


class _MediaConvert(Construct):
    """A queue that costs nothing while it is empty, and the role with which its jobs read videos as they
    came, and write what they make of them.
    """

    def __init__(self, scope: Construct, id: str, service: Service) -> None:
        super().__init__(scope, id)
        name = f"{service.environment.name}-{service.model.name}"
        queue = mediaconvert.CfnQueue(self, "Queue", name=name, pricing_plan="ON_DEMAND")
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=_document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "mediaconvert.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                        "ArnLike": {"aws:SourceArn": queue.attr_arn},
                    },
                }
            ),
            policies=[{"policyName": "videos", "policyDocument": _on_videos(service.buckets[VIDEOS])}],
        )
        waive(
            role,
            {"AwsSolutions-IAM5": "A job reads and writes whatever lies in its two areas, and nothing else."},
        )
        for function in service.asking(Transcoder):
            function.function.add_environment(here.TRANSCODER, here.MEDIACONVERT)
            function.function.add_environment(here.ROLE, role.attr_arn)
            function.function.add_environment(here.QUEUE, queue.attr_arn)
            function.role.add_to_policy(
                iam.PolicyStatement(
                    sid="HandOnMediaConvertsRole",
                    actions=["iam:PassRole"],
                    resources=[role.attr_arn],
                    conditions={"StringEquals": {"iam:PassedToService": "mediaconvert.amazonaws.com"}},
                )
            )


def _document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _on_videos(videos: ServiceBucket) -> dict[str, Any]:
    def may(sid: str, action: str, area: str) -> dict[str, Any]:
        return {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": f"{videos.arn}/{area}/*"}

    return _document(
        may("ReadOriginals", "s3:GetObject", ORIGINALS), may("WriteRenditions", "s3:PutObject", RENDITIONS)
    )


class _CloudFront(Construct):
    """A distribution before each bucket. It reads what arrived and its renditions as nobody else may, and
    serves whoever has an address that is signed with the service's key.
    """

    def __init__(self, scope: Construct, id: str, service: Service) -> None:
        super().__init__(scope, id)
        environment, name = service.environment, f"{service.environment.name}-{service.model.name}"
        pem = f"{{{{resolve:ssm:/{environment.name}/{service.model.name}/{PUBLIC_KEY}}}}}"
        key = cloudfront.CfnPublicKey(
            self,
            "Key",
            public_key_config={"callerReference": name, "name": f"{name}-delivery", "encodedKey": pem},
        )
        keys = cloudfront.CfnKeyGroup(
            self, "Keys", key_group_config={"name": f"{name}-delivery", "items": [key.ref]}
        )
        headers = self._headers(environment, name)
        domains = {
            bucket.name: self._distribution(each, bucket, name, keys, headers)
            for each, bucket in service.buckets.items()
        }
        told = Fn.join("", ["{", Fn.join(",", [f'"{k}":"{v}"' for k, v in domains.items()]), "}"])
        for function in service.asking(Delivery):
            function.function.add_environment(here.KEY_ID, key.ref)
            function.function.add_environment(here.DOMAINS, told)

    def _distribution(
        self,
        id: str,
        bucket: ServiceBucket,
        name: str,
        keys: cloudfront.CfnKeyGroup,
        headers: cloudfront.CfnResponseHeadersPolicy,
    ) -> str:
        """Make it; answers its domain."""
        access = cloudfront.CfnOriginAccessControl(
            self,
            f"{id.title()}Access",
            origin_access_control_config={
                "name": f"{name}-{id}",
                "originAccessControlOriginType": "s3",
                "signingBehavior": "always",
                "signingProtocol": "sigv4",
            },
        )
        distribution = cloudfront.CfnDistribution(
            self,
            f"{id.title()}Distribution",
            distribution_config={
                "enabled": True,
                "comment": f"{name}: {id}",
                "httpVersion": "http2and3",
                "ipv6Enabled": True,
                "priceClass": "PriceClass_100",
                "origins": [
                    {
                        "id": "bucket",
                        "domainName": bucket.bucket.attr_regional_domain_name,
                        "originAccessControlId": access.attr_id,
                        "s3OriginConfig": {"originAccessIdentity": ""},
                    }
                ],
                "defaultCacheBehavior": {
                    "targetOriginId": "bucket",
                    "viewerProtocolPolicy": "https-only",
                    "allowedMethods": ["GET", "HEAD", "OPTIONS"],
                    "cachePolicyId": CACHING_OPTIMIZED,
                    "responseHeadersPolicyId": headers.attr_id,
                    "trustedKeyGroups": [keys.ref],
                    "compress": True,
                },
            },
        )
        waive(distribution, WAIVERS)
        arn = f"arn:aws:cloudfront::{Aws.ACCOUNT_ID}:distribution/{distribution.ref}"
        bucket.policy.add_statements(
            iam.PolicyStatement.from_json(
                {
                    "Sid": "LetCloudFrontShow",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": [f"{bucket.arn}/{area}/*" for area in (ORIGINALS, RENDITIONS)],
                    "Condition": {"StringEquals": {"aws:SourceArn": arn}},
                }
            )
        )
        return distribution.attr_domain_name

    def _headers(self, environment: Environment, name: str) -> cloudfront.CfnResponseHeadersPolicy:
        """What browsers are told with every file: to take it for what it is, and which pages may read it."""
        cors = {
            "accessControlAllowCredentials": False,
            "accessControlAllowHeaders": {"items": ["*"]},
            "accessControlAllowMethods": {"items": ["GET", "HEAD"]},
            "accessControlAllowOrigins": {"items": list(environment.browser_origins)},
            "originOverride": True,
        }
        return cloudfront.CfnResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_config={
                "name": f"{name}-delivery",
                "securityHeadersConfig": {
                    "contentTypeOptions": {"override": True},
                    "contentSecurityPolicy": {"contentSecurityPolicy": "sandbox", "override": True},
                    "strictTransportSecurity": {"accessControlMaxAgeSec": 31536000, "override": True},
                },
                **({"corsConfig": cors} if environment.browser_origins else {}),
            },
        )
