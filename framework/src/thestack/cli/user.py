"""`thestack user`: users of the local stack."""

from typing import Annotated

import typer

from thestack.cli.output import Format, FormatOption, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import RunOption, find_stack
from thestack.local.signin import PASSWORD, sign_in, sign_up

user = typer.Typer(help="Users of the local stack.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="The user's e-mail address.")]


@user.command()
@reporting
def create(
    email: Email,
    group: Annotated[str | None, typer.Option(help="A group to be in: staff.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Another tenant than the environment's.")] = None,
    run: RunOption = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """Make a confirmed user, and say how to sign in."""
    stack = find_stack(find_root(), run)
    id = sign_up(stack, email, group=group, tenant=tenant)
    if format is Format.JSON:
        print_json({"email": email, "id": id, "password": PASSWORD, "graphql": stack.graphql})
        return
    out.print(f"{email} is user {id}; the password is {PASSWORD}", markup=False)
    out.print(
        f"An access token, for the header `Authorization: Bearer ...`: thestack user token {email}",
        markup=False,
    )


@user.command()
@reporting
def token(email: Email, run: RunOption = None, format: FormatOption = Format.TEXT) -> None:
    """Sign a user in and print the access token."""
    signed_in = sign_in(find_stack(find_root(), run), email)
    if format is Format.JSON:
        print_json({"email": email, "id": signed_in.id, "access_token": signed_in.access_token})
    else:
        print(signed_in.access_token)
