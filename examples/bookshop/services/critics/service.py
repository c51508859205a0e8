"""Critics: what they say of whatever is printed, without knowing what that may be."""

from collections.abc import Sequence

from thestack import Foreign, Id, Service

service = Service("critics")


class Printed(Foreign, service="publisher", interface_object=True):
    id: Id


@service.batch_field()
async def stars(things: Sequence[Printed], /) -> list[int]:
    """One to five."""
    return [1 + len(thing.id) % 5 for thing in things]
