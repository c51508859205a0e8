"""What was deployed: of a service or the platform a release, of the router what it serves."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from pydantic import TypeAdapter

from thestack.contract.files import from_json
from thestack.contract.promise import Contract


@dataclass(frozen=True)
class Release:
    """What a service's stack was brought up to.

    `promise` is its contract as text. `versions` are the numbers of its functions' versions that the alias
    `live` named then, by the function's name; `assets` where its bundles lie, "bucket/key". `when` is a time
    of ISO 8601.
    """

    service: str
    promise: str
    template: Mapping[str, Any]
    versions: Mapping[str, str]
    assets: tuple[str, ...]
    when: str
    who: str

    @cached_property
    def contract(self) -> Contract:
        """The contract. Raises `ContractUnreadable`."""
        return from_json(self.promise)


@dataclass(frozen=True)
class Served:
    """What a version of the router's function serves.

    `subgraphs` are the ARNs of the versions that it calls, `releases` the hashes of the releases that these
    are of, both by service. `version` is that of the router's own function; `bundle` is where its code lies
    in the bucket of releases.
    """

    supergraph: str
    public_fields: tuple[str, ...]
    subgraphs: Mapping[str, str]
    releases: Mapping[str, str]
    bundle: str
    version: str
    when: str
    who: str


_RELEASE, _SERVED = TypeAdapter(Release), TypeAdapter(Served)
_T = TypeVar("_T")


def to_text(kept: Release | Served) -> str:
    """The text that is kept of it: the same for the same."""
    adapter: TypeAdapter[Any] = _RELEASE if isinstance(kept, Release) else _SERVED
    return adapter.dump_json(kept).decode()


def release_of(text: str) -> Release:
    """The release of such a text. Raises `ValueError`."""
    return _RELEASE.validate_json(text)


def served_of(text: str) -> Served:
    """What is served, of such a text. Raises `ValueError`."""
    return _SERVED.validate_json(text)


def hash_of(text: str) -> str:
    """By what a text is kept."""
    return hashlib.sha256(text.encode()).hexdigest()
