"""What a client of media does, in memory."""

import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from services.media import service as media
from services.media.delivery import Delivery, PresignedDelivery
from services.media.processing import JobChanged
from services.media.transcoding import Transcoder
from services.media.transcoding.memory import MemoryTranscoder
from thestack.runtime.scope import Scope
from thestack.testing import Harness, said_by_aws, user

ALICE, BOB = user("alice"), user("bob")
REQUEST = """mutation ($kind: MediaKind!, $type: String!, $bytes: Int!) {
  requestUpload(kind: $kind, contentType: $type, bytes: $bytes) {
    mediaId url fields { name value } expiresAt
  }
}"""
MEDIA = """query ($id: ID!) { media(id: $id) {
  __typename id ownerId state reason contentType size width height url
  renditions { name contentType width height url }
  ... on Video { duration progress }
} }"""
DELETE = "mutation ($id: ID!) { deleteMedia(id: $id) { id state } }"


def picture(width: int = 400, height: int = 200, format: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (230, 20, 20)).save(file, format)
    return file.getvalue()


@dataclass
class Client:
    """Somebody who uploads. `transcoder` remembers the videos that it was to work on."""

    transcoder: MemoryTranscoder = field(default_factory=MemoryTranscoder)
    harness: Harness = field(init=False)

    def __post_init__(self) -> None:
        ports: dict[type[object], object] = {Transcoder: self.transcoder, Delivery: PresignedDelivery()}
        self.harness = Harness(media, ports=ports)
        self.running = self.harness["media"]

    async def ask(self, query: str, scope: Scope = ALICE, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = await self.running.ask(query, scope, **variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def code(self, query: str, scope: Scope = ALICE, **variables: Any) -> tuple[str, str]:
        """The code and the message of the one error."""
        (error,) = (await self.running.ask(query, scope, **variables))["errors"]
        return error["extensions"]["code"], error["message"]

    async def form(
        self, kind: str = "IMAGE", type: str = "image/png", size: int = 100_000, scope: Scope = ALICE
    ) -> dict[str, Any]:
        asked = await self.ask(REQUEST, scope, kind=kind, type=type, bytes=size)
        form: dict[str, Any] = asked["requestUpload"]
        return form

    async def post(self, form: dict[str, Any], data: bytes) -> None:
        """Upload, and let nothing follow from it yet."""
        fields = {each["name"]: each["value"] for each in form["fields"]}
        await self.harness.upload(form["url"], fields, data)

    async def image(self, data: bytes | None = None, scope: Scope = ALICE) -> str:
        """The id of an image that was uploaded, with all that followed."""
        form = await self.form(scope=scope)
        await self.post(form, picture() if data is None else data)
        await self.harness.settle()
        return str(form["mediaId"])

    async def video(self, data: bytes = b"video") -> str:
        """The id of a video that is being worked on."""
        form = await self.form("VIDEO", "video/mp4")
        await self.post(form, data)
        await self.harness.settle()
        return str(form["mediaId"])

    async def seen(self, id: str, scope: Scope = ALICE) -> dict[str, Any]:
        found: dict[str, Any] = (await self.ask(MEDIA, scope, id=id))["media"]
        return found

    def job(self, id: str) -> str:
        """The job that works on a video."""
        return next(job for job, work in self.transcoder.started.items() if work.media_id == id)

    async def tell(self, *details: dict[str, Any]) -> list[str]:
        """Let MediaConvert say this of jobs; answers what media said of it, in order."""
        for each in details:
            await self.harness.deliver(said_by_aws(JobChanged, each))
        return [each.type for each in await self.harness.settle() if each.type.startswith("media")]

    def heard(self) -> list[str]:
        """What was delivered so far, in order."""
        return [each.envelope.type for each in self.harness.attempts]

    def objects(self, bucket: str) -> list[str]:
        return self.running.buckets[bucket].keys
