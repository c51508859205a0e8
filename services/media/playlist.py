"""HLS playlists whose files are private: every name in one is replaced by an address that is signed."""

import re
from collections.abc import Callable, Mapping

CONTENT_TYPE = "application/vnd.apple.mpegurl"
_ATTRIBUTE = re.compile(r'(?<=[:,])URI="([^"]*)"')


def named(playlist: str) -> list[str]:
    """The files that a playlist names, each once, in their order.

    Example: `named("#EXTM3U\\n#EXTINF:4,\\nvideo_00000.ts\\n")` is `["video_00000.ts"]`.
    """
    found: list[str] = []

    def keep(name: str) -> str:
        found.append(name)
        return name

    _each(playlist, keep)
    return list(dict.fromkeys(found))


def addressed(playlist: str, addresses: Mapping[str, str]) -> str:
    """The playlist with the address of each file in the place of its name. Raises `KeyError`."""
    return _each(playlist, lambda name: addresses[name])


def _each(playlist: str, change: Callable[[str], str]) -> str:
    """RFC 8216: a line is empty, or begins with `#` and may have attributes `URI`, or is a URI."""
    lines: list[str] = []
    for line in playlist.splitlines():
        if line.startswith("#"):
            line = _ATTRIBUTE.sub(lambda found: f'URI="{change(found[1])}"', line)
        elif line.strip():
            line = change(line.strip())
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)
