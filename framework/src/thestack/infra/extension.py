"""What a service adds to its stack by hand: `extend(stack, service)` in its `infra.py`."""

import importlib.util
from pathlib import Path

from thestack.definition.model import ServiceModel
from thestack.infra.errors import SynthesisError
from thestack.infra.service import ServiceStack


def extend(stack: ServiceStack, model: ServiceModel, root: Path) -> None:
    """Call the `infra.py` beside the service's definition, if there is one.

    Raises `SynthesisError` if it has no `extend`.
    """
    path = root.joinpath(*model.module.split(".")).with_name("infra.py")
    if not path.is_file():
        return
    spec = importlib.util.spec_from_file_location(f"{model.module}_infra", path)
    if spec is None or spec.loader is None:
        raise SynthesisError(f"{path.relative_to(root)} can't be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not callable(getattr(module, "extend", None)):
        raise SynthesisError(
            f"{path.relative_to(root)} must define `extend(stack, service)`; define it or delete the file"
        )
    module.extend(stack, stack.service)
