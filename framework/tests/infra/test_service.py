"""What a definition asks for is what its stack holds, and no more."""

from collections.abc import Callable
from typing import Any

from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]

SHELF = """
class Book(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    title: str
    by_title = Index("owner_id", "title", sort=str)
"""
READING = """
@service.query(allow=signed_in)
async def book(id: Id, *, mine: Owned[Book]) -> Book:
    return await mine.get(id)
"""
WRITING = """
@service.mutation(allow=signed_in)
async def rename(id: Id, title: str, *, mine: Owned[Book]) -> Book:
    return await mine.put(await mine.get(id))
"""
HEARING = """
class Lent(Message, queue="lent"):
    title: str

@service.queue()
async def note(message: Lent, /, *, clock: Clock) -> None: ...
"""


def grants(template: dict[str, Any], function: str) -> dict[str, Any]:
    """The statements of a function's role by their ids, without log and traces."""
    resources = template["Resources"].values()
    role = next(
        each["Properties"]["Role"]["Fn::GetAtt"][0]
        for each in resources
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["FunctionName"] == function
    )
    (policy,) = template["Resources"][role]["Properties"]["Policies"]
    found = {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}
    return {sid: each for sid, each in found.items() if sid not in {"WriteOwnLog", "SendTraces"}}


def kinds(template: dict[str, Any]) -> set[str]:
    return {each["Type"] for each in template["Resources"].values()}


def test_a_service_that_only_reads_may_only_read(define: Define, template: Synthesize) -> None:
    made = template(define("reader", SHELF + READING))
    assert set(grants(made, "test-reader-graphql")) == {"ReadRows", "ReadIndexes"}


def test_a_mutation_that_takes_rows_may_write_them(define: Define, template: Synthesize) -> None:
    made = template(define("writer", SHELF + READING + WRITING))
    written = grants(made, "test-writer-graphql")["WriteRows"]
    assert set(written["Action"]) == {"dynamodb:PutItem", "dynamodb:UpdateItem"}


def test_a_service_that_says_nothing_has_neither_stream_nor_relay(
    define: Define, template: Synthesize
) -> None:
    made = template(define("silent", SHELF + READING))
    assert "AWS::Lambda::EventSourceMapping" not in kinds(made)
    assert "AWS::SQS::Queue" not in kinds(made)
    assert "StreamSpecification" not in made["Resources"]["Table"]["Properties"]


def test_a_consumer_without_rows_may_keep_its_inbox_and_nothing_else(
    define: Define, template: Synthesize
) -> None:
    made = template(define("noter", HEARING))
    found = grants(made, "test-noter-queue-note")
    assert set(found) == {"PollQueue", "RejectToDeadLetters", "ReadInbox", "RecordInbox"}
    assert found["ReadInbox"]["Action"] == "dynamodb:GetItem"
    assert found["RecordInbox"]["Action"] == "dynamodb:PutItem"


def test_a_service_that_only_sends_may_not_publish(define: Define, template: Synthesize) -> None:
    text = SHELF + HEARING + WRITING.replace("Owned[Book]", "Owned[Book, Lent]")
    made = template(define("sender", text))
    found = grants(made, "test-sender-relay")
    assert "PublishOwnEvents" not in found
    assert "SendMessages" in found
    assert found["DeleteDelivered"]["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["outbox#*"]}
    }


def test_an_environment_can_do_without_tracing_recovery_and_the_sweeper(
    define: Define, template: Synthesize
) -> None:
    bare = Environment(
        name="bare",
        mail_sender="no-reply@thestack.example",
        retain_data=False,
        tracing=False,
        point_in_time_recovery=False,
        sweep_minutes=None,
    )
    text = SHELF + HEARING + WRITING.replace("Owned[Book]", "Owned[Book, Lent]")
    made = template(define("frugal", text), bare)
    assert "xray" not in str(made)
    assert "AWS::Events::Rule" not in kinds(made)
    assert {each.get("DeletionPolicy") for each in made["Resources"].values() if "Queue" in each["Type"]} <= {
        "Delete",
        None,
    }


def test_parameters_are_read_only_where_they_are_needed(define: Define, template: Synthesize) -> None:
    made = template(define("alone", HEARING.replace("clock: Clock", "profiles: Profiles")))
    assert {each["Default"] for each in made["Parameters"].values()} == {
        "/test/platform/users/pool-id",
        "/test/platform/users/pool-arn",
    }


def test_a_local_index_shares_the_partitions_of_the_table(define: Define, template: Synthesize) -> None:
    text = SHELF.replace("sort=str)", "sort=str, local=True)") + READING
    made = template(define("local", text))
    properties = made["Resources"]["Table"]["Properties"]
    assert properties["LocalSecondaryIndexes"] == [
        {
            "IndexName": "Book.by_title",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "Book.by_title:sk", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]
    assert "GlobalSecondaryIndexes" not in properties
    (resource,) = [grants(made, "test-local-graphql")["ReadIndexes"]["Resource"]]
    assert "/index/Book.by_title" in str(resource)


def test_a_restored_table_stands_beside_the_one_before_and_everything_is_for_it(
    define: Define, template: Synthesize
) -> None:
    again = Environment(name="test", mail_sender="no-reply@thestack.example", epochs={"restored": 2})
    text = SHELF + READING + HEARING + WRITING.replace("Owned[Book]", "Owned[Book, Lent]")
    made = template(define("restored", text), again)
    assert "Table" not in made["Resources"]
    assert made["Resources"]["Table2"]["Properties"]["TableName"] == "test-restored.2"
    functions = [each for each in made["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]
    told = {each["Properties"]["Environment"]["Variables"]["THESTACK_EPOCH"] for each in functions}
    assert told == {"2"}
    sources = [
        each["Properties"]["EventSourceArn"] for each in made["Resources"].values() if "Map" in each["Type"]
    ]
    assert {"Fn::GetAtt": ["Table2", "StreamArn"]} in sources


def test_an_environment_that_sleeps_polls_no_queue(define: Define, template: Synthesize) -> None:
    asleep = Environment(name="test", mail_sender="no-reply@thestack.example", polling=False)
    made = template(
        define("asleep", SHELF + HEARING + WRITING.replace("Owned[Book]", "Owned[Book, Lent]")), asleep
    )
    sources = [each["Properties"] for each in made["Resources"].values() if "Map" in each["Type"]]
    enabled = {"Queue" in str(each["EventSourceArn"]): each.get("Enabled", True) for each in sources}
    assert enabled == {True: False, False: True}
