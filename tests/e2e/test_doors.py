"""The API's two doors: who gets in, and what is said to the others."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.conftest import Client
from thestack.local.description import LocalStack
from thestack.local.signin import SignedIn

MINE = "{ todos { nodes { id } } }"


def with_token(client: Client, token: str) -> Client:
    return Client(client.stack, client.http, SignedIn("x", "x", token, token))


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))


def test_without_a_token_the_answer_is_401_and_no_function_runs(anonymous: Client, stack: LocalStack) -> None:
    def runs() -> int:
        logs = stack.client("logs")
        found = logs.filter_log_events(logGroupName="/aws/lambda/local-authorizer")["events"]
        return len(found)

    before = runs()
    assert anonymous.post(MINE).status_code == 401
    assert runs() == before


def test_what_is_no_access_token_of_this_pool_is_refused(alice: Client) -> None:
    assert alice.user
    assert alice.post(MINE).status_code == 200
    header, claims = parts(alice.user.access_token)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = stranger.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    own = {"kid": header["kid"]}
    head, _, signature = alice.user.access_token.split(".")
    tampered = base64.urlsafe_b64encode(json.dumps({**claims, "cognito:groups": ["staff"]}).encode())
    forged = {
        "alg none": jwt.encode(claims, None, "none", own),
        "a public key as an HMAC secret": _hs256(claims, own, public),
        "another key with our kid": jwt.encode(claims, stranger, "RS256", own),
        "another pool's key": jwt.encode(
            {**claims, "iss": claims["iss"] + "x"}, stranger, "RS256", {"kid": "k"}
        ),
        "an expired one": jwt.encode({**claims, "exp": int(time.time()) - 60}, stranger, "RS256", own),
        "other claims under the signature": f"{head}.{tampered.decode().rstrip('=')}.{signature}",
        "an ID token": alice.user.id_token,
        "no token at all": "x.y.z",
    }
    answers = {name: with_token(alice, token).post(MINE).status_code for name, token in forged.items()}
    assert set(answers.values()) <= {401, 403}, answers


def _hs256(claims: dict[str, Any], header: dict[str, str], secret: bytes) -> str:
    """Made by hand: libraries refuse to sign with a public key, as an attacker would not."""
    import hashlib
    import hmac

    def encoded(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    signed = (
        f"{encoded(json.dumps({'alg': 'HS256', **header}).encode())}.{encoded(json.dumps(claims).encode())}"
    )
    return f"{signed}.{encoded(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


@pytest.mark.parametrize("query", [MINE, "mutation { deleteTodo(id: 1) { id } }"])
def test_the_public_door_runs_nothing_that_is_not_public(
    anonymous: Client, alice: Client, query: str
) -> None:
    for client in (anonymous, alice):
        response = client.post(query, url=client.stack.public_graphql)
        answer = response.json()
        assert not answer.get("data") or set(answer["data"].values()) == {None}
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_input_that_breaks_a_constraint_is_told_with_its_path(alice: Client) -> None:
    answer = alice.ask('mutation { createTodo(input: {title: ""}) { id } }')
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": ["input", "title"]}
