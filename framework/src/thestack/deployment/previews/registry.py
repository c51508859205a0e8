"""Which previews are beside an environment: a parameter of SSM each, written before anything of one is made,
and deleted after the last of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from thestack.definition import names
from thestack.deployment.record import Record
from thestack.operations.aws import Aws


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview: what of it is its own, who made it last, and until when it stays."""

    name: str
    base: str
    services: tuple[str, ...]
    who: str
    since: datetime
    until: datetime


_PREVIEW = TypeAdapter(Preview)


def called_by_previews(aws: Aws, base: str) -> set[str]:
    """The ARNs of versions that the routers of the previews beside `base` call: they must stay."""
    found: set[str] = set()
    for preview in Registry(aws, base).previews():
        record = Record(aws, preview.name)
        pointer = record.pointers().get(names.ROUTER)
        for hash in (pointer.current, pointer.previous) if pointer else ():
            found |= set(record.served(hash).subgraphs.values()) if hash else set()
    return found


class Registry:
    """The previews beside the environment `base`."""

    def __init__(self, aws: Aws, base: str) -> None:
        self.base, self._ssm = base, aws.client("ssm")

    def previews(self) -> Sequence[Preview]:
        """All of them, by name."""
        pages = self._ssm.get_paginator("get_parameters_by_path").paginate(
            Path=names.previews_parameter(self.base)
        )
        found: list[Any] = [each for page in pages for each in page["Parameters"]]
        previews = [_PREVIEW.validate_json(each["Value"]) for each in found]
        return sorted(previews, key=lambda each: each.name)

    def find(self, name: str) -> Preview | None:
        """The one of this name."""
        return next((each for each in self.previews() if each.name == name), None)

    def keep(self, preview: Preview) -> None:
        """Write it, in place of what was there."""
        self._ssm.put_parameter(
            Name=names.preview_parameter(self.base, preview.name),
            Value=_PREVIEW.dump_json(preview).decode(),
            Type="String",
            Overwrite=True,
        )

    def forget(self, name: str) -> None:
        """Delete it."""
        try:
            self._ssm.delete_parameter(Name=names.preview_parameter(self.base, name))
        except self._ssm.exceptions.ParameterNotFound:
            return
