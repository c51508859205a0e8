"""What a hook is handed and answers: HTTP, as far as a handler has to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """One request to a hook.

    Of `query` and `form` each name has its first value. `form` is there where the body is one, urlencoded or
    multipart, without files. Names of `headers` are in small letters. Anybody may have made all of this up,
    `tenant` included: believe what is signed.
    """

    method: str
    tenant: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookResponse:
    """What is answered. Headers that keep browsers from storing, framing and guessing it are added; those
    that stand in `headers`, by their names in small letters, take their place.

    Example: `HookResponse(status=404, body="There is nothing here.")`
    """

    body: str = ""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def page(cls, html: str, status: int = 200) -> "HookResponse":
        """A page of HTML, which may post a form to its own place and load nothing."""
        return cls(body=html, status=status, content_type="text/html; charset=utf-8")
