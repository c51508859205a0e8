"""Both frontends as they are deployed: pages in buckets, behind CloudFront, in a browser."""

import json
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.browser import browser, complaints
from thestack.definition import names
from thestack.deployment.assets import upload
from thestack.deployment.destination import Destination
from thestack.deployment.previews.emptying import empty
from thestack.deployment.publishing import publish
from thestack.deployment.site import Frontend
from thestack.deployment.stacks import deploy, remove
from thestack.infra.assembly import Assembly, read_assembly
from thestack.infra.bundle import Platform, authorizer_bundle
from thestack.infra.environment import Environment, load_environment
from thestack.local.description import LocalStack
from thestack.local.signin import PASSWORD, sign_up
from thestack.local.stack import ENVIRONMENT
from thestack.runtime.sign_in import SESSION
from thestack.runtime.signed_values import Key, SignedValues
from thestack.testing.client import Client
from thestack.testing.waiting import eventually
from thestack.toolchain.tools import node_environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
SHOTS = os.environ.get("THESTACK_SCREENSHOTS")
"""A folder to which the pages are drawn, for who wants to see them."""


@dataclass(frozen=True)
class Sites:
    """The frontends of the local stack, as they are on AWS."""

    stack: LocalStack
    to: Destination
    http: httpx.Client
    public: str = ""
    internal: str = ""

    def get(self, url: str, path: str, **headers: str) -> httpx.Response:
        """What CloudFront answers, past the browser."""
        return self.http.get(
            f"{self.stack.endpoint}{path}", headers={"host": urlsplit(url).netloc, **headers}
        )

    def inside(self, cookie: str, path: str = "/") -> int:
        """The status with which the internal frontend answers who comes with this session."""
        return self.get(self.internal, path, cookie=f"{SESSION}={cookie}").status_code

    def keys(self) -> list[Key]:
        """The keys of the internal frontend's sessions, the one that signs first."""
        name = names.session_keys_parameter(ENVIRONMENT)
        said = self.stack.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        return [Key(each["id"], each["secret"]) for each in json.loads(said)]


