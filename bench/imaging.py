"""The memory that the function takes which renders images, at 40 megapixels."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.figures import Figure, Measurement, NotMeasured, Say
from thestack.definition.load import models

SIZE = (7304, 5478)
ENVIRONMENT_MB = 512
"""What a function has that asks for nothing: the default of an environment."""
_RENDER = """\
import sys
import thestack.entry.wiring, thestack.runtime.consume, services.media.service
from pathlib import Path
from services.media.imaging import render

for service in ("dynamodb", "s3"):
    thestack.entry.wiring.client(service)
render(Path(sys.argv[1]))
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
"""All that the function loads, and its work; it prints the peak of its resident memory, in kB."""


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Peaks of a fresh process for each format, against the memory that the definition gives the function."""
    if sys.platform != "linux":
        raise NotMeasured("the peak of a process is read from /proc, which this system has not")
    media = next((each for each in models(root) if each.name == "media"), None)
    render = next((each for each in media.consumers if each.name == "render"), None) if media else None
    if render is None:
        raise NotMeasured("there is no service media with a consumer `render`")
    budget = render.function.memory or ENVIRONMENT_MB
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, save in _images().items():
            say(f"40 megapixels as {name}")
            file = Path(folder) / "image"
            save(file)
            peak = _peak(root, file)
            figures.append(
                Figure(f"imaging.{name.replace(' ', '-')}", f"peak, {name}", "MiB", peak, budget=budget)
            )
    return figures


def _images() -> Mapping[str, Callable[[Path], Any]]:
    """Each format as its decoder takes the most: noise, all channels, many passes."""
    from PIL import Image

    noise = Image.effect_noise((SIZE[0] // 8, SIZE[1] // 8), 80).resize(SIZE)
    rgb = Image.merge("RGB", (noise, noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT), noise))
    rgba = rgb.copy()
    rgba.putalpha(noise)
    return {
        "JPEG": lambda file: rgb.save(file, "JPEG"),
        "JPEG progressive": lambda file: rgb.save(file, "JPEG", progressive=True, subsampling=0),
        "PNG": lambda file: rgba.save(file, "PNG", compress_level=1),
        "WebP": lambda file: rgba.save(file, "WEBP", quality=60, method=0),
        "GIF": lambda file: noise.save(file, "GIF"),
    }


def _peak(root: Path, file: Path) -> float:
    variables = {
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": str(root),
    }
    command = [sys.executable, "-c", _RENDER, str(file)]
    done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"rendering failed: {done.stderr[-600:]}")
    return int(done.stdout.split()[-1]) / 1024


_METHOD = """\
A fresh process that has loaded what the function loads renders one file; the peak of its resident memory, as
the kernel counts it. The budget is the memory that the definition gives the function, whose unit is MiB.
"""
IMAGING = Measurement("imaging", "Images of 40 megapixels, memory", _METHOD.strip(), measure)
