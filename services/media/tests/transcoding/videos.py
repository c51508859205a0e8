"""Videos for tests, made by ffmpeg: small, and each with what is told of it."""

import subprocess
from pathlib import Path

SOUND = ("-f", "lavfi", "-i", "sine=frequency=440")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def picture(size: str = "320x240", rate: int = 25) -> tuple[str, ...]:
    """A moving test picture, as an input."""
    return ("-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}")


def make(file: Path, *arguments: str, seconds: float = 3) -> Path:
    """Have ffmpeg write a file from these inputs and with these settings."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments, "-t", f"{seconds}", str(file)]
    subprocess.run(command, check=True, timeout=60)
    return file


def ordinary(file: Path, seconds: float = 3) -> Path:
    """An MP4 with sound."""
    return make(file, *picture(), *SOUND, *H264, "-c:a", "aac", seconds=seconds)