@pytest.fixture(scope="module")
def sites(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """The stacks of both frontends, beside those that the local stack has, for as long as they are tested."""
    settings = replace(load_environment(ROOT, ENVIRONMENT), public_site=True, internal_site=True)
    to = Destination(ROOT, settings, stack.aws, lambda _: None)
    for made in synthesized(settings, tmp_path_factory.mktemp("frontends")).stacks:
        upload(stack.aws, made.assets)
        deploy(stack.aws, made.name, json.loads(made.template.read_text()))
    public, internal = (publish(to, each).url for each in Frontend)
    # As the platform is deployed where these are among the environment's origins.
    api = {"AllowOrigins": [public, internal], "AllowMethods": ["POST"], "AllowHeaders": ["*"]}
    stack.client("apigatewayv2").update_api(ApiId=stack.api_id, CorsConfiguration=api)
    with httpx.Client(timeout=30) as http:
        yield Sites(stack, to, http, public, internal)
    stack.client("apigatewayv2").delete_cors_configuration(ApiId=stack.api_id)
    for frontend in (names.FRONTEND_PUBLIC, names.FRONTEND_INTERNAL):
        bucket = names.bucket(ENVIRONMENT, frontend, names.SITE, stack.aws.account())
        empty(stack.aws, bucket)
        remove(stack.aws, names.stack(ENVIRONMENT, frontend))


def synthesized(settings: Environment, folder: Path) -> Assembly:
    os.environ.update(node_environment(), CDK_VALIDATION="false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the CDK's own imports
        import aws_cdk as cdk

        from deploy.shared import add_shared
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    bundle = authorizer_bundle(ROOT, Platform(settings.runtime, settings.architecture, settings.emulated))
    add_shared(app, settings, [names.FRONTEND_PUBLIC, names.FRONTEND_INTERNAL], bundle)
    app.synth()
    return read_assembly(folder, names.stack(ENVIRONMENT, names.FRONTEND_PUBLIC))


@pytest.fixture(scope="module")
def chromium(sites: Sites, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Browser]":
    with browser(sites.stack.endpoint, tmp_path_factory.mktemp("tls")) as started:
        yield started


@pytest.fixture
def page(chromium: "Browser") -> "Iterator[Page]":
    """A page of somebody whom no site knows yet."""
    context = chromium.new_context(viewport={"width": 1100, "height": 860})
    yield context.new_page()
    context.close()


def draw(page: "Page", name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_who_signs_up_works_with_their_todos(sites: Sites, page: "Page") -> None:
    wrong = complaints(page)
    page.goto(f"{sites.public}/any/path")  # which is the page's own to understand
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Code").fill(mailed_code(sites, "ada@example.com"))
    page.get_by_role("button", name="Confirm your address").click()
    page.get_by_text("Nothing here.").wait_for()
    for title in ("Buy bread", "Water the plants", "Call Bob"):
        page.get_by_label("Title").fill(title)
        page.keyboard.press("Enter")
        page.get_by_role("button", name=f"Complete {title}").wait_for()
    page.get_by_role("button", name="Complete Buy bread").press("Enter")
    page.get_by_role("button", name="Buy bread is done").wait_for()
    page.get_by_role("button", name="Delete Call Bob").click()
    page.get_by_text("Call Bob was deleted.").wait_for()
    draw(page, "todos")
    page.reload()
    page.get_by_role("button", name="Buy bread is done").wait_for()
    assert page.get_by_role("listitem").count() == 2
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("button", name="Buy bread is done").wait_for(state="detached")
    page.get_by_role("button", name="Complete Water the plants").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage])") == "[{},{}]"
    assert wrong == []


def mailed_code(sites: Sites, address: str) -> str:
    """The code in the mail that Cognito sent."""

    def codes() -> list[str]:
        said = sites.http.get(f"{sites.stack.endpoint}/_ministack/ses/messages").json()["messages"]
        mails = [each for account in said.values() for each in account if address in each["To"]]
        return [code for each in mails for code in re.findall(r"\d{6}", each["BodyText"])]

    eventually(lambda: bool(codes()))
    return codes()[-1]


def test_what_is_refused_is_said_in_words(sites: Sites, page: "Page") -> None:
    page.goto(sites.public)
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password").fill("Wrong-password-1!")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("E-mail and password do not belong together.").wait_for()


def test_long_lists_are_paged(sites: Sites, page: "Page", client_for: Callable[..., Client]) -> None:
    pager = client_for("pager")
    for number in range(21):
        assert pager.ask(f'mutation {{ createTodo(input: {{title: "Todo {number}"}}) {{ id }} }}')["data"]
    page.goto(sites.public)
    page.get_by_label("E-mail").fill("pager@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Complete Todo 19", exact=True).wait_for()
    assert page.get_by_role("listitem").count() == 20
    page.get_by_role("button", name="Show more").click()
    page.get_by_role("button", name="Complete Todo 20", exact=True).wait_for()


@pytest.mark.parametrize("name", ["public", "internal"])
def test_browsers_are_told_what_they_may_do(sites: Sites, name: str) -> None:
    url = getattr(sites, name)
    answer = sites.get(url, "/", cookie=f"{SESSION}={session(sites.keys())}")
    assert answer.status_code == 200
    headers = answer.headers
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = dict(
        each.split(" ", 1) for each in headers["content-security-policy"].split("; ") if " " in each
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    connections = policy["connect-src"].split()
    assert connections[0] == "'self'"
    assert connections[1:] == [sites.stack.endpoint]  # the API and Cognito
    assert "max-age=60" in headers["cache-control"]
    script = re.findall(r'src="(/assets/app\.\w+\.js)"', answer.text)
    asset = sites.get(url, script[0], cookie=f"{SESSION}={session(sites.keys())}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    assert sites.get(url, "/assets/gone.js", cookie=f"{SESSION}={session(sites.keys())}").status_code == 403


def session(keys: list[Key], **changes: Any) -> str:
    """A session as the sign-in function makes it, or with another purpose or end."""
    until = datetime.now(UTC) + changes.get("lasts", timedelta(hours=1))
    return SignedValues(keys).sign(changes.get("purpose", SESSION), {"sub": "sam"}, until)


def test_nobody_sees_the_internal_pages_without_a_session_of_ours(sites: Sites) -> None:
    keys = sites.keys()
    good = session(keys)
    assert sites.inside(good) == 200
    foreign = Key(keys[0].id, "x" * 43)
    unknown = Key("unknown", "x" * 43)
    id, payload, mac = good.split(".")
    refused = [
        session([foreign]),
        session([unknown]),
        session(keys, lasts=timedelta(seconds=-1)),
        session(keys, purpose="__Host-signing-in"),
        f"{id}.{payload[:-4]}AAAA.{mac}",
        f"{id}.{payload}.",
        f"{id}.{payload}",
        f"__proto__.{payload}.{mac}",
        "..",
        "",
        "x" * 5000,
    ]
    for cookie in refused:
        assert sites.inside(cookie) == 302, cookie
        for path in ("/config.json", "/services.json", "/published.json", "/index.html"):
            assert sites.inside(cookie, path) in {401, 302}, (cookie, path)
    begun = sites.get(sites.internal, "/map?service=todo&a=b")
    assert begun.headers["location"] == "/auth/sign-in?to=%2Fmap%3Fservice%3Dtodo%26a%3Db"
    assert "x-forwarded-host" not in begun.headers
    sent = sites.get(sites.internal, "/auth/sign-in", **{"x-forwarded-host": "evil.example"})
    assert "evil.example" not in sent.headers["location"]


def test_staff_see_the_services_and_the_numbers(sites: Sites, page: "Page", alice: Client) -> None:
    assert alice.ask('mutation { createTodo(input: {title: "Count me"}) { id } }')["data"]
    sign_up(sites.stack, "inside@example.com", group="staff")
    wrong = complaints(page)
    page.goto(f"{sites.internal}/?service=todo")
    assert page.url.startswith(f"{sites.stack.endpoint}/oauth2/authorize?")
    sign_in_there(page, "inside@example.com")
    figure = page.locator("[data-figure='todos created'] b")
    figure.wait_for()
    assert page.url == f"{sites.internal}/?service=todo"

    def is_counted() -> bool:
        page.get_by_role("button", name="Look again").click()
        page.locator("#numbers[aria-busy=false]").wait_for()
        return figure.inner_text() not in {"", "0"}

    eventually(is_counted)
    assert {each.get_attribute("data-service") for each in page.locator("[data-service]").all()} == {
        "analytics",
        "media",
        "notifications",
        "todo",
    }
    page.get_by_role("button", name="todo").press("Enter")
    page.get_by_role("cell", name="notifications/email").wait_for()
    draw(page, "internal")
    cookies = {each["name"]: each for each in page.context.cookies(sites.internal)}
    assert cookies.keys() == {"__Host-session", "__Host-refresh"}
    assert all(each["httpOnly"] and each["secure"] and each["path"] == "/" for each in cookies.values())
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert wrong == []
    page.get_by_role("link", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    assert page.context.cookies(sites.internal) == []
    page.goto(sites.internal)
    assert page.url.startswith(f"{sites.stack.endpoint}/oauth2/authorize?")


def sign_in_there(page: "Page", email: str) -> None:
    """On the page of the emulator's own sign-in."""
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit], input[type=submit]").first.click()


def test_who_is_not_staff_is_shown_out(sites: Sites, page: "Page") -> None:
    sign_up(sites.stack, "guest@example.com")
    page.goto(sites.internal)
    sign_in_there(page, "guest@example.com")
    page.get_by_text("This site is for the group staff, and you are not in it.").wait_for()
    assert page.context.cookies(sites.internal) == []


def test_a_new_key_signs_nobody_out_and_two_of_them_do(sites: Sites) -> None:
    before = session(sites.keys())
    for is_good in (200, 302):
        done = publish(sites.to, Frontend.INTERNAL, new_key=True)
        assert done.made_key
        assert done.uploaded == done.forgotten == []
        assert sites.inside(session(sites.keys())) == 200
        assert sites.inside(before) == is_good
