"""What S3 says of an object, as a consumer reads it."""

import pytest
from pydantic import ValidationError

from framework.tests.testing.gallery import TextUploaded

# Recorded from the documentation of S3's EventBridge messages, the key apart.
DETAIL = {
    "version": "0",
    "bucket": {"name": "test-gallery-texts-111122223333"},
    "object": {
        "key": "uploads/main/alice/a b+c%20d.txt",
        "size": 5,
        "etag": "b1946ac92492d2347c6235b4d2611184",
        "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        "sequencer": "617f08299329d189",
    },
    "request-id": "N4N7GDK58NMKJ12R",
    "requester": "123456789012",
    "source-ip-address": "1.2.3.4",
    "reason": "PutObject",
}


def test_the_tenant_is_taken_out_of_the_key() -> None:
    event = TextUploaded.model_validate(DETAIL)
    assert (event.tenant, event.key) == ("main", "uploads/alice/a b+c%20d.txt")
    assert (event.size, event.etag) == (5, "b1946ac92492d2347c6235b4d2611184")


def test_a_test_may_make_one() -> None:
    event = TextUploaded(key="uploads/alice/1", size=5, etag="e")
    assert (event.tenant, event.key) == ("", "uploads/alice/1")


@pytest.mark.parametrize("key", ["", "uploads", "uploads/main", "uploads/main/", "uploads//1"])
def test_an_object_of_no_tenant_is_none(key: str) -> None:
    with pytest.raises(ValidationError, match="no place of a tenant's object"):
        TextUploaded.model_validate({"object": {"key": key, "size": 1, "etag": "e"}})
