"""The CDK app: the stacks of the environment THESTACK_ENV, of what services share and of each service.

`thestack synth` runs it, and so does `cdk --app "python -m deploy.app"`. THESTACK_SERVICES="todo,platform"
makes these stacks alone, for which no other service need be there. With THESTACK_EMULATED="1" they are for an
emulator on this machine. With THESTACK_CODE="source" their functions have no code, because they run from the
source. THESTACK_SETTINGS has the settings of an environment without a file, as previews are. Beside the
template of a stack lies the contract of its service.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from jsii.errors import JavaScriptError

from deploy.shared import add_shared
from thestack.contract.building import contract_of
from thestack.contract.files import (
    FOLDER,
    SERVICE,
    ContractUnreadable,
    read_contract,
    read_folder,
    to_json,
)
from thestack.contract.promise import Contract, Expectation
from thestack.definition import names
from thestack.definition.load import models, models_alone
from thestack.definition.model import ServiceModel
from thestack.diagnostics.diagnostic import DefinitionError
from thestack.infra.assembly import contract_file
from thestack.infra.bundle import Platform, authorizer_bundle, further_bundles, service_bundle
from thestack.infra.environment import Environment, load_environment, settings_of_text
from thestack.infra.errors import SynthesisError
from thestack.infra.extension import extend
from thestack.infra.promise import shared_contract
from thestack.infra.service import ServiceStack

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Synthesize into CDK_OUTDIR."""
    environment = _environment()
    if os.environ.get("THESTACK_EMULATED"):
        environment = environment.on_this_machine()
    only = tuple(filter(None, os.environ.get("THESTACK_SERVICES", "").split(",")))
    services = (
        models_alone(ROOT, [each for each in only if each not in names.SHARED]) if only else models(ROOT)
    )
    shared = [each for each in names.SHARED if each in only] if only else names.SHARED
    app = cdk.App(analytics_reporting=False, tree_metadata=False)
    if os.environ.get("THESTACK_CODE") == "source":
        add_shared(app, environment, shared, None)
        for model in services:
            extend(ServiceStack(app, environment, model, None), model, ROOT)
        app.synth()
    else:
        _with_bundles(app, environment, services, shared)
        _promise(app.synth(), environment, services)


def _environment() -> Environment:
    if given := os.environ.get("THESTACK_SETTINGS"):
        return settings_of_text(given)
    return load_environment(ROOT, os.environ.get("THESTACK_ENV", "dev"))


def _with_bundles(
    app: cdk.App, environment: Environment, services: Sequence[ServiceModel], shared: Sequence[str]
) -> None:
    platform = Platform(environment.runtime, environment.architecture, environment.emulated)
    if shared:
        add_shared(app, environment, shared, authorizer_bundle(ROOT, platform))
    for model in services:
        bundle = service_bundle(model, ROOT, platform)
        stack = ServiceStack(app, environment, model, bundle, further=further_bundles(model, ROOT, platform))
        extend(stack, model, ROOT)


def _promise(assembly: Any, environment: Environment, services: Sequence[ServiceModel]) -> None:
    """Write the contracts of these stacks beside their templates."""
    known = {names.stack(environment.name, model.name): model for model in services}
    for stack in assembly.stacks:
        model, name = known.get(stack.stack_name), stack.stack_name.removeprefix(f"{environment.name}-")
        contract = (
            contract_of(model, stack.template, environment.name, _expected_by(model))
            if model
            else shared_contract(name, stack.template, environment.name)
        )
        path = contract_file(Path(assembly.directory), stack.stack_name)
        path.write_text(to_json(contract), encoding="utf-8")


def _expected_by(model: ServiceModel) -> Sequence[Expectation]:
    """What the service expects of others, as it is committed."""
    files = read_folder(ROOT.joinpath(*model.module.split(".")[:-1], FOLDER))
    committed = read_contract(files) if SERVICE in files else Contract(model.name)
    return committed.expects


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that half-made bundles are removed
    try:
        main()
    except (ContractUnreadable, DefinitionError, SynthesisError) as error:
        sys.exit(str(error))
    except RuntimeError as error:
        if not isinstance(error.__cause__, JavaScriptError):
            raise
        sys.exit(f"the CDK refuses the stacks: {str(error).splitlines()[0]}")
