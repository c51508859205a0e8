"""Tokens that must open nothing."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives import serialization

from thestack.local.description import LocalStack
from thestack.local.signin import PASSWORD

POOL_CLIENT = {"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}


def unsigned(token: str) -> str:
    """The same claims with the algorithm `none`."""
    _, claims = _parts(token)
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."


def altered(token: str, subject: str) -> str:
    """The same header and signature around claims of somebody else."""
    header, _, signature = token.split(".")
    return f"{header}.{_encoded({**_parts(token)[1], 'sub': subject})}.{signature}"


def signed_by_public_key(token: str, http: httpx.Client, stack: LocalStack) -> str:
    """The same claims with HS256, the pool's public key taken as the secret."""
    header, claims = _parts(token)
    keys = http.get(f"{stack.endpoint}/{stack.user_pool}/.well-known/jwks.json").json()["keys"]
    key = next(each for each in keys if each["kid"] == header["kid"])
    public = jwt.PyJWK(key).key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{_encoded({**header, 'alg': 'HS256'})}.{_encoded(claims)}"
    return f"{signed}.{_base64(hmac.digest(public, signed.encode(), hashlib.sha256))}"


def of_another_pool(stack: LocalStack, email: str) -> str:
    """An access token that another user pool of the same account issued to the same address."""
    cognito = stack.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="somebody-elses", UsernameAttributes=["email"])["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", **POOL_CLIENT)[
        "UserPoolClient"
    ]["ClientId"]
    cognito.sign_up(ClientId=client, Username=email, Password=PASSWORD)
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username=email)
    return _access_token(cognito, client, email)


def short_lived(stack: LocalStack, email: str, seconds: int) -> str:
    """A right access token that lives for so many seconds, by the client's setting for one sign-in."""
    cognito = stack.client("cognito-idp")
    where = {"UserPoolId": stack.user_pool, "ClientId": stack.client_id}
    units = {"AccessToken": "seconds", "IdToken": "minutes", "RefreshToken": "days"}
    cognito.update_user_pool_client(**where, AccessTokenValidity=seconds, TokenValidityUnits=units)
    try:
        return _access_token(cognito, stack.client_id, email)
    finally:
        minutes = {**units, "AccessToken": "minutes"}
        cognito.update_user_pool_client(**where, AccessTokenValidity=60, TokenValidityUnits=minutes)


def expiry(token: str) -> int:
    """When a token expires, in seconds of Unix time."""
    return int(_parts(token)[1]["exp"])


def _access_token(cognito: Any, client: str, email: str) -> str:
    answer = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
    return json.loads(header), json.loads(claims)


def _encoded(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
