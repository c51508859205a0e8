"""`thestack publish`: a frontend's pages, brought to where its stack serves them."""

from typing import Annotated

import typer

from thestack.cli.destination import find_destination
from thestack.cli.output import Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import EndpointOption, EnvironmentOption, Place, RunOption, TargetOption
from thestack.deployment.site import Frontend


@reporting
def publish(
    frontend: Annotated[Frontend, typer.Argument(help="Which one.")],
    new_key: Annotated[
        bool,
        typer.Option("--new-key", help="Sign the internal frontend's sessions with a new key from now on."),
    ] = False,
    target: TargetOption = Place.LOCAL,
    env: EnvironmentOption = None,
    endpoint: EndpointOption = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Publish the pages of a frontend: assets first, which browsers keep for ever, the index last.

    Assets that the index does not name any more stay for 30 days. The first time it also makes the key that
    the sessions of the internal frontend are signed with; a session of the key before goes on.
    """
    if new_key and frontend is not Frontend.INTERNAL:
        raise UsageMistake(f"the {frontend} frontend has no sessions of its own, and so no key")
    to = find_destination(find_root(), target, env, endpoint, run)
    has = {Frontend.PUBLIC: to.settings.public_site, Frontend.INTERNAL: to.settings.internal_site}
    if not has[frontend]:
        name = to.settings.name
        raise UsageMistake(
            f"the environment {name} does without the {frontend} frontend: "
            f"deploy/environments/{name}.py says so"
        )
    from thestack.deployment import publishing

    done = publishing.publish(to, frontend, new_key=new_key)
    if format is Format.JSON:
        print_json(
            {
                "environment": to.settings.name,
                "frontend": frontend,
                "url": done.url,
                "uploaded": done.uploaded,
                "there": done.there,
                "forgotten": done.forgotten,
                "invalidation": done.invalidation,
                "new_key": done.made_key,
                "let_in_by_the_api": done.is_let_in,
            }
        )
        return
    out.print(f"{len(done.uploaded)} assets uploaded, {done.there} were there already", markup=False)
    for each in done.uploaded:
        out.print(f"  + {each}", markup=False)
    for each in done.forgotten:
        out.print(f"  - {each}, which no index has named for {publishing.KEPT.days} days", markup=False)
    if done.made_key:
        out.print("sessions are signed with a new key", markup=False)
    out.print(f"the {frontend} frontend is at {done.url}; caches forget the old index in a minute")
    if not done.is_let_in:
        err.print(
            f"the API does not let its pages ask: add {done.url!r} to `origins` in "
            f"deploy/environments/{to.settings.name}.py, then deploy the platform",
            markup=False,
        )
