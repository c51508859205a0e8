"""That buckets are what S3 can make."""

import re
from collections.abc import Iterator
from datetime import timedelta

from thestack.definition.model import BucketModel, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part

LONGEST = 28
"""S3 allows 63 characters, of which the environment's name has up to 20 and the account's number 12."""
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def validate_bucket_names(model: ServiceModel) -> Iterator[Diagnostic]:
    """A bucket's name is one that S3 takes, and no other's."""
    known: dict[str, BucketModel] = {}
    for bucket in sorted(model.buckets, key=lambda bucket: bucket.site.line):
        part, longest = Part("keyword", "name"), LONGEST - len(model.name)
        right = re.sub(r"[^a-z0-9]+", "-", bucket.name.lower()).strip("-")[:longest].rstrip("-")
        if not NAME.fullmatch(bucket.name) or len(bucket.name) > longest:
            message = f"`{bucket.name}` can't be the name of a bucket"
            help = f'Write `name="{right or "objects"}"`: small letters, digits and `-`, {longest} at most.'
            yield Diagnostic("S1001", message, bucket.site, part, help)
        elif known.setdefault(bucket.name, bucket) is not bucket:
            message = f"`{known[bucket.name].type.__name__}` is called `{bucket.name}` already"
            yield Diagnostic("S1001", message, bucket.site, part, "Give one of the two another name.")


def validate_told_areas(model: ServiceModel) -> Iterator[Diagnostic]:
    """What is told of is an area of a bucket."""
    for event in model.aws_events:
        if event.bucket is None:
            continue
        area = vars(event.type)["__declared__"].keywords.get("area")
        if area is not None and not NAME.fullmatch(area):
            right = re.sub(r"[^a-z0-9]+", "-", area.partition("/")[0].lower()).strip("-") or "uploads"
            message = f"`{area}` is no area of a bucket"
            help = f'Write `area="{right}"`: what stands before the first `/` of keys.'
            yield Diagnostic("S1002", message, event.site, Part("keyword", "area"), help)


def validate_areas(model: ServiceModel) -> Iterator[Diagnostic]:
    """What expires is an area, after whole days."""
    for bucket in model.buckets:
        part = Part("keyword", "expires")
        for area, time in bucket.expires:
            if not NAME.fullmatch(area):
                message = f"`{area}` is no area of a bucket"
                help = "An area begins keys, up to their first `/`: small letters, digits and `-`."
                yield Diagnostic("S1002", message, bucket.site, part, help)
            elif time < timedelta(days=1) or time % timedelta(days=1):
                days = max(round(time / timedelta(days=1)), 1)
                message = f"objects are kept for whole days, and `{area}` for {time}"
                help = f'Write `expires={{"{area}": timedelta(days={days})}}`.'
                yield Diagnostic("S1002", message, bucket.site, part, help)
