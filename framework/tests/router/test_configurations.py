"""What other routers are started with: generated from the same supergraph; they are not run."""

from pathlib import Path

import pytest
import yaml
from graphql import parse

from framework.tests.router.conftest import MEDIA, TODO
from thestack.contract.composition import Supergraph
from thestack.ports.router import Graph
from thestack.router import apollo, cosmo
from thestack.router.defaults import limits, url_variable


@pytest.fixture
def graph(supergraph: Supergraph) -> Graph:
    subgraphs = {"todo": TODO, "media-files": MEDIA}
    return Graph(supergraph.sdl, subgraphs, subgraph_timeout=20, introspection=False)


def test_apollo_is_told_the_supergraph_and_how_to_reach_and_sign_for_each_function(graph: Graph) -> None:
    files = apollo.files(graph)
    assert set(files) == {"router.yaml", "supergraph.graphql"}
    assert "join__graph" in files["supergraph.graphql"]
    said = yaml.safe_load(files["router.yaml"])
    assert said["override_subgraph_url"] == {
        "media-files": "${env.SUBGRAPH_MEDIA_FILES_URL}/graphql",
        "todo": "${env.SUBGRAPH_TODO_URL}/graphql",
    }
    signed = said["authentication"]["subgraph"]["all"]["aws_sig_v4"]["default_chain"]
    assert signed == {"region": "${env.AWS_REGION}", "service_name": "lambda"}
    assert files["router.yaml"].startswith("# Generated")
    assert "not run" in files["router.yaml"].splitlines()[0]


def test_cosmo_is_told_of_each_subgraph_and_where_its_execution_config_will_be(graph: Graph) -> None:
    files = cosmo.files(graph)
    said, composed = yaml.safe_load(files["config.yaml"]), yaml.safe_load(files["compose.yaml"])
    assert said["execution_config"] == {"file": {"path": "execution.json"}}
    assert said["override_routing_url"]["subgraphs"] == {
        "media-files": "${SUBGRAPH_MEDIA_FILES_URL}/graphql",
        "todo": "${SUBGRAPH_TODO_URL}/graphql",
    }
    assert composed["version"] == 1
    for each in composed["subgraphs"]:
        text = files[str(Path(each["schema"]["file"]))]
        assert text == graph.subgraphs[each["name"]]
        parse(text)
    assert len(composed["subgraphs"]) == len(graph.subgraphs)
    assert "wgc router compose -i compose.yaml -o execution.json" in files["compose.yaml"]
    assert "not run" in files["config.yaml"].splitlines()[0]


def test_neither_shares_answers_shows_errors_nor_forgets_the_limits(graph: Graph) -> None:
    apollos = yaml.safe_load(apollo.files(graph)["router.yaml"])
    cosmos = yaml.safe_load(cosmo.files(graph)["config.yaml"])
    assert apollos["traffic_shaping"]["all"] == {"timeout": "20s", "deduplicate_query": False}
    assert cosmos["engine"] == {"enable_single_flight": False}
    assert apollos["include_subgraph_errors"] == {"all": False}
    assert cosmos["traffic_shaping"]["all"] == {"request_timeout": "20s", "retry": {"enabled": False}}
    assert apollos["limits"]["http_max_request_bytes"] == limits()["body"]
    depth = cosmos["security"]["complexity_limits"]["depth"]
    assert depth == {"enabled": True, "limit": limits()["depth"]}
    assert (apollos["supergraph"]["introspection"], cosmos["introspection_enabled"]) == (False, False)
    assert apollos["supergraph"]["listen"].startswith("127.0.0.1:")
    assert cosmos["listen_addr"].startswith("127.0.0.1:")


def test_a_subgraphs_variable_is_one() -> None:
    assert url_variable("media-files") == "SUBGRAPH_MEDIA_FILES_URL"
