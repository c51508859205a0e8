"""The functions of a stack run from the source: what the templates ask for, with workers behind the proxy
hook.
"""

import json
import os
import platform as machine
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thestack.definition import names
from thestack.development.functions import MOST, Function, Said, Start
from thestack.development.identities import Identities, live_arn
from thestack.development.output import Output
from thestack.development.proxy import VARIABLE
from thestack.development.survey import Facts
from thestack.development.workers import Nursery, Worker, WorkerBroken, start_router
from thestack.infra.environment import Environment, host_architecture
from thestack.infra.supergraph import default_router
from thestack.local.run import Run
from thestack.operations.aws import Aws
from thestack.ports.router import RouterSettings
from thestack.toolchain.tools import Toolchain

PATIENCE = 3600
"""Seconds that everything waits for a function in which a debugger may have stopped."""


FORWARD = f"""\
import json, os, time, urllib.request

def handler(event, context):
    told = {{
        "X-Amzn-Lambda-Function-Name": context.function_name,
        "X-Amzn-Lambda-Function-Arn": context.invoked_function_arn,
        "X-Amzn-Lambda-Request-Id": context.aws_request_id,
        "X-Amzn-Lambda-Deadline-Ms": str(int(time.time() * 1000) + context.get_remaining_time_in_millis()),
    }}
    asked = urllib.request.Request(os.environ[{VARIABLE!r}], json.dumps(event).encode(), told)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
    with direct.open(asked) as answer:
        return json.load(answer)
"""
"""What a function holds in place of its code. The emulator sends events past it, but for those of WebSockets,
which it hands to the code itself.
"""


def through_proxy(template: Mapping[str, Any], url: str, *, patient: bool) -> dict[str, Any]:
    """The template with every function's events sent to `url`; `patient` for a debugger's sake."""
    resources: dict[str, Any] = {}
    for id, resource in template["Resources"].items():
        resources[id] = resource
        if resource["Type"] == "AWS::Lambda::Function":
            properties = dict(resource["Properties"])
            variables = properties.get("Environment", {}).get("Variables", {})
            properties["Environment"] = {"Variables": {**variables, VARIABLE: url}}
            if properties["Runtime"].startswith("python"):
                properties |= {"Code": {"ZipFile": FORWARD}, "Handler": "index.handler"}
            if patient:
                properties["Timeout"] = PATIENCE
            resources[id] = {**resource, "Properties": properties}
    return {**template, "Resources": resources}


def functions_in(template: Mapping[str, Any]) -> dict[str, str]:
    """The names of a template's Python functions, each with its handler."""
    return {
        resource["Properties"]["FunctionName"]: resource["Properties"]["Handler"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
        and resource["Properties"]["Runtime"].startswith("python")
    }


class Source:
    """Makes functions that run from the source of the project at `root`.

    `debug`: the port on which a debugger may attach, by the function's name; such a function has one worker.
    """

    def __init__(
        self,
        root: Path,
        run: Run,
        tools: Toolchain,
        environment: Environment,
        output: Output,
        debug: Mapping[str, int],
    ) -> None:
        self._root, self._run, self._tools = root, run, tools
        self._environment, self._output, self._debug = environment, output, debug
        self._supergraphs = 0
        self.nursery = Nursery(root, run)

    def revive(self) -> None:
        """A new nursery, in the place of one that died."""
        self.nursery.close()
        self.nursery = Nursery(self._root, self._run)

    def look(self, handler: str, event: Mapping[str, Any]) -> dict[str, Any]:
        """What a handler that needs no AWS answers, in a fresh worker.

        Raises `WorkerBroken` or `WorkerDied`.
        """
        worker = self.nursery.fork(handler, os.environ, self._said)
        try:
            said = worker.ready().take({"id": "", "arn": "", "deadline": 0, "event": event})
        finally:
            worker.close()
        if "error" in said:
            raise WorkerBroken(said["error"])
        answer: dict[str, Any] = said["result"]
        return answer

    def function(self, name: str, handler: str, service: str, identities: Identities, said: Said) -> Function:
        """A Python function, which has no worker yet."""
        debug = {"THESTACK_DEBUG_PORT": str(self._debug[name])} if name in self._debug else {}

        def start() -> Worker:
            variables = identities.variables(name) | debug
            return self.nursery.fork(handler, variables, lambda line: self._output.take(name, line))

        return Function(name, service, start, said, 1 if debug else MOST)

    def router(self, supergraph: str, facts: Mapping[str, Facts], aws: Aws, identities: Identities) -> Start:
        """How a worker of the router for this supergraph is started."""
        name = names.router_function(self._environment.name)
        subgraphs = {
            service: live_arn(aws, names.graphql_function(self._environment.name, service))
            for service, each in facts.items()
            if each.subgraph
        }
        public = sorted(field for each in facts.values() for field in each.public_fields)
        router = default_router(self._root)
        settings = router.variables(RouterSettings(subgraphs, public, self._environment.introspection))
        if self._debug:
            patience = PATIENCE * 1000
            settings["TIMEOUTS"] = json.dumps({"subgraph": patience, "total": patience})
        self._supergraphs += 1
        file = self._run.folder / f"supergraph-{self._supergraphs}.graphql"
        file.write_text(supergraph, encoding="utf-8")
        settings["SUPERGRAPH_FILE"] = str(file)
        folder = self._router_bundle()

        def start() -> Worker:
            variables = identities.variables(name) | settings
            return start_router(
                self._tools, self._run, folder, variables, lambda line: self._output.take(name, line)
            )

        return start

    def _router_bundle(self) -> Path:
        """The folder of the router's bundle, made once for all supergraphs."""
        router = default_router(self._root)
        made = self._root / ".stack/cache/router" / f"{router.fingerprint[:20]}-{machine.machine()}"
        if not made.exists():
            made.parent.mkdir(parents=True, exist_ok=True)
            scratch = router.bundle("", made.with_name(f".{made.name}-{os.getpid()}"), host_architecture())
            try:
                scratch.rename(made)
            except OSError:
                shutil.rmtree(scratch)
                if not made.exists():  # else another process was first
                    raise
        return made

    def _said(self, line: str) -> None:
        self._output.take("", line)
