"""Where in a definition what a finding is about is declared."""

from thestack.definition.model import ServiceModel
from thestack.diagnostics.site import Site


def site_of(model: ServiceModel, about: str) -> Site:
    """The place of a coordinate: "Todo.title", "Query.todos", "todo.completed", "notifications/email"."""
    return model.site
