"""What AWS says reaches its consumer in the tenant that it names, and only where its pattern admits it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from thestack.definition.load import load_all
from thestack.definition.model import ServiceModel
from thestack.testing import Harness, Outcome, said_by_aws, user

JOBS = """\
# services/jobs/service.py
from collections.abc import Mapping
from typing import Any, Annotated
from pydantic import Field
from thestack import *
service = Service("jobs")

class Job(Entity, key="id", allow=public):
    id: Id
    heard: str

class JobEnded(AwsEvent, source="aws.mediaconvert", detail_type="Job State Change",
               pattern={"status": ["COMPLETE"], "userMetadata": {"environment": ["{environment}"]}}):
    status: str
    job_id: str
    user_metadata: Mapping[str, str]
    error: str | None = Field(default=None, alias="error-text")

    @property
    def tenant(self) -> str:
        return self.user_metadata["tenant"]

class JobFailed(AwsEvent, source="aws.mediaconvert", detail_type="Job State Change",
                pattern={"status": ["ERROR"]}):
    job_id: str

class Renamed(ForeignEvent, name="user.renamed", version=1, source="users"):
    name: "Name"

class Name(Value):
    first: str

@service.on()
async def ended(event: JobEnded | JobFailed | Renamed, /, *, jobs: Store[Job]) -> None:
    match event:
        case JobEnded():
            await jobs.within(event.job_id).put(Job(id=Id(event.job_id), heard=f"COMPLETE {event.error}"))
        case JobFailed():
            await jobs.within(event.job_id).put(Job(id=Id(event.job_id), heard="failed"))
        case Renamed():
            await jobs.within("name").put(Job(id=Id("name"), heard=event.name.first))

@service.query(allow=public)
async def job(id: Id, *, jobs: Store[Job]) -> Job | None:
    return await jobs.within(id).find()

# services/users/service.py
from thestack import *
service = Service("users")

class Name(Value):
    first: str
    last: str

class Renamed(Event, name="user.renamed", version=1):
    name: Name
    by: Id

class User(Entity, key="id", allow=public):
    id: Id

@service.mutation(allow=public)
async def rename(*, users: Store[User, Renamed]) -> bool:
    said = Renamed(name=Name(first="Ada", last="Lovelace"), by=Id("1"))
    await users.within("1").put(User(id=Id("1")), emit=said)
    return True
"""
COMPLETE = {
    "status": "COMPLETE",
    "jobId": "7",
    "userMetadata": {"tenant": "acme", "environment": "test"},
    "error-text": "none",
    "new": {"of": "AWS"},
}


@pytest.fixture
def models(project: Callable[[str], Path]) -> list[ServiceModel]:
    loaded = load_all(project(JOBS))
    assert [each for one in loaded for each in one.diagnostics] == []
    return [one.model for one in loaded if one.model]


@pytest.fixture
def harness(models: list[ServiceModel]) -> Harness:
    return Harness(*models)


def ended(harness: Harness, name: str = "JobEnded") -> type[Any]:
    shape: type[Any] = next(
        each.type for each in harness["jobs"].model.aws_events if each.type.__name__ == name
    )
    return shape


async def heard(harness: Harness, id: str, tenant: str) -> Any:
    query = "query ($id: ID!) { job(id: $id) { heard } }"
    answer = await harness["jobs"].ask(query, user("alice", tenant=tenant), id=id)
    return answer["data"]["job"] and answer["data"]["job"]["heard"]


async def test_its_handler_sees_the_rows_of_the_tenant_that_the_event_names(harness: Harness) -> None:
    event = said_by_aws(ended(harness), COMPLETE)
    assert await harness.deliver(event) == [Outcome.EFFECTED]
    assert await heard(harness, "7", "acme") == "COMPLETE none"
    assert await heard(harness, "7", "main") is None
    assert await harness.deliver(event) == [Outcome.DUPLICATE]


async def test_an_event_that_names_none_is_of_the_default_tenant(harness: Harness) -> None:
    await harness.deliver(said_by_aws(ended(harness, "JobFailed"), {"status": "ERROR", "jobId": "8"}))
    assert await heard(harness, "8", "main") == "failed"


async def test_what_the_pattern_does_not_admit_is_not_heard(harness: Harness) -> None:
    assert await harness.deliver(said_by_aws(ended(harness), COMPLETE | {"status": "PROGRESSING"})) == []


async def test_an_event_that_cannot_be_read_or_says_no_tenant_is_parked_at_once(harness: Harness) -> None:
    wrong = [COMPLETE | {"userMetadata": {"environment": "test"}}, COMPLETE | {"jobId": None}]
    for detail in wrong:
        assert await harness.deliver(said_by_aws(ended(harness), detail)) == [Outcome.PARKED]
    reasons = [refusal.reason for _, refusal in harness.dead_letters]
    assert reasons[0] == "Job State Change of aws.mediaconvert says no tenant: KeyError: 'tenant'"
    assert reasons[1].startswith("Job State Change is malformed: jobId")


async def test_unknown_fields_in_the_values_of_others_are_ignored(harness: Harness) -> None:
    await harness["users"].ask("mutation { rename }", user("alice"))
    await harness.settle()
    assert await heard(harness, "name", "main") == "Ada"
