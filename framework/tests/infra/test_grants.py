"""What a function may do, and the place in the definition that asks for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic
from thestack.diagnostics.locate import Locator
from thestack.infra.environment import Environment
from thestack.infra.grant import Cause, Grant, Kind, Resource
from thestack.infra.permissions import Permissions, permissions

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]
TEST = Environment(name="test", mail_sender="no-reply@thestack.example")
LIBRARY = """
class Book(Entity, key="id", owner="owner_id", allow=owner | group("staff")):
    id: Id
    owner_id: Id
    title: str
    by_title = Index("owner_id", "title", sort=str)

class Lent(Event, name="{name}.lent", version=1):
    id: Id

class Remind(Message, queue="reminders"):
    id: Id

class Fine(Message, queue="fines"):
    id: Id

service.crud(Book, allow=signed_in, only=["get"])

@service.mutation(allow=signed_in)
async def lend(
    id: Id,
    *,
    mine: Owned[Book, Lent | Remind],
) -> Book:
    return await mine.put(await mine.get(id), emit=Lent(id=id))

@service.mutation(allow=signed_in)
async def fine(id: Id, *, own: Owned[Book, Fine]) -> Book:
    return await own.put(await own.get(id), emit=Fine(id=id))

@service.queue()
async def remind(message: Remind, /, *, mailer: Mailer, profiles: Profiles) -> None: ...

@service.queue()
async def collect(message: Fine, /, *, books: Store[Book]) -> None: ...
"""


@pytest.fixture
def granted(define: Define) -> Callable[[str], dict[str, Permissions]]:
    """For a service's name: the permissions of its functions and the platform's, by name without `test-`."""

    def granted(name: str) -> dict[str, Permissions]:
        found = permissions([define(name, LIBRARY.format(name=name))], TEST)
        return {each.function.removeprefix("test-"): each for each in found}

    return granted


def grant(permissions: Permissions, sid: str) -> Grant:
    (found,) = (each for each in permissions.grants if each.sid == sid)
    return found


def lines(causes: tuple[Cause, ...]) -> list[str]:
    """The source of each cause, from where it begins to the end of its line."""
    found = []
    for each in causes:
        assert each.site, each
        span = Locator().locate(Diagnostic("", "", each.site, each.part))
        found.append(Path(each.site.file).read_text().splitlines()[span.line - 1][span.column - 1 :])
    return found


def test_each_grant_knows_what_asks_for_it(granted: Callable[[str], dict[str, Permissions]]) -> None:
    found = granted("lib1")
    subgraph, relay = found["lib1-graphql"], found["lib1-relay"]
    remind, collect = found["lib1-queue-remind"], found["lib1-queue-collect"]
    assert lines(grant(subgraph, "WriteRows").because) == [
        "Owned[Book, Lent | Remind],",
        "Owned[Book, Fine]) -> Book:",
    ]
    assert [line[:4] for line in lines(grant(subgraph, "ReadRows").because)] == ["Book"]
    assert lines(grant(relay, "PublishOwnEvents").because) == ["Owned[Book, Lent | Remind],"]
    assert lines(grant(remind, "SendMail").because)[0].startswith("Mailer, profiles")
    assert lines(grant(remind, "ReadProfiles").because)[0].startswith("Profiles)")
    assert lines(grant(collect, "ReadRows").because) == ["Store[Book]) -> None: ..."]
    assert lines(grant(collect, "PollQueue").because)[0].startswith("collect(message: Fine, /")
    assert lines(grant(found["router"], "InvokeSubgraph").because) == ['"lib1")']


def test_a_resource_of_several_has_its_own_causes(
    granted: Callable[[str], dict[str, Permissions]],
) -> None:
    found = granted("lib2")
    indexes = grant(found["lib2-graphql"], "ReadIndexes")
    assert lines(indexes.causes_of(Resource(Kind.INDEX, "Book.by_title"))) == [
        'Index("owner_id", "title", sort=str)'
    ]
    (reason,) = indexes.causes_of(Resource(Kind.INDEX, "Book.by_ref"))
    assert "others than its owner may read" in reason.text
    sends = grant(found["lib2-relay"], "SendMessages")
    assert lines(sends.causes_of(Resource(Kind.QUEUE, "lib2/fines"))) == ["Owned[Book, Fine]) -> Book:"]
    assert len(sends.because) == 2


def test_what_the_framework_needs_is_said_in_words(
    granted: Callable[[str], dict[str, Permissions]],
) -> None:
    (log,) = grant(granted("lib3")["authorizer"], "WriteOwnLog").because
    assert (log.site, log.text) == (None, "every function writes its own log")


def test_the_report_is_of_what_the_stack_holds(define: Define, template: Synthesize) -> None:
    model = define("lib4", LIBRARY.format(name="lib4"))
    held = _statements(template(model, TEST))
    told = {
        each.function: {grant.sid: (list(grant.actions), dict(grant.conditions)) for grant in each.grants}
        for each in permissions([model], TEST)
        if each.service == "lib4"
    }
    assert told == held


def test_a_function_says_its_name_in_its_calls(define: Define, template: Synthesize) -> None:
    functions = _functions(template(define("lib5", LIBRARY.format(name="lib5")), TEST))
    told = {
        properties["FunctionName"]: properties["Environment"]["Variables"]["AWS_SDK_UA_APP_ID"]
        for properties in functions
    }
    assert told
    assert all(name == app for name, app in told.items())


def test_a_name_too_long_for_that_is_known_by_its_end() -> None:
    name = "an-environment-of-20-a-service-queue-with-quite-a-long-name"
    assert len(names.app_id(name)) == 50
    assert name.endswith(names.app_id(name))


def _functions(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    ]


def _statements(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for properties in _functions(template):
        role = template["Resources"][properties["Role"]["Fn::GetAtt"][0]]
        (policy,) = role["Properties"]["Policies"]
        found[properties["FunctionName"]] = {
            each["Sid"]: (_listed(each["Action"]), each.get("Condition", {}))
            for each in policy["PolicyDocument"]["Statement"]
        }
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


UNIQUE = """
class Member(Entity, key="id", allow=signed_in, unique=["email"]):
    id: Id
    email: str

