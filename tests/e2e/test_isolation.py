"""Through the whole path nobody sees what is another's, however many ask at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.conftest import AT_ONCE, Client, codes

CREATE = "mutation ($t: String!) { createTodo(input: {title: $t}) { id } }"
MINE = "{ todos(first: 5) { nodes { title ownerId emails { subject } } } }"


def create(client: Client, title: str) -> str:
    return str(client.ask(CREATE, t=title)["data"]["createTodo"]["id"])


def test_of_500_identical_concurrent_queries_by_two_users_no_answer_crosses_over(
    client_for: Callable[..., Client], at_once: ThreadPoolExecutor
) -> None:
    users = [client_for("carol"), client_for("dave")]
    for user in users:
        create(user, f"of {user.user.email}")
    for number in range(1, AT_ONCE):  # each concurrent request starts a worker of every function on its way
        list(at_once.map(lambda client: client.post(MINE), users * number))
    asked = [users[number % 2] for number in range(500)]
    for client, answer in zip(asked, at_once.map(lambda client: client.ask(MINE), asked), strict=True):
        assert "errors" not in answer
        (todo,) = answer["data"]["todos"]["nodes"]
        assert (todo["title"], todo["ownerId"]) == (f"of {client.user.email}", client.user.id)


def test_not_ones_own_is_not_found_by_query_mutation_or_reference(alice: Client, bob: Client) -> None:
    id = create(alice, "private")
    assert alice.ask("query ($id: ID!) { todo(id: $id) { title } }", id=id)["data"]["todo"]
    asked = [
        "query ($id: ID!) { todo(id: $id) { title } }",
        'mutation ($id: ID!) { editTodo(id: $id, input: {title: "mine now"}) { id } }',
        "mutation ($id: ID!) { completeTodo(id: $id) { id } }",
        "mutation ($id: ID!) { deleteTodo(id: $id) { id } }",
    ]
    for query in asked:
        answer = bob.ask(query, id=id)
        assert (list(answer["data"].values()), codes(answer)) == ([None], ["NOT_FOUND"])
    reference = (
        'query ($id: ID!) { _entities(representations: [{__typename: "Todo", id: $id}]) { __typename } }'
    )
    refused = bob.post(reference, id=id).json()
    assert "data" not in refused or refused["data"] is None
    assert alice.ask("query ($id: ID!) { todo(id: $id) { title status } }", id=id)["data"]["todo"] == {
        "title": "private",
        "status": "OPEN",
    }


def test_another_tenants_staff_finds_nothing(client_for: Callable[..., Client], alice: Client) -> None:
    id = create(alice, "of this tenant")
    query = "query ($id: ID!) { todo(id: $id) { title } }"
    assert client_for("sam", "staff").ask(query, id=id)["data"]["todo"] == {"title": "of this tenant"}
    stranger = client_for("eve", "staff", "elsewhere").ask(query, id=id)
    assert (stranger["data"], codes(stranger)) == ({"todo": None}, ["NOT_FOUND"])


def test_of_concurrent_completions_one_succeeds_and_one_event_is_counted(
    client_for: Callable[..., Client], at_once: ThreadPoolExecutor
) -> None:
    frank = client_for("frank")
    id = create(frank, "once only")
    complete = "mutation ($id: ID!) { completeTodo(id: $id) { status } }"
    answers = list(at_once.map(lambda _: frank.ask(complete, id=id), range(20)))
    said = sorted(code for answer in answers for code in codes(answer) or ["done"])
    assert said.count("done") == 1
    assert set(said) <= {"done", "CONFLICT", "TODO_ALREADY_DONE"}
