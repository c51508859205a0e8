"""The same service as it is deployed beside it: `stars` came, `mood` went."""

from thestack import Entity, Id, Service, owner, signed_in

service = Service("notebook")


class Note(Entity, key="id", owner="owner_id", allow=owner):
    id: Id
    owner_id: Id
    text: str
    stars: int = 0


service.crud(Note, allow=signed_in, only=["get", "create"])
