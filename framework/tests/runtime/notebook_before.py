"""A service as it runs."""

from thestack import Entity, Id, Owned, Service, owner, signed_in

service = Service("notebook")


class Note(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    text: str
    mood: str = "calm"


service.crud(Note, allow=signed_in, only=["get", "create"])


@service.mutation(allow=signed_in)
async def rewrite(id: Id, text: str, *, mine: Owned[Note]) -> Note:
    note = await mine.get(id)
    note.text = text
    return await mine.put(note)
