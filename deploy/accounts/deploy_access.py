"""The role by which GitHub's jobs deploy to an environment, with no stored secret."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam
from constructs import Construct

from deploy.accounts.deploy_rights import deploy_rights
from deploy.accounts.execution_rights import execution_rights
from deploy.accounts.place import AccountStack
from deploy.accounts.preview_rights import preview_rights
from deploy.accounts.settings import Account, Settings
from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.waivers import waive

ISSUER, AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"
PREVIEWS = "pr-*"
"""What previews are called that jobs of GitHub put up; they lie beside the base, in its account."""
EXECUTION_FINDINGS = (
    "AwsSolutions-IAM5",
    "CKV_AWS_107",
    "CKV_AWS_109",
    "CKV_AWS_111",
    "RESOURCE_MISMATCH",
    "RESOURCE_POLICY_PRIVILEGE_ESCALATION",
)
"""What checkers find in the rights of who makes stacks."""
SESSION_SECONDS = 3600
"""A job of `stage.yml` ends after an hour."""


class DeployAccessStack(AccountStack):
    """In an account that holds an environment: GitHub as an identity provider, the role that its jobs take,
    and the policy that `cdk bootstrap` is given for CloudFormation.

    The stack is not named as those of the environment are: the role can't change its own rights.
    """

    def __init__(
        self, scope: Construct, settings: Settings, account: Account, environment: Environment
    ) -> None:
        super().__init__(
            scope,
            settings,
            account,
            f"deploy-{account.name}",
            f"How GitHub's jobs deploy {environment.name}",
            protected=True,
        )
        has_previews = environment.purpose == "preview"
        deployed = [environment.name, *([PREVIEWS] if has_previews else [])]
        regions = list(dict.fromkeys((environment.region or settings.home_region, names.EDGE_REGION)))
        provider = iam.CfnOIDCProvider(self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
        rights = [*deploy_rights(deployed, str(account.id), regions)]
        if has_previews:
            rights += preview_rights(environment.name, PREVIEWS, str(account.id), regions[0])
        role = iam.CfnRole(
            self,
            "Deploy",
            role_name=names.deploy_role(environment.name),
            description=f"GitHub's jobs for {account.github_environment} deploy {environment.name} by it",
            max_session_duration=SESSION_SECONDS,
            assume_role_policy_document=_trust(provider.attr_arn, settings.repository, account),
            policies=[{"policyName": "deploy", "policyDocument": _document(rights)}],
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Execution",
            managed_policy_name=names.execution_policy(environment.name),
            description="What CloudFormation may do in this account",
            policy_document=_document(execution_rights(deployed, str(account.id))),
        )
        tests = "tests/architecture/accounts/test_{}_rights.py"
        waive(role, {"AwsSolutions-IAM5": f"One environment's names alone: {tests.format('deploy')}."})
        reason = f"Whatever stacks are made of, in the environment's names: {tests.format('execution')}."
        waive(policy, dict.fromkeys(EXECUTION_FINDINGS, reason))
        CfnOutput(
            self,
            "DeployRole",
            value=role.attr_arn,
            description="DEPLOY_ROLE of the environment in GitHub's settings",
        )
        CfnOutput(
            self,
            "ExecutionPolicy",
            value=policy.attr_policy_arn,
            description="For cdk bootstrap --cloudformation-execution-policies",
        )


def _trust(provider: str, repository: str, account: Account) -> Mapping[str, Any]:
    """A job of this repository, in this environment of GitHub's, whose rules say who approves and from which
    branch.
    """
    is_the_job = {
        f"{ISSUER}:aud": AUDIENCE,
        f"{ISSUER}:sub": f"repo:{repository}:environment:{account.github_environment}",
    }
    return _document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": is_the_job},
            }
        ]
    )


def _document(statements: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}
