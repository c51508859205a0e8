"""Users: made and signed in, or refused in one line."""

import pytest

from framework.tests.local.conftest import nowhere
from thestack.local.description import LocalStack
from thestack.local.emulator import Emulator
from thestack.local.signin import sign_in, sign_up
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def stack_with(aws: Aws, pool: str = "p", client: str = "c") -> LocalStack:
    return LocalStack("run", "local", aws.endpoint, "api", pool, client, "templates")


@pytest.fixture
def stack(emulator: Emulator) -> LocalStack:
    """A stack that is nothing but a user pool with the group staff."""
    cognito = emulator.aws.client("cognito-idp")
    attributes = [{"Name": "tenant", "AttributeDataType": "String", "Mutable": True}]
    pool = cognito.create_user_pool(PoolName="p", UsernameAttributes=["email"], Schema=attributes)
    where = {"UserPoolId": pool["UserPool"]["Id"]}
    cognito.create_group(**where, GroupName="staff")
    client = cognito.create_user_pool_client(**where, ClientName="c", ExplicitAuthFlows=FLOWS)
    return stack_with(emulator.aws, where["UserPoolId"], client["UserPoolClient"]["ClientId"])


def test_who_signs_up_signs_in(stack: LocalStack) -> None:
    id = sign_up(stack, "a@example.com", group="staff")
    user = sign_in(stack, "a@example.com")
    assert (user.email, user.id) == ("a@example.com", id)
    assert user.access_token not in repr(user)


def test_a_group_that_is_not_there_makes_no_user(stack: LocalStack) -> None:
    with pytest.raises(OperationError, match=r"cannot sign b@example\.com up: Group nobody not found"):
        sign_up(stack, "b@example.com", group="nobody")
    assert sign_up(stack, "b@example.com")


def test_a_user_who_is_there_already(stack: LocalStack) -> None:
    sign_up(stack, "c@example.com")
    with pytest.raises(OperationError, match=r"cannot sign c@example\.com up: User already exists"):
        sign_up(stack, "c@example.com")


def test_a_wrong_password(stack: LocalStack) -> None:
    sign_up(stack, "d@example.com")
    with pytest.raises(
        OperationError, match=r"cannot sign d@example\.com in: Incorrect username or password"
    ):
        sign_in(stack, "d@example.com", "Wrong-password-1!")


def test_a_stack_that_does_not_answer_is_one_line() -> None:
    with nowhere() as aws:
        for ask in (sign_up, sign_in):
            with pytest.raises(OperationError, match=r"cannot sign e@example\.com (up|in): ") as caught:
                ask(stack_with(aws), "e@example.com")
            assert "\n" not in str(caught.value)
