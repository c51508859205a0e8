"""A bucket is what its definition says, and nobody's but whose functions ask for it."""

from collections.abc import Callable
from typing import Any

import pytest

from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.infra.errors import SynthesisError
from thestack.infra.permissions import permissions

Define = Callable[..., ServiceModel]
Synthesize = Callable[..., dict[str, Any]]
SENDER = "no-reply@thestack.example"
TEST = Environment(name="test", mail_sender=SENDER, origins=("https://app.example.com",))
SHARES = """
from datetime import timedelta

class Photos(Bucket, name="photos", browser=True, versioned=True, expires={"uploads": timedelta(days=2)}):
    ...

class Notes(Bucket, name="notes"):
    ...

class Sweep(Message, queue="sweeps"):
    key: str

@service.mutation(allow=signed_in)
async def keep(text: str, *, notes: Blobs[Notes]) -> bool:
    await notes.put("all/1", text.encode(), content_type="text/plain")
    return True

@service.query(allow=signed_in)
async def photo(*, photos: BlobReader[Photos]) -> str:
    return await photos.sign_download("shown/1", expires=timedelta(minutes=1))

@service.queue()
async def sweep(message: Sweep, /, *, photos: Blobs[Photos]) -> None:
    await photos.delete_all("uploads/")
"""


def named(template: dict[str, Any], logical_id: str) -> dict[str, Any]:
    resource: dict[str, Any] = template["Resources"][logical_id]
    assert resource["Type"] == "AWS::S3::Bucket"
    return resource


def of_bucket(name: str) -> dict[str, Any]:
    return {"Fn::Join": ["", [name, {"Ref": "AWS::AccountId"}]]}


def test_a_bucket_is_private_encrypted_and_versioned_as_it_says(define: Define, template: Synthesize) -> None:
    made = template(define("shares1", SHARES), TEST)
    photos, notes = named(made, "BucketPhotos")["Properties"], named(made, "BucketNotes")["Properties"]
    assert photos["BucketName"] == of_bucket("test-shares1-photos-")
    for each in (photos, notes):
        assert set(each["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(each["PublicAccessBlockConfiguration"]) == 4
        (rule,) = each["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        assert each["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert "NotificationConfiguration" not in each
    assert photos["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "VersioningConfiguration" not in notes


def test_a_bucket_refuses_plain_http(define: Define, template: Synthesize) -> None:
    made = template(define("shares2", SHARES), TEST)
    policies = [each for each in made["Resources"].values() if each["Type"] == "AWS::S3::BucketPolicy"]
    assert [each["Properties"]["Bucket"] for each in policies] == [
        {"Ref": "BucketNotes"},
        {"Ref": "BucketPhotos"},
    ]
    for each in policies:
        (statement,) = each["Properties"]["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == (
            "Deny",
            {"AWS": "*"},
            "s3:*",
        )
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert len(statement["Resource"]) == 2


def test_only_the_environments_origins_may_use_what_is_signed(define: Define, template: Synthesize) -> None:
    made = template(define("shares3", SHARES), TEST)
    (rule,) = named(made, "BucketPhotos")["Properties"]["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://app.example.com"]
    assert rule["AllowedMethods"] == ["GET", "HEAD", "POST"]
    assert "CorsConfiguration" not in named(made, "BucketNotes")["Properties"]


def test_no_origins_no_cors(define: Define, template: Synthesize) -> None:
    made = template(define("shares4", SHARES), Environment(name="test", mail_sender=SENDER))
    assert "CorsConfiguration" not in named(made, "BucketPhotos")["Properties"]


@pytest.mark.parametrize("origin", ["*", "app.example.com", "https://app.example.com/", "https://a b"])
def test_an_origin_is_one_address(origin: str) -> None:
    with pytest.raises(SynthesisError, match="origin"):
        Environment(name="test", mail_sender=SENDER, origins=(origin,))


def test_what_expires_goes_and_nothing_else(define: Define, template: Synthesize) -> None:
    made = template(define("shares5", SHARES), TEST)
    unfinished = {
        "Id": "GiveUpUnfinished",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    assert named(made, "BucketNotes")["Properties"]["LifecycleConfiguration"]["Rules"] == [unfinished]
    assert named(made, "BucketPhotos")["Properties"]["LifecycleConfiguration"]["Rules"] == [
        unfinished,
        {"Id": "Expire-uploads", "Status": "Enabled", "Prefix": "uploads/", "ExpirationInDays": 2},
        {
            "Id": "ForgetVersions",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "ExpiredObjectDeleteMarker": True,
        },
    ]


@pytest.mark.parametrize(("retain", "policy"), [(True, "Retain"), (False, "Delete")])
def test_a_bucket_outlives_its_stack_where_data_is_retained(
    define: Define, template: Synthesize, retain: bool, policy: str
) -> None:
    settings = Environment(name="test", mail_sender=SENDER, retain_data=retain)
    made = named(template(define("shares6", SHARES), settings), "BucketPhotos")
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == (policy, policy)


def test_each_function_may_do_what_it_asks_for_with_the_bucket_that_it_names(
    define: Define, template: Synthesize
) -> None:
    model = define("shares7", SHARES)
    told = {
        each.function: {
            (action, str(resource))
            for grant in each.grants
            for action in grant.actions
            for resource in grant.resources
            if action.startswith("s3:")
        }
        for each in permissions([model], TEST)
        if each.service == "shares7"
    }
    assert told == {
        "test-shares7-graphql": {
            ("s3:ListBucket", "bucket notes"),
            ("s3:GetObject", "objects in bucket notes"),
            ("s3:PutObject", "objects in bucket notes"),
            ("s3:DeleteObject", "objects in bucket notes"),
            ("s3:ListBucket", "bucket photos"),
            ("s3:GetObject", "objects in bucket photos"),
        },
        "test-shares7-queue-sweep": {
            ("s3:ListBucket", "bucket photos"),
            ("s3:ListBucketVersions", "bucket photos"),
            ("s3:GetObject", "objects in bucket photos"),
            ("s3:PutObject", "objects in bucket photos"),
            ("s3:DeleteObject", "objects in bucket photos"),
            ("s3:DeleteObjectVersion", "objects in bucket photos"),
        },
    }
    made = template(model, TEST)
    arns = str([each for each in made["Resources"].values() if each["Type"] == "AWS::IAM::Role"])
    assert ":s3:::test-shares7-photos-" in arns
    assert "'*'" not in [statement["Resource"] for statement in _of_s3(made)]


def _of_s3(template: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        statement
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Role"
        for policy in each["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "s3:" in str(statement["Action"])
    ]


UPLOADS = (
    SHARES
    + """
class Uploaded(ObjectCreated, bucket=Photos, area="uploads"): ...

@service.on()
async def look(event: Uploaded, /, *, photos: Blobs[Photos]) -> None: ...
"""
)


def test_a_bucket_tells_of_its_objects_where_somebody_hears(define: Define, template: Synthesize) -> None:
    made = template(define("shares8", UPLOADS), TEST)
    told = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert named(made, "BucketPhotos")["Properties"]["NotificationConfiguration"] == told
    assert "NotificationConfiguration" not in named(made, "BucketNotes")["Properties"]


def test_a_consumer_hears_of_one_area_of_one_bucket(define: Define, template: Synthesize) -> None:
    made = template(define("shares9", UPLOADS), TEST)
    (rule,) = (
        each["Properties"] for each in made["Resources"].values() if each["Type"] == "AWS::Events::Rule"
    )
    assert "EventBusName" not in rule
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [of_bucket("test-shares9-photos-")]},
            "object": {"key": [{"prefix": "uploads/"}]},
        },
    }
