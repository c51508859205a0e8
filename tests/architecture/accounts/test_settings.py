"""The organization's settings: what is wrong is told at once, and what is not known yet is left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.accounts.app import accounts_app
from deploy.accounts.example import organization
from deploy.accounts.settings import Account, Settings
from tests.architecture.accounts.conftest import Stacks
from thestack.infra.environment import load_environment
from thestack.infra.errors import SynthesisError


def stacks_of(settings: Settings, folder: Path) -> set[str]:
    return {each.stack_name for each in accounts_app(settings, str(folder)).synth().stacks}


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(SynthesisError) as caught:
        replace(
            organization,
            home_region="us-west-2",
            repository="thestack",
            audit=replace(organization.audit, id="1", mail=organization.logs.mail),
            logs=replace(organization.logs, name="monitoring", monthly=0),
        )
    for said in (
        "id '1' of audit must be 12 digits",
        "monthly 0 of monitoring must be above 0",
        "name 'monitoring' is that of 2 accounts",
        "mail 'aws+logs@thestack.example' is that of 2 accounts",
        "home_region 'us-west-2' must be one of regions eu-central-1",
        "repository 'thestack' must be OWNER/NAME",
    ):
        assert said in str(caught.value)


def test_the_organization_is_not_called_as_an_environment_is() -> None:
    with pytest.raises(SynthesisError, match="name must not be an environment's"):
        replace(organization, name="production")


def test_an_environment_lies_in_the_account_that_its_own_settings_say(tmp_path: Path) -> None:
    moved = replace(organization, multi_tenant=replace(organization.multi_tenant, id="999999999999"))
    with pytest.raises(SynthesisError, match=r"production\.py puts it into the account 111122223333"):
        accounts_app(moved, str(tmp_path))


def test_an_environment_lies_in_a_region_of_the_organization(tmp_path: Path) -> None:
    moved = replace(organization, home_region="eu-west-1", regions=("eu-west-1",))
    with pytest.raises(SynthesisError, match=r"production\.py puts it into eu-central-1, where"):
        accounts_app(moved, str(tmp_path))


def test_before_any_account_is_there_the_organization_is_all_that_needs_none(tmp_path: Path) -> None:
    def unborn(account: Account) -> Account:
        return replace(account, id=None)

    first = replace(
        organization,
        log_archive=unborn(organization.log_archive),
        audit=unborn(organization.audit),
        multi_tenant=unborn(organization.multi_tenant),
        single_tenant=tuple(map(unborn, organization.single_tenant)),
        integration=unborn(organization.integration),
        preview=unborn(organization.preview),
        developers=tuple(map(unborn, organization.developers)),
        monitoring=unborn(organization.monitoring),
        logs=unborn(organization.logs),
        identity_center=None,
    )
    own = {"thestack-organization", "thestack-policies", "thestack-budgets"}
    assert stacks_of(first, tmp_path) == own


def test_there_is_a_stack_for_each_part(stacks: Stacks) -> None:
    deployed = {"production", "acme", "integration", "preview", "dev-ada", "dev-grace"}
    assert stacks.keys() == {
        "organization",
        "landing-zone",
        "policies",
        "audit-log",
        "audit-trail",
        "access",
        "budgets",
        "monitoring",
        "logs",
        *(f"deploy-{account}" for account in deployed),
    }


def test_every_environment_but_the_local_one_has_its_account() -> None:
    files = Path(__file__).resolve().parents[3] / "deploy/environments"
    found = {each.environment for each in organization.members if each.environment}
    assert found == {each.stem for each in files.glob("[!_]*.py")} - {"local"}
    purposes = {"Production": "production", "Test": None, "Developers": "developer"}
    for unit, purpose in purposes.items():
        for account in organization.units[unit]:
            environment = load_environment(files.parents[1], str(account.environment))
            assert environment.purpose == (purpose or account.environment)
            assert (environment.tenancy == "single") == (account in organization.single_tenant)
