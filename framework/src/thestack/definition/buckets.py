"""Buckets: what the service keeps as objects, and what a handler asks for to read and write them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from typing_extensions import TypeVar

from thestack.definition.shapes import Shape
from thestack.ports.blobs import BlobReads, BlobStore


class Bucket(Shape):
    """A bucket of S3 that the service owns: never public, encrypted, reached by TLS alone.

    The key of an object is "area/rest". With `browser` the environment's origins may use what is signed.
    With `versioned` what was overwritten or deleted is kept for thirty days. The objects of an area in
    `expires` are gone after so many days.

    Example: `class Images(Bucket, name="images", browser=True, expires={"uploads": timedelta(days=1)}): ...`
    """

    if TYPE_CHECKING:

        def __init_subclass__(
            cls,
            *,
            name: str,
            browser: bool = False,
            versioned: bool = False,
            expires: Mapping[str, timedelta] = {},
        ) -> None: ...


B_co = TypeVar("B_co", bound=Bucket, covariant=True, default=Any)


class BlobReader(BlobReads, Protocol[B_co]):
    """Reads the caller's tenant's objects of a bucket: `seen: BlobReader[Images]`.

    Keys are "area/rest", as they were written; another tenant's objects have none. Raises `ValueError` for a
    key without an area.
    """


class Blobs(BlobStore, BlobReader[B_co], Protocol[B_co]):
    """Reads and writes the caller's tenant's objects of a bucket: `images: Blobs[Images]`.

    What a call does is done when it returns, and is no part of the handler's transaction: a handler that runs
    again does it again. Write by keys that come from what is handled, so that the same is written twice.
    """
