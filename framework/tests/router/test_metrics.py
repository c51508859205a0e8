"""The router counts the answers that failed for no fault of who asked, in its own record of each."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from framework.tests.router.fakes import FakeLambda, Reply, RouterProcess, claims, post

Start = Callable[..., RouterProcess]


def refused(code: str) -> Mapping[str, Any]:
    return {"data": None, "errors": [{"message": "No.", "extensions": {"code": code}}]}


def test_what_failed_for_no_fault_of_who_asked_is_counted(cloud: FakeLambda, start: Start) -> None:
    router = start(METRICS="thestack/test")
    answers: list[tuple[Any, int]] = [
        ({"data": {"version": "1"}}, 0),
        (refused("NOT_FOUND"), 0),
        (refused("INTERNAL_SERVER_ERROR"), 1),
        (refused("TIMEOUT"), 1),
        (Reply(200, b"{}", {"x-amz-function-error": "Unhandled"}), 1),
    ]
    for answer, failed in answers:
        cloud.functions["todo-fn"] = lambda _, answer=answer: answer
        router.send(post("{ version }", caller=claims()))
        line = router.logs[-1]
        assert line["Failed"] == failed, line["outcome"]
        (metric,) = line["_aws"]["CloudWatchMetrics"]
        assert metric == {
            "Namespace": "thestack/test",
            "Dimensions": [["service"]],
            "Metrics": [{"Name": "Failed", "Unit": "Count"}],
        }
        assert line["service"] == "router"


@pytest.mark.parametrize("setting", [{}, {"METRICS": ""}])
def test_without_a_namespace_there_is_no_metric(
    cloud: FakeLambda, start: Start, setting: dict[str, str]
) -> None:
    cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
    router = start(**setting)
    router.send(post("{ version }", caller=claims()))
    assert not {"_aws", "Failed"} & router.logs[-1].keys()
