"""The organization's accounts and units, Control Tower's hold on them, and budgets."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from deploy.accounts.app import accounts_app
from deploy.accounts.example import organization
from deploy.accounts.settings import Account
from tests.architecture.accounts.conftest import Stacks
from tests.architecture.resolved import Template
from thestack.infra.environment import load_environment

ROOT = Path(__file__).resolve().parents[3]
UNITS = {
    "Production": ["production", "acme"],
    "Test": ["integration", "preview"],
    "Developers": ["dev-ada", "dev-grace"],
    "Infrastructure": ["monitoring", "logs"],
}


def accounts_by_unit(template: Template) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for account in template.of_type("AWS::Organizations::Account").values():
        (unit,) = account.get("ParentIds", [""])
        found.setdefault(unit.removeprefix("Unit").removesuffix(".Id"), []).append(account["AccountName"])
    return found


def test_the_accounts_of_the_overview_lie_in_their_units_beside_control_towers_own(stacks: Stacks) -> None:
    assert accounts_by_unit(stacks["organization"]) == {**UNITS, "": ["log-archive", "audit"]}


def test_one_more_tenant_and_one_more_developer_are_one_more_account_each(tmp_path: Path) -> None:
    tenant = Account(name="umbrella", mail="aws+umbrella@thestack.example", monthly=100)
    developer = Account(name="dev-alan", mail="aws+alan@thestack.example", monthly=20, environment="dev")
    grown = replace(
        organization,
        single_tenant=(*organization.single_tenant, tenant),
        developers=(*organization.developers, developer),
    )
    made = accounts_app(grown, str(tmp_path)).synth().get_stack_by_name("thestack-organization").template
    found = accounts_by_unit(Template(made))
    assert found["Production"] == ["production", "acme", "umbrella"]
    assert found["Developers"] == ["dev-ada", "dev-grace", "dev-alan"]


def test_nothing_of_the_organization_goes_with_its_stack(stacks: Stacks) -> None:
    kinds = {
        "AWS::Organizations::Organization",
        "AWS::Organizations::OrganizationalUnit",
        "AWS::Organizations::Account",
        "AWS::Organizations::Policy",
        "AWS::ControlTower::LandingZone",
        "AWS::CloudTrail::Trail",
        "AWS::S3::Bucket",
    }
    found = [each for template in stacks.values() for each in template.raw.values() if each["Type"] in kinds]
    assert {each["Type"] for each in found} == kinds
    for each in found:
        assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("Retain", "Retain"), each


def test_accounts_and_units_are_made_one_after_another(stacks: Stacks) -> None:
    """Organizations makes one at a time; each waits for the one before."""
    template = stacks["organization"]
    kept = [id for id, each in template.raw.items() if each["Type"].startswith("AWS::Organizations")]
    for before, after in pairwise(kept):
        assert before in template.raw[after]["DependsOn"]


def test_control_tower_can_enrol_every_account(stacks: Stacks) -> None:
    for account in stacks["organization"].of_type("AWS::Organizations::Account").values():
        assert account["RoleName"] == "AWSControlTowerExecution"


def test_the_landing_zones_manifest_is_one_of_its_version(stacks: Stacks) -> None:
    (zone,) = stacks["landing-zone"].of_type("AWS::ControlTower::LandingZone").values()
    assert zone["Version"] == "3.3"
    assert zone["RemediationTypes"] == ["INHERITANCE_DRIFT"]
    year = {"retentionDays": 365}
    # What the schema that AWS publishes for 3.3 requires and knows; the audit trail is another stack's.
    assert zone["Manifest"] == {
        "governedRegions": ["eu-central-1", "us-east-1"],
        "organizationStructure": {"security": {"name": "Security"}},
        "centralizedLogging": {
            "accountId": "000022223333",
            "configurations": {"loggingBucket": year, "accessLoggingBucket": year},
            "enabled": False,
        },
        "securityRoles": {"accountId": "000033334444"},
        "accessManagement": {"enabled": True},
    }


def test_each_unit_is_governed_after_the_landing_zone_and_then_guarded(stacks: Stacks) -> None:
    template = stacks["landing-zone"]
    arns = {unit: f"ssm:/thestack/organization/units/{unit.lower()}/arn" for unit in UNITS}
    baselines = template.of_type("AWS::ControlTower::EnabledBaseline").values()
    assert [each["TargetIdentifier"] for each in baselines] == list(arns.values())
    controls = template.of_type("AWS::ControlTower::EnabledControl").values()
    start = "arn:aws:controltower:eu-central-1::control/AWS-GR_"
    found: dict[str, set[str]] = {}
    for control in controls:
        assert control["ControlIdentifier"].startswith(start)
        name = control["ControlIdentifier"].removeprefix(start)
        found.setdefault(control["TargetIdentifier"], set()).add(name)
    everywhere = {
        "IAM_USER_MFA_ENABLED",
        "ROOT_ACCOUNT_MFA_ENABLED",
        "S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC",
    }
    data = {"S3_BUCKET_PUBLIC_READ_PROHIBITED", "S3_BUCKET_PUBLIC_WRITE_PROHIBITED"}
    guarded = {"Production": everywhere | data, "Infrastructure": everywhere | data}
    assert found == {arns[unit]: guarded.get(unit, everywhere) for unit in UNITS}
    chain = [id for id, each in template.raw.items() if each["Type"].startswith("AWS::ControlTower")]
    assert chain[0] == "LandingZone"
    for before, after in pairwise(chain):
        assert before in template.raw[after]["DependsOn"]


def test_control_towers_roles_are_there_before_it(stacks: Stacks) -> None:
    template = stacks["landing-zone"]
    roles = template.of_type("AWS::IAM::Role")
    assert {each["RoleName"] for each in roles.values()} == {
        "AWSControlTowerAdmin",
        "AWSControlTowerCloudTrailRole",
        "AWSControlTowerStackSetRole",
        "AWSControlTowerConfigAggregatorRoleForOrganizations",
    }
    assert {each["Path"] for each in roles.values()} == {"/service-role/"}
    assert set(template.raw["LandingZone"]["DependsOn"]) == roles.keys()


def told(budget: dict[str, Any]) -> dict[str, set[int]]:
    """At which percents somebody is told, of what is expected and of what was spent."""
    found: dict[str, set[int]] = {}
    for each in budget["NotificationsWithSubscribers"]:
        assert each["Subscribers"]
        assert each["Notification"]["ThresholdType"] == "PERCENTAGE"
        found.setdefault(each["Notification"]["NotificationType"], set()).add(
            each["Notification"]["Threshold"]
        )
    return found


def test_each_account_has_a_budget_with_alerts(stacks: Stacks) -> None:
    budgets = stacks["budgets"].of_type("AWS::Budgets::Budget").values()
    found = {each["Budget"]["CostFilters"]["LinkedAccount"][0]: each for each in budgets}
    assert {id: each["Budget"]["BudgetLimit"]["Amount"] for id, each in found.items()} == {
        str(each.id): each.monthly for each in (organization.management, *organization.members)
    }
    for each in found.values():
        assert told(each) == {"FORECASTED": {80, 100}, "ACTUAL": {50, 80, 100}}


@pytest.mark.parametrize("name", ["dev", "integration", "production", "acme", "preview", "local"])
def test_each_environment_with_a_budget_has_a_stack_for_it(name: str, tmp_path: Path) -> None:
    import aws_cdk as cdk

    from deploy.budget import add_budget

    environment = load_environment(ROOT, name)
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    add_budget(app, environment, None)
    add_budget(app, environment.on_this_machine(), None)
    made = app.synth().stacks
    if environment.budget is None:
        assert not made
        return
    (stack,) = made
    (budget,) = Template(stack.template).of_type("AWS::Budgets::Budget").values()
    assert stack.stack_name == f"{name}-budget"
    assert budget["Budget"]["BudgetLimit"] == {"Amount": environment.budget.monthly, "Unit": "USD"}
    assert told(budget) == {"FORECASTED": {80, 100}, "ACTUAL": {50, 80, 100}}
    mails = {each["Address"] for one in budget["NotificationsWithSubscribers"] for each in one["Subscribers"]}
    assert mails == set(environment.budget.mails)
