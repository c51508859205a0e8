"""What a definition says of its functions, secrets and ports, as the template has it."""

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from thestack.definition.fingerprint import fingerprint
from thestack.definition.model import ServiceModel
from thestack.infra.asked import called_services
from thestack.infra.environment import Environment
from thestack.infra.errors import SynthesisError
from thestack.infra.grants import consumer_grants, subgraph_grants

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]
TEST = Environment(name="test", mail_sender="no-reply@thestack.example")
TILL = """
from datetime import timedelta
from typing import Annotated

service = Service(
    "{name}",
    function=Function(
        memory={memory},
        timeout=timedelta(seconds=25),
        environment={{"SHELVES": "3"}},
        permissions=[Permission("rekognition:DetectLabels", on=["*"])],
    ),
)

class Order(Entity, key="id", allow=signed_in):
    id: Id

class Placed(Event, name="{name}.placed", version=1):
    id: Id

class Bank:
    pass

class Payments:
    pass

@service.provide(
    permissions=[Permission("s3:GetObject", on=["arn:aws:s3:::{{environment}}-{{account}}-{{region}}/*"])]
)
def bank(*, key: Annotated[Secret, parameter("bank-key")]) -> Bank:
    return Bank()

@service.provide()
def payments(*, bank: Bank, pin: Annotated[Secret, secret("pin")]) -> Payments:
    return Payments()

@service.query(allow=signed_in)
async def order(id: Id, *, orders: Reader[Order]) -> Order:
    return await orders.get(id)

@service.on(function=Function(memory=2048, timeout=timedelta(minutes=5)))
async def pay(event: Placed, /, *, payments: Payments) -> None: ...

@service.on()
async def tell(event: Placed, /) -> None: ...
"""


@pytest.fixture
def till(define: Define) -> Callable[..., ServiceModel]:
    def till(name: str, memory: int = 1024) -> ServiceModel:
        return define(name, TILL.format(name=name, memory=memory))

    return till


