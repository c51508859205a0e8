"""Pixels in sRGB, whatever mode, depth and colour profile they are stored in."""

import io
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms

Prepare = Callable[[Image.Image], Image.Image]
_CMS: Any = ImageCms  # whose types are partial


def preparing(image: Image.Image) -> Prepare:
    """What makes a part of the image RGB, or RGBA, in sRGB."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    colours = _colours(image, mode)

    def prepare(strip: Image.Image) -> Image.Image:
        if strip.mode.startswith("I"):
            strip = _eight_bits(strip).convert("L")
        return colours(strip) if colours else strip.convert(mode)

    return prepare


def _colours(image: Image.Image, mode: str) -> Prepare | None:
    """The way from the image's own colour profile to sRGB; None without a profile that fits its pixels."""
    own = image.info.get("icc_profile")
    if not own:
        return None
    try:
        profile: Any = ImageCms.ImageCmsProfile(io.BytesIO(own))
        space = str(profile.profile.xcolor_space).strip()
        between = {"RGB": mode, "GRAY": "L", "CMYK": "CMYK"}.get(space)
        if between is None or (space == "CMYK") != (image.mode == "CMYK"):
            return None
        if space == "GRAY" and (mode == "RGBA" or image.mode not in {"L", "1"}):
            return None
        srgb: Any = _CMS.createProfile("sRGB")
        output = mode if between == mode else "RGB"
        transform = ImageCms.buildTransform(profile, srgb, between, output)
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None

    def convert(strip: Image.Image) -> Image.Image:
        return ImageCms.applyTransform(strip.convert(between), transform) or strip.convert(mode)

    return convert


def _eight_bits(strip: Any) -> Image.Image:
    """16 bits as 8, in a mode that still has 16; `convert` alone would cut off what is above 255."""

    def scale(value: Any) -> Any:
        return value * (1 / 256)

    scaled: Image.Image = strip.point(scale)
    return scaled
