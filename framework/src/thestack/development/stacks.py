"""The stacks of a run: each service's template, deployed on the emulator with its functions' events sent
here.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thestack.definition import names
from thestack.development.source import functions_in, through_proxy
from thestack.infra.templates import find_templates
from thestack.local.prepare import Preparation
from thestack.local.run import Run
from thestack.local.stack import ENVIRONMENT
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.interruption import Pause
from thestack.toolchain.installation import Report

Template = dict[str, Any]
_NOTHING: Template = {"Resources": {}}


class Stacks:
    """Stacks by their service's name; what services share is called `names.PLATFORM`.

    `url`: where events are sent. `patient`: functions have an hour, for a debugger's sake. Every method
    raises `OperationError`.
    """

    def __init__(self, root: Path, run: Run, url: str, *, patient: bool) -> None:
        self._root, self._run, self._url, self._patient = root, run, url, patient
        self._templates: dict[str, Template] = {}
        self._aws = Aws()

    def connect(self, aws: Aws) -> None:
        """Deploy on this emulator, which has no stacks yet."""
        self._aws = aws

    def unmade(self, fingerprints: Mapping[str, str]) -> dict[str, str]:
        """Those of these services, by their models' fingerprints, whose templates have yet to be made."""
        found = find_templates(self._root, ENVIRONMENT, fingerprints)
        return {name: value for name, value in fingerprints.items() if name not in found}

    def make(self, fingerprints: Mapping[str, str], report: Report, pause: Pause = time.sleep) -> None:
        """Make the templates of these services, in one run of the CDK app."""
        report(f"making the templates of {', '.join(fingerprints)}")
        with Preparation(self._root, ENVIRONMENT, self._run, fingerprints) as preparation:
            preparation.wait(report, pause)

    def deploy(self, name: str, fingerprint: str) -> tuple[Mapping[str, str], str, tuple[str, ...]]:
        """Bring a stack up to its template, which is made.

        Answers the stack's outputs, what was changed in a few words, and the types that were left out.
        """
        from thestack.deployment.stacks import deploy, difference

        found = find_templates(self._root, ENVIRONMENT, {name: fingerprint})
        if name not in found:
            raise OperationError("the framework's own files changed meanwhile; start the stack again")
        template: Template = json.loads(found[name].read_text(encoding="utf-8"))
        changes = difference(self._templates.get(name, _NOTHING), template)
        outputs: Mapping[str, str] = {}
        left_out: list[str] = []
        if changes:
            proxied = through_proxy(template, self._url, patient=self._patient)
            stack = names.stack(ENVIRONMENT, name)
            outputs, left_out = deploy(self._aws, stack, proxied)
        self._templates[name] = template
        return outputs, changes, tuple(left_out)

    def remove(self, name: str) -> None:
        """Delete a stack with all that it holds."""
        from thestack.deployment.stacks import remove

        remove(self._aws, names.stack(ENVIRONMENT, name))
        del self._templates[name]

    def forget(self) -> None:
        """There are no stacks any more: the emulator died."""
        self._templates.clear()

    def functions(self, name: str) -> dict[str, str]:
        """The Python functions of a stack, each with its handler."""
        return functions_in(self._templates[name])
