"""Which addresses a session of processes listens on, as Linux tells it."""

import os
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

_LISTEN = "0A"
Address = tuple[IPv4Address | IPv6Address, int]


def listeners(session: int) -> list[Address]:
    """Address and port of each TCP socket that the session listens on; [] where /proc is missing."""
    if sys.platform != "linux":
        return []
    sockets = {inode for pid in processes(session) for inode in _sockets(pid)}
    return [(host, port) for inode, host, port in _listening() if inode in sockets]


def processes(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, belongs = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(belongs) == session and state != "Z":
            found.append(int(folder.name))
    return found


def _sockets(pid: int) -> Iterator[str]:
    try:
        for link in os.scandir(f"/proc/{pid}/fd"):
            target = os.readlink(link.path)
            if target.startswith("socket:["):
                yield target[8:-1]
    except OSError:
        return


def _listening() -> Iterator[tuple[str, IPv4Address | IPv6Address, int]]:
    for table in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTEN:
                host, _, port = fields[1].partition(":")
                yield fields[9], _address(host), int(port, 16)


def _address(text: str) -> IPv4Address | IPv6Address:
    # The kernel writes 32-bit words in the machine's own byte order.
    words = [int(text[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(text), 8)]
    packed = b"".join(words)
    return IPv4Address(packed) if len(packed) == 4 else IPv6Address(packed)
