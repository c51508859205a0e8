"""Why synthesis failed, in the words of whoever knows best."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from thestack.definition.load import models
from thestack.infra.supergraph import supergraph_of
from thestack.infra.synth import SynthesisError

_T = TypeVar("_T")


def explained(root: Path, synthesis: Callable[[], _T]) -> _T:
    """What `synthesis` answers.

    Where it fails, the definitions and their composition are looked at once more in this process, for the
    error that names the place; when all is well, nobody has waited for that.

    Raises:
        DefinitionError: a `service.py` is wrong.
        CompositionError: the subgraphs don't fit together.
        ComposerUnavailable: Node or its packages are missing.
        SynthesisError: it is none of these.
    """
    try:
        return synthesis()
    except SynthesisError:
        supergraph_of(models(root), root)
        raise
