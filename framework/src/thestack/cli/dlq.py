"""`thestack dlq`: what consumers gave up on, and its way back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from thestack.cli.output import Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_consumer, find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, RunOption, find_target
from thestack.definition.load import models
from thestack.local.dead_letters import DeadLetter, DeadLetters

dlq = typer.Typer(help="Dead letters: what consumers gave up on, and its way back.", no_args_is_help=True)
Consumer = Annotated[str, typer.Argument(help="SERVICE.HANDLER, as in notifications.send_email.")]


@dlq.command("list")
@reporting
def show(
    consumer: Annotated[str | None, typer.Argument(help="SERVICE.HANDLER; without it, all.")] = None,
    endpoint: EndpointOption = None,
    env: EnvironmentOption = "local",
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """List the dead letters of a consumer, or of all, with the reason of each."""
    root = find_root()
    names = [consumer] if consumer else _consumers(root)
    target = find_target(root, endpoint, env, run)
    found = [
        (name, letter)
        for name in names
        for letter in DeadLetters(target.aws, target.environment, *find_consumer(root, name)).read()
    ]
    if format is Format.JSON:
        print_json([_entry(name, letter) for name, letter in found])
        return
    for name, letter in found:
        out.print(f"{name}  {letter.type or '?'}  {letter.id or letter.message_id}", markup=False)
        out.print(f"    {letter.cause or 'unknown'}: {letter.reason or 'the consumer died'}", markup=False)
        out.print(f"    after {letter.attempts or '?'} attempts", markup=False)
    out.print(f"{len(found)} dead letter{'' if len(found) == 1 else 's'}")


@dlq.command()
@reporting
def redrive(
    consumer: Consumer,
    endpoint: EndpointOption = None,
    env: EnvironmentOption = "local",
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Send a consumer's dead letters back to its queue. What took effect before has no second one."""
    root = find_root()
    found = find_consumer(root, consumer)
    target = find_target(root, endpoint, env, run)
    moved = DeadLetters(target.aws, target.environment, *found).redrive()
    if format is Format.JSON:
        print_json({"consumer": consumer, "redriven": moved})
    else:
        out.print(f"{moved} message{'' if moved == 1 else 's'} redriven to {consumer}", markup=False)


def _consumers(root: Path) -> list[str]:
    return [f"{model.name}.{consumer.name}" for model in models(root) for consumer in model.consumers]


def _entry(consumer: str, letter: DeadLetter) -> dict[str, Any]:
    return {
        "consumer": consumer,
        "id": letter.id,
        "type": letter.type,
        "cause": letter.cause,
        "reason": letter.reason,
        "attempts": letter.attempts,
    }
