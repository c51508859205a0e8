"""Buckets: what the service keeps as objects, and what a handler asks for to read and write them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol, Self

from pydantic import ModelWrapValidatorHandler, PrivateAttr, model_validator
from typing_extensions import TypeVar

from thestack.definition import names
from thestack.definition.shapes import AwsEvent, Shape
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


class ObjectCreated(AwsEvent, source="aws.s3", detail_type="Object Created"):
    """An object was written into an area of a bucket, by a form, by a handler, by whomever: S3 says so.

    It is told at least once, and also where another took its place: `etag` tells contents apart. A consumer
    that writes into the area which it hears would hear itself.

    Example: `class ImageUploaded(ObjectCreated, bucket=Images, area="uploads"): ...`
    """

    key: str
    size: int
    etag: str

    if TYPE_CHECKING:

        def __init_subclass__(cls, *, bucket: type[Bucket], area: str) -> None: ...

    else:
        _tenant: str = PrivateAttr(default="")

        @model_validator(mode="wrap")
        @classmethod
        def _of_s3(cls, detail: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
            """Read S3's own words, in which the tenant is a part of the key."""
            written = detail.get("object") if isinstance(detail, Mapping) else None
            if not isinstance(written, Mapping):
                return handler(detail)
            tenant, key = names.blob_key(str(written.get("key", "")))
            told = handler({**written, "key": key})
            told._tenant = tenant
            return told

        @property
        def tenant(self) -> str:
            return self._tenant


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
