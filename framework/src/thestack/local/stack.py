"""The local stack as a whole: from a checkout to a supergraph that answers, and back to nothing."""

import http.client
import json
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from thestack.definition import names
from thestack.infra.environment import load_environment
from thestack.infra.errors import SynthesisError
from thestack.local.description import LocalStack, write
from thestack.local.emulator import Emulator, launch, wait_until_ready
from thestack.local.errors import LocalStackError
from thestack.local.interruption import Pause
from thestack.local.prepare import Preparation
from thestack.local.run import new_run
from thestack.local.warmup import warm_up
from thestack.toolchain.installation import Report
from thestack.toolchain.tools import ensure, find

ENVIRONMENT = "local"
_STEP = 0.01
_THREADS = 2
"""Cold starts are the CPU's work: more at once makes the first answer later."""
_ANSWER_SECONDS = 30
_T = TypeVar("_T")


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
        LocalStackError: anything else, in one line: what, where, why, what to do.

    Example:
        >>> with start(Path.cwd(), report=print) as (stack, emulator):  # doctest: +SKIP
        ...     print(stack.graphql)
    """
    root = root.resolve()
    with ExitStack() as exits:
        sender = _mail_sender(root)
        run = exits.enter_context(new_run(root))
        preparation = exits.enter_context(Preparation(root, ENVIRONMENT, run.folder, run.lock))
        # Where the emulator is installed it starts beside the preparation, which installs it elsewhere.
        emulator = exits.enter_context(launch(tools, run, port=port)) if (tools := find(root)) else None
        from thestack.local.provision import provision, verify_sender  # boto3: loaded while the others start

        assembly = preparation.wait(report, pause)
        if emulator is None:
            emulator = exits.enter_context(launch(ensure(root, report), run, port=port))
        wait_until_ready(emulator, pause)
        pool = exits.enter_context(_pool())
        report("creating the stacks")
        outputs, left_out = _result(pool.submit(provision, emulator.aws, assembly, report), emulator, pause)
        _result(pool.submit(verify_sender, emulator.aws, sender), emulator, pause)
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
        )
        report("waiting for the first answer")
        _check_answer(stack, emulator, *_result(pool.submit(_first_answer, stack), emulator, pause))
        starting = warm_up(emulator.aws, assembly, pool)
        if warm:
            report("starting the functions")
            for started in starting:
                _result(started, emulator, pause)
        write(stack, run.folder)
        yield stack, emulator


def _mail_sender(root: Path) -> str:
    try:
        return load_environment(root, ENVIRONMENT).mail_sender
    except SynthesisError as error:
        raise LocalStackError(str(error)) from None


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """Threads whose work is given up at the end: what they wait for is ended next."""
    pool = ThreadPoolExecutor(_THREADS)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _result(future: "Future[_T]", emulator: Emulator, pause: Pause) -> _T:
    """What a thread comes to, as long as the emulator lives."""
    while not future.done():
        emulator.check()
        pause(_STEP)
    try:
        return future.result()
    except LocalStackError:
        emulator.check()  # its end is the better reason
        raise


def _check_answer(stack: LocalStack, emulator: Emulator, status: int, text: str) -> None:
    if status != http.HTTPStatus.OK:
        raise LocalStackError(
            f"the supergraph at {stack.public_graphql} answers {status}: {text[:300]}; "
            "`thestack check` may know why; then start the stack again"
        )


def _first_answer(stack: LocalStack) -> tuple[int, str]:
    where = urlsplit(stack.public_graphql)
    connection = http.client.HTTPConnection(where.netloc, timeout=_ANSWER_SECONDS)
    try:
        body = json.dumps({"query": "{__typename}"})
        connection.request("POST", where.path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise LocalStackError(
            f"the supergraph at {stack.public_graphql} does not answer: {error!r}"
        ) from None
    finally:
        connection.close()
