"""The stack of the public frontend."""

from pathlib import Path

from aws_cdk import App

from deploy.frontends.site import Site, emulator_of, script
from thestack.definition import names
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack


def add_public(app: App, environment: Environment, _: Path | None) -> None:
    """Add the stack, where the environment has a public frontend."""
    if environment.public_site:
        PublicStack(app, environment)


class PublicStack(EnvironmentStack):
    """The public frontend: who may see what is the API's to say, the pages are everybody's."""

    def __init__(self, scope: App, environment: Environment) -> None:
        super().__init__(scope, environment, names.FRONTEND_PUBLIC, "The public frontend")
        name = f"{environment.name}-{names.FRONTEND_PUBLIC}"
        self.site = Site(
            self,
            "Site",
            environment,
            stack=names.FRONTEND_PUBLIC,
            label=names.PUBLIC_HOST,
            function=script(self, "ToPage", name, "pages.js", "public.js"),
            emulator=emulator_of(self, environment),
        )
