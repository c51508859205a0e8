"""The model of a definition that was imported as an ordinary module, as a Lambda function or a unit test
does.
"""

from types import ModuleType

from thestack.definition.build import build
from thestack.definition.model import ServiceModel
from thestack.definition.service import Service
from thestack.diagnostics.diagnostic import DefinitionError


def model_of(module: ModuleType) -> ServiceModel:
    """The model of the service that the module defines.

    For definitions that `thestack check` has found right: names and types are resolved, rules between them
    are not checked
    again. Raises `DefinitionError`.
    """
    service = next(value for value in vars(module).values() if isinstance(value, Service))
    model, mistakes = build(service, module)
    if mistakes:
        raise DefinitionError(mistakes)
    return model
