"""Who gets in: users, tokens, forgeries."""

import base64
import hashlib
import json
import time
from pathlib import Path

from tests.e2e.steps import forgery
from tests.e2e.steps.telling import equal, expect
from tests.e2e.steps.world import World
from thestack.infra.assembly import read_assembly
from thestack.local.signin import sign_in, sign_up

MINE = "{ todos(first: 1) { nodes { id } } }"
PEOPLE = {"alice": None, "bob": None, "sam": "staff"}
SHORT = 4


def built_bundles(world: World) -> None:
    """The functions run the zips of the synthesis; no path of the sources is in their environment."""
    functions = world.stack.client("lambda")
    assembly = Path(world.stack.templates)
    zips = [asset.path for stack in read_assembly(assembly, "").stacks for asset in stack.assets]
    # The router's is made when services are deployed, of what they answer by then.
    zips += assembly.parents[1].glob("bundles/router-*.zip")
    built = {base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode() for path in zips}
    began = time.perf_counter()
    deployed = functions.list_functions()["Functions"]
    for function in deployed:
        expect(
            function["CodeSha256"] in built,
            f"{function['FunctionName']} runs something else than the built zips",
        )
        expect(
            str(world.root) not in json.dumps(function["Environment"]),
            f"{function['FunctionName']} is told of the sources",
        )
    names = ", ".join(sorted(function["FunctionName"] for function in deployed))
    world.story.current.tell(
        "aws lambda list-functions", f"{len(deployed)} functions, each of a built zip: {names}", began
    )


def sign_everybody_up(world: World) -> None:
    """Cognito's own API, as a frontend uses it."""
    for name, group in PEOPLE.items():
        email, began = f"{name}@example.com", time.perf_counter()
        sign_up(world.stack, email, group=group)
        world.people[name] = sign_in(world.stack, email)
        told = f"user {world.people[name].id}{f', in group {group}' if group else ''}, with an access token"
        world.story.current.tell(f"cognito: sign up and sign in {email}", told, began)


def no_token(world: World) -> None:
    """401 before any function runs; the public door answers what is public, and only that."""
    equal(world.ask(None, MINE).status, 401, "status without a token")
    public = world.stack.public_graphql
    equal(world.ask(None, "{ __typename }", public).data, {"__typename": "Query"}, "what is public")
    closed = world.ask(None, MINE, public)
    equal(closed.codes, ["UNAUTHENTICATED"], "code at the public door for what is not public")


def forged_tokens(world: World) -> None:
    """Each is refused, as if there were no such user."""
    alice, bob = world.people["alice"], world.people["bob"]
    forged = {
        "algorithm none": forgery.unsigned(alice.access_token),
        "HS256 with the public key": forgery.signed_by_public_key(
            alice.access_token, world.http, world.stack
        ),
        "somebody else's claims": forgery.altered(bob.access_token, alice.id),
        "another pool's": forgery.of_another_pool(world.stack, alice.email),
        "an ID token": alice.id_token,
        "no token at all": "nonsense",
    }
    for label, token in forged.items():
        answer = world.ask_with(token, label, MINE)
        expect(answer.status in (401, 403), f"{label}: expected 401 or 403, found {answer.status}")
    equal(world.ask("alice", MINE).status, 200, "status with alice's own token")


def expired_token(world: World) -> None:
    """A right token is refused once it has expired, although the authorizer's decision on it is cached."""
    token = forgery.short_lived(world.stack, world.people["alice"].email, SHORT)
    equal(
        world.ask_with(token, f"a token that lives {SHORT} s", MINE).status, 200, "status before it expires"
    )
    while time.time() <= forgery.expiry(token):
        world.pause(0.05)
    equal(world.ask_with(token, "the same token, expired", MINE).status, 401, "status after it has expired")
