"""The local stack as a whole: from a checkout to a supergraph that answers, and back to nothing."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from thestack.definition import names
from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError
from thestack.local.answer import first_answer
from thestack.local.description import LocalStack, write
from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.prepare import Preparation
from thestack.local.run import new_run
from thestack.local.waiting import result, threads
from thestack.local.warmup import warm_up
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.toolchain.installation import Report
from thestack.toolchain.tools import ensure, find

ENVIRONMENT = "local"


@contextmanager
def start(
    root: Path, *, report: Report, port: int | None = None, warm: bool = False, pause: Pause = time.sleep
) -> Iterator[tuple[LocalStack, Emulator]]:
    """Run the whole stack of the checkout at `root`; it answers when the context is entered.

    `report` is told each step. `warm` waits until every function has started, not the router alone. `pause`
    is how this waits: an `Interruption`'s ends the start-up at Ctrl-C. When the context is left, or this
    process is killed, no process, port or file of the run is left.

    Raises:
        DefinitionError: a `service.py` is wrong.
        CompositionError: the subgraphs don't fit together.
        OperationError: anything else, in one line: what, where, why, what to do.

    Example:
        >>> with start(Path.cwd(), report=print) as (stack, emulator):  # doctest: +SKIP
        ...     print(stack.graphql)
    """
    root = root.resolve()
    with ExitStack() as exits:
        settings = local_environment(root)
        run = exits.enter_context(new_run(root))
        preparation = exits.enter_context(Preparation(root, ENVIRONMENT, run))
        # Where the emulator is installed it starts beside the preparation, which installs it elsewhere.
        emulator = exits.enter_context(launch(tools, run, port=port)) if (tools := find(root)) else None
        from thestack.deployment.beginning import begin  # boto3: loaded while the others start
        from thestack.deployment.destination import Destination
        from thestack.deployment.making import made_of
        from thestack.deployment.routing import bundle
        from thestack.local.provision import provision, verify_sender

        assembly = preparation.assembly(report, pause)
        if emulator is None:
            emulator = exits.enter_context(launch(ensure(root, report), run, port=port))
        wait_until_ready(emulator, pause)
        pool = exits.enter_context(threads())
        to, made = Destination(root, settings, emulator.aws, report), made_of(assembly, ENVIRONMENT)
        bundled = pool.submit(bundle, to, {name: each.contract for name, each in made.items()})
        report("creating the stacks")
        outputs, left_out = result(pool.submit(provision, emulator.aws, assembly, report), emulator, pause)
        result(pool.submit(verify_sender, emulator.aws, settings.mail_sender), emulator, pause)
        platform = outputs[names.platform_stack(ENVIRONMENT)]
        stack = LocalStack(
            run=run.id,
            environment=ENVIRONMENT,
            endpoint=emulator.endpoint,
            api_id=platform["ApiId"],
            user_pool=platform["UserPoolId"],
            client_id=platform["UserPoolClientId"],
            templates=str(assembly.folder),
            left_out=left_out,
            sockets_id=platform.get("SocketsApiId", ""),
        )
        result(pool.submit(begin, to, made, result(bundled, emulator, pause)), emulator, pause)
        report("waiting for the first answer")
        result(pool.submit(first_answer, stack), emulator, pause)
        starting = warm_up(emulator.aws, assembly, pool)
        if warm:
            report("starting the functions")
            for started in starting:
                result(started, emulator, pause)
        write(stack, run.folder)
        yield stack, emulator


def local_environment(root: Path) -> Environment:
    """The settings of the local stack. Raises `OperationError`."""
    try:
        return load_environment(root, ENVIRONMENT)
    except SynthesisError as error:
        raise OperationError(str(error)) from None
