"""What is asked of tokens beyond what every Identity asks: the scope of a later client, and ID tokens."""

from typing import Any

import pytest

from thestack.adapters.memory.identity import MemoryIdentity
from thestack.adapters.tokens import TokenVerifier
from thestack.ports import InvalidToken

ISSUER = "https://identity.invalid/pool"
SCOPE = "thestack/inside"
ID = {"token_use": "id", "client_id": None, "aud": "site", "nonce": "n-1"}


@pytest.fixture(scope="module")
def provider() -> MemoryIdentity:
    return MemoryIdentity(issuer=ISSUER)


async def test_a_client_that_is_not_known_is_let_in_by_its_scope(provider: MemoryIdentity) -> None:
    verifier = TokenVerifier(provider, issuer=ISSUER, client_ids={"web"}, scope=SCOPE)
    later = {"client_id": "made-later"}
    token = provider.issue("sam", extra={**later, "scope": f"openid {SCOPE}"})
    assert (await verifier.verify(token)).client == "made-later"
    for scope in ("openid", f"{SCOPE}-not", f"x{SCOPE}", "", None, [SCOPE]):
        with pytest.raises(InvalidToken):
            await verifier.verify(provider.issue("sam", extra={**later, "scope": scope}))
    no_scope = TokenVerifier(provider, issuer=ISSUER, client_ids={"web"})
    with pytest.raises(InvalidToken):
        await no_scope.verify(token)


async def test_where_one_tenant_is_named_nobody_elses_tokens_are_taken(provider: MemoryIdentity) -> None:
    verifier = TokenVerifier(provider, issuer=ISSUER, client_ids={"web"}, tenant="acme")
    assert (await verifier.verify(provider.issue("sam", extra={"tenant": "acme"}))).tenant == "acme"
    for tenant in ("main", "acme2", "", None):
        with pytest.raises(InvalidToken):
            await verifier.verify(provider.issue("sam", extra={"tenant": tenant}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"token_use": "access"},
        {"aud": "another"},
        {"aud": None},
        {"nonce": "n-2"},
        {"nonce": None},
        {"iss": "https://else.invalid"},
        {"exp": 1},
        {"cognito:groups": "staff"},
    ],
)
async def test_an_id_token_is_for_this_client_and_this_sign_in(
    provider: MemoryIdentity, wrong: dict[str, Any]
) -> None:
    verifier = TokenVerifier(provider, issuer=ISSUER, client_ids={"site"})
    good = provider.issue("sam", groups={"staff"}, extra=ID)
    assert await verifier.verify_id(good, nonce="n-1") == ("sam", {"staff"})
    with pytest.raises(InvalidToken):
        await verifier.verify_id(provider.issue("sam", extra={**ID, **wrong}), nonce="n-1")


async def test_an_id_token_opens_no_api_and_an_access_token_signs_nobody_in(provider: MemoryIdentity) -> None:
    verifier = TokenVerifier(provider, issuer=ISSUER, client_ids={"web", "site"})
    with pytest.raises(InvalidToken):
        await verifier.verify(provider.issue("sam", extra=ID))
    with pytest.raises(InvalidToken):
        await verifier.verify_id(provider.issue("sam"), nonce=None)
