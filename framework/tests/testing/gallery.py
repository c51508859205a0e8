"""A service that shows what somebody uploads, in capitals."""

from datetime import timedelta

from thestack import (
    Blobs,
    Bucket,
    Caller,
    Entity,
    Id,
    Key,
    ObjectCreated,
    Service,
    Store,
    Value,
    group,
    signed_in,
)

service = Service("gallery")


class Texts(Bucket, name="texts", browser=True):
    """Texts, and what was made of them."""


class Sounds(Bucket, name="sounds"):
    """Nobody hears them."""


class TextUploaded(ObjectCreated, bucket=Texts, area="uploads"): ...


class Made(Entity, key=Key("who", "key"), allow=group("staff")):
    who: Id
    key: str
    size: int
    etag: str


class Field(Value):
    name: str
    value: str


class Form(Value):
    url: str
    fields: list[Field]


@service.mutation(allow=signed_in)
async def upload(id: Id, *, texts: Blobs[Texts], caller: Caller) -> Form:
    form = await texts.sign_upload(
        f"uploads/{caller.id}/{id}", content_type="text/plain", size=(1, 10), expires=timedelta(minutes=5)
    )
    return Form(url=form.url, fields=[Field(name=name, value=text) for name, text in form.fields.items()])


@service.mutation(allow=signed_in)
async def sing(id: Id, *, sounds: Blobs[Sounds]) -> bool:
    await sounds.put(f"uploads/{id}", b"la", content_type="audio/wave")
    return True


@service.query(allow=signed_in)
async def shown(id: Id, *, texts: Blobs[Texts], caller: Caller) -> str:
    return await texts.sign_download(f"shown/{caller.id}/{id}", expires=timedelta(minutes=5))


@service.on()
async def show(event: TextUploaded, /, *, texts: Blobs[Texts], made: Store[Made]) -> None:
    text = await texts.get(event.key, limit=10)
    place = event.key.partition("/")[2]
    await texts.put(f"shown/{place}", text.data.upper(), content_type=text.content_type)
    who, _, _ = place.partition("/")
    row = await made.within(who).find(event.key) or Made(who=Id(who), key=event.key, size=0, etag="")
    row.size, row.etag = event.size, event.etag
    await made.within(who).put(row)
