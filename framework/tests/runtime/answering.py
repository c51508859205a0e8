"""A service with hooks, for the tests of what answers them."""

from thestack import (
    Entity,
    Event,
    HookRequest,
    HookResponse,
    Id,
    Key,
    Links,
    NotFound,
    Once,
    Problem,
    Service,
    Store,
    group,
    public,
    signed_in,
)

service = Service("answering")


class Visit(Entity, key=Key("place", "id"), allow=group("staff")):
    place: str
    id: Id
    times: int = 0


class Visited(Event, name="visited", version=1):
    place: str


class Sold(Problem, code="SOLD"): ...


@service.query(allow=signed_in)
async def link(token: str, *, links: Links) -> str:
    return f"{links.tenant} {links.hook('call-back', token=token)}"


@service.hook("call-back", methods=["GET", "POST"], allow=public)
async def called_back(request: HookRequest, /, *, visits: Store[Visit, Visited]) -> HookResponse:
    rows, token = visits.within("here"), request.query.get("token", "none")
    if request.method == "GET":
        return HookResponse.page(f"<p>{token}</p>")
    match request.form.get("fail"):
        case "gone":
            raise NotFound("There is nothing here.")
        case "sold":
            raise Sold
        case "bug":
            raise ValueError("of the database")
        case _:
            pass
    visit = await rows.find(Id(token)) or Visit(place="here", id=Id(token))
    visit.times += 1
    await rows.put(visit, emit=Visited(place="here"))
    return HookResponse(status=202, body=str(visit.times), headers={"Cache-Control": "no-cache"})


@service.hook("sender", allow=public)
async def sender(request: HookRequest, /, *, once: Once) -> HookResponse:
    return HookResponse(body=await once(request.body.decode(), _effect))


async def _effect() -> str:
    return "done"
