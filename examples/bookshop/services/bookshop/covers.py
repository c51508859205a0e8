"""The part of the bookshop that shows covers of books."""

from datetime import timedelta

from pydantic import Field

from thestack import BlobReader, Blobs, Bucket, Caller, Id, NotFound, ObjectCreated, Part, Value, signed_in

covers = Part()
JPEG, LARGEST = b"\xff\xd8\xff", 5_000_000
WHILE_SHOWN = timedelta(minutes=10)


class Covers(Bucket, name="covers", browser=True, versioned=True, expires={"offered": timedelta(days=1)}):
    """Pictures of books: offered by whoever sells them, and shown once somebody has looked at them."""


class CoverField(Value):
    name: str
    value: str


class CoverForm(Value):
    """A form to post a picture with."""

    url: str
    fields: list[CoverField] = Field(description="They stand before the field `file`.")


@covers.mutation(allow=signed_in)
async def offer_cover(book: Id, *, covers: Blobs[Covers], caller: Caller) -> CoverForm:
    key, size, expires = f"offered/{caller.id}/{book}", (1, LARGEST), timedelta(minutes=5)
    form = await covers.sign_upload(key, content_type="image/jpeg", size=size, expires=expires)
    fields = [CoverField(name=name, value=value) for name, value in form.fields.items()]
    return CoverForm(url=form.url, fields=fields)


class CoverOffered(ObjectCreated, bucket=Covers, area="offered"): ...


@covers.on()
async def show_cover(event: CoverOffered, /, *, covers: Blobs[Covers]) -> None:
    """What looks like a JPEG file is shown; what was claimed of it is not asked."""
    picture = await covers.get(event.key, limit=LARGEST)
    if picture.data.startswith(JPEG):
        await covers.put(f"shown/{event.key.partition('/')[2]}", picture.data, content_type="image/jpeg")


@covers.query(allow=signed_in)
async def cover(book: Id, *, covers: BlobReader[Covers], caller: Caller) -> str:
    """Where the caller's cover of a book is shown."""
    key = f"shown/{caller.id}/{book}"
    if await covers.head(key) is None:
        raise NotFound
    return await covers.sign_download(key, expires=WHILE_SHOWN)
