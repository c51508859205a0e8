"""What the Apollo Router, 2.x, is started with: generated, and not run here.

Its binary is in no package registry. It reaches subgraphs by the URLs of their functions, and signs what it
sends with its own role's credentials (SigV4), as such URLs ask with `AuthType: AWS_IAM`.
"""

from collections.abc import Mapping

import yaml

from thestack.ports.router import Graph
from thestack.router.defaults import limits, total_timeout, url_variable

SAID = """\
# Generated from the supergraph, and not run by the tests of this project: docs/edge.md says what is missing.
# Start it with: router --config router.yaml --supergraph supergraph.graphql
"""
FORWARDED = ("traceparent", "x-correlation-id")


def files(graph: Graph) -> Mapping[str, str]:
    """`router.yaml` and the supergraph. Depth, aliases and cost are limited by it with a licence only."""
    settings = {
        "supergraph": {
            "listen": "127.0.0.1:4000",
            "path": "/graphql",
            "introspection": graph.introspection,
        },
        "homepage": {"enabled": False},
        "sandbox": {"enabled": False},
        "health_check": {"enabled": True, "listen": "127.0.0.1:8088"},
        "limits": {
            "parser_max_tokens": limits()["tokens"],
            "http_max_request_bytes": limits()["body"],
        },
        "traffic_shaping": {
            "router": {"timeout": f"{total_timeout()}s"},
            # Who asks is no part of what is compared: one caller would get another's answer.
            "all": {"timeout": f"{graph.subgraph_timeout}s", "deduplicate_query": False},
        },
        "include_subgraph_errors": {"all": False},
        "headers": {"all": {"request": [{"propagate": {"named": each}} for each in FORWARDED]}},
        "override_subgraph_url": {
            name: f"${{env.{url_variable(name)}}}/graphql" for name in sorted(graph.subgraphs)
        },
        "authentication": {
            "subgraph": {
                "all": {
                    "aws_sig_v4": {"default_chain": {"region": "${env.AWS_REGION}", "service_name": "lambda"}}
                }
            }
        },
    }
    return {
        "router.yaml": SAID + yaml.safe_dump(settings, sort_keys=False, width=110),
        "supergraph.graphql": graph.supergraph,
    }
