"""The CDK app: the stacks of the environment THESTACK_ENV, the platform's and one for each service.

`thestack synth` runs it, and so can `cdk --app`. With THESTACK_SERVICES="todo,media" it makes the stacks of
those services alone. With THESTACK_CODE="source" its functions have no code, because they run from the source
on this machine, and `platform` may be one of those names.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from jsii.errors import JavaScriptError

from thestack.contract.composition import ComposerUnavailable, CompositionError
from thestack.definition.load import models
from thestack.definition.names import PLATFORM
from thestack.diagnostics.diagnostic import DefinitionError
from thestack.infra.bundle import Platform, authorizer_bundle, further_bundles, service_bundle
from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError
from thestack.infra.extension import extend
from thestack.infra.platform import PlatformBundles, PlatformStack
from thestack.infra.service import ServiceStack
from thestack.infra.supergraph import default_router, router_bundle, supergraph_of
from thestack.router.bundle import BundleError

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Synthesize into CDK_OUTDIR."""
    environment = load_environment(ROOT, os.environ.get("THESTACK_ENV", "dev"))
    only = tuple(filter(None, os.environ.get("THESTACK_SERVICES", "").split(",")))
    app = cdk.App(analytics_reporting=False, tree_metadata=False)
    if os.environ.get("THESTACK_CODE") == "source":
        _without_code(app, environment, only)
    else:
        _with_bundles(app, environment, only)
    app.synth()


def _with_bundles(app: cdk.App, environment: Environment, only: Sequence[str]) -> None:
    platform = Platform(environment.runtime, environment.architecture, environment.emulated)
    services = models(ROOT, only)
    if not only:
        router = default_router(ROOT)
        bundles = PlatformBundles(
            authorizer=authorizer_bundle(ROOT, platform),
            router=router,
            router_bundle=router_bundle(
                router, supergraph_of(services, ROOT), ROOT, environment.architecture
            ),
        )
        PlatformStack(app, environment, services, bundles)
    for model in services:
        bundle = service_bundle(model, ROOT, platform)
        stack = ServiceStack(app, environment, model, bundle, further=further_bundles(model, ROOT, platform))
        extend(stack, model, ROOT)


def _without_code(app: cdk.App, environment: Environment, only: Sequence[str]) -> None:
    if PLATFORM in only:
        bundles = PlatformBundles(authorizer=None, router=default_router(ROOT), router_bundle=None)
        PlatformStack(app, environment, (), bundles)
    for model in models(ROOT, [name for name in only if name != PLATFORM]):
        extend(ServiceStack(app, environment, model, None), model, ROOT)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that half-made bundles are removed
    try:
        main()
    except (BundleError, ComposerUnavailable, CompositionError, DefinitionError, SynthesisError) as error:
        sys.exit(str(error))
    except RuntimeError as error:
        if not isinstance(error.__cause__, JavaScriptError):
            raise
        sys.exit(f"the CDK refuses the stacks: {str(error).splitlines()[0]}")
