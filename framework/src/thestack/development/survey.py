"""A look at all definitions as they stand on disk, in a fresh worker of the nursery each time.

What it answers is plain data: nothing of a definition's own code ever enters the process that asks.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thestack.contract import sdl
from thestack.contract.composition import ComposerUnavailable, CompositionError
from thestack.contract.doors import public_fields
from thestack.definition.fingerprint import fingerprint
from thestack.definition.load import load_all
from thestack.definition.model import ServiceModel
from thestack.diagnostics.render import to_text
from thestack.infra.errors import SynthesisError
from thestack.infra.supergraph import compose_all

DEFINITIONS, COMPOSITION = (
    "thestack.development.survey.definitions",
    "thestack.development.survey.composition",
)
_ROUTER = Path(__file__).resolve().parents[1] / "router"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the local stack must know of a sound service."""

    subgraph: str
    """Its SDL; "" where it answers nothing."""
    public_fields: tuple[str, ...]
    fingerprint: str
    """Changes with what its template is made from."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the definitions come to."""

    sound: dict[str, Facts]
    mistaken: dict[str, str]
    """The report of each service that has mistakes."""


@dataclass(frozen=True, slots=True)
class Composition:
    """What the subgraphs come to together."""

    supergraph: str
    """"" where they don't compose."""
    failure: str = ""
    """Why they don't."""


def definitions(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A handler: the Survey of the project at the event's `root`, as plain data."""
    survey = Survey({}, {})
    root = Path(event["root"])
    for each in load_all(root):
        if each.model:
            survey.sound[each.model.name] = _facts(each.model)
        else:
            survey.mistaken[each.file.parent.name] = str(to_text(each.diagnostics, root))
    return asdict(survey)


def composition(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A handler: the Composition of the event's `subgraphs`, SDL by the service's name, as plain data.

    Those that compose are remembered in `.stack` at the event's `root`.
    """
    root, subgraphs = Path(event["root"]), event["subgraphs"]
    made = root / ".stack/cache/supergraphs" / f"{_key(subgraphs)}.graphql"
    if made.exists():
        return asdict(Composition(made.read_text(encoding="utf-8")))
    try:
        supergraph = compose_all(subgraphs, root).sdl
    except (ComposerUnavailable, CompositionError, SynthesisError) as wrong:
        return asdict(Composition("", str(wrong)))
    made.parent.mkdir(parents=True, exist_ok=True)
    partial = made.with_name(f".{made.name}-{os.getpid()}")
    partial.write_text(supergraph, encoding="utf-8")
    partial.replace(made)
    return asdict(Composition(supergraph))


def survey_in(answer: dict[str, Any]) -> Survey:
    """The Survey in an answer of `definitions`."""
    sound = {
        name: Facts(facts["subgraph"], tuple(facts["public_fields"]), facts["fingerprint"])
        for name, facts in answer["sound"].items()
    }
    return Survey(sound, answer["mistaken"])


def _key(subgraphs: dict[str, str]) -> str:
    digest = hashlib.sha256(json.dumps(subgraphs, sort_keys=True).encode())
    for name in ("compose.mjs", "package-lock.json"):
        digest.update((_ROUTER / name).read_bytes())
    return digest.hexdigest()[:20]


def _facts(model: ServiceModel) -> Facts:
    return Facts(
        sdl.subgraph(model) if model.answers else "", tuple(public_fields([model])), fingerprint(model)
    )
