"""From the signed form to READY: what a user waits for who uploads an image."""

import io
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
from PIL import Image

from bench.client import PATIENCE, Client
from bench.figures import Figure, Measurement, NotMeasured, Say, median_of
from thestack.local.signin import sign_in, sign_up
from thestack.local.stack import start

RUNS = 15
BYTES = 2_000_000
_LOOK_SECONDS = 0.01
_REQUEST = """mutation ($bytes: Int!) { requestUpload(kind: IMAGE, contentType: "image/jpeg", bytes: $bytes) {
  mediaId url fields { name value }
} }"""
_STATE = "query ($id: ID!) { media(id: $id) { state reason } }"


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Uploads of one image, one after the other; the first, which starts the functions, is not counted."""
    image = photo()
    with start(root, report=say, warm=True) as (stack, _):
        sign_up(stack, "bench@example.com")
        user = sign_in(stack, "bench@example.com")
        say(f"{RUNS} uploads of {len(image) / 1e6:.1f} MB")
        with Client(stack.graphql, user.access_token) as client, httpx.Client(trust_env=False) as s3:
            found = [_upload(client, s3, image) for _ in range(RUNS + 1)][1:]
    return [
        median_of("uploads.sign", "requestUpload: a signed form", "ms", [each[0] for each in found]),
        median_of("uploads.post", "posting the image to S3", "ms", [each[1] for each in found]),
        median_of("uploads.ready", "form signed → READY, image of 2 MB", "ms", [each[2] for each in found]),
    ]


def photo() -> bytes:
    """A JPEG file of about 2 MB: 12 megapixels, as a phone's."""
    noise = Image.effect_noise((1000, 750), 24).resize((4000, 3000), Image.Resampling.BICUBIC)
    for quality in range(95, 20, -5):
        file = io.BytesIO()
        noise.convert("RGB").save(file, "JPEG", quality=quality)
        if file.tell() <= BYTES:
            break
    return file.getvalue() + bytes(max(0, BYTES - file.tell()))


def _upload(client: Client, s3: httpx.Client, image: bytes) -> tuple[float, float, float]:
    """Milliseconds: until the form is signed, of posting it, and from the signed form until READY."""
    began = time.perf_counter()
    form = client.ask(_REQUEST, bytes=len(image))["requestUpload"]
    signed = time.perf_counter()
    fields = {each["name"]: each["value"] for each in form["fields"]}
    answer = s3.post(form["url"], data=fields, files={"file": ("photo.jpg", image)}, timeout=PATIENCE)
    posted = time.perf_counter()
    if answer.status_code != httpx.codes.NO_CONTENT:
        raise NotMeasured(f"S3 answered {answer.status_code}: {answer.text[:200]}")
    while True:
        media = client.ask(_STATE, id=form["mediaId"])["media"]
        ended = time.perf_counter()
        if media["state"] == "READY":
            return ((signed - began) * 1000, (posted - signed) * 1000, (ended - signed) * 1000)
        if media["state"] == "FAILED" or ended - posted > PATIENCE:
            raise NotMeasured(f"the image is {media['state']}: {media['reason']}")
        time.sleep(_LOOK_SECONDS)


UPLOADS = Measurement(
    "uploads",
    "Uploads",
    """The stack from its built bundles on the emulator. A JPEG file of 2 MB and 12 megapixels is posted by a
presigned form; S3's event moves its state, and one function renders three WebP images of it. The state is
asked for through the API, again 10 ms after each answer, which takes its share of this machine's cores.""",
    measure,
)
