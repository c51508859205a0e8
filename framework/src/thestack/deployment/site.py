"""A frontend as browsers get it: its files under names that say what is in them, so that they can be kept for
ever, and a few that can't, because their names are known.
"""

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from thestack.contract.files import FOLDER as CONTRACT
from thestack.contract.files import ContractUnreadable, read_contract, read_folder
from thestack.operations.errors import OperationError

FRONTENDS = "frontends"
INDEX = "index.html"
CONFIG, SERVICES = "config.json", "services.json"
ASSETS = "assets"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".graphql": "application/graphql; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""What a site may consist of, by the ends of names."""
_REFERENCE = re.compile(r"""(?<=["'(])\.{1,2}/[\w./-]+(?=["')])""")
_DIGITS = 12


class Frontend(StrEnum):
    """The sites of the stack, by their folders in `frontends`."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a site. What is `immutable` never has another content under its path."""

    path: str
    content: bytes
    immutable: bool

    @property
    def type(self) -> str:
        """Its media type."""
        return TYPES[posixpath.splitext(self.path)[1]]


def make_site(root: Path, frontend: Frontend, config: Mapping[str, Any]) -> list[File]:
    """The site's files: assets first, what names them after that, the index last.

    Raises `OperationError` for a reference that leads nowhere, or to itself, and for a stale contract.
    """
    assets = _Assets(root / FRONTENDS)
    index = assets.rewritten(f"{frontend}/{INDEX}")
    known = {CONFIG: dict(config)}
    if frontend is Frontend.INTERNAL:
        known[SERVICES] = services_of(root)
    return [
        *assets.made.values(),
        *(File(path, json.dumps(content, indent=1).encode(), False) for path, content in known.items()),
        File(INDEX, index, False),
    ]


def services_of(root: Path) -> dict[str, Any]:
    """The service map of the committed contracts. Raises `OperationError` where one can't be read."""
    from thestack.contract.service_map import service_map  # GraphQL's parser: for this alone

    found = sorted((root / "services").glob(f"*/{CONTRACT}/service.json"))
    try:
        world = {path.parents[1].name: read_contract(read_folder(path.parent)) for path in found}
    except ContractUnreadable as wrong:
        raise OperationError(
            f"a contract in {root / 'services'} can't be read: {wrong}; make it anew with "
            "`thestack contract update`"
        ) from None
    return service_map(world)


class _Assets:
    """The files that a page needs, from the page on: each one is named by its content, in which those that it
    needs are named so already.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._under_way: list[str] = []
        self.made: dict[str, File] = {}

    def rewritten(self, path: str) -> bytes:
        """The file with what it refers to by a relative path referred to by the published one."""
        source = self._folder / path
        if not source.is_file():
            by = f", which {self._under_way[-1]} names," if self._under_way else ""
            raise OperationError(f"{source}{by} is not there; add it, or mend the name")
        content = source.read_bytes()
        if source.suffix not in {".css", ".html", ".js"}:
            return content
        self._under_way.append(path)
        base = posixpath.dirname(path)
        text = _REFERENCE.sub(lambda found: self._asset(base, found[0]), content.decode())
        self._under_way.pop()
        return text.encode()

    def _asset(self, base: str, reference: str) -> str:
        path = posixpath.normpath(posixpath.join(base, reference))
        if path in self._under_way:
            way = " -> ".join([*self._under_way[self._under_way.index(path) :], path])
            raise OperationError(f"files of {self._folder} need one another: {way}; take one import out")
        if path not in self.made:
            content = self.rewritten(path)
            stem, suffix = posixpath.splitext(posixpath.basename(path))
            if suffix not in TYPES:
                raise OperationError(f"{self._folder / path} is no file of a site; those end with {_ENDS}")
            name = f"{ASSETS}/{stem}.{sha256(content).hexdigest()[:_DIGITS]}{suffix}"
            self.made[path] = File(name, content, immutable=True)
        return f"/{self.made[path].path}"


_ENDS = ", ".join(TYPES)
