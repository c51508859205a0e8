"""The ports of one function, wired by its composition root."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from thestack.ports import BlobStore, Clock, Mailer, Profiles, RowStore
from thestack.runtime.provided import Provided
from thestack.runtime.secrets import Secrets


@dataclass(frozen=True, slots=True)
class Ports:
    """What handlers run against.

    `epoch` is the table's restore count. `mailer` and `profiles` are there where some handler asks for them,
    `secrets` and `provided`, the service's own ports, where handlers run in earnest. `buckets` are the stores
    of those that some handler asks for, by the names that the definition gives them. `api` is where the API
    answers, for who makes links.
    """

    store: RowStore
    clock: Clock
    mailer: Mailer | None = None
    profiles: Profiles | None = None
    epoch: int = 1
    secrets: Secrets | None = None
    provided: Provided | None = None
    buckets: Mapping[str, BlobStore] = field(default_factory=dict[str, BlobStore])
    api: str = ""
