"""What a service may be called: its name is a Python package, and a part of what AWS has names for."""

import keyword
import re

LONGEST = 30
"""AWS allows 64 characters for a function's name, which has the environment's and the handler's in it too."""
RESERVED = frozenset({"authorizer", "backups", "budget", "edge", "monitoring", "platform", "router", "zone"})
"""What the framework's own stacks and functions are called."""

_NAME = re.compile(r"[a-z][a-z0-9]*")


def name_mistake(name: str) -> str | None:
    """Why a service can't have this name, and what would do; None if it can."""
    word = re.sub(r"[^a-z0-9]", "", name.lower()).lstrip("0123456789")
    if not _NAME.fullmatch(name):
        help = f"; {word!r} would do" if word and name_mistake(word) is None else ""
        return f"{name!r} is no name of a service: it is one word of small letters and digits{help}"
    if len(name) > LONGEST:
        return f"{name!r} has {len(name)} characters; a service's name has at most {LONGEST}"
    if name in RESERVED:
        return f"{name!r} is a part of the framework itself; choose another name"
    if keyword.iskeyword(name):
        return f"{name!r} is a word of Python, and can't be a package; choose another name"
    return None
