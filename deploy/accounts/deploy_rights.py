"""What `thestack deploy` needs of AWS, for one environment: derived from what `thestack.deployment` calls."""

from collections.abc import Mapping, Sequence
from typing import Any

from thestack.definition import names

Statement = Mapping[str, Any]


def deploy_rights(environments: Sequence[str], account: str, regions: Sequence[str]) -> Sequence[Statement]:
    """The statements for these environments of an account; a name may be a pattern, as `pr-*`.

    It changes no resource itself but the router's function: CloudFormation does, in a role of its own, and
    takes these stacks alone by that role. The regions are the environment's own and the edge's.
    """
    first, *_ = regions

    def arns(service: str, *resources: str, within: Sequence[str] = (first,)) -> list[str]:
        return [
            f"arn:aws:{service}:{region}:{account}:{resource}" for region in within for resource in resources
        ]

    def each(form: str) -> list[str]:
        return [form.format(environment) for environment in environments]

    stacks = arns("cloudformation", *each("stack/{}-*/*"), within=regions)
    execution = [f"arn:aws:iam::{account}:role/{names.bootstrap_role(account, each)}" for each in regions]
    assets = [f"arn:aws:s3:::{names.bootstrap_bucket(account, each)}" for each in regions]
    told = [f"parameter{names.parameter(each, '*')}" for each in environments]
    pointers = [f"parameter{names.releases_parameter(each)}" for each in environments]
    previews = [f"parameter{names.previews_parameter(each)}" for each in environments]
    edge = [f"parameter{names.origin_secret(each)}" for each in environments]
    locks = [f"parameter{names.deploy_lock(each)}" for each in environments]
    releases = [f"arn:aws:s3:::{names.releases_bucket(each, account)}" for each in environments]
    sites = [
        f"arn:aws:s3:::{names.bucket(each, stack, names.SITE, account)}"
        for each in environments
        for stack in (names.FRONTEND_PUBLIC, names.FRONTEND_INTERNAL)
    ]
    keys = [f"parameter{names.session_keys_parameter(each)}" for each in environments]
    routers = [f"function:{names.router_function(each)}" for each in environments]
    functions = each("function:{}-*")
    return (
        allow("SeeStacks", ["cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks"], stacks),
        allow(
            "ChangeStacks",
            ["cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:UpdateStack"],
            stacks,
            {"ArnEquals": {"cloudformation:RoleArn": execution}},
        ),
        allow(
            "HandOn",
            ["iam:PassRole"],
            execution,
            {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
        ),
        allow("SeeAssets", ["s3:ListBucket"], assets),
        allow("BringAssets", ["s3:GetObject", "s3:PutObject"], [f"{each}/*" for each in assets]),
        allow("Record", ["s3:GetObject", "s3:PutObject"], [f"{each}/*" for each in releases]),
        allow("ReadParameters", ["ssm:GetParameter", "ssm:GetParameters"], arns("ssm", *told, *edge, *keys)),
        allow(
            "ReadPointers",
            ["ssm:GetParametersByPath"],
            arns("ssm", *(f"{each}{end}" for each in (*pointers, *previews) for end in ("", "/*"))),
        ),
        allow(
            "PointAndLock",
            ["ssm:DeleteParameter", "ssm:PutParameter"],
            arns("ssm", *(f"{each}/*" for each in pointers), *locks, *edge, *keys),
        ),
        allow("SeePages", ["s3:ListBucket"], sites),
        allow(
            "BringPages",
            ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            [f"{each}/*" for each in sites],
        ),
        # Distributions and stores are named by CloudFront alone: an account has one environment's.
        allow(
            "ForgetPages",
            ["cloudfront:CreateInvalidation"],
            [f"arn:aws:cloudfront::{account}:distribution/*"],
        ),
        allow(
            "TellKeys",
            [
                "cloudfront:DescribeKeyValueStore",
                "cloudfront-keyvaluestore:DescribeKeyValueStore",
                "cloudfront-keyvaluestore:ListKeys",
                "cloudfront-keyvaluestore:UpdateKeys",
            ],
            [f"arn:aws:cloudfront::{account}:key-value-store/*"],
        ),
        allow(
            "SeeFunctions",
            [
                "lambda:GetAlias",
                "lambda:GetFunctionConfiguration",
                "lambda:ListAliases",
                "lambda:ListVersionsByFunction",
            ],
            arns("lambda", *functions),
        ),
        # Of its versions; whether IAM is told which one, Lambda's documentation does not say.
        allow("ForgetVersions", ["lambda:DeleteFunction"], arns("lambda", *functions)),
        allow(
            "Route",
            [
                "lambda:InvokeFunction",
                "lambda:PublishVersion",
                "lambda:UpdateAlias",
                "lambda:UpdateFunctionCode",
                "lambda:UpdateFunctionConfiguration",
            ],
            arns("lambda", *routers, *(f"{each}:*" for each in routers)),
        ),
    )


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], condition: Mapping[str, Any] | None = None
) -> Statement:
    """One statement."""
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    return {**statement, "Condition": condition} if condition else statement
