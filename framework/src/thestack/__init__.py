"""The Stack, in Python: one file per service declares what it owns, answers, says and hears; the rest is
derived.

`from thestack import Entity, Service, ...` gives the definition language, which `thestack.language` lists. It
is loaded
at the first use of one of its names: functions that define nothing, such as the authorizer, start without it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from thestack.language import *  # noqa: F403 - its __all__ is the list
else:
    from importlib import import_module

    def __getattr__(name: str) -> object:
        language = import_module("thestack.language")
        return getattr(language, name)

    def __dir__() -> list[str]:
        return list(import_module("thestack.language").__all__)