def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = (each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Function")
    return {each["Properties"]["FunctionName"]: each["Properties"] for each in found}


def statements(template: dict[str, Any], function: str) -> dict[str, dict[str, Any]]:
    """The statements of a function's role, by their sid."""
    role = functions(template)[function]["Role"]["Fn::GetAtt"][0]
    (policy,) = template["Resources"][role]["Properties"]["Policies"]
    return {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}


def test_functions_are_as_their_definition_says(
    till: Callable[..., ServiceModel], template: Synthesize
) -> None:
    found = functions(made := template(till("till1")))
    graphql, pay, tell = (found[f"test-till1-{name}"] for name in ("graphql", "on-pay", "on-tell"))
    assert (graphql["MemorySize"], graphql["Timeout"]) == (1024, 25)
    assert (pay["MemorySize"], pay["Timeout"]) == (2048, 300)
    assert (tell["MemorySize"], tell["Timeout"]) == (TEST.memory_mb, TEST.consumer_timeout)
    assert graphql["Environment"]["Variables"]["SHELVES"] == "3"
    assert graphql["Environment"]["Variables"]["THESTACK_ENVIRONMENT"] == "test"
    assert "SHELVES" not in tell["Environment"]["Variables"]
    assert statements(made, "test-till1-graphql")["Asked1"]["Action"] == "rekognition:DetectLabels"


@pytest.mark.parametrize(
    ("wanted", "runtime", "found"),
    [
        (False, "python3.13", None),
        (True, "python3.13", {"ApplyOn": "PublishedVersions"}),
        (True, "python3.11", None),
    ],
)
def test_functions_start_from_snapshots_where_that_is_wanted_and_their_runtime_has_them(
    till: Callable[..., ServiceModel],
    template: Synthesize,
    wanted: bool,
    runtime: str,
    found: dict[str, str] | None,
) -> None:
    name = f"till{wanted}{runtime[-2:]}".lower()
    made = functions(template(till(name), replace(TEST, snap_start=wanted, runtime=runtime)))
    assert [each.get("SnapStart") for each in made.values()] == [found] * len(made)


def test_secrets_and_permissions_reach_who_asks_for_a_port_through_another(
    till: Callable[..., ServiceModel], template: Synthesize
) -> None:
    made = template(till("till2"))
    pay, tell = statements(made, "test-till2-on-pay"), statements(made, "test-till2-on-tell")
    assert {"ReadParameters", "ReadSecrets", "Asked1"} <= set(pay)
    assert set(tell).isdisjoint({"ReadParameters", "ReadSecrets", "Asked1"})
    assert set(statements(made, "test-till2-graphql")).isdisjoint({"ReadParameters", "ReadSecrets"})
    assert pay["ReadParameters"]["Action"] == "ssm:GetParameter"
    assert pay["ReadParameters"]["Resource"]["Fn::Join"][1][-1] == ":parameter/test/till2/bank-key"
    assert pay["ReadSecrets"]["Action"] == "secretsmanager:GetSecretValue"
    assert pay["ReadSecrets"]["Resource"]["Fn::Join"][1][-1] == ":secret:test/till2/pin-??????"
    assert pay["Asked1"]["Resource"]["Fn::Join"][1] == [
        "arn:aws:s3:::test-",
        {"Ref": "AWS::AccountId"},
        "-",
        {"Ref": "AWS::Region"},
        "/*",
    ]


def test_a_permission_knows_the_line_that_asks_for_it(till: Callable[..., ServiceModel]) -> None:
    model = till("till3")
    (own,) = (each for each in subgraph_grants(model, TEST) if each.sid == "Asked1")
    assert (own.because[0].site, own.because[0].part.name) == (model.site, "function")
    pay = next(each for each in model.consumers if each.name == "pay")
    found = {each.sid: each for each in consumer_grants(model, pay, TEST)}
    assert found["Asked1"].because[0].site == model.provider("Bank").site
    assert found["ReadParameters"].because[0].text == "`bank` takes `key`"
    assert [str(each) for each in found["ReadSecrets"].resources] == ["secret pin"]


def test_bundles_keep_the_clients_of_what_is_permitted(till: Callable[..., ServiceModel]) -> None:
    assert called_services(till("till4")) == {"rekognition", "s3", "secretsmanager", "ssm"}


def test_a_subgraph_may_not_take_longer_than_its_router_waits(
    till: Callable[..., ServiceModel], template: Synthesize
) -> None:
    with pytest.raises(SynthesisError, match="subgraph of till5 may run for 25 s"):
        template(till("till5"), replace(TEST, router_timeout=25))


def test_what_changes_the_template_changes_the_fingerprint(till: Callable[..., ServiceModel]) -> None:
    model = till("till6")
    pay = next(each for each in model.consumers if each.name == "pay")
    others = [each for each in model.consumers if each is not pay]
    bank = model.provider("Bank")
    own = model.function
    changed = [
        replace(model, function=replace(own, memory=512)),
        replace(model, function=replace(own, timeout=None)),
        replace(model, function=replace(own, environment={"SHELVES": "4"})),
        replace(model, function=replace(own, permissions=())),
        replace(model, consumers=(*others, replace(pay, function=own))),
        replace(model, providers=(replace(bank, permissions=()), model.provider("Payments"))),
        replace(model, providers=(replace(bank, dependencies=()), model.provider("Payments"))),
    ]
    assert len({fingerprint(model), *map(fingerprint, changed)}) == len(changed) + 1
    assert fingerprint(replace(model)) == fingerprint(model)


def test_an_infra_py_adds_what_cdk_can_say(
    till: Callable[..., ServiceModel], template: Synthesize, tmp_path: Path
) -> None:
    model = till("till7")
    (tmp_path / "services/till7/infra.py").write_text(
        textwrap.dedent(
            """
            from aws_cdk import aws_s3 as s3

            from thestack.infra.extension import Service, ServiceStack


            def extend(stack: ServiceStack, service: Service) -> None:
                pictures = s3.Bucket(stack, "Pictures")
                pictures.grant_read(service.consumers["pay"].role)
                assert service.table.table.table_arn and service.subgraph and service.relay is None
            """
        ),
        encoding="utf-8",
    )
    made = template(model)
    assert [each for each in made["Resources"].values() if each["Type"] == "AWS::S3::Bucket"]
    role = functions(made)["test-till7-on-pay"]["Role"]["Fn::GetAtt"][0]
    policies = (each for each in made["Resources"].values() if each["Type"] == "AWS::IAM::Policy")
    (policy,) = (each for each in policies if each["Properties"]["Roles"] == [{"Ref": role}])
    assert "s3:GetObject*" in policy["Properties"]["PolicyDocument"]["Statement"][0]["Action"]


PICTURES = """
class Picture(Message, queue="pictures"):
    key: str

class Label(Message, queue="labels"):
    key: str

@service.queue(function=Function(requirements="imaging.txt"))
async def resize(message: Picture, /) -> None: ...

@service.queue()
async def label(message: Label, /) -> None: ...
"""


def test_a_function_with_requirements_of_its_own_has_a_bundle_of_its_own(
    define: Define, template: Synthesize, tmp_path: Path
) -> None:
    lock = tmp_path / "services/pictures/imaging.txt"
    lock.parent.mkdir(parents=True)
    lock.write_text("")
    made = template(define("pictures", PICTURES), further=["imaging.txt"])
    code = {
        each["Properties"]["FunctionName"]: each["Properties"]["Code"]["S3Key"]
        for each in made["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    }
    assert set(code) == {"test-pictures-queue-resize", "test-pictures-queue-label"}
    assert code["test-pictures-queue-resize"] != code["test-pictures-queue-label"]
