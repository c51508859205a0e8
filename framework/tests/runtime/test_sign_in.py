"""Signing in: what a browser is sent, what it may not make up, and what it is told when it may not enter."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlsplit

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.ports.authorization import AuthorizationUnavailable, Granted, Refused
from thestack.runtime.sign_in import REFRESH, SESSION, SIGNING_IN, Answer, Asked, SignIn, own_path
from thestack.runtime.signed_values import Key, SignedValues

HOST = "internal.example.com"
NEW, OLD, FOREIGN = (Key(id, id * 20) for id in ("new", "old", "foreign"))


class Server:
    """An authorization server that knows `sam` by one code at a time, as the port says."""

    def __init__(self) -> None:
        self.groups = frozenset({"staff"})
        self.revoked: list[str] = []
        self.is_there = True
        self._challenges: dict[str, tuple[str, str]] = {}

    def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        self._challenges["code"] = (challenge, nonce)
        return f"https://login.example/?redirect_uri={redirect_uri}&state={state}"

    def sign_out_url(self, return_to: str) -> str:
        return f"https://login.example/logout?logout_uri={return_to}"

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> Granted:
        self._reached()
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if self._challenges.pop(code, None) != (digest, nonce):
            raise Refused("no such code")
        return Granted("sam", self.groups, "access", "refresh-1", 900)

    async def renew(self, refresh_token: str) -> Granted:
        self._reached()
        if refresh_token in self.revoked:
            raise Refused("revoked")
        return Granted("sam", self.groups, "access-2", None, 900)

    async def revoke(self, refresh_token: str) -> None:
        self._reached()
        self.revoked.append(refresh_token)

    def _reached(self) -> None:
        if not self.is_there:
            raise AuthorizationUnavailable("no answer")


class Browser:
    """Keeps cookies, and follows nothing by itself."""

    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in = sign_in
        self.cookies: dict[str, str] = {}
        self.attributes: dict[str, Mapping[str, str]] = {}

    async def get(self, url: str, **headers: str) -> Answer:
        parts = urlsplit(url)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asked = Asked(parts.path, HOST, dict(parse_qsl(parts.query)), dict(self.cookies), named)
        answer = await self.sign_in.answer(asked)
        for each in answer.cookies:
            for name, morsel in SimpleCookie(each).items():
                self.attributes[name] = morsel
                self.cookies[name] = morsel.value
                if morsel["max-age"] == "0":
                    del self.cookies[name]
        return answer

    async def begin(self, to: str = "/") -> str:
        """The state of a sign-in that is under way."""
        answer = await self.get(f"/auth/sign-in?to={to}")
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))["state"]

    async def enter(self) -> None:
        answer = await self.get(f"/auth/callback?code=code&state={await self.begin()}")
        assert answer.status == HTTPStatus.FOUND


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 26, tzinfo=UTC))


@pytest.fixture
def keys() -> list[Key]:
    return [NEW, OLD]


@pytest.fixture
def browser(server: Server, clock: FixedClock, keys: list[Key]) -> Browser:
    return Browser(SignIn(server, lambda: SignedValues(keys), clock, group="staff"))


async def test_who_is_staff_comes_in_and_where_they_wanted_to_go(browser: Browser) -> None:
    state = await browser.begin("/map?service=todo")
    answer = await browser.get(f"/auth/callback?code=code&state={state}")
    assert (answer.status, answer.headers["location"]) == (HTTPStatus.FOUND, "/map?service=todo")
    assert browser.cookies.keys() == {SESSION, REFRESH}
    assert answer.headers["cache-control"] == "no-store"


async def test_cookies_are_for_this_host_alone_and_no_script_reads_them(browser: Browser) -> None:
    await browser.enter()
    assert browser.attributes.keys() == {SESSION, REFRESH, SIGNING_IN}
    for name, morsel in browser.attributes.items():
        assert name.startswith("__Host-")
        assert (morsel["path"], morsel["domain"]) == ("/", "")
        assert morsel["secure"]
        assert morsel["httponly"]
        assert morsel["samesite"] == ("Strict" if name == REFRESH else "Lax")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/ok\r\nset-cookie: a=b",
        "/\t/evil.example",
        "/auth/sign-out",
        "",
        None,
    ],
)
def test_nobody_is_sent_to_another_site(wanted: str | None) -> None:
    assert own_path(wanted) == "/"


def test_paths_of_this_site_are_kept() -> None:
    assert own_path("/a/b?c=d&e=%2F#f") == "/a/b?c=d&e=%2F#f"
    assert own_path("/größe") == "/gr%C3%B6%C3%9Fe"


async def test_a_sign_in_that_somebody_else_began_is_none(browser: Browser) -> None:
    """Whoever makes a victim open a callback with a code of their own lacks the cookie of its state."""
    state = await browser.begin()
    for wrong in (state[:-1], "", "another"):
        answer = await browser.get(f"/auth/callback?code=code&state={wrong}")
        assert answer.status == HTTPStatus.BAD_REQUEST
        assert SESSION not in browser.cookies
    browser.cookies.clear()
    answer = await browser.get(f"/auth/callback?code=code&state={state}")
    assert answer.status == HTTPStatus.BAD_REQUEST


async def test_a_sign_in_takes_ten_minutes_at_most(browser: Browser, clock: FixedClock) -> None:
    state = await browser.begin()
    clock.advance(timedelta(minutes=11))
    answer = await browser.get(f"/auth/callback?code=code&state={state}")
    assert answer.status == HTTPStatus.BAD_REQUEST


async def test_a_code_that_is_not_good_enters_nobody(browser: Browser) -> None:
    state = await browser.begin()
    answer = await browser.get(f"/auth/callback?code=stolen&state={state}")
    assert (answer.status, answer.why) == (HTTPStatus.BAD_REQUEST, "no such code")
    assert "no such code" not in answer.body
    assert browser.cookies == {}


async def test_who_is_not_staff_is_shown_out(browser: Browser, server: Server) -> None:
    server.groups = frozenset({"guests"})
    answer = await browser.get(f"/auth/callback?code=code&state={await browser.begin()}")
    assert answer.status == HTTPStatus.FORBIDDEN
    assert browser.cookies == {}
    assert server.revoked == ["refresh-1"]


async def test_the_page_is_given_an_access_token_and_the_session_goes_on(
    browser: Browser, clock: FixedClock
) -> None:
    await browser.enter()
    before = browser.cookies[SESSION]
    clock.advance(timedelta(minutes=30))
    answer = await browser.get("/auth/token", x_requested_with="fetch")
    assert json.loads(answer.body) == {"access_token": "access-2", "expires_in": 900}
    assert answer.headers["cache-control"] == "no-store"
    assert browser.cookies[SESSION] != before


async def test_a_token_is_given_to_nobody_else(browser: Browser, clock: FixedClock, server: Server) -> None:
    assert (await browser.get("/auth/token", x_requested_with="fetch")).status == HTTPStatus.UNAUTHORIZED
    await browser.enter()
    assert (await browser.get("/auth/token")).status == HTTPStatus.FORBIDDEN  # as a link or a form asks
    refresh = browser.cookies.pop(REFRESH)
    assert (await browser.get("/auth/token", x_requested_with="fetch")).status == HTTPStatus.UNAUTHORIZED
    browser.cookies[REFRESH] = refresh
    clock.advance(timedelta(hours=2))
    assert (await browser.get("/auth/token", x_requested_with="fetch")).status == HTTPStatus.UNAUTHORIZED


async def test_who_is_staff_no_more_loses_the_session_with_the_next_token(
    browser: Browser, server: Server
) -> None:
    await browser.enter()
    server.groups = frozenset()
    answer = await browser.get("/auth/token", x_requested_with="fetch")
    assert answer.status == HTTPStatus.FORBIDDEN
    assert browser.cookies == {}


async def test_a_revoked_session_ends(browser: Browser, server: Server) -> None:
    await browser.enter()
    server.revoked.append("refresh-1")
    answer = await browser.get("/auth/token", x_requested_with="fetch")
    assert answer.status == HTTPStatus.UNAUTHORIZED
    assert browser.cookies == {}


async def test_signing_out_ends_it_everywhere(browser: Browser, server: Server) -> None:
    await browser.enter()
    assert (await browser.get("/auth/sign-out", sec_fetch_site="cross-site")).status == HTTPStatus.FORBIDDEN
    answer = await browser.get("/auth/sign-out", sec_fetch_site="same-origin")
    assert answer.headers["location"].endswith(f"logout_uri=https://{HOST}/auth/signed-out")
    assert browser.cookies == {}
    assert server.revoked == ["refresh-1"]


async def test_a_server_that_does_not_answer_is_told_and_signs_nobody_in(
    browser: Browser, server: Server
) -> None:
    state = await browser.begin()
    server.is_there = False
    answer = await browser.get(f"/auth/callback?code=code&state={state}")
    assert (answer.status, answer.why) == (HTTPStatus.SERVICE_UNAVAILABLE, "no answer")
    answer = await browser.get("/auth/sign-out")
    assert answer.status == HTTPStatus.FOUND


async def test_what_is_not_there_is_not_found(browser: Browser) -> None:
    assert (await browser.get("/auth/")).status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("keys_then", "is_believed"), [([NEW, OLD], True), ([OLD], True), ([NEW], False), ([FOREIGN], False)]
)
def test_values_of_the_key_before_are_believed_while_it_is_there(
    clock: FixedClock, keys_then: list[Key], is_believed: bool
) -> None:
    value = SignedValues([OLD]).sign("session", {"sub": "sam"}, clock.now() + timedelta(hours=1))
    assert (SignedValues(keys_then).read("session", value, clock.now()) is not None) is is_believed


def test_a_value_is_for_one_purpose_and_a_time_and_can_not_be_changed(clock: FixedClock) -> None:
    signed, later = SignedValues([NEW]), clock.now() + timedelta(hours=1)
    value = signed.sign("session", {"sub": "sam"}, later)
    assert signed.read("session", value, clock.now()) == {"sub": "sam", "exp": later.timestamp()}
    assert signed.read("other", value, clock.now()) is None
    assert signed.read("session", value, later) is None
    id, payload, mac = value.split(".")
    other = urlsafe_b64encode(json.dumps({"sub": "eve", "exp": 9e9}).encode()).decode().rstrip("=")
    for wrong in (
        f"{id}.{other}.{mac}",
        f"{id}.{payload}.",
        f"{id}.{payload}",
        "",
        "..",
        f"{value}x",
        "é.é.é",
    ):
        assert signed.read("session", wrong, clock.now()) is None


def test_keys_are_not_printed() -> None:
    assert NEW.secret not in repr(NEW)
    with pytest.raises(ValueError, match="no key"):
        SignedValues([])
