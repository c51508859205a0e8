"""Text that SQS takes: the characters of XML 1.0, and no others."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(json: str) -> str:
    """A JSON text that says the same without those characters."""
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def cleaned(text: str) -> str:
    """A text with a replacement character for each of them."""
    return _FORBIDDEN.sub("\ufffd", text)
