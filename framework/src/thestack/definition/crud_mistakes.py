"""What `service.crud` can't generate for an entity, or not safely."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from thestack.definition.crud_inputs import CrudInputs
from thestack.definition.model import EntityModel
from thestack.definition.rules import Public, SignedIn, opened_by
from thestack.definition.service import CrudVerb, RecordedCrud

WRITES = frozenset({"create", "update", "delete"})


@dataclass(frozen=True, slots=True)
class CrudMistake:
    """A mistake in a call of `crud`; `keyword` is what of it is meant."""

    code: str
    message: str
    keyword: str
    help: str


def crud_mistakes(
    recorded: RecordedCrud, entity: EntityModel, inputs: CrudInputs, verbs: Sequence[CrudVerb]
) -> Iterator[CrudMistake]:
    """Every mistake in the call that asks for these verbs."""
    name = entity.name
    if (
        not entity.owner
        and WRITES.intersection(verbs)
        and recorded.allow
        and opened_by(recorded.allow, Public, SignedIn)
    ):
        whom = f"everybody whom `{recorded.allow}` lets in"
        message = f"`{name}` belongs to nobody, so that {whom} may write all of it"
        yield CrudMistake("S0801", message, "allow", 'Write `allow=group("staff")`.')
    if "create" in verbs and inputs.unfilled:
        message = f"nobody gives a new `{name}` its `{inputs.unfilled[0]}`, which has no default"
        yield CrudMistake("S0802", message, "only", _without("create", verbs))
    if "list" in verbs and not entity.owner and len(entity.key) == 1:
        message = f"a `{name}` is a partition of its own, so that there is no list of them"
        yield CrudMistake("S0803", message, "only", _without("list", verbs))


def _without(left_out: CrudVerb, verbs: Sequence[CrudVerb]) -> str:
    return f"Write `only={json.dumps([verb for verb in verbs if verb != left_out])}`."
