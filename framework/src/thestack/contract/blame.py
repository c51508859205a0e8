"""Whose change it is: the services whose subgraphs say something else at a coordinate than before."""

import re
from collections.abc import Mapping
from functools import cached_property

from thestack.contract.elements import Element, elements

COORDINATE = re.compile(r"\b[_A-Za-z]\w*(?:\.[_A-Za-z]\w*(?:\(\w+:\))?)?")
"""`Todo`, `Todo.title`, `Query.todo(id:)` in a sentence."""


class Blame:
    """Compares subgraphs before and after a change, each the SDL by the service's name.

    Example:
        >>> Blame({"todo": "type Todo { id: ID! title: String! }"}, {"todo": "type Todo { id: ID! }"}).of(
        ...     "Todo.title"
        ... )
        ('todo',)
    """

    def __init__(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        self._before, self._after = before, after
        self.changed = tuple(
            name for name in sorted({*before, *after}) if before.get(name, "") != after.get(name, "")
        )

    @cached_property
    def before(self) -> Mapping[str, Mapping[str, Element]]:
        """What each subgraph had at each coordinate."""
        return {name: elements(sdl) for name, sdl in self._before.items()}

    @cached_property
    def after(self) -> Mapping[str, Mapping[str, Element]]:
        """What each has."""
        return {name: elements(sdl) for name, sdl in self._after.items()}

    def of(self, coordinate: str) -> tuple[str, ...]:
        """The services that changed what is at the coordinate, or else at its type, or else anything."""
        return self.at(coordinate) or self.changed

    def at(self, coordinate: str) -> tuple[str, ...]:
        """The services that changed what is at the coordinate, or else at its field or type."""
        for about in (coordinate, coordinate.partition("(")[0], coordinate.partition(".")[0]):
            if found := tuple(name for name in self.changed if self._differs(name, about)):
                return found
        return ()

    def one(self, coordinate: str) -> str:
        """The first of these services; none where nothing changed."""
        return next(iter(self.of(coordinate)), "")

    def known(self, text: str) -> str:
        """The first coordinate of a field, or else of a type, that a sentence names; none where it names
        nothing that the subgraphs have.
        """
        found = [each for each in COORDINATE.findall(text) if self._has(each)]
        return next((each for each in found if "." in each), next(iter(found), ""))

    def with_element(self, coordinate: str) -> tuple[str, ...]:
        """The services that have something at the coordinate now."""
        return tuple(name for name, found in sorted(self.after.items()) if coordinate in found)

    def _differs(self, name: str, coordinate: str) -> bool:
        before, after = self.before.get(name, {}), self.after.get(name, {})
        return before.get(coordinate) != after.get(coordinate)

    def _has(self, coordinate: str) -> bool:
        return any(coordinate in found for found in (*self.after.values(), *self.before.values()))
