"""What a name that is not defined was probably meant to be."""

import sys
from collections.abc import Iterable

from thestack.diagnostics.diagnostic import alike, nearest


def language() -> tuple[str, ...]:
    """The public names of the package around this one, which is above it: looked at, not imported."""
    return tuple(getattr(sys.modules.get("thestack.language"), "__all__", ()))


def remedy(name: str, known: Iterable[str]) -> str:
    """What to do about a name that is none of the `known`: "Did you mean `Order`?"."""
    if name in language():
        return f"Import it: `from thestack import {name}`."
    public = (each for each in known if not each.startswith("_"))
    return close(name, [*public, *language()]) or "Define it above, or import it."


def close(name: str, candidates: Iterable[str]) -> str:
    """A sentence that names the candidate that is near the name, if one is."""
    return nearest(name, alike(name, candidates))
