"""Settings that one stack of the edge comes to, and that another needs."""

from thestack.infra.environment import FOLDER, Environment
from thestack.infra.errors import SynthesisError


def unset(environment: Environment, piece: str, setting: str, stack: str) -> SynthesisError:
    """That a setting of the edge is missing which the piece needs, and which stack tells it."""
    return SynthesisError(
        f"the edge of {environment.name} has a {piece}, which needs {setting}: "
        f"`thestack deploy {stack} --env {environment.name}` tells it; "
        f"set it in {FOLDER / environment.name}.py"
    )
