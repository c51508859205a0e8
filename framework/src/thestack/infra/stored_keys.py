"""The first line of the function that guards the internal frontend: where it has its keys from."""

import json
from collections.abc import Mapping

STORED = "import cf from 'cloudfront';\nconst keys = cf.kvs();"
"""On CloudFront: the key value store that the function is associated with."""
_BEGINNING = "const keys = "


def told(keys: Mapping[str, str]) -> str:
    """On an emulator, whose functions have no module `cloudfront`: what stands in for the store, with these
    keys in it, as one line.
    """
    has = f"new Map(Object.entries({json.dumps(dict(keys), sort_keys=True)}))"
    absent = "Promise.reject(new Error('KeyNotFound'))"
    return f"{_BEGINNING}{{ get: (id) => (({has}).has(id) ? Promise.resolve(({has}).get(id)) : {absent}) }};"


def retold(code: str, keys: Mapping[str, str]) -> str:
    """The code of such a function, with other keys. Raises `ValueError` where it is none."""
    first, newline, rest = code.partition("\n")
    if not first.startswith(_BEGINNING):
        raise ValueError("the function does not begin with its keys")
    return told(keys) + newline + rest
