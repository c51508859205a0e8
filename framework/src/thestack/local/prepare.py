"""Everything that a local stack needs before its emulator is asked for anything, in a process of its own.

Installers, the composer and CDK start programs of their own; in one process group none outlives a Ctrl-C. Run
as `python -m thestack.local.prepare ROOT ENVIRONMENT WHAT`, where WHAT is `bundles`, for a whole assembly, or
the fingerprints of the services whose templates are to be made, as JSON. Each line of its output is a JSON
object with one of the keys `report`, `installed`, `done`, `wrong` and `failed`.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from thestack.contract.composition import ComposerUnavailable, CompositionError
from thestack.definition import names
from thestack.definition.load import models
from thestack.diagnostics.diagnostic import DefinitionError
from thestack.infra.assembly import Assembly, read_assembly
from thestack.infra.supergraph import supergraph_of
from thestack.infra.synth import SynthesisError, synthesize
from thestack.infra.templates import make_templates
from thestack.local.failures import explained
from thestack.local.process import Supervised
from thestack.local.run import Run
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.toolchain.installation import Report
from thestack.toolchain.tools import ToolchainError, ensure

_BUNDLES = "bundles"
_GRACE = 5.0
_SECONDS = 1800
_STEP = 0.02
_SILENT_SECONDS = 1.0


class Preparation:
    """The preparation of an environment, in another process, until the context is left.

    It makes the whole assembly, or, where `templates` has the fingerprints of some services, their templates
    alone, for functions that run from the source.
    """

    def __init__(
        self, root: Path, environment: str, run: Run, templates: Mapping[str, str] | None = None
    ) -> None:
        self._root, self._environment = root, environment
        self._output, scratch = run.folder / "prepare.log", run.folder / "tmp"
        self._output.unlink(missing_ok=True)
        scratch.mkdir(exist_ok=True)
        what = _BUNDLES if templates is None else json.dumps(dict(templates))
        self._process = Supervised(
            [sys.executable, "-m", "thestack.local.prepare", root, environment, what],
            env={**os.environ, "TMPDIR": str(scratch)},
            cwd=root,
            output=self._output,
            grace=_GRACE,
            folder=run.folder,
            keep=[run.lock],
        )

    def assembly(self, report: Report, pause: Pause = time.sleep) -> Assembly:
        """The assembly; raises as `wait` does."""
        return read_assembly(Path(self.wait(report, pause)), names.platform_stack(self._environment))

    def wait(self, report: Report, pause: Pause = time.sleep) -> str:
        """Return once it is done; what happens meanwhile is reported.

        Raises:
            DefinitionError: the definitions are wrong.
            CompositionError: the subgraphs don't compose.
            OperationError: a program is missing, or synthesis fails.
        """
        began, read = time.monotonic(), 0
        silent_since = float("inf")
        while True:
            ended = self._process.poll() is not None
            lines = self._output.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
            whole = lines if ended else [line for line in lines if line.endswith("\n")]
            for said in map(_parsed, whole[read:]):
                if "report" in said:
                    report(said["report"])
                if "installed" in said:
                    silent_since = time.monotonic()
                if "wrong" in said:
                    supergraph_of(models(self._root), self._root)  # raises what the other process found
                if "failed" in said:
                    raise OperationError(said["failed"])
                if "done" in said:
                    self._process.wait(_GRACE)
                    return said["done"]
            read = len(whole)
            if ended:
                last = " ".join("".join(whole[-3:]).split()) or "it said nothing"
                why = f"the templates of {self._environment} could not be made: {last[-500:]}"
                raise OperationError(f"{why}; `thestack synth --all --env {self._environment}` says more")
            if time.monotonic() > silent_since + _SILENT_SECONDS:
                report("making the templates and bundles, which the next start finds ready")
                silent_since = float("inf")
            if time.monotonic() > began + _SECONDS:
                raise OperationError(f"the templates are not made after {_SECONDS} s; start the stack again")
            pause(_STEP)

    def __enter__(self) -> "Preparation":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stop()


def _parsed(line: str) -> dict[str, str]:
    try:
        said: dict[str, str] = json.loads(line)
    except ValueError:  # a library's own words; they are in the file, should anybody need them
        return {}
    return said


def _say(key: str, text: str) -> None:
    print(json.dumps({key: text}), flush=True)


def main(root: Path, environment: str, what: str) -> int:
    """Prepare, and say how it went."""
    try:
        ensure(root, lambda text: _say("report", text))
        _say("installed", "")
        if what == _BUNDLES:
            _say("done", str(explained(root, lambda: synthesize(root, environment)).folder))
        else:
            wanted = json.loads(what)
            if wanted:
                make_templates(root, environment, wanted)
            _say("done", "")
    except (CompositionError, DefinitionError) as error:
        _say("wrong", str(error))
    except (ComposerUnavailable, SynthesisError, ToolchainError) as error:
        _say("failed", str(error))
    else:
        return 0
    return 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is half made is removed
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
