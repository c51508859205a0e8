"""Signing in to a site whose pages nobody sees who is not signed in: what answers below `/auth`.

The browser keeps three cookies, which no script reads: `signing-in` while it is away at the authorization
server, `session`, which is what CloudFront lets in by, and `refresh`, the server's refresh token. A page asks
`/auth/token` for an access token and keeps it in memory.
"""

import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape
from http import HTTPStatus
from urllib.parse import quote

from thestack.ports.authorization import AuthorizationServer, AuthorizationUnavailable, Granted, Refused
from thestack.ports.clock import Clock
from thestack.runtime.signed_values import SignedValues, encoded

SESSION, SIGNING_IN, REFRESH = "__Host-session", "__Host-signing-in", "__Host-refresh"
"""The cookies. Browsers take the prefix from nobody but this host, over TLS, for all of its paths."""
SESSION_FOR = timedelta(hours=1)
"""How long a page is shown after the last access token was asked for."""
SIGNING_IN_FOR = timedelta(minutes=10)
REFRESH_FOR = timedelta(hours=12)
"""How long it goes on without signing in anew; the refresh token itself is valid for no longer."""
ASKED_BY_SCRIPT = "x-requested-with"
"""A header that no other site's page can send here."""
_OWN_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f]*")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. Names of headers are in lower case; `host` is the one that the browser asked."""

    path: str
    host: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `cookies` are the values of Set-Cookie. `why` is for logs, never for the browser."""

    status: HTTPStatus
    headers: Mapping[str, str]
    cookies: tuple[str, ...] = ()
    body: str = ""
    why: str = ""


class SignIn:
    """Signs in who is in `group`. `signed` gives the keys of the moment; `scheme` is "https" but on a
    developer's own machine.
    """

    def __init__(
        self,
        server: AuthorizationServer,
        signed: Callable[[], SignedValues],
        clock: Clock,
        *,
        group: str,
        scheme: str = "https",
    ) -> None:
        self._server, self._signed, self._clock = server, signed, clock
        self._group, self._scheme = group, scheme
        self._routes = {
            "/auth/sign-in": self._begin,
            "/auth/callback": self._finish,
            "/auth/token": self._token,
            "/auth/sign-out": self._end,
            "/auth/signed-out": self._ended,
        }

    async def answer(self, asked: Asked) -> Answer:
        """Answer a GET. Never raises for what a browser sends, nor for a server that does not answer."""
        route = self._routes.get(asked.path)
        if route is None:
            return _page(HTTPStatus.NOT_FOUND, "Nothing is here.")
        try:
            return await route(asked)
        except AuthorizationUnavailable as wrong:
            said = "The sign-in service does not answer. Try again in a moment."
            return _page(HTTPStatus.SERVICE_UNAVAILABLE, said, why=str(wrong))

    async def _begin(self, asked: Asked) -> Answer:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        content = {
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "to": own_path(asked.query.get("to")),
        }
        kept = self._signed().sign(SIGNING_IN, content, self._now() + SIGNING_IN_FOR)
        where = self._server.authorize_url(
            redirect_uri=self._callback(asked),
            state=state,
            nonce=nonce,
            challenge=encoded(sha256(verifier.encode()).digest()),
        )
        return _redirect(where, _cookie(SIGNING_IN, kept, SIGNING_IN_FOR))

    async def _finish(self, asked: Asked) -> Answer:
        begun = self._signed().read(SIGNING_IN, asked.cookies.get(SIGNING_IN, ""), self._now())
        state, code = asked.query.get("state", ""), asked.query.get("code", "")
        if begun is None or not hmac.compare_digest(state.encode(), begun["state"].encode()):
            return _again("This sign-in was begun elsewhere, or too long ago.")
        if not code:
            return _again("You were not signed in.")
        try:
            granted = await self._server.exchange(
                code,
                redirect_uri=self._callback(asked),
                verifier=begun["verifier"],
                nonce=begun["nonce"],
            )
        except Refused as wrong:
            return _again("You were not signed in: the code is no longer good.", str(wrong))
        if self._group not in granted.groups:
            return await self._shown_out(granted.refresh_token)
        refresh = granted.refresh_token or ""
        return _redirect(
            begun["to"],
            self._session(granted),
            _cookie(REFRESH, refresh, REFRESH_FOR, same_site="Strict"),
            _gone(SIGNING_IN),
        )

    async def _token(self, asked: Asked) -> Answer:
        if asked.headers.get(ASKED_BY_SCRIPT) != "fetch":
            return _json(HTTPStatus.FORBIDDEN, {"error": "ask by the page's script"})
        refresh = asked.cookies.get(REFRESH, "")
        if not refresh or not self._signed().read(SESSION, asked.cookies.get(SESSION, ""), self._now()):
            return _json(HTTPStatus.UNAUTHORIZED, {"error": "sign in first"})
        try:
            granted = await self._server.renew(refresh)
        except Refused as wrong:
            said = {"error": "the session has ended"}
            return _json(HTTPStatus.UNAUTHORIZED, said, _gone(SESSION), _gone(REFRESH), why=str(wrong))
        if self._group not in granted.groups:  # any more
            said = {"error": f"this is for the group {self._group}"}
            return _json(HTTPStatus.FORBIDDEN, said, _gone(SESSION), _gone(REFRESH))
        cookies = [self._session(granted)]
        if granted.refresh_token:
            cookies.append(_cookie(REFRESH, granted.refresh_token, REFRESH_FOR, same_site="Strict"))
        content = {"access_token": granted.access_token, "expires_in": granted.expires_in}
        return _json(HTTPStatus.OK, content, *cookies)

    async def _end(self, asked: Asked) -> Answer:
        if asked.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return _page(HTTPStatus.FORBIDDEN, "Sign out on the site itself.", "/", "Go there")
        await self._revoke(asked.cookies.get(REFRESH))
        where = self._server.sign_out_url(f"{self._origin(asked)}/auth/signed-out")
        return _redirect(where, *(_gone(each) for each in (SESSION, REFRESH, SIGNING_IN)))

    async def _ended(self, asked: Asked) -> Answer:
        return _page(HTTPStatus.OK, "You are signed out.", "/", "Sign in")

    async def _shown_out(self, refresh: str | None) -> Answer:
        """Somebody whom the server knows, and who is none of ours."""
        await self._revoke(refresh)
        said = f"This site is for the group {self._group}, and you are not in it."
        return _page(
            HTTPStatus.FORBIDDEN, said, "/auth/sign-out", "Sign in as somebody else", _gone(SIGNING_IN)
        )

    async def _revoke(self, refresh: str | None) -> None:
        """Best effort: whether the server answers or not, the browser's cookies are taken back."""
        if refresh:
            with suppress(AuthorizationUnavailable):
                await self._server.revoke(refresh)

    def _session(self, granted: Granted) -> str:
        until = self._now() + SESSION_FOR
        return _cookie(SESSION, self._signed().sign(SESSION, {"sub": granted.subject}, until), SESSION_FOR)

    def _origin(self, asked: Asked) -> str:
        return f"{self._scheme}://{asked.host}"

    def _callback(self, asked: Asked) -> str:
        return f"{self._origin(asked)}/auth/callback"

    def _now(self) -> datetime:
        return self._clock.now()


