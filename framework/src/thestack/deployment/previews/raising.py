"""A preview goes up: its own platform, the changed services, and a router that calls the base for the
rest.
"""

import secrets as random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from thestack.contract.findings import Finding
from thestack.contract.operations import Operation
from thestack.contract.promise import World
from thestack.definition import names
from thestack.definition.load import models_alone
from thestack.definition.model import ServiceModel
from thestack.deployment.deploying import Outcome, carry_out, check_begun, is_same
from thestack.deployment.destination import Destination
from thestack.deployment.judging import judge_router, judge_stack, refuse
from thestack.deployment.lock import deploying
from thestack.deployment.making import Made, make
from thestack.deployment.previews.registry import Preview, Registry
from thestack.deployment.record import who, world_of
from thestack.infra.previews import beside, environments, held_queues, mistake_in
from thestack.operations import secrets

TAKEN_SECONDS = 61
"""SQS takes the name of a queue again a minute after it was deleted."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A preview that is up, and where it is."""

    preview: Preview
    to: Destination
    outcome: Outcome


class WrongName(Exception):
    """A preview can't be called so; the message says why."""


def raise_preview(
    base: Destination,
    name: str,
    services: Sequence[str],
    *,
    now: datetime,
    until: datetime,
    operations: Sequence[Operation] = (),
    anyway: bool = False,
    take_over: str | None = None,
) -> Raised:
    """Bring a preview up with these services and those that it has already, as the checkout has them now.

    What they would do in the base is judged before anything is touched.

    Raises:
        WrongName: its names would be another environment's.
        Refused: merged, it would break something that runs in the base. Not if `anyway`.
        TakenBack: what was deployed does not answer.
        DefinitionError: a definition is wrong.
        OperationError: AWS refuses, or nothing runs in the base.
    """
    registry = Registry(base.aws, base.settings.name)
    _check_name(base, name, registry)
    check_begun(base, services)
    with deploying(base.aws, name, f"preview up {name}", take_over):
        known = registry.find(name)
        own = tuple(sorted({*services, *(known.services if known else ())}))
        models = models_alone(base.root, own)
        to = _destination(base, name, models)
        made = make(to, [names.PLATFORM, *own])
        outcome = Outcome(findings=judged(base, {each: made[each].contract for each in own}, operations))
        if not anyway:
            refuse(outcome.findings)
        preview = Preview(name, base.settings.name, own, who(), known.since if known else now, until)
        registry.keep(preview)
        _bring_up(base, to, models, made, outcome)
    return Raised(preview, to, outcome)


def changed(base: Destination) -> list[str]:
    """The services of the checkout that are not what runs in the base, to the last byte of their code.

    Raises as `make` does, and `OperationError` where nothing runs there.
    """
    check_begun(base, ())
    services = sorted(each.parent.name for each in (base.root / "services").glob("*/service.py"))
    running = base.record.running()
    return [name for name, made in make(base, services).items() if not is_same(running.get(name), made)]


def judged(base: Destination, own: World, operations: Sequence[Operation]) -> list[Finding]:
    """What these services, in place of those of their names, would do to what runs in the base."""
    before = world_of(base.record.running())
    after = {**before, **own}
    return [*judge_stack(before, after, ()), *judge_router(before, after, operations, base.root)]


def _bring_up(
    base: Destination,
    to: Destination,
    models: Sequence[ServiceModel],
    made: Mapping[str, Made],
    outcome: Outcome,
) -> None:
    """The platform alone where it has to be there first; then it and the services, and the router once."""
    pointer = to.record.pointers().get(names.PLATFORM)
    before = to.record.release(pointer.current).template if pointer else None
    gone = _queues(before) - _queues(made[names.PLATFORM].template) if before else set[str]()
    if before is None or gone:
        # What is deployed is kept in a bucket of the platform's; and who comes takes a held queue's name.
        carry_out(to, [[names.PLATFORM]], made, outcome)
    if gone and not to.settings.emulated:
        to.report(f"{', '.join(sorted(gone))}: free names again in a minute")
        time.sleep(TAKEN_SECONDS)
    _borrow(to, base)
    for model in models:
        _fill_secrets(to, model)
    running = to.record.running()
    outcome.unchanged = [each for each in made if is_same(running.get(each), made[each])]
    own = sorted(model.name for model in models)
    changed = [each for each in (names.PLATFORM, *own) if each not in outcome.unchanged]
    carry_out(to, [changed], made, outcome)


def _check_name(base: Destination, name: str, registry: Registry) -> None:
    others = {each.name for each in registry.previews()} - {name}
    if mistake := mistake_in(name, {*environments(base.root), base.settings.name, *others}):
        raise WrongName(f"a preview can't be called {name!r}: {mistake}")


def _destination(base: Destination, name: str, models: Sequence[ServiceModel]) -> Destination:
    own = {model.name for model in models}
    answering = {each for each, release in base.record.running().items() if release.contract.sdl}
    held = held_queues(models, own)
    return replace(base, settings=beside(base.settings, name, borrowed=answering - own, held=held))


def _borrow(to: Destination, base: Destination) -> None:
    """Have the preview's record name what runs in the base, for the router to serve."""
    preview, pointers = to.settings.preview, base.record.pointers()
    for name in preview.borrowed if preview else ():
        to.record.point(name, to.record.keep(base.record.release(pointers[name].current)), None)


def _fill_secrets(to: Destination, model: ServiceModel) -> None:
    """Give each secret that was never set a value that nobody knows: what only signs can sign with it."""
    missing = {each.name for each in secrets.kept(to.aws, to.settings.name, model) if each.changed is None}
    for secret in secrets.asked_for(model):
        if secret.name in missing:
            place = secrets.keep(to.aws, to.settings.name, model.name, secret, random.token_urlsafe(32))
            to.report(f"{model.name}: {place} was never set, and has a value at random")


def _queues(template: Mapping[str, Any]) -> set[str]:
    resources = template["Resources"].values()
    return {each["Properties"]["QueueName"] for each in resources if each["Type"] == "AWS::SQS::Queue"}
