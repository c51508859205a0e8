"""What a form posted, from a request's body."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

MOST_FIELDS = 100


def first_of(text: str) -> dict[str, str]:
    """The first value of each name in a query, or in a form that is written as one."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:  # more fields than anybody means
        return {}
    return dict(reversed(pairs))


def form_of(content_type: str, body: bytes) -> Mapping[str, str]:
    """The fields of a form; none where the body is no form, and none that are files."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return first_of(body.decode("utf-8", "replace"))
    if kind == "multipart/form-data":
        return _multipart(content_type, body)
    return {}


def _multipart(content_type: str, body: bytes) -> Mapping[str, str]:
    from email import message_from_bytes  # a mailbox's one click posts so, and hardly anybody else
    from email.policy import HTTP

    head = f"content-type: {' '.join(content_type.split())}\r\n\r\n".encode("ascii", "replace")
    whole = message_from_bytes(head + body, policy=HTTP)
    found: dict[str, str] = {}
    for part in list(whole.iter_parts())[:MOST_FIELDS] if whole.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            payload = part.get_payload(decode=True)
            text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            found.setdefault(name, text)
    return found