def own_path(wanted: str | None) -> str:
    """The path of this site that somebody is to be sent to; "/" for whatever is none.

    Example: `own_path("//evil.example") == "/"`.
    """
    if wanted and _OWN_PATH.fullmatch(wanted) and not wanted.startswith("/auth/"):
        return quote(wanted, safe="/?&=#%+,;:@!$'()*~-._")
    return "/"


def _cookie(name: str, value: str, lives: timedelta, *, same_site: str = "Lax") -> str:
    seconds = int(lives.total_seconds())
    return f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite={same_site}"


def _gone(name: str) -> str:
    return _cookie(name, "", timedelta())


def _redirect(where: str, *cookies: str) -> Answer:
    return Answer(HTTPStatus.FOUND, {"location": where, "cache-control": "no-store"}, cookies)


def _json(status: HTTPStatus, content: Mapping[str, object], *cookies: str, why: str = "") -> Answer:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return Answer(status, headers, cookies, json.dumps(content), why)


def _again(said: str, why: str = "") -> Answer:
    return _page(HTTPStatus.BAD_REQUEST, said, "/", "Sign in again", _gone(SIGNING_IN), why=why)


def _page(
    status: HTTPStatus, said: str, to: str = "", link: str = "", *cookies: str, why: str = ""
) -> Answer:
    """A page that needs nothing else: what it could load is only for those who are signed in."""
    further = f'<p><a href="{escape(to)}">{escape(link)}</a></p>' if to else ""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(said)}</title><main><h1>{escape(said)}</h1>{further}</main></html>"
    )
    headers = {"content-type": "text/html; charset=utf-8", "cache-control": "no-store"}
    return Answer(status, headers, cookies, body, why)
