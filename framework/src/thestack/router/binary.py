"""What a native library is made for: read in its header, before a function that can't load it is shipped."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

System = Literal["linux", "darwin"]
Arch = Literal["arm64", "x64"]

LAMBDAS_GLIBC = (2, 34)
"""The C library of Amazon Linux 2023, which Lambda runs nodejs20.x and later on."""
_ELF, _MACH_O = b"\x7fELF", b"\xcf\xfa\xed\xfe"
_MACHINES = {("linux", "arm64"): 183, ("linux", "x64"): 62, ("darwin", "arm64"): 12, ("darwin", "x64"): 7}
_NEEDED_VERSIONS = 0x6FFFFFFE
_GLIBC = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")


class WrongBinary(Exception):
    """The library can't be loaded where it is to run; the message says why."""


@dataclass(frozen=True, slots=True)
class _Section:
    kind: int
    offset: int
    link: int


def check_binary(content: bytes, system: System, arch: Arch) -> None:
    """Raise `WrongBinary` unless a library is of this system and machine and, on Linux, linked with a glibc
    that is no newer than Lambda's.
    """
    magic, offset = (_ELF, 18) if system == "linux" else (_MACH_O, 4)
    found = int.from_bytes(content[offset : offset + 2], "little")
    if content[:4] != magic or found != _MACHINES[system, arch]:
        raise WrongBinary(f"it is not made for {system}-{arch}")
    if system != "linux":
        return
    versions = glibc_versions(content)
    if not versions:
        raise WrongBinary("it is not linked with glibc, which is the C library of Lambda")
    if (newest := max(versions)) > LAMBDAS_GLIBC:
        raise WrongBinary(f"it needs glibc {_said(newest)}, and Lambda has {_said(LAMBDAS_GLIBC)}")


def glibc_versions(content: bytes) -> set[tuple[int, ...]]:
    """The versions of glibc whose symbols a 64-bit ELF file asks for. Raises `WrongBinary` for a broken one.

    Example: `max(glibc_versions(path.read_bytes())) == (2, 30)`.
    """
    try:
        names = set(_needed(content))
    except (struct.error, IndexError, ValueError) as error:
        raise WrongBinary(f"its header can't be read: {error}") from None
    matches = filter(None, map(_GLIBC.fullmatch, names))
    return {tuple(map(int, each.group(1).split("."))) for each in matches}


def _needed(content: bytes) -> Iterator[str]:
    """The versions of libraries that are needed, as the section of them names them."""
    sections = _sections(content)
    for section in sections:
        if section.kind == _NEEDED_VERSIONS:
            texts, place = sections[section.link].offset, section.offset
            while True:
                _, count, _, first, following = struct.unpack_from("<HHIII", content, place)
                entry = place + first
                for _ in range(count):
                    *_, name, further = struct.unpack_from("<IHHII", content, entry)
                    end = content.index(b"\0", texts + name)
                    yield content[texts + name : end].decode("ascii")
                    entry += further
                if not following:
                    break
                place += following


def _sections(content: bytes) -> list[_Section]:
    (offset,) = struct.unpack_from("<Q", content, 40)
    size, count = struct.unpack_from("<HH", content, 58)
    found: list[_Section] = []
    for number in range(count):
        values = struct.unpack_from("<IIQQQQIIQQ", content, offset + number * size)
        found.append(_Section(kind=values[1], offset=values[4], link=values[6]))
    return found


def _said(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
