"""A hook's function, its routes in the platform's API, and its rights."""

from collections.abc import Callable
from typing import Any

from thestack.definition.fingerprint import fingerprint
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.infra.permissions import permissions

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]

SHELF = """
class Book(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id

class Seen(Event, name="seen", version=1):
    id: Id
"""
HOOK = """
@service.hook("call-back", methods=["GET", "POST"], allow=public, function=Function(memory=256))
async def called(request: HookRequest, /{asked}) -> HookResponse:
    return HookResponse()
"""


def of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template["Resources"].values() if each["Type"] == kind]


def rights(model: ServiceModel, function: str) -> dict[str, tuple[str, ...]]:
    """What a function may do, by the ids of its grants, without log and traces."""
    environment = Environment(name="test", mail_sender="no-reply@thestack.example")
    (found,) = (each for each in permissions([model], environment) if each.function == function)
    grants = {each.sid: each.actions for each in found.grants}
    return {sid: each for sid, each in grants.items() if sid not in {"WriteOwnLog", "SendTraces"}}


def test_a_hook_has_a_function_and_routes_that_nobody_guards(define: Define, template: Synthesize) -> None:
    made = template(define("caller", HOOK.format(asked="")))
    (function,) = of_type(made, "AWS::Lambda::Function")
    assert function["FunctionName"] == "test-caller-hook-call-back"
    assert function["Handler"] == "thestack.entry.hook.handler"
    assert function["Environment"]["Variables"]["THESTACK_HOOK"] == "call-back"
    assert (function["MemorySize"], function["Timeout"]) == (256, 20)
    routes = of_type(made, "AWS::ApiGatewayV2::Route")
    path = "/public/hooks/{tenant}/caller/call-back"
    assert {each["RouteKey"] for each in routes} == {f"GET {path}", f"POST {path}"}
    assert {each["AuthorizationType"] for each in routes} == {"NONE"}
    (integration,) = of_type(made, "AWS::ApiGatewayV2::Integration")
    (alias,) = (id for id, each in made["Resources"].items() if each["Type"] == "AWS::Lambda::Alias")
    assert integration["IntegrationUri"] == {"Ref": alias}
    (api,) = {each["ApiId"]["Ref"] for each in (*routes, integration)}
    assert made["Parameters"][api]["Default"] == "/test/platform/api/id"
    (permission,) = of_type(made, "AWS::Lambda::Permission")
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Join"][1][-1] == f"/*/*{path}"


def test_a_hook_that_asks_for_nothing_may_do_nothing(define: Define) -> None:
    assert rights(define("caller", HOOK.format(asked="")), "test-caller-hook-call-back") == {}


def test_a_hook_may_do_what_it_asks_for(define: Define) -> None:
    read = {"ReadRows": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")}
    write = {"WriteRows": ("dynamodb:PutItem", "dynamodb:UpdateItem")}
    for name, asked, expected in (
        ("reader", "books: Reader[Book]", read),
        ("collector", "books: Collection[Book]", read),
        ("writer", "books: Store[Book, Seen]", read | write),
        ("once", "once: Once", {"ReadRows": ("dynamodb:GetItem",)} | write),
    ):
        model = define(name, SHELF + HOOK.format(asked=f", *, {asked}"))
        assert rights(model, f"test-{name}-hook-call-back") == expected
        assert model.speaks == (name == "writer")


def test_who_makes_links_knows_where_the_api_is(define: Define, template: Synthesize) -> None:
    linking = """
@service.query(allow=public)
async def link(*, links: Links) -> str:
    return links.hook("call-back")
"""
    made = template(define("linker", HOOK.format(asked="") + linking))
    variables = {
        each["FunctionName"]: each["Environment"]["Variables"]
        for each in of_type(made, "AWS::Lambda::Function")
    }
    parameter = variables["test-linker-graphql"]["THESTACK_API"]["Ref"]
    assert made["Parameters"][parameter]["Default"] == "/test/platform/api/url"
    assert "THESTACK_API" not in variables["test-linker-hook-call-back"]


def test_a_hook_that_changes_changes_the_fingerprint(define: Define) -> None:
    first, second, third = (
        define(name, text).hooks
        for name, text in (
            ("one", HOOK.format(asked="")),
            ("two", HOOK.format(asked="").replace('"GET", ', "")),
            ("three", HOOK.format(asked="").replace("-back", "-again")),
        )
    )
    model = define("four", HOOK.format(asked=""))
    from dataclasses import replace

    prints = {fingerprint(replace(model, hooks=hooks)) for hooks in (first, second, third, ())}
    assert len(prints) == 4
    assert fingerprint(replace(model, hooks=first)) == fingerprint(model)
