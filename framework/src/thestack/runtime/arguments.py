"""From GraphQL's arguments to a handler's."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from thestack.definition.model import ArgumentModel, HandlerModel, ServiceModel
from thestack.definition.pages import Page
from thestack.definition.problems import BadInput


class Arguments:
    """The arguments of one handler.

    Pydantic checks those that have constraints, with a validator built at the first use.
    """

    def __init__(self, service: ServiceModel, handler: HandlerModel) -> None:
        self._handler = handler
        self._default, self._maximum = service.page_default, service.page_maximum
        self._fields = {field.graphql for shape in service.inputs for field in shape.fields}
        self._adapters: dict[str, TypeAdapter[Any]] = {}

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values by parameter name. Raises `BadInput` with the path to what breaks a constraint."""
        found: dict[str, Any] = {}
        for argument in self._handler.arguments:
            if argument.graphql in given:
                value = given[argument.graphql]
                found[argument.name] = self._checked(argument, value) if argument.check else value
        if self._handler.page:
            found[self._handler.page] = self._page(given)
        return found

    def _page(self, given: Mapping[str, Any]) -> Page:
        first = given.get("first")
        first = self._default if first is None else first
        if not 1 <= first <= self._maximum:
            raise BadInput(f"`first` is {first}; it must be from 1 to {self._maximum}.", field=("first",))
        return Page(first, given.get("after"))

    def _checked(self, argument: ArgumentModel, value: Any) -> Any:
        adapter = self._adapters.get(argument.name)
        if adapter is None:
            adapter = self._adapters[argument.name] = TypeAdapter(argument.annotation)
        try:
            return adapter.validate_python(value)
        except ValidationError as wrong:
            first = wrong.errors(include_url=False, include_input=False)[0]
            inner = (part for part in first["loc"] if isinstance(part, int) or part in self._fields)
            field = (argument.graphql, *inner)
            raise BadInput(f"{'.'.join(map(str, field))}: {first['msg']}.", field=field) from None
