"""Hooks: what is asked over plain HTTP, what comes of it, and what the world is told."""

import asyncio
from pathlib import Path

import pytest

from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.mailer import MemoryMailer
from thestack.definition.load import load
from thestack.definition.model import ServiceModel
from thestack.runtime.hooks import LARGEST_BODY
from thestack.testing import BEGIN, MemoryProfiles, Running, user

HERE = Path(__file__).parent
PATH = "/public/hooks/main/answering/call-back"


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    loaded = load(HERE / "answering.py", HERE)
    assert loaded.model, loaded.diagnostics
    return loaded.model


@pytest.fixture
def service(model: ServiceModel) -> Running:
    return Running(model, FixedClock(BEGIN), MemoryMailer(), MemoryProfiles())


async def test_a_link_leads_to_the_hook_of_the_tenant_that_it_was_made_for(service: Running) -> None:
    asker = user("alice", tenant="a/b?")
    answer = await service.ask('{ link(token: "x&y=z/ü") }', asker)
    tenant, url = answer["data"]["link"].rsplit(" ", 1)
    assert tenant == "a/b?"
    assert url.startswith("https://api.example/public/hooks/a%2Fb%3F/answering/call-back?token=")
    response = await service.visit(url)
    assert (response.status, response.body) == (200, "<p>x&y=z/ü</p>")
    await service.visit(url, "POST")
    assert [each.tenant for each in await service.said("visited")] == ["a/b?"]


async def test_a_page_can_be_neither_stored_nor_framed_nor_load_anything(service: Running) -> None:
    headers = (await service.visit(PATH)).headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    for word in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert word in headers["content-security-policy"]


async def test_a_header_of_the_handlers_takes_the_place_of_ours(service: Running) -> None:
    response = await service.visit(PATH, "POST")
    assert (response.status, response.headers["cache-control"]) == (202, "no-cache")
    assert len([name for name in response.headers if name.lower() == "cache-control"]) == 1


async def test_a_request_is_one_transaction(service: Running) -> None:
    for times in ("1", "2"):
        assert (await service.visit(f"{PATH}?token=t", "POST")).body == times
    assert len(await service.said("visited")) == 2


async def test_requests_at_once_are_tried_again_until_each_has_its_effect(service: Running) -> None:
    answers = await asyncio.gather(*(service.visit(f"{PATH}?token=t", "POST") for _ in range(3)))
    assert sorted(each.body for each in answers) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("fail", "status", "body"),
    [
        ("gone", 404, "There is nothing here."),
        ("sold", 400, "Sold."),
        ("bug", 500, "Something went wrong on our side."),
    ],
)
async def test_what_fails_writes_nothing_and_says_no_more_than_it_may(
    service: Running, fail: str, status: int, body: str
) -> None:
    response = await service.visit(PATH, "POST", form={"fail": fail})
    assert (response.status, response.body) == (status, body)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert await service.said("visited") == []
    assert [str(each) for each in service.reported] == (["of the database"] if fail == "bug" else [])


async def test_a_body_that_is_too_large_reaches_no_handler(service: Running) -> None:
    too_much = b"x" * (LARGEST_BODY + 1)
    assert (await service.visit(PATH, "POST", body=too_much)).status == 413
    assert await service.said("visited") == []
    assert (await service.visit(PATH, "POST", body=too_much[1:])).status == 202


async def test_an_effect_is_done_once_for_a_key(service: Running) -> None:
    path = "/public/hooks/main/answering/sender"
    answers = [await service.visit(path, "POST", body=b"key") for _ in range(2)]
    assert [each.body for each in answers] == ["done", "done"]


async def test_a_place_or_a_method_that_is_not_there_is_told_in_a_test(service: Running) -> None:
    for url, method in ((f"{PATH}x", "GET"), (PATH, "DELETE"), ("/public/hooks/answering/call-back", "GET")):
        with pytest.raises(AssertionError, match="has no hook"):
            await service.visit(url, method)
