"""Where a command works: the project around the current folder, and the services in it."""

from pathlib import Path

from thestack.cli.output import UsageMistake
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.diagnostics.diagnostic import nearest
from thestack.operations.handlers import of_service


def find_root() -> Path:
    """The nearest folder, from the current one upwards, that holds `services/`. Raises `UsageMistake`."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "services").is_dir():
            return folder
    raise UsageMistake(
        f"{here} is not in a project: neither it nor a folder above it holds services/; go to one that does"
    )


def check_service(root: Path, name: str) -> None:
    """Raise `UsageMistake` unless there is a service of this name."""
    known = [file.parent.name for file in (root / "services").glob("*/service.py")]
    if name not in known:
        raise UsageMistake(
            f"there is no service {name!r} in {root / 'services'}. {nearest(name, known)}".rstrip()
        )


def find_consumer(root: Path, name: str) -> tuple[ServiceModel, ConsumerModel]:
    """The consumer that "service.handler" names. Raises `UsageMistake`, or `DefinitionError`."""
    service, _, handler = name.partition(".")
    check_service(root, service)
    from thestack.definition.load import models

    (model,) = models(root, [service])
    for consumer in model.consumers:
        if consumer.name == handler:
            return model, consumer
    known = [f"{service}.{consumer.name}" for consumer in model.consumers]
    help = nearest(name, known) or f"{service} has no consumers."
    raise UsageMistake(f"there is no consumer {name!r}. {help}")


def find_function(root: Path, handler: str, environment: str) -> str:
    """The name of the function that "service.handler" names: a consumer, `graphql` or `relay`.

    Raises `UsageMistake`, or `DefinitionError`.
    """
    service = handler.partition(".")[0]
    check_service(root, service)
    from thestack.definition.load import models

    (model,) = models(root, [service])
    functions = of_service(environment, model)
    if handler not in functions:
        raise UsageMistake(f"there is no function {handler!r}. {nearest(handler, functions)}")
    return functions[handler]
