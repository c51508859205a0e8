"""The mistakes that a developer has been told of: each is told once, and so is its end."""

from collections.abc import Collection, Mapping

from thestack.toolchain.installation import Report

SUPERGRAPH = "supergraph"
"""What stands for all subgraphs together among the services."""


class Mistakes:
    """What is wrong now, by the service's name."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._told: Mapping[str, str] = {}

    def tell(self, mistakes: Mapping[str, str], serving: Collection[str]) -> None:
        """Report what was not reported yet, and what is gone. `serving`: who has a good version."""
        for name, text in mistakes.items():
            if self._told.get(name) != text:
                serves = name == SUPERGRAPH or name in serving
                then = "goes on serving its last good version" if serves else "is left out until it is mended"
                self._report(f"{text}\n{name} {then}")
        for name in self._told.keys() - mistakes.keys():
            self._report(f"{name}: no mistakes any more")
        self._told = dict(mistakes)
