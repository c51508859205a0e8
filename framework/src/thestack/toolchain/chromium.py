"""The browser of the tests: headless Chromium out of an npm package, with libraries that machines may lack.

The package has it for Linux on x86-64 alone. Elsewhere the tests take a browser that is installed.
"""

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from thestack.toolchain.installation import Report, ToolchainError, install, is_complete, run
from thestack.toolchain.tools import node_executable

__all__ = ["Browser", "ensure", "find"]

_PACKAGE = "@sparticuz/chromium"
_UNPACK = """\
const { createReadStream, createWriteStream } = require('fs');
const { pipeline } = require('stream/promises');
const { createBrotliDecompress } = require('zlib');
const [from, to] = process.argv.slice(1);
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to)).catch((error) => {
  console.error(`ERROR ${error}`);
  process.exit(1);
});
"""
_ARCHIVES = {"al2023": "libraries", "fonts": "fonts", "swiftshader": "bin"}
"""Each with the folder that it is for. What draws without a graphics card belongs beside the browser."""
_FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""
"""In place of the package's own, which looks in the folders of a Lambda function."""
_INSTALLED = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser to start, with the variables that it needs beside those of this process."""

    executable: Path
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


def ensure(packages: Path, target: Path, report: Report) -> None:
    """Unpack what lies in these `node_modules` into `target`, unless done, or there is none for this machine.

    Raises:
        ToolchainError: the disk stands in the way, or the package is another than it was.
    """
    if _is_for_this_machine():
        source = packages / _PACKAGE
        install(
            target,
            _stamp(source),
            "the browser of the tests",
            lambda partial: _build(source, partial),
            report,
        )


def find(packages: Path, target: Path) -> Browser | None:
    """The browser to test with: the unpacked one, else one that is installed; None where there is none."""
    if _is_for_this_machine() and is_complete(target, _stamp(packages / _PACKAGE)):
        executable = target / "bin" / "chromium"
        fonts = {"FONTCONFIG_PATH": str(target.absolute() / "fonts")}
        return Browser(executable, {**fonts, **_libraries(executable, target.absolute())})
    found = next(filter(None, map(shutil.which, _INSTALLED)), None)
    return Browser(Path(found)) if found else None


def _is_for_this_machine() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def _stamp(source: Path) -> str:
    try:
        return (source / "package.json").read_text(encoding="utf-8")
    except OSError as error:
        raise ToolchainError(f"{source} is missing: {error.strerror}; run `make setup`") from None


def _libraries(executable: Path, target: Path) -> dict[str, str]:
    """The package's own libraries, where the machine lacks some: its own are newer, and fit better."""
    started = subprocess.run([executable, "--version"], capture_output=True, check=False)
    return {"LD_LIBRARY_PATH": str(target / "libraries" / "lib")} if started.returncode else {}


def _build(source: Path, partial: Path) -> None:
    (partial / "bin").mkdir()
    _decompress(source / "bin" / "chromium.br", partial / "bin" / "chromium", partial)
    (partial / "bin" / "chromium").chmod(0o755)
    for name, folder in _ARCHIVES.items():
        archive = partial / f"{name}.tar"
        _decompress(source / "bin" / f"{name}.tar.br", archive, partial)
        with tarfile.open(archive) as opened:
            opened.extractall(partial / folder, filter="data")
        archive.unlink()
    (partial / "fonts" / "fonts.conf").write_text(_FONTS, encoding="utf-8")


def _decompress(source: Path, target: Path, partial: Path) -> None:
    command = [str(node_executable()), "-e", _UNPACK, str(source), str(target)]
    run(command, f"cannot unpack {source}", partial, os.environ)
