"""The router between API Gateway and subgraphs: joining, callers, errors, HTTP."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from framework.tests.router.fakes import FakeLambda, Invocation, Reply, RouterProcess, claims, get, post

JOIN = "query Join { todo(id: 1) { title attachment { url owner } } }"
Start = Callable[..., RouterProcess]


def todo(invocation: Invocation) -> Mapping[str, Any]:
    user = (invocation.claims or {}).get("sub", "nobody")
    return {"data": {"todo": {"title": f"{user}'s", "attachment": {"__typename": "Media", "id": "m1"}}}}


def media(invocation: Invocation) -> Mapping[str, Any]:
    user = (invocation.claims or {}).get("sub", "nobody")
    return {"data": {"_entities": [{"__typename": "Media", "url": "/m1", "owner": user}]}}


def failing(*errors: Mapping[str, Any]) -> Callable[[Invocation], Mapping[str, Any]]:
    return lambda _: {"data": {"todo": None}, "errors": list(errors)}


def test_joins_two_subgraphs(cloud: FakeLambda, router: RouterProcess) -> None:
    cloud.functions.update({"todo-fn": todo, "media-fn": media})
    answer = router.send(post(JOIN, caller=claims()))
    assert answer.status == 200
    assert answer.body == {
        "data": {"todo": {"title": "alice's", "attachment": {"url": "/m1", "owner": "alice"}}}
    }
    assert answer.headers["content-type"].startswith("application/json")


def test_a_subgraph_gets_the_claims_and_nothing_else_of_the_client(
    cloud: FakeLambda, router: RouterProcess
) -> None:
    cloud.functions.update({"todo-fn": todo, "media-fn": media})
    traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    caller = claims()
    headers = {
        "authorization": "Bearer secret",
        "cookie": "session=1",
        "x-origin-secret": "origin",
        "traceparent": traceparent,
        "x-correlation-id": "click-12345",
    }
    answer = router.send(post(JOIN, caller={**caller, "admin": "true"}, headers=headers))
    assert answer.headers["x-correlation-id"] == "click-12345"
    for invocation in cloud.invocations:
        assert {key: value for key, value in invocation.payload.items() if key != "body"} == {
            "version": "2.0",
            "rawPath": "/graphql",
            "headers": {
                "content-type": "application/json",
                "traceparent": traceparent,
                "x-correlation-id": "click-12345",
            },
            "requestContext": {"http": {"method": "POST"}, "authorizer": {"lambda": caller}},
            "isBase64Encoded": False,
        }
        assert not {"cookie", "x-origin-secret", "traceparent"} & set(invocation.headers)


def test_invocations_are_signed_with_the_functions_own_credentials(
    cloud: FakeLambda, router: RouterProcess
) -> None:
    cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
    router.send(post("{ version }", caller=claims()))
    (invocation,) = cloud.invocations
    assert invocation.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-central-1/lambda/aws4_request" in invocation.headers["authorization"]
    assert invocation.headers["x-amz-security-token"] == "session-example"


def test_functions_may_be_arns_of_versions(cloud: FakeLambda, start: Start) -> None:
    arn = "arn:aws:lambda:eu-central-1:000000000000:function:todo:3"
    cloud.functions[arn] = lambda _: {"data": {"version": "3"}}
    answer = start(SUBGRAPHS=json.dumps({"todo": arn})).send(post("{ version }", caller=claims()))
    assert answer.body == {"data": {"version": "3"}}


def test_concurrent_identical_queries_of_two_users_never_cross(
    cloud: FakeLambda, router: RouterProcess
) -> None:
    users = ["alice", "bob"] * 200

    def slow_todo(invocation: Invocation) -> Mapping[str, Any]:
        assert cloud.wait_for(len(users))  # every query is in flight before the first is answered
        return todo(invocation)

    cloud.functions.update({"todo-fn": slow_todo, "media-fn": media})
    waiting = [router.submit(post(JOIN, caller=claims(user))) for user in users]
    for user, future in zip(users, waiting, strict=True):
        attachment = {"url": "/m1", "owner": user}
        assert future.result(60).body == {"data": {"todo": {"title": f"{user}'s", "attachment": attachment}}}
    assert len(cloud.of("todo-fn")) == len(cloud.of("media-fn")) == len(users)


@pytest.mark.parametrize("extension", ["endpoint", "fetch", "headers", "method"])
def test_the_clients_extensions_steer_nothing(
    cloud: FakeLambda, router: RouterProcess, extension: str
) -> None:
    cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
    event = post("{ version }", caller=claims(), extensions={extension: {"x": cloud.url}})
    assert router.send(event).body == {"data": {"version": "1"}}
    assert "extensions" not in cloud.invocations[0].request


class TestCallers:
    @pytest.mark.parametrize("caller", [None, {}, {"sub": "", "exp": "9999999999"}])
    def test_the_private_door_asks_for_claims(
        self, cloud: FakeLambda, router: RouterProcess, caller: Mapping[str, str] | None
    ) -> None:
        answer = router.send(post("{ version }", caller=caller))
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert cloud.invocations == []

    @pytest.mark.parametrize("exp", ["1", "", "never", None])
    def test_a_token_that_expired_after_the_authorizers_decision_is_refused(
        self, cloud: FakeLambda, router: RouterProcess, exp: str | None
    ) -> None:
        caller = {**claims(), "exp": exp}
        answer = router.send(post("{ version }", caller=caller))  # type: ignore[arg-type]
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
        assert cloud.invocations == []

    def test_a_token_is_refused_in_the_second_in_which_it_expires(self, router: RouterProcess) -> None:
        assert router.send(post("{ version }", caller=claims(lasting=0))).status == 401

    @pytest.mark.parametrize("path", ["/", "/graphql/", "/public/graphql/..", "/admin"])
    def test_there_are_two_doors(self, router: RouterProcess, path: str) -> None:
        assert router.send(post("{ version }", caller=claims(), path=path)).status == 404


class TestPublicDoor:
    def test_is_anonymous_whatever_it_carries(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
        answer = router.send(post("{ version __typename }", caller=claims(), path="/public/graphql"))
        assert answer.body["data"]["version"] == "1"
        assert cloud.invocations[0].claims is None
        assert "authorizer" not in cloud.invocations[0].payload["requestContext"]

    @pytest.mark.parametrize(
        "query",
        [
            "{ me }",
            "{ version me }",
            "{ version: me }",
            "{ version ... on Query { me } }",
            "{ version ... { me } }",
            "query { ...F } fragment F on Query { version ...G } fragment G on Query { me }",
            'mutation { deleteTodo(id: "1") }',
            "query A($yes: Boolean = false) { version me @include(if: $yes) }",
        ],
    )
    def test_runs_operations_of_public_fields_only(
        self, cloud: FakeLambda, router: RouterProcess, query: str
    ) -> None:
        answer = router.send(post(query, path="/public/graphql"))
        assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
        assert cloud.invocations == []

    def test_looks_at_the_operation_that_runs(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
        both = "query Open { version } query Closed { me }"
        assert router.send(post(both, path="/public/graphql", operationName="Open")).status == 200
        assert router.send(post(both, path="/public/graphql", operationName="Closed")).status == 401

    def test_a_document_known_from_the_private_door_is_checked_all_the_same(
        self, cloud: FakeLambda, router: RouterProcess
    ) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"me": "alice"}}
        assert router.send(post("query Me { me }", caller=claims())).status == 200
        assert router.send(post("query Me { me }", caller=claims(), path="/public/graphql")).status == 401


class TestErrors:
    def test_a_subgraphs_own_error_passes_with_its_code_path_and_field(
        self, cloud: FakeLambda, router: RouterProcess
    ) -> None:
        extensions = {
            "code": "BAD_USER_INPUT",
            "field": ["input", "title"],
            "stack": "at x",
            "serviceName": "todo",
            "http": {"status": 418},
        }
        cloud.functions["todo-fn"] = failing(
            {"message": "too long", "path": ["todo"], "extensions": extensions}
        )
        answer = router.send(post("{ todo(id: 1) { id } }", caller=claims()))
        assert answer.status == 200
        assert answer.error == {
            "message": "too long",
            "path": ["todo"],
            "extensions": {"code": "BAD_USER_INPUT", "field": ["input", "title"]},
        }

    @pytest.mark.parametrize(
        "extensions",
        [
            {},
            None,
            "text",
            {"code": 7},
            {"code": ["SECRET"]},
            {"code": "lower case"},
            {"code": "INTERNAL_SERVER_ERROR", "exception": {"stacktrace": ["secret at /var/task/x.py"]}},
            {"code": "DOWNSTREAM_SERVICE_ERROR", "url": "https://secret"},
            {"code": "GRAPHQL_VALIDATION_FAILED"},
        ],
    )
    def test_any_other_error_says_nothing(
        self, cloud: FakeLambda, router: RouterProcess, extensions: object
    ) -> None:
        message = "KeyError: secret at https://secret.internal/x"
        cloud.functions["todo-fn"] = failing(
            {
                "message": message,
                "extensions": extensions,
                "stack": "secret",
                "locations": [{"line": 1, "column": 1}],
            }
        )
        answer = router.send(post("{ todo(id: 1) { id } }", caller=claims()))
        assert "secret" not in answer.text
        assert "Something went wrong on our side" in answer.error["message"]
        assert answer.error["path"] == ["todo"]
        assert answer.error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "correlationId": "request-1"}

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(
                200,
                b'{"errorMessage": "secret", "errorType": "KeyError"}',
                {"x-amz-function-error": "Unhandled"},
            ),
            # A payload that looks like an answer is none when Lambda says that the function failed.
            Reply(
                200,
                b'{"statusCode": 200, "body": "{\\"data\\": {\\"version\\": \\"secret\\"}}"}',
                {"x-amz-function-error": "Handled"},
            ),
            Reply(500, b'{"message": "secret"}'),
            Reply(500, b'{"statusCode": 200, "body": "{\\"data\\": {\\"version\\": \\"secret\\"}}"}'),
            Reply(403, b'{"Message": "User secret is not authorized to perform: lambda:InvokeFunction"}'),
            Reply(404, b'{"Message": "Function not found: secret"}'),
            Reply(200, b"secret"),
            Reply(200, b"null"),
            Reply(200, b'{"statusCode": 500, "body": "<html>secret</html>"}'),
            Reply(200, b'{"statusCode": 200, "body": "{}"}'),
        ],
    )
    def test_a_failed_function_is_one_clean_error(
        self, cloud: FakeLambda, router: RouterProcess, reply: Reply
    ) -> None:
        cloud.functions["todo-fn"] = lambda _: reply
        answer = router.send(post("{ version }", caller=claims()))
        assert answer.code == "DOWNSTREAM_SERVICE_ERROR"
        assert [word for word in ("secret", "todo-fn", cloud.url) if word in answer.text] == []
        assert len(cloud.invocations) == 1
        assert "secret" not in json.dumps(router.logs[-1])

    def test_no_data_is_null_once_something_ran(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: Reply(500)
        assert router.send(post("{ version }", caller=claims())).body["data"] is None
        assert "data" not in router.send(post("{ nonsense }", caller=claims())).body

    def test_a_subgraph_without_a_function_is_told_in_the_log(self, start: Start) -> None:
        router = start(SUBGRAPHS='{"media": "media-fn"}')
        assert router.send(post("{ version }", caller=claims())).code == "DOWNSTREAM_SERVICE_ERROR"
        assert "SUBGRAPHS" in router.logs[-1]["subgraphs"][0]["why"]

    def test_one_failed_subgraph_leaves_the_others_answer(
        self, cloud: FakeLambda, router: RouterProcess
    ) -> None:
        cloud.functions.update({"todo-fn": todo, "media-fn": lambda _: Reply(500)})
        query = "{ todo(id: 1) { title } media(id: 1) { id } }"
        answer = router.send(post(query, caller=claims()))
        assert answer.body["data"] == {"todo": {"title": "alice's"}, "media": None}
        assert answer.error["path"] == ["media"]

    def test_a_subgraph_that_hangs_is_given_up(self, cloud: FakeLambda, start: Start) -> None:
        cloud.functions["todo-fn"] = cloud.hang
        router = start(TIMEOUTS='{"subgraph": 100}')
        assert router.send(post("{ version }", caller=claims())).code == "TIMEOUT"

    def test_nothing_is_asked_that_could_not_be_answered_in_time(
        self, cloud: FakeLambda, router: RouterProcess
    ) -> None:
        assert router.send(post("{ version }", caller=claims()), remaining=400).code == "TIMEOUT"
        assert cloud.invocations == []

    def test_wrong_variables_are_the_clients_mistake(self, router: RouterProcess) -> None:
        query = 'mutation M($status: Status) { createTodo(title: "a", status: $status) { id } }'
        answer = router.send(post(query, {"status": "OPN"}, caller=claims()))
        assert answer.code == "BAD_USER_INPUT"
        assert "Did you mean" not in answer.text


class TestRetries:
    @pytest.mark.parametrize("operation", ["{ version }", 'mutation { deleteTodo(id: "1") }'])
    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_a_failure_is_never_asked_again(
        self, cloud: FakeLambda, router: RouterProcess, operation: str, status: int
    ) -> None:
        cloud.functions["todo-fn"] = lambda _: Reply(status)
        assert router.send(post(operation, caller=claims())).code == "DOWNSTREAM_SERVICE_ERROR"
        assert len(cloud.invocations) == 1

    def test_a_mutation_whose_answer_got_lost_is_never_asked_again(
        self, cloud: FakeLambda, start: Start
    ) -> None:
        cloud.functions["todo-fn"] = cloud.hang
        answer = start(TIMEOUTS='{"subgraph": 100}').send(
            post('mutation { deleteTodo(id: "1") }', caller=claims())
        )
        assert answer.code == "TIMEOUT"
        assert len(cloud.invocations) == 1

    @pytest.mark.parametrize("operation", ["{ deleteTodo: version }", 'mutation { deleteTodo(id: "1") }'])
    def test_a_throttled_call_is_asked_once_more(
        self, cloud: FakeLambda, router: RouterProcess, operation: str
    ) -> None:
        def throttled_once(_: Invocation) -> Mapping[str, Any] | Reply:
            return Reply(429) if len(cloud.invocations) == 1 else {"data": {"deleteTodo": "1"}}

        cloud.functions["todo-fn"] = throttled_once
        assert router.send(post(operation, caller=claims())).body == {"data": {"deleteTodo": "1"}}
        assert len(cloud.invocations) == 2

    def test_and_no_more_than_once(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: Reply(429, b'{"Reason": "secret"}')
        assert router.send(post("{ version }", caller=claims())).code == "THROTTLED"
        assert len(cloud.invocations) == 2


class TestSizes:
    def test_an_answer_that_lambda_would_refuse_is_a_typed_error(
        self, cloud: FakeLambda, router: RouterProcess
    ) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "x" * 5_600_000}}
        answer = router.send(post("{ version }", caller=claims()))
        assert (answer.status, answer.code) == (200, "RESPONSE_TOO_LARGE")
        assert answer.error["path"] == ["version"]

    def test_so_is_one_that_grew_by_joining(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "x" * 3_000_000}}
        answer = router.send(post("{ a: version b: version }", caller=claims()))
        assert answer.status == 200
        cloud.functions["todo-fn"] = lambda _: {"data": {"a": "x" * 3_000_000, "b": "y" * 2_400_000}}
        cloud.functions["media-fn"] = lambda _: {"data": {"media": {"id": "z" * 3_000_000}}}
        answer = router.send(post("{ a: version b: version media(id: 1) { id } }", caller=claims()))
        assert (answer.status, answer.code) == (200, "RESPONSE_TOO_LARGE")

    def test_so_is_one_that_lambda_refused(self, cloud: FakeLambda, router: RouterProcess) -> None:
        error = {
            "errorType": "Function.ResponseSizeTooLarge",
            "errorMessage": "Response payload size exceeded",
        }
        cloud.functions["todo-fn"] = lambda _: Reply(
            200, json.dumps(error).encode(), {"x-amz-function-error": "Unhandled"}
        )
        assert router.send(post("{ version }", caller=claims())).code == "RESPONSE_TOO_LARGE"

    @pytest.mark.parametrize("base64_encoded", [True, False])
    def test_a_large_request_is_refused_unread(self, router: RouterProcess, base64_encoded: bool) -> None:
        event = post("{ version }", {"x": "é" * 131_072}, caller=claims(), base64_encoded=base64_encoded)
        answer = router.send({**event, "body": event["body"].replace("\\u00e9", "é")})
        assert (answer.status, answer.code) == (413, "LIMIT_EXCEEDED")


class TestHttp:
    def test_base64_bodies(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
        assert router.send(post("{ version }", caller=claims(), base64_encoded=True)).status == 200

    def test_get_serves_queries(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
        assert router.send(get(urlencode({"query": "{ version }"}), caller=claims())).body == {
            "data": {"version": "1"}
        }

    def test_get_never_mutates(self, cloud: FakeLambda, router: RouterProcess) -> None:
        query = urlencode({"query": 'mutation { deleteTodo(id: "1") }'})
        assert router.send(get(query, caller=claims())).status == 405
        both = urlencode(
            {"query": 'query Q { version } mutation M { deleteTodo(id: "1") }', "operationName": "M"}
        )
        assert router.send(get(both, caller=claims())).status == 405
        assert cloud.invocations == []

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "TRACE"])
    def test_other_methods_are_refused(self, router: RouterProcess, method: str) -> None:
        event = post("{ version }", caller=claims())
        event["requestContext"]["http"]["method"] = method
        answer = router.send(event)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")

    @pytest.mark.parametrize(
        "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/graphql", ""]
    )
    def test_what_a_web_form_can_send_is_refused(self, router: RouterProcess, content_type: str) -> None:
        event = post("{ version }", caller=claims(), headers={"content-type": content_type})
        assert router.send(event).status == 415

    @pytest.mark.parametrize(
        "body", ["", "{", "[]", "7", "null", "{}", '{"query": 1}', '{"query": "{ version }", "variables": 1}']
    )
    def test_what_is_no_graphql_request_is_400(self, router: RouterProcess, body: str) -> None:
        assert router.send(post(None, caller=claims(), body=body)).status == 400

    def test_a_batch_is_refused(self, router: RouterProcess) -> None:
        body = json.dumps([{"query": "{ version }"}] * 2)
        assert router.send(post(None, caller=claims(), body=body)).status == 400

    @pytest.mark.parametrize("query", ["{", "{ nonsense }"])
    def test_graphql_over_http_statuses(self, router: RouterProcess, query: str) -> None:
        """A document that cannot run: 400 in its own media type, 200 in plain JSON, by the specification."""
        accept = {"accept": "application/graphql-response+json, application/json;q=0.9"}
        answer = router.send(post(query, caller=claims(), headers=accept))
        assert answer.status == 400
        assert answer.headers["content-type"].startswith("application/graphql-response+json")
        assert "data" not in answer.body
        assert router.send(post(query, caller=claims())).status == 200

    def test_no_streams(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
        event = post("{ version }", caller=claims(), headers={"accept": "text/event-stream, multipart/mixed"})
        assert router.send(event).headers["content-type"].startswith("application/json")

    @pytest.mark.parametrize("given", ["short", "x" * 65, "new\nline12", 'quote"12345', ""])
    def test_an_odd_correlation_id_is_replaced(self, router: RouterProcess, given: str) -> None:
        answer = router.send(post("{ version }", headers={"x-correlation-id": given}))
        assert answer.headers["x-correlation-id"] == "request-1"


class TestLimits:
    DEEP = "{ todo(id: 1) " + "{ tags " * 12 + "{ id }" + " }" * 12 + " }"

    @pytest.mark.parametrize(
        ("query", "kind"),
        [
            (DEEP, "depth"),
            (
                "{ todo(id: 1) { ...A } }" + DEEP.replace("{ todo(id: 1)", " fragment A on Todo", 1)[:-2],
                "depth",
            ),
            ("{ " + " ".join(f"v{n}: version" for n in range(21)) + " }", "aliases"),
            (
                "{ ...A ...A ...A } fragment A on Query { "
                + " ".join(f"v{n}: version" for n in range(7))
                + " }",
                "aliases",
            ),
            ("{ version " + "@include(if: true) " * 21 + "}", "directives"),
            ("{ todos(first: 100000) { nodes { id } } }", "cost"),
            (
                "query Q($n: Int) { todos(first: $n) { nodes { " + "tags { tags { id title } } " + "} } }",
                "cost",
            ),
        ],
    )
    def test_an_operation_beyond_its_bounds_does_not_run(
        self, cloud: FakeLambda, router: RouterProcess, query: str, kind: str
    ) -> None:
        answer = router.send(post(query, {"n": 1}, caller=claims()))
        errors = [error for error in answer.body["errors"] if error["extensions"]["code"] == "LIMIT_EXCEEDED"]
        assert any(f"operation's {kind} is" in error["message"] for error in errors), answer.text
        assert cloud.invocations == []

    def test_a_long_query_is_not_even_parsed(self, router: RouterProcess) -> None:
        answer = router.send(post("{ version }" + "#" * 16_000, caller=claims()))
        assert (answer.status, answer.code) == (400, "LIMIT_EXCEEDED")

    def test_tokens(self, router: RouterProcess) -> None:
        answer = router.send(post("{" + " version" * 1_100 + "}", caller=claims()))
        assert answer.code == "GRAPHQL_PARSE_FAILED"
        assert "1000 tokens" in answer.error["message"]

    def test_fragments_that_double_each_other_are_measured_at_once(
        self, cloud: FakeLambda, router: RouterProcess
    ) -> None:
        doubling = " ".join(f"fragment F{n} on Todo {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
        query = "{ todo(id: 1) { ...F0 } } " + doubling + " fragment F60 on Todo { id title }"
        answer = router.send(post(query, caller=claims()))
        assert "cost" in answer.body["errors"][0]["message"]
        assert cloud.invocations == []

    def test_cycles_end(self, router: RouterProcess) -> None:
        answer = router.send(
            post("{ todo(id: 1) { ...A } } fragment A on Todo { tags { ...A } }", caller=claims())
        )
        assert answer.code == "GRAPHQL_VALIDATION_FAILED"

    def test_settings_replace_them(self, cloud: FakeLambda, start: Start) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"version": "1"}}
        router = start(LIMITS='{"depth": 1}')
        assert router.send(post("{ version }", caller=claims())).status == 200
        assert router.send(post("{ todo(id: 1) { id } }", caller=claims())).code == "LIMIT_EXCEEDED"

    def test_a_page_by_a_variable_is_ordinary(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: {"data": {"todos": {"nodes": []}}}
        query = "query Q($n: Int) { todos(first: $n) { nodes { id title attachment { id } } } }"
        assert router.send(post(query, {"n": 5}, caller=claims())).body == {"data": {"todos": {"nodes": []}}}


class TestIntrospection:
    QUERIES = (
        "{ __schema { types { name } } }",
        '{ __type(name: "Todo") { name } }',
        "{ version __schema { types { name } } }",
    )

    @pytest.mark.parametrize("query", QUERIES)
    def test_is_off(self, cloud: FakeLambda, router: RouterProcess, query: str) -> None:
        errors = router.send(post(query, caller=claims())).body["errors"]
        assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}
        assert cloud.invocations == []

    def test_so_are_suggestions(self, router: RouterProcess) -> None:
        assert (
            "Did you mean" not in router.send(post("{ versio todo(id: 1) { titel } }", caller=claims())).text
        )

    def test_is_on_by_a_setting(self, start: Start) -> None:
        answer = start(INTROSPECTION="1").send(post(self.QUERIES[0], caller=claims()))
        names = {named["name"] for named in answer.body["data"]["__schema"]["types"]}
        assert {"Todo", "Media"} <= names
        assert not any(
            name.startswith(("join__", "link__", "_")) for name in names if not name.startswith("__")
        )


class TestLog:
    def test_an_invocation_is_one_record(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions.update({"todo-fn": todo, "media-fn": media})
        router.logs.clear()
        router.send(
            post(JOIN, {"secret": "s3cret"}, caller=claims(), headers={"authorization": "Bearer s3cret"})
        )
        (line,) = router.logs
        assert datetime.fromisoformat(line.pop("timestamp")).tzinfo
        assert line.pop("ms") >= max(call.pop("ms") for call in line["subgraphs"]) > 0
        assert line == {
            "level": "INFO",
            "message": "http: ok",
            "service": "router",
            "trigger": "http",
            "outcome": "ok",
            "correlation_id": "request-1",
            "door": "private",
            "operation": "query Join",
            "fields": ["todo"],
            "status": 200,
            "subgraphs": [{"service": "todo", "outcome": "ok"}, {"service": "media", "outcome": "ok"}],
        }

    def test_it_says_which_subgraph_failed_and_why(self, cloud: FakeLambda, router: RouterProcess) -> None:
        cloud.functions["todo-fn"] = lambda _: Reply(
            200, b'{"errorMessage": "secret"}', {"x-amz-function-error": "Unhandled"}
        )
        router.send(post("{ version }", caller=claims()))
        line = router.logs[-1]
        assert line["subgraphs"][0].pop("ms") > 0
        failed = {"service": "todo", "outcome": "DOWNSTREAM_SERVICE_ERROR", "why": "Unhandled"}
        assert line["subgraphs"] == [failed]
        assert (line["level"], line["outcome"]) == ("ERROR", "DOWNSTREAM_SERVICE_ERROR")

    def test_it_says_what_a_subgraph_refused(self, cloud: FakeLambda, router: RouterProcess) -> None:
        refused = {
            "errors": [{"message": "There is none.", "extensions": {"code": "NOT_FOUND"}}],
            "data": None,
        }
        cloud.functions["todo-fn"] = lambda _: refused
        router.send(post("{ version }", caller=claims()))
        line = router.logs[-1]
        assert (line["level"], line["outcome"], line["operation"]) == ("INFO", "NOT_FOUND", "query")
        assert line["subgraphs"][0]["outcome"] == "NOT_FOUND"

    @pytest.mark.parametrize(
        ("query", "is_known", "outcome"),
        [
            ("{ version }", False, "UNAUTHENTICATED"),
            ("{ versio }", True, "GRAPHQL_VALIDATION_FAILED"),
            ("{", True, "GRAPHQL_PARSE_FAILED"),
        ],
    )
    def test_it_says_what_the_router_refused(
        self, router: RouterProcess, query: str, is_known: bool, outcome: str
    ) -> None:
        # Made here: claims that were made when the tests were collected end before a slow run is over.
        router.send(post(query, caller=claims()) if is_known else post(query))
        assert router.logs[-1]["outcome"] == outcome
