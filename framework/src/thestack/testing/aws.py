"""What AWS says, for tests: an event of the default bus, as it lies in a consumer's queue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ulid import ULID

from thestack.definition.buckets import ObjectCreated
from thestack.definition.shapes import AwsEvent
from thestack.ports import BlobInfo, Envelope
from thestack.testing.circumstances import BEGIN, TENANT


def object_created(written: BlobInfo, bucket: str) -> Envelope:
    """What S3 says of an object that was written into a bucket, as the default bus hands it on."""
    told = {"key": written.key, "size": written.size, "etag": written.etag, "sequencer": str(ULID())}
    detail = {"version": "0", "bucket": {"name": bucket}, "object": told, "reason": "PutObject"}
    return said_by_aws(ObjectCreated, detail, time=written.modified)


def said_by_aws(
    event: type[AwsEvent], detail: Mapping[str, Any], *, id: str | None = None, time: datetime = BEGIN
) -> Envelope:
    """The envelope that the default bus makes of an event of AWS with this detail.

    Each has an `id` of its own, unless it is given, as of one that AWS delivers twice. Its tenant is the
    environment's default one, which is "main" in a harness, unless the event's class says another.

    Example: `await harness.deliver(said_by_aws(JobEnded, {"status": "COMPLETE", "jobId": "1"}))`.
    """
    keywords: Mapping[str, Any] = vars(event)["__declared__"].keywords
    return Envelope(
        id=id or str(ULID()),
        type=keywords["detail_type"],
        version=1,
        source=keywords["source"],
        subject="",
        time=time,
        tenant=TENANT,
        data=dict(detail),
    )
