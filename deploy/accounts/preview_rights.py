"""What `thestack preview` needs of AWS beyond a deployment: derived from what `thestack.deployment.previews`
calls.
"""

from collections.abc import Sequence

from deploy.accounts.deploy_rights import Statement, allow
from thestack.definition import names


def preview_rights(base: str, previews: str, account: str, region: str) -> Sequence[Statement]:
    """The statements for the previews beside `base` whose names are of the pattern `previews`.

    Buckets are emptied before their stacks go. Of the base it deletes the rows and objects of previews'
    tenants, which are called as these are, and no others.
    """

    def arn(service: str, resource: str) -> str:
        return f"arn:aws:{service}:{region}:{account}:{resource}"

    registry, own = f"parameter{names.previews_parameter(base)}", f"parameter/{previews}"
    buckets = [f"arn:aws:s3:::{each}-*-{account}" for each in (base, previews)]
    theirs = [f"arn:aws:s3:::{base}-*-{account}/*/{previews}/*", f"arn:aws:s3:::{previews}-*-{account}/*"]
    templates = f"arn:aws:s3:::{names.bootstrap_bucket(account, region)}/templates/{previews}"
    user = ["AddUserToGroup", "CreateUser", "GetUser", "ListGroupsForUser", "RemoveUserFromGroup"]
    return (
        allow(
            "SeeResources",
            ["cloudformation:ListStackResources"],
            [arn("cloudformation", f"stack/{each}-*/*") for each in (base, previews)],
        ),
        allow(
            "KeepPreviews",
            ["ssm:DeleteParameter", "ssm:PutParameter"],
            [arn("ssm", f"{registry}/*"), arn("ssm", f"{own}/*")],
        ),
        allow("FindParameters", ["ssm:GetParametersByPath"], [arn("ssm", own), arn("ssm", f"{own}/*")]),
        allow("SeeSecrets", ["secretsmanager:ListSecrets", "ssm:DescribeParameters"], ["*"]),
        allow(
            "KeepSecrets",
            [
                "secretsmanager:CreateSecret",
                "secretsmanager:DeleteSecret",
                "secretsmanager:DescribeSecret",
                "secretsmanager:PutSecretValue",
            ],
            [arn("secretsmanager", f"secret:{previews}/*")],
        ),
        allow(
            "SignTheTestUserIn",
            [f"cognito-idp:Admin{each}" for each in (*user, "SetUserPassword")],
            [arn("cognito-idp", "userpool/*")],
        ),
        allow("SeeObjects", ["s3:ListBucket", "s3:ListBucketVersions"], buckets),
        allow(
            "EmptyBuckets",
            ["s3:DeleteObject", "s3:DeleteObjectVersion"],
            [*theirs, templates],
        ),
        allow("FindTraces", ["dynamodb:Scan"], [arn("dynamodb", f"table/{base}-*")]),
        allow(
            "RemoveTraces",
            ["dynamodb:DeleteItem"],
            [arn("dynamodb", f"table/{base}-*")],
            {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{previews}#*"]}},
        ),
    )
