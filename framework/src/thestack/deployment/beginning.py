"""The record of an environment whose stacks were all made at once, as those of the local stack are."""

from collections.abc import Mapping

from thestack.deployment.destination import Destination
from thestack.deployment.functions import functions_of, live_versions
from thestack.deployment.making import Made
from thestack.deployment.record import now, who
from thestack.deployment.release import Release
from thestack.deployment.routing import Bundled, route


def begin(to: Destination, made: Mapping[str, Made], bundled: Bundled) -> None:
    """Record what runs, and serve it. Raises `OperationError`."""
    releases: dict[str, Release] = {}
    hashes: dict[str, str] = {}
    for name, each in made.items():
        functions = [function for function in functions_of(each.template) if function != to.router]
        versions = live_versions(to.aws, functions)
        releases[name] = Release(name, each.promise, each.template, versions, (), now(), who())
        hashes[name] = to.record.keep(releases[name])
        to.record.point(name, hashes[name], None)
    route(to, releases, hashes, (), bundled)
