"""Which dead letters a command means: by consumer, by id, by cause."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import typer

from thestack.cli import letters
from thestack.cli.output import NO, UsageMistake, err
from thestack.cli.project import find_consumer
from thestack.cli.target import Target
from thestack.definition.load import models
from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.operations.dead_letter import DeadLetter
from thestack.operations.dead_letters import Choice, DeadLetters

SHORTEST_ID = 8
Consumer = tuple[ServiceModel, ConsumerModel]
Found = tuple[DeadLetters, DeadLetter]


def consumers_of(root: Path, name: str | None = None) -> Sequence[Consumer]:
    """The consumer of this name, or all. Raises `UsageMistake`, or `DefinitionError`."""
    if name is not None:
        return [find_consumer(root, name)]
    return [(model, consumer) for model in models(root) for consumer in model.consumers]


def queues_of(where: Target, consumers: Sequence[Consumer]) -> Sequence[DeadLetters]:
    """Their DLQs."""
    return [DeadLetters(where.aws, where.environment, *each) for each in consumers]


def read(queue: DeadLetters) -> Sequence[DeadLetter]:
    """The letters of a DLQ; on standard error it is said when there are more than those."""
    reading = queue.read()
    if reading.more:
        err.print(
            f"{queue.consumer}: about {reading.more} more are there, in the hands of another command or "
            f"beyond the first {len(reading.letters)}",
            markup=False,
        )
    return reading.letters


def find(queues: Sequence[DeadLetters], id: str) -> Found:
    """The letter with this id, in whichever DLQ.

    Raises `UsageMistake` where several begin so, and ends the command with exit code 1 where none does.
    """
    return _one([(queue, letter) for queue in queues for letter in read(queue)], id)


def choose(queue: DeadLetters, ids: Sequence[str], cause: str | None, everything: bool) -> Choice:
    """Which letters of a consumer are meant. Raises as `find`, and `UsageMistake` unless it is said in one
    way.
    """
    if [bool(ids), cause is not None, everything].count(True) != 1:
        there = letters.counts(read(queue)) or "no dead letters"
        raise UsageMistake(f"say which, in one way: IDs, --cause or --all; {queue.consumer} has {there}")
    if everything:
        return lambda letter: True
    if cause is not None:
        return lambda letter: letter.cause == cause
    there_are = [(queue, letter) for letter in read(queue)]
    named = {_one(there_are, id)[1].message_id for id in ids}
    return lambda letter: letter.message_id in named


def no(why: str) -> NoReturn:
    """End the command: the answer is no."""
    err.print(why, markup=False)
    raise typer.Exit(NO)


def _one(found: Sequence[Found], id: str) -> Found:
    named = [each for each in found if each[1].is_named(id)]
    exact = [each for each in named if id in {each[1].id, each[1].message_id}]
    if len(id) < SHORTEST_ID and not exact:
        raise UsageMistake(f"{id!r} is too short; give at least the first {SHORTEST_ID} characters of an id")
    match exact or named:
        case []:
            no(f"there is no dead letter {id}; `thestack dlq list --format json` has them all")
        case [one]:
            return one
        case several:
            which = ", ".join(
                f"{letter.id} of {queue.consumer} (message {letter.message_id})" for queue, letter in several
            )
            raise UsageMistake(f"{len(several)} dead letters are named {id}: {which}; say more of one's id")
