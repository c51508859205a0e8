"""What WunderGraph's Cosmo router is started with: generated as far as that goes without its own composer.

Neither is in a package registry of ours. It takes no supergraph but an execution config, which
`wgc router compose` makes of the subgraphs and of `compose.yaml`. It signs no requests: between it and the
functions' URLs stands a proxy that does, at the addresses in its variables.
"""

from collections.abc import Mapping

import yaml

from thestack.ports.router import Graph
from thestack.router.defaults import limits, url_variable

SAID = """\
# Generated from the subgraphs, and not run by the tests of this project: docs/edge.md says what is missing.
"""
FORWARDED = ("traceparent", "x-correlation-id")
EXECUTION = "execution.json"


def files(graph: Graph) -> Mapping[str, str]:
    """`config.yaml`, `compose.yaml`, from which its composer makes `execution.json`, and the subgraphs."""
    names = sorted(graph.subgraphs)
    urls = {name: f"${{{url_variable(name)}}}/graphql" for name in names}
    settings = {
        "version": "1",
        "listen_addr": "127.0.0.1:3002",
        "graphql_path": "/graphql",
        "playground_enabled": False,
        "introspection_enabled": graph.introspection,
        "execution_config": {"file": {"path": EXECUTION}},
        "traffic_shaping": {
            "router": {"max_request_body_size": f"{limits()['body'] // 1024}KiB"},
            # A mutation is never sent twice, and neither is anything else: the client decides.
            "all": {"request_timeout": f"{graph.subgraph_timeout}s", "retry": {"enabled": False}},
        },
        # Who asks is no part of what is compared: one caller would get another's answer.
        "engine": {"enable_single_flight": False},
        "security": {
            "complexity_limits": {
                "depth": {"enabled": True, "limit": limits()["depth"]},
                "root_field_aliases": {"enabled": True, "limit": limits()["aliases"]},
            }
        },
        "subgraph_error_propagation": {"mode": "wrapped", "allowed_extension_fields": ["code"]},
        "headers": {"all": {"request": [{"op": "propagate", "named": each} for each in FORWARDED]}},
        "override_routing_url": {"subgraphs": urls},
    }
    composed = {
        "version": 1,
        "subgraphs": [
            {
                "name": name,
                "routing_url": f"http://{name}.invalid/graphql",  # the router's variables say where it is
                "schema": {"file": f"./subgraphs/{name}.graphql"},
            }
            for name in names
        ],
    }
    compose = f"# Make {EXECUTION} with: wgc router compose -i compose.yaml -o {EXECUTION}\n"
    return {
        "config.yaml": SAID + yaml.safe_dump(settings, sort_keys=False, width=110),
        "compose.yaml": SAID + compose + yaml.safe_dump(composed, sort_keys=False, width=110),
        **{f"subgraphs/{name}.graphql": graph.subgraphs[name] for name in names},
    }
