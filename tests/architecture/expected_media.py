"""Who may do what in media: written by hand from the design, never derived from what it judges. What its
infra.py adds is tested beside that.
"""

import json

from tests.architecture.expected_grants import POLL, READ, STREAM, WRITE, may, telemetry, tls_only
from tests.architecture.resolved import ACCOUNT, Grant, arn

INDEXES = ("Image.by_state", "Image.by_time", "Video.by_state", "Video.by_time")
HEARS_AWS = ("image-uploaded", "video-uploaded", "job-changed")
TAKES = ("rendering", "transcoding", "cleaning")


def functions(e: str) -> dict[str, list[Grant]]:
    """What each function's role allows, by function; `e` is the environment."""
    table = arn("dynamodb", f"table/{e}-media")
    images, videos = (f"arn:aws:s3:::{e}-media-{name}-{ACCOUNT}" for name in ("images", "videos"))
    outbox = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["outbox#*"]}}
    source = {"StringEqualsIfExists": {"events:source": "media"}}
    takes = [arn("sqs", f"{e}-media-{name}") for name in TAKES]

    def rows(*kinds: str) -> list[Grant]:
        indexes = [f"{table}/index/{each}" for each in INDEXES if each.partition(".")[0] in kinds]
        return [*may(READ, table), *may("dynamodb:Query", *indexes), *may(WRITE, table)]

    def consumer(queue: str) -> list[Grant]:
        address = arn("sqs", f"{e}-media-{queue}")
        return [*may(POLL, address), *may("sqs:SendMessage", f"{address}-dlq")]

    found = {
        "graphql": [
            *rows("Image", "Video"),
            *_objects(images),
            *_objects(videos),
            *may("ssm:GetParameter", arn("ssm", f"parameter/{e}/media/delivery-key")),
        ],
        "relay": [
            *may(STREAM, f"{table}/stream/*latest*"),
            *may("dynamodb:Query", f"{table}/index/outbox"),
            *may("dynamodb:DeleteItem", table, when=outbox),
            *may("sqs:SendMessage", arn("sqs", f"{e}-media-relay-undelivered"), *takes),
            *(may("sqs:SendMessageBatch", *takes) if e == "local" else []),
            *may("events:PutEvents", f"ssm:/{e}/platform/bus/arn", when=source),
        ],
        "on-image-uploaded": [*consumer("image-uploaded"), *rows("Image"), *_objects(images)],
        "on-video-uploaded": [*consumer("video-uploaded"), *rows("Video"), *_objects(videos)],
        "on-job-changed": [*consumer("job-changed"), *rows("Video"), *_objects(videos)],
        "queue-render": [*consumer("rendering"), *rows("Image"), *_objects(images)],
        "queue-transcode": [
            *consumer("transcoding"),
            *rows("Video"),
            *_objects(videos),
            *may("mediaconvert:CreateJob", arn("mediaconvert", f"queues/{e}-media")),
        ],
        "queue-clean": [
            *consumer("cleaning"),
            *may("dynamodb:GetItem", table),
            *may("dynamodb:PutItem", table),
            *_objects(images),
            *_objects(videos),
        ],
    }
    return {f"{e}-media-{name}": [*grants, *telemetry(f"{e}-media-{name}")] for name, grants in found.items()}


def queue_policies(e: str) -> dict[str, list[Grant]]:
    """What each queue admits from whom, by queue."""
    found = {f"{e}-media-relay-undelivered": tls_only(e, f"{e}-media-relay-undelivered")}
    for name in TAKES:
        for queue in (f"{e}-media-{name}", f"{e}-media-{name}-dlq"):
            found[queue] = tls_only(e, queue)
    for name in HEARS_AWS:
        rules: str | list[str] = arn("events", f"rule/{e}-media-{name}")
        if e == "local" and name == "job-changed":  # what stands in for MediaConvert is heard as it
            rules = [str(rules), f"{rules}-aws-mediaconvert"]
        events = {
            "Principal": {"Service": "events.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": rules}},
        }
        for queue in (f"{e}-media-{name}", f"{e}-media-{name}-dlq"):
            deliver = Grant("sqs:SendMessage", arn("sqs", queue), json.dumps(events, sort_keys=True))
            found[queue] = [*tls_only(e, queue), deliver]
    return {queue: grants for queue, grants in found.items() if grants}


def bucket_policies(e: str) -> dict[str, list[Grant]]:
    """What each bucket refuses, by the logical id of the bucket."""
    if e == "local":  # the emulator speaks HTTP over loopback
        return {}
    plain = {"Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    found: dict[str, list[Grant]] = {}
    for name in ("images", "videos"):
        bucket = f"arn:aws:s3:::{e}-media-{name}-{ACCOUNT}"
        condition = json.dumps(plain, sort_keys=True)
        found[f"Bucket{name.title()}"] = [Grant("!s3:*", each, condition) for each in (bucket, f"{bucket}/*")]
    return found


def _objects(bucket: str) -> list[Grant]:
    """Who writes objects of a versioned bucket also deletes them for good."""
    lists = may(("s3:ListBucket", "s3:ListBucketVersions"), bucket)
    each = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion")
    return [*lists, *may(each, f"{bucket}/*")]
