"""What is sent as an image becomes renditions of pixels alone, or a reason that its sender understands."""

import io
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from services.media.imaging import MOST_PIXELS, SIDES, Rendered, Unreadable, render
from thestack.definition.load import load

ROOT = Path(__file__).parents[3]
ONE_BY_ONE = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
RED, GREEN, BLUE, WHITE = (230, 20, 20), (20, 200, 20), (20, 20, 230), (250, 250, 250)


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    """Red and green above blue and white: whichever way it is turned, one sees it."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(WHITE, (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def rendered(data: bytes, folder: Path) -> Rendered:
    file = folder / "upload"
    file.write_bytes(data)
    return render(file)


def seen(found: Rendered, name: str = "large") -> Image.Image:
    data = next(each.data for each in found.renditions if each.name == name)
    return Image.open(io.BytesIO(data)).convert("RGBA")


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    width, height = image.size
    places = [(width // 4, height // 4), (3 * width // 4, height // 4)]
    places += [(width // 4, 3 * height // 4), (3 * width // 4, 3 * height // 4)]
    pixels = [image.getpixel(place) for place in places]
    return [pixel[:3] for pixel in pixels if isinstance(pixel, tuple)]


def look_alike(found: list[tuple[int, ...]], expected: Sequence[tuple[int, ...]], within: int = 30) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(abs(a - b) <= within for one, other in pairs for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("format", "content_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_each_format_becomes_three_webp_renditions(format: str, content_type: str, tmp_path: Path) -> None:
    found = rendered(encoded(quarters(3000, 2000), format), tmp_path)
    assert (found.content_type, found.width, found.height) == (content_type, 3000, 2000)
    assert [(each.name, each.width, each.height) for each in found.renditions] == [
        ("large", 2048, 1365),
        ("medium", 1024, 682),
        ("thumb", 256, 170),
    ]
    for each in found.renditions:
        image = Image.open(io.BytesIO(each.data))
        assert (image.format, image.size) == ("WEBP", (each.width, each.height))
        assert look_alike(corners(image.convert("RGB")), [RED, GREEN, BLUE, WHITE])


def test_a_small_image_is_not_enlarged(tmp_path: Path) -> None:
    found = rendered(encoded(quarters(40, 30), "PNG"), tmp_path)
    assert {(each.width, each.height) for each in found.renditions} == {(40, 30)}


@given(width=st.integers(1, 2500), height=st.integers(1, 2500))
@ONE_BY_ONE
def test_renditions_keep_the_proportions_within_their_sides(width: int, height: int, tmp_path: Path) -> None:
    found = rendered(encoded(Image.new("L", (width, height)), "PNG", compress_level=1), tmp_path)
    assert (found.width, found.height) == (width, height)
    for each in found.renditions:
        assert max(each.width, each.height) == min(SIDES[each.name], max(width, height))
        assert abs(each.width - width * max(each.width, each.height) / max(width, height)) <= 2
        assert abs(each.height - height * max(each.width, each.height) / max(width, height)) <= 2


STORED = {  # how the upright image must be stored to be seen upright by this orientation
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}


@pytest.mark.parametrize("orientation", STORED)
def test_what_the_camera_noted_is_applied(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(STORED[orientation](quarters(320, 160)), "JPEG", exif=exif)
    found = rendered(data, tmp_path)
    assert (found.width, found.height) == (320, 160)
    assert look_alike(corners(seen(found)), [RED, GREEN, BLUE, WHITE])


def test_nothing_but_pixels_is_left(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 7.0), 3: "E", 4: (8.0, 32.0, 30.0)})
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(
        quarters(), "JPEG", exif=exif, comment=b"SecretComment", icc_profile=srgb, xmp=b"SecretXmp"
    )
    assert b"SecretCamera" in data
    for each in rendered(data, tmp_path).renditions:
        assert chunks(each.data) <= {b"VP8 ", b"VP8L", b"ALPH"}
        assert b"Secret" not in each.data
        assert not Image.open(io.BytesIO(each.data)).getexif()


def chunks(webp: bytes) -> set[bytes]:
    """What a WebP file holds; `VP8X` announces EXIF, XMP and profiles, and alpha."""
    found, place = set(), 12
    while place < len(webp):
        name, size = struct.unpack_from("<4sI", webp, place)
        found.add(name)
        place += 8 + size + size % 2
    return found


MODES: dict[str, Callable[[Image.Image], bytes]] = {
    "gray": lambda image: encoded(image.convert("L"), "JPEG"),
    "palette": lambda image: encoded(image.quantize(16), "PNG"),
    "black and white": lambda image: encoded(image.convert("1"), "PNG"),
    "gray with alpha": lambda image: encoded(image.convert("LA"), "PNG"),
    "CMYK": lambda image: encoded(image.convert("CMYK"), "JPEG"),
    "alpha": lambda image: encoded(image.convert("RGBA"), "PNG"),
    "16 bits": lambda image: encoded(
        image.convert("L").convert("I").point(lambda value: value * 257).convert("I;16"), "PNG"
    ),
    "16 bits of each colour": lambda image: sixteen_bits(image),
    "interlaced": lambda image: encoded(image, "PNG", interlace=1),
    "progressive": lambda image: encoded(image, "JPEG", progressive=True),
}


def sixteen_bits(image: Image.Image) -> bytes:
    """A PNG of 16 bits for each channel, which Pillow does not write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    width, height = image.size
    raw = image.tobytes()
    rows = (
        bytes(part for byte in raw[y * width * 3 : (y + 1) * width * 3] for part in (byte, byte))
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_looks_as_it_should(mode: str, tmp_path: Path) -> None:
    found = corners(seen(rendered(MODES[mode](quarters()), tmp_path)))
    if mode == "black and white":
        assert found[3] == (255, 255, 255)
        return
    colours = [RED, GREEN, BLUE, WHITE]
    if "gray" in mode or mode == "16 bits":
        light = [round(0.299 * r + 0.587 * g + 0.114 * b) for r, g, b in colours]
        colours = [(each, each, each) for each in light]
    assert look_alike(found, colours)


def test_transparency_is_kept(tmp_path: Path) -> None:
    image = quarters().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    image.paste((*RED, 255), (0, 0, 32, 24))
    for data in (
        encoded(image, "PNG"),
        encoded(image, "WEBP"),
        encoded(image, "GIF"),
        encoded(image.quantize(8), "PNG"),
    ):
        alpha = seen(rendered(data, tmp_path)).getchannel("A")
        assert alpha.getpixel((16, 12)) == 255
        assert alpha.getpixel((48, 36)) == 0


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_shown(format: str, tmp_path: Path) -> None:
    first, second = Image.new("RGB", (64, 48), RED), Image.new("RGB", (64, 48), BLUE)
    data = encoded(first, format, save_all=True, append_images=[second], duration=100)
    assert look_alike(corners(seen(rendered(data, tmp_path))), [RED] * 4)


def test_a_colour_profile_is_applied(tmp_path: Path) -> None:
    lab_like = ImageCms.createProfile("XYZ")
    data = encoded(quarters(), "PNG", icc_profile=ImageCms.ImageCmsProfile(lab_like).tobytes())
    plain = corners(seen(rendered(encoded(quarters(), "PNG"), tmp_path)))
    assert look_alike(corners(seen(rendered(data, tmp_path))), plain)  # it is none for RGB pixels
    swapped = encoded(quarters(), "PNG", icc_profile=swapped_profile())
    assert corners(seen(rendered(swapped, tmp_path)))[0][0] < 120  # red, where the profile says green


def swapped_profile() -> bytes:
    """sRGB whose red and green change places: their colorants do, in the table of tags."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    table = data[128 : 132 + 12 * struct.unpack_from(">I", data, 128)[0]]
    table = table.replace(b"rXYZ", b"tmp_").replace(b"gXYZ", b"rXYZ").replace(b"tmp_", b"gXYZ")
    data[128 : 128 + len(table)] = table
    return bytes(data)


@pytest.mark.parametrize("profile", [b"", b"no profile", bytes(200)])
def test_a_broken_profile_is_ignored(profile: bytes, tmp_path: Path) -> None:
    data = encoded(quarters(), "JPEG", icc_profile=profile)
    assert look_alike(corners(seen(rendered(data, tmp_path))), [RED, GREEN, BLUE, WHITE])


UNREADABLE = {
    "empty": (b"", "The file is empty."),
    "a text": (b"just words", "The file is no JPEG, PNG, WebP or GIF image."),
    "a page": (b"<html><script>alert(1)</script></html>", "The file is no JPEG, PNG, WebP or GIF image."),
    "a vector image": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "The file is no JPEG, PNG, WebP or GIF image.",
    ),
    "another format": (encoded(quarters(), "TIFF"), "The file is no JPEG, PNG, WebP or GIF image."),
    "a program": (b"\x7fELF" + bytes(100), "The file is no JPEG, PNG, WebP or GIF image."),
    "a cut JPEG": (encoded(quarters(500, 500), "JPEG")[:-2000], "The file ends before the image does."),
    "a cut PNG": (encoded(quarters(500, 500), "PNG")[:-200], "The file ends before the image does."),
    "a head alone": (encoded(quarters(), "PNG")[:33], None),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_can_not_be_rendered_has_a_reason(case: str, tmp_path: Path) -> None:
    data, reason = UNREADABLE[case]
    with pytest.raises(Unreadable) as caught:
        rendered(data, tmp_path)
    assert str(caught.value) == reason if reason else str(caught.value).endswith(".")


@pytest.mark.parametrize(("width", "height"), [(8000, 6251), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_unopened(width: int, height: int, tmp_path: Path) -> None:
    data = bytearray(encoded(Image.new("L", (1, 1)), "PNG"))
    struct.pack_into(">II", data, 16, width, height)
    struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    with pytest.raises(Unreadable, match=rf"at most {MOST_PIXELS // 1_000_000} megapixels are allowed"):
        rendered(bytes(data), tmp_path)


def test_a_jpeg_of_very_many_passes_is_refused(tmp_path: Path) -> None:
    data = encoded(quarters(), "JPEG", progressive=True)
    scan = data[data.rindex(b"\xff\xda") : -2]
    with pytest.raises(Unreadable, match="too many passes"):
        rendered(data[:-2] + scan * 200 + data[-2:], tmp_path)


def test_a_file_that_is_not_there_is_no_bad_image(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        render(tmp_path / "absent")


SOUND = [
    encoded(quarters(90, 70), "JPEG"),
    encoded(quarters(90, 70), "JPEG", progressive=True),
    encoded(quarters(90, 70).convert("RGBA"), "PNG"),
    encoded(quarters(90, 70).quantize(8), "PNG"),
    encoded(quarters(90, 70), "WEBP"),
    encoded(quarters(90, 70), "GIF", save_all=True, append_images=[quarters(90, 70)]),
]


@given(
    sound=st.sampled_from(SOUND), cut=st.floats(0, 1), seed=st.integers(0, 2**32), flips=st.integers(0, 20)
)
@settings(ONE_BY_ONE, max_examples=300)
def test_no_bytes_break_it(sound: bytes, cut: float, seed: int, flips: int, tmp_path: Path) -> None:
    data, dice = bytearray(sound[: round(len(sound) * cut)]), random.Random(seed)  # noqa: S311 - a die
    for _ in range(flips if data else 0):
        data[dice.randrange(len(data))] = dice.randrange(256)
    found: Rendered | None = None
    reason = "."
    try:
        found = rendered(bytes(data), tmp_path)
    except Unreadable as error:
        reason = str(error)
    assert reason.endswith(".")
    assert str(tmp_path) not in reason
    assert found is None or len(found.renditions) == 3


MEASURE = """
import sys
from pathlib import Path
from services.media.imaging import render

def peak():
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024

before = peak()
render(Path(sys.argv[1]))
print(peak() - before)
"""
MEASURED = (4000, 2500)
"""A fifth of what is allowed: what an image takes for each pixel is the same, and this is made quickly."""
FUNCTION_ITSELF = 150 * 1024 * 1024
"""What the function has loaded, with room to spare; `make bench` measures all of it at 40 megapixels."""


def configured() -> int:
    loaded = load(ROOT / "services" / "media" / "service.py", ROOT)
    assert loaded.model
    (render,) = [each for each in loaded.model.consumers if each.name == "render"]
    return (render.function.memory or 0) * 1024 * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_largest_image_stays_within_the_functions_memory(format: str, tmp_path: Path) -> None:
    file = tmp_path / "large"
    mode = {"JPEG": "CMYK", "GIF": "P"}.get(format, "RGBA")
    fast = {"PNG": {"compress_level": 1}, "WEBP": {"method": 0, "quality": 1}}.get(format, {})
    file.write_bytes(encoded(Image.new(mode, MEASURED, 120), format, **fast))
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, file], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for_each_pixel = int(said.stdout) / (MEASURED[0] * MEASURED[1])
    assert for_each_pixel * MOST_PIXELS + FUNCTION_ITSELF < configured()