class Order(Entity, key="id", allow=signed_in):
    id: Id
    by_id = Index("id", "id", sort=str)

class Line(Entity, key=Key("order_id", "number"), beside=Order, allow=signed_in):
    order_id: Id
    number: int

class Left(Message, queue="left"):
    id: Id

class Packed(Message, queue="packed"):
    id: Id

@service.mutation(allow=signed_in)
async def pay(id: Id, *, orders: Store[Order]) -> Order:
    return await orders.within().get(id)

@service.queue()
async def leave(message: Left, /, *, members: Store[Member]) -> None: ...

@service.queue()
async def pack(message: Packed, /, *, cart: Collection[Order | Line]) -> None: ...
"""


def test_only_who_writes_rows_with_unique_values_may_release_them(define: Define) -> None:
    found = {each.function: each for each in permissions([define("club", UNIQUE)], TEST)}
    released = grant(found["test-club-queue-leave"], "ReleaseUnique")
    assert released.actions == ("dynamodb:DeleteItem",)
    assert released.conditions == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["unique#*"]}}
    assert lines(released.because) == ["Store[Member]) -> None: ..."]
    for function in ("test-club-graphql", "test-club-queue-pack"):
        assert "dynamodb:DeleteItem" not in {a for each in found[function].grants for a in each.actions}


def test_who_collects_rows_reads_them_and_no_index(define: Define) -> None:
    found = {each.function: each for each in permissions([define("shop", UNIQUE)], TEST)}
    pack = found["test-shop-queue-pack"]
    assert lines(grant(pack, "ReadRows").because) == ["Collection[Order | Line]) -> None: ..."]
    assert {each.sid for each in pack.grants} & {"ReadIndexes", "WriteRows"} == set()
