"""What a service adds to its stack by hand: `extend(stack, service)` in its `infra.py`.

The names that such a file needs for its types are these:

    from aws_cdk import aws_s3 as s3

    from thestack.infra.extension import Service, ServiceStack


    def extend(stack: ServiceStack, service: Service) -> None:
        pictures = s3.Bucket(stack, "Pictures")
        pictures.grant_read(service.consumers["resize"].role)

`service` has `table.table`, `subgraph`, `relay` (each None where the service needs none), `consumers` by the
name of their handlers, and `hooks` and `buckets` by their names: of a bucket `bucket` is CDK's, `arn` its
ARN, and `policy` what its policy says. `asking(Port)` are the functions that ask for a port of the service's
own. Of a function, `function` is CDK's, `alias` what is called, and `role` what rights are granted to: CDK's
own grants to `function` itself have no effect, so that nothing widens it unseen. `waive` says beside a
construct why what a checker finds about it stands.
"""

import importlib.util
from pathlib import Path

from thestack.definition.model import ServiceModel
from thestack.infra.buckets import ServiceBucket
from thestack.infra.errors import SynthesisError
from thestack.infra.function import LiveFunction
from thestack.infra.service import Service, ServiceStack
from thestack.infra.table import ServiceTable
from thestack.infra.waivers import waive

__all__ = ["LiveFunction", "Service", "ServiceBucket", "ServiceStack", "ServiceTable", "extend", "waive"]


def extend(stack: ServiceStack, model: ServiceModel, root: Path) -> None:
    """Call the `infra.py` beside the service's definition, if there is one.

    Raises `SynthesisError` if it has no `extend`.
    """
    path = root.joinpath(*model.module.split(".")).with_name("infra.py")
    if not path.is_file():
        return
    spec = importlib.util.spec_from_file_location(f"{model.module}_infra", path)
    if spec is None or spec.loader is None:
        raise SynthesisError(f"{path.relative_to(root)} can't be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not callable(getattr(module, "extend", None)):
        raise SynthesisError(
            f"{path.relative_to(root)} must define `extend(stack, service)`; define it or delete the file"
        )
    module.extend(stack, stack.service)
