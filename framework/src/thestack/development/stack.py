"""The development stack: the templates on the emulator, the functions from the source. What is saved is
served by the next request; what is wrong is told, and the last good version goes on.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from thestack.definition import names
from thestack.development.changes import DEPLOY, following
from thestack.development.functions import Function, Functions
from thestack.development.identities import Identities
from thestack.development.mistakes import SUPERGRAPH, Mistakes
from thestack.development.output import Output, Show
from thestack.development.proxy import serve
from thestack.development.source import Source
from thestack.development.stacks import Stacks
from thestack.development.survey import COMPOSITION, DEFINITIONS, Composition, Facts, Survey, survey_in
from thestack.development.workers import WorkerBroken, WorkerDied
from thestack.infra.environment import Environment
from thestack.infra.templates import TEMPLATES
from thestack.local.answer import first_answer
from thestack.local.description import LocalStack, write
from thestack.local.emulator import Emulator, is_free, launch, wait_until_ready
from thestack.local.prepare import Preparation
from thestack.local.run import Run, new_run
from thestack.local.stack import ENVIRONMENT, local_environment
from thestack.local.waiting import result, threads
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.toolchain.installation import Report
from thestack.toolchain.tools import Toolchain, find

PORT = 4566
"""Where the local AWS answers unless that port is taken: the one that emulators are known by."""
_PLATFORM = {names.PLATFORM: ""}
"""Its fingerprint: in the inner loop it knows of no service."""
_THREADS = 4
_T = TypeVar("_T")
_ROUTER = "router"


@contextmanager
def develop(
    root: Path,
    *,
    report: Report,
    show: Show,
    port: int = PORT,
    debug: Mapping[str, int] | None = None,
    pause: Pause = time.sleep,
) -> Iterator["Development"]:
    """Run the stack of the checkout at `root` from its source; it answers when the context is entered.

    `report` is told each step and change; `show`, each line that a function prints. `port` is taken if it is
    free. `debug`: ports for debuggers, by the function's name. Call `turn` again and again. When the context
    is left, or this process is killed, no process, port or file of the run is left.

    Raises:
        OperationError: in one line: what, where, why, what to do. A wrong definition is no such reason: its
            service is reported and left out until it is mended.
    """
    root = root.resolve()
    with ExitStack() as exits:
        environment = local_environment(root)
        run = exits.enter_context(new_run(root))
        tools = find(root) or _install(root, run, report, pause)
        pool = exits.enter_context(threads(_THREADS))
        development = Development(root, run, tools, environment, report, show, pause, pool, debug or {})
        exits.callback(development.close)
        development.begin(port)
        exits.enter_context(following(root, development.note))
        yield development


def _install(root: Path, run: Run, report: Report, pause: Pause) -> Toolchain:
    with Preparation(root, ENVIRONMENT, run, {}) as preparation:
        preparation.wait(report, pause)
    tools = find(root)
    if tools is None:
        raise OperationError(f"the programs in {root / '.stack'} are not complete; run the command again")
    return tools


class Development:
    """A running development stack."""

    stack: LocalStack
    emulator: Emulator

    def __init__(
        self,
        root: Path,
        run: Run,
        tools: Toolchain,
        environment: Environment,
        report: Report,
        show: Show,
        pause: Pause,
        pool: ThreadPoolExecutor,
        debug: Mapping[str, int],
    ) -> None:
        self._root, self._run, self._tools, self._environment = root, run, tools, environment
        self._report, self._pause, self._pool, self._debug = report, pause, pool, debug
        self._exits, self._on_emulator = ExitStack(), ExitStack()
        self._output, self._functions = Output(show), Functions()
        self._source = Source(root, run, tools, environment, self._output, debug)
        self._facts: dict[str, Facts] = {}
        self._mistakes = Mistakes(report)
        self._composition = Composition("")
        self._supergraph = ""
        self._starting: list[Future[None]] = []
        self._changed: set[str] = set()
        self._lock = threading.Lock()

    def begin(self, port: int) -> None:
        """Come up. Raises `OperationError`."""
        url = self._exits.enter_context(serve(self._functions))
        self._stacks = Stacks(self._root, self._run, url, patient=bool(self._debug))
        looking = self._pool.submit(self._survey)
        self._launch_somewhere(port)
        is_known = not self._stacks.unmade(_PLATFORM)
        if is_known:  # it waits for no definition
            self._share()
        survey = result(looking, self.emulator, self._pause)
        self._report("the definitions are read")
        self._facts = dict(survey.sound)
        self._composition = self._wait(self._compose)
        self._supergraph = self._composition.supergraph
        self._tell(survey)
        if not self._supergraph:
            raise OperationError("there is no supergraph to serve; mend what stands above and start again")
        wanted = {name: facts.fingerprint for name, facts in self._facts.items()}
        self._make({**_PLATFORM, **wanted})
        if not is_known:
            self._share()
        self._serve()

    def note(self, changed: set[str]) -> None:
        """Files of these services changed: their events wait from now on. For any thread."""
        with self._lock:
            self._changed |= changed
            for function in self._of(changed):
                function.hold()

    def turn(self) -> bool:
        """Take in what changed, and bring back what died; whether the stack is another than before.

        Raises `OperationError` where it can't go on.
        """
        try:
            return self._turn()
        except OperationError:
            if self._has_emulator():
                raise
            return False  # whatever was under way: the next turn brings it back

    def _has_emulator(self) -> bool:
        return self.emulator.process.poll() is None

    def _turn(self) -> bool:
        if not self._has_emulator():
            self._report("the local AWS died and is started again, empty: users and data are gone")
            self._stacks.forget()
            self._launch(int(self.emulator.endpoint.rpartition(":")[2]))
            self._share()
            self._serve()
            return True
        for each in [each for each in self._starting if each.done()]:
            self._starting.remove(each)
            self._loaded(each)
            if not self._starting:
                self._report("every function has started")
        if not self._source.nursery.is_alive():
            self._report("the functions' nursery died and is started again")
            self._source.revive()
            self._renew(self._of([*self._facts, names.PLATFORM]))
        with self._lock:
            changed, self._changed = self._changed, set()
        if changed:
            try:
                self._follow(changed)
            finally:
                with self._lock:  # but for those that were saved again meanwhile
                    for function in self._of(changed - self._changed):
                        function.release()
        return False

    def close(self) -> None:
        """End everything."""
        self._functions.close()
        self._source.nursery.close()
        self._on_emulator.close()
        self._exits.close()

    def _launch_somewhere(self, port: int) -> None:
        """Start the emulator at this port, or where it finds one."""
        if is_free(port):
            try:
                return self._launch(port)
            except OperationError:
                if is_free(port):
                    raise
        self._report(f"port {port} is in use; the local AWS takes another")
        return self._launch(None)

    def _launch(self, port: int | None) -> None:
        self._on_emulator.close()
        self.emulator = self._on_emulator.enter_context(launch(self._tools, self._run, port=port))
        wait_until_ready(self.emulator, self._pause)

    def _share(self) -> None:
        """What services share, on an emulator that is empty."""
        from thestack.local.provision import verify_sender

        aws = self.emulator.aws
        self._functions.close()  # of an emulator that died, whose credentials they have
        self._wait(lambda: self._stacks.connect(aws))
        self._identities = self._wait(lambda: Identities(aws, self._tools.function_path))
        outputs, _, left_out = self._wait(lambda: self._stacks.deploy(names.PLATFORM, ""))
        self.stack = LocalStack(
            run=self._run.id,
            environment=ENVIRONMENT,
            endpoint=self.emulator.endpoint,
            api_id=outputs["ApiId"],
            user_pool=outputs["UserPoolId"],
            client_id=outputs["UserPoolClientId"],
            templates=str(self._root / TEMPLATES),
            left_out=left_out,
            sockets_id=outputs.get("SocketsApiId", ""),
            is_source=True,
        )
        self._wait(lambda: verify_sender(aws, self._environment.mail_sender))
        self._on_emulator.enter_context(self._output.kept_by(aws))

    def _serve(self) -> None:
        """The services' stacks, and the workers that have their credentials."""
        self._report("creating the stacks")
        router = Function(names.router_function(ENVIRONMENT), names.PLATFORM, self._router(), self._report)
        self._functions.put(router)
        routing = self._pool.submit(router.renew)
        wanted = [(name, facts.fingerprint) for name, facts in self._facts.items()]
        for deployed in [self._pool.submit(self._stacks.deploy, *each) for each in wanted]:
            result(deployed, self.emulator, self._pause)
        functions = [function for name in [names.PLATFORM, *self._facts] for function in self._add(name)]
        debugged = [each for each in functions if each.name in self._debug]
        for each in [routing, *(self._pool.submit(each.renew) for each in debugged)]:
            self._loaded(each)
        self._report("waiting for the first answer")
        self._wait(lambda: first_answer(self.stack))
        self._starting = [self._pool.submit(each.renew) for each in functions if each not in debugged]
        write(self.stack, self._run.folder)

    def _follow(self, changed: set[str]) -> None:
        """Serve what is on disk now."""
        began = time.monotonic()
        if DEPLOY in changed:
            self._report("deploy/ changed: the next start of this command takes it in")
        try:
            survey = self._wait(self._survey)
        except OperationError as wrong:
            self._report(str(wrong))
            return
        known = dict(self._facts)
        gone = known.keys() - survey.sound.keys() - survey.mistaken.keys()
        sound = {name: facts for name, facts in survey.sound.items() if name in changed or name not in known}
        sound |= {name: facts for name, facts in survey.sound.items() if facts != known.get(name)}
        self._tell(survey)
        ready = self._update(sound)
        functions = [function for name in ready for function in self._add(name)]
        failed = self._renew([*self._of(ready), *functions])
        self._facts |= {name: sound[name] for name in ready}
        self._facts = {name: facts for name, facts in self._facts.items() if name not in gone}
        self._reroute(known)
        self._tell(survey)
        for name in gone:
            self._remove(name)
        for name in sorted(set(ready) - failed):
            word = "serves its new code" if name in known else "is there"
            self._report(f"{name} {word} after {time.monotonic() - began:.2f} s")

    def _survey(self) -> Survey:
        return survey_in(self._look(DEFINITIONS, {}))

    def _compose(self) -> Composition:
        subgraphs = {name: facts.subgraph for name, facts in self._facts.items() if facts.subgraph}
        return Composition(**self._look(COMPOSITION, {"subgraphs": subgraphs}))

    def _look(self, handler: str, event: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._source.look(handler, {"root": str(self._root), **event})
        except (WorkerBroken, WorkerDied) as wrong:
            raise OperationError(f"the definitions can't be read: {wrong}") from None

    def _tell(self, survey: Survey) -> None:
        failure = self._composition.failure
        together = {SUPERGRAPH: failure} if failure else {}
        self._mistakes.tell({**survey.mistaken, **together}, self._facts)

    def _make(self, fingerprints: Mapping[str, str]) -> None:
        """See to it that these services have their templates."""
        unmade = self._stacks.unmade(fingerprints)
        if unmade:
            for function in self._of(unmade):
                function.release()  # this takes seconds: the old code does the work meanwhile
            self._stacks.make(unmade, self._report, self._pause)

    def _update(self, sound: Mapping[str, Facts]) -> list[str]:
        """Bring the stacks of these services up to what they are now; answers those for which it worked."""
        ready: list[str] = []
        for name, facts in sound.items():
            try:
                self._make({name: facts.fingerprint})
                _, changes, _ = self._wait(partial(self._stacks.deploy, name, facts.fingerprint))
            except OperationError as wrong:
                self._report(f"{name}: its stack could not be changed: {wrong}")
                continue
            if changes:
                self._report(f"{name}: its stack has {changes}")
            ready.append(name)
        return ready

    def _remove(self, name: str) -> None:
        self._functions.drop([function.name for function in self._functions.of(name)])
        self._wait(partial(self._stacks.remove, name))
        self._report(f"{name} is gone, with its data")

    def _add(self, name: str) -> list[Function]:
        """The functions of a service's template that do not run yet; those that it has no more are ended."""
        wanted = self._stacks.functions(name)
        running = {function.name for function in self._functions.of(name)}
        self._functions.drop(running - wanted.keys() - {names.router_function(ENVIRONMENT)})
        added: list[Function] = []
        for function, handler in wanted.items():
            if function not in running:
                made = self._source.function(function, handler, name, self._identities, self._report)
                self._functions.put(made)
                added.append(made)
        return added

    def _reroute(self, known: Mapping[str, Facts]) -> None:
        """A router for the subgraphs as they are now, where they are not those that were `known`."""
        if _served(known) == _served(self._facts):
            return
        self._composition = self._wait(self._compose)
        if self._composition.failure:
            return
        self._supergraph = self._composition.supergraph
        (router,) = (each for each in self._functions.of(names.PLATFORM) if each.name.endswith(_ROUTER))
        self._loaded(self._pool.submit(router.renew, self._router()))

    def _router(self) -> Callable[[], Any]:
        return self._source.router(self._supergraph, self._facts, self.emulator.aws, self._identities)

    def _renew(self, functions: Iterable[Function]) -> set[str]:
        """Load the code of these functions anew; answers the services of those that do not load."""
        renewed = list(dict.fromkeys(functions))
        loading = [(function, self._pool.submit(function.renew)) for function in renewed]
        return {function.service for function, future in loading if not self._loaded(future)}

    def _loaded(self, renewal: Any) -> bool:
        try:
            result(renewal, self.emulator, self._pause)
        except (WorkerBroken, WorkerDied) as wrong:
            self._report(f"new code does not load: {wrong}; the old goes on serving")
            return False
        return True

    def _of(self, services: Iterable[str]) -> list[Function]:
        return [function for name in services for function in self._functions.of(name)]

    def _wait(self, work: Callable[[], _T]) -> _T:
        return result(self._pool.submit(work), self.emulator, self._pause)


def _served(facts: Mapping[str, Facts]) -> object:
    """What the router is made from."""
    return {name: (each.subgraph, each.public_fields) for name, each in facts.items() if each.subgraph}
