"""The documents of the whole system, made from the contracts of all services."""

import json

from thestack.contract.asyncapi import asyncapi
from thestack.contract.catalogue import catalogue
from thestack.contract.composition import Supergraph
from thestack.contract.promise import World


def documents(world: World, composed: Supergraph) -> dict[str, str]:
    """Their texts, by file name."""
    return {
        "README.md": catalogue(world),
        "asyncapi.json": json.dumps(asyncapi(world), indent=2, sort_keys=True, ensure_ascii=False) + "\n",
        "schema.graphql": composed.public_sdl.rstrip() + "\n",
        "supergraph.graphql": composed.sdl.rstrip() + "\n",
    }
