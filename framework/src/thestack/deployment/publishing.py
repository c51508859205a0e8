"""Publishing a frontend: to the bucket of its stack, in an order in which no browser misses a file."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.session_keys import see_to_keys
from thestack.deployment.site import ASSETS, CONFIG, INDEX, SERVICES, File, Frontend, make_site
from thestack.operations.aws import telling
from thestack.operations.errors import OperationError

KEPT = timedelta(days=30)
"""How long an asset is kept after the last index that named it: for tabs that are open, and caches."""
FOR_EVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=60, must-revalidate"
RECORD = "published.json"
"""The object that says since when which assets are no longer named."""
_STACKS = {Frontend.PUBLIC: names.FRONTEND_PUBLIC, Frontend.INTERNAL: names.FRONTEND_INTERNAL}
_CLIENTS = {Frontend.PUBLIC: names.CLIENT_ID, Frontend.INTERNAL: names.INTERNAL_CLIENT}


@dataclass(frozen=True, slots=True)
class Published:
    """What was done. `uploaded` are assets that were not there; `forgotten` those that nobody needs any more.

    `invalidation` is the id of what CloudFront is told, which takes it a minute. `is_let_in` says whether
    the API lets the pages of this origin ask it.
    """

    url: str
    uploaded: list[str]
    there: int
    forgotten: list[str]
    invalidation: str
    made_key: bool
    is_let_in: bool


def publish(to: Destination, frontend: Frontend, *, new_key: bool = False) -> Published:
    """Make the site of the checkout and bring it there. Raises `OperationError`."""
    environment, stack = to.settings.name, _STACKS[frontend]
    with telling(f"cannot publish the {frontend} frontend to {environment}"):
        keys = [names.site_url(stack), names.site_distribution(stack), names.API_URL, _CLIENTS[frontend]]
        said = _parameters(to, keys)
        if missing := [each for each in keys if each not in said]:
            raise OperationError(
                f"the {frontend} frontend of {environment} is not deployed to {to.aws.place}: nothing there "
                f"says {', '.join(missing)}; run `thestack deploy {stack} --env {environment}` first"
            )
        url = said[names.site_url(stack)]
        made = make_site(to.root, frontend, _config(to, frontend, said))
        made_key = frontend is Frontend.INTERNAL and see_to_keys(to, new=new_key)
        bucket = _Bucket(to, names.bucket(environment, stack, names.SITE, to.aws.account()))
        uploaded, there = bucket.upload(made)
        forgotten = bucket.forget([each.path for each in made], datetime.now(UTC))
        invalidation = _invalidate(to, said[names.site_distribution(stack)])
    is_let_in = not {url, "*"}.isdisjoint(to.settings.browser_origins)
    return Published(url, uploaded, there, forgotten, invalidation, made_key, is_let_in)


def _parameters(to: Destination, keys: Collection[str]) -> dict[str, str]:
    by_name = {names.parameter(to.settings.name, key): key for key in keys}
    found = to.aws.client("ssm").get_parameters(Names=[*by_name])["Parameters"]
    return {by_name[each["Name"]]: each["Value"] for each in found}


def _config(to: Destination, frontend: Frontend, said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "environment": to.settings.name,
        "api": f"{said[names.API_URL]}/graphql",
        "client": str(frontend),
        "clientId": said[_CLIENTS[frontend]],
        "cognito": f"{to.aws.endpoint or f'https://cognito-idp.{to.aws.region}.amazonaws.com'}/",
    }


class _Bucket:
    """The bucket of a site."""

    def __init__(self, to: Destination, name: str) -> None:
        self._s3, self._name = to.aws.client("s3"), name

    def upload(self, files: Collection[File]) -> tuple[list[str], int]:
        """Assets that are not there first, then what names them, in the order in which it is given; which
        were uploaded, and how many were there.
        """
        there = self._assets()
        assets = [each for each in files if each.immutable]
        missing = [each for each in assets if each.path not in there]
        for each in [*missing, *(each for each in files if not each.immutable)]:
            self._put(each.path, each.content, each.type, FOR_EVER if each.immutable else SHORTLY)
        return [each.path for each in missing], len(assets) - len(missing)

    def forget(self, named: Collection[str], now: datetime) -> list[str]:
        """Delete the assets that were last named too long ago, and note those that are named no more."""
        since = {
            path: when
            for path, when in self._record().items()
            if path not in named and now - datetime.fromisoformat(when) < KEPT
        }
        known = self._record()
        expired = sorted(path for path in known if path not in named and path not in since)
        for path in self._assets() - set(named) - known.keys():
            since[path] = now.isoformat(timespec="seconds")
        for path in expired:
            self._s3.delete_object(Bucket=self._name, Key=path)
        self._put(RECORD, json.dumps(since, indent=1).encode(), "application/json", "no-store")
        return expired

    def _assets(self) -> set[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=f"{ASSETS}/")
        return {each["Key"] for page in pages for each in page.get("Contents", ())}

    def _record(self) -> dict[str, str]:
        try:
            body = self._s3.get_object(Bucket=self._name, Key=RECORD)["Body"].read()
        except self._s3.exceptions.NoSuchKey:
            return {}
        found: dict[str, str] = json.loads(body)
        return found

    def _put(self, path: str, content: bytes, type: str, kept: str) -> None:
        self._s3.put_object(Bucket=self._name, Key=path, Body=content, ContentType=type, CacheControl=kept)


def _invalidate(to: Destination, distribution: str) -> str:
    """What is not named by its content: CloudFront forgets it within a minute or so."""
    paths = [f"/{each}" for each in (INDEX, CONFIG, SERVICES)]
    batch = {
        "Paths": {"Quantity": len(paths), "Items": paths},
        "CallerReference": datetime.now(UTC).isoformat(),
    }
    made = to.aws.client("cloudfront").create_invalidation(
        DistributionId=distribution, InvalidationBatch=batch
    )
    return str(made["Invalidation"]["Id"])
