"""Addresses by which whoever has them may fetch a private object, for a short time.

On AWS they are CloudFront's, which reads the buckets as nobody else may, and are signed with a key of this
service; otherwise the bucket's own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from thestack import BlobReader, Clock, Secret

SHORT = timedelta(minutes=15)
"""How long an address holds at least; at most twice as long."""
WATCHED = timedelta(hours=6)
"""How long those of a video's pieces hold: a player asks for the last of them when it gets there."""


class Delivery(Protocol):
    """Makes addresses of the objects of a bucket.

    Example: `await delivery.url(images, "renditions/1/thumb.webp")`.
    """

    async def url(self, blobs: BlobReader[Any], key: str) -> str:
        """The address of an object, for `SHORT`."""
        ...

    async def urls(self, blobs: BlobReader[Any], keys: Sequence[str], *, below: str) -> list[str]:
        """The addresses of objects whose keys begin with `below`, for `WATCHED`. Raises `ValueError` for
        another key.
        """
        ...


class PresignedDelivery(Delivery):
    """Addresses of the bucket itself, presigned with the function's own credentials. On AWS these end with
    the credentials, which is sooner than `WATCHED`.
    """

    async def url(self, blobs: BlobReader[Any], key: str) -> str:
        return await blobs.sign_download(key, expires=SHORT)

    async def urls(self, blobs: BlobReader[Any], keys: Sequence[str], *, below: str) -> list[str]:
        _refuse_others(keys, below)
        return list(await asyncio.gather(*(blobs.sign_download(key, expires=WATCHED) for key in keys)))


class CloudFrontDelivery(Delivery):
    """Addresses of CloudFront, signed with `key`: the private half, as PEM, of the public key `key_id`.

    `domains` are the distributions' by their buckets' names. An address stays the same for a while, so that
    browsers find again what they have kept.
    """

    def __init__(self, domains: Mapping[str, str], key_id: str, key: Secret, clock: Clock) -> None:
        self._domains, self._key_id, self._key, self._clock = domains, key_id, key, clock

    async def url(self, blobs: BlobReader[Any], key: str) -> str:
        address, signer = self._address(blobs, key), await self._signer()
        return str(signer.generate_presigned_url(address, date_less_than=self._until(SHORT)))

    async def urls(self, blobs: BlobReader[Any], keys: Sequence[str], *, below: str) -> list[str]:
        _refuse_others(keys, below)
        # One signature for all: a policy may end in a wildcard, and the same query opens whatever it admits.
        folder, signer = f"{self._address(blobs, f'{below}x')[:-1]}*", await self._signer()
        policy = signer.build_policy(folder, self._until(WATCHED))
        _, _, query = signer.generate_presigned_url(folder, policy=policy).partition("?")
        return [f"{self._address(blobs, key)}?{query}" for key in keys]

    def _address(self, blobs: BlobReader[Any], key: str) -> str:
        place = blobs.location(key)
        return f"https://{self._domains[place.bucket]}/{quote(place.key)}"

    def _until(self, least: timedelta) -> datetime:
        """The first full `SHORT` after `least` has passed."""
        soonest, step = (self._clock.now() + least).timestamp(), SHORT.total_seconds()
        return datetime.fromtimestamp((soonest // step + 1) * step, UTC)

    async def _signer(self) -> Any:
        from services.media.signing import signer  # its libraries are in the bundles that need them alone

        return await asyncio.to_thread(signer, await self._key.value(), self._key_id)


def _refuse_others(keys: Sequence[str], below: str) -> None:
    for key in keys:
        if not key.startswith(below) or key == below:
            raise ValueError(f"{key} does not lie below {below}")
