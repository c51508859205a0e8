"""What a subgraph answers, to whom, and what it says of a mistake."""

import pytest

from .conftest import ANONYMOUS, World, user

ALICE, BOB = user("alice"), user("bob")
AUDITOR = user("sam", "auditors")
ACCOUNT = "query ($id: ID!) { account(id: $id) { id name } }"
REFERENCE = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Account { name } } }"


def codes(answer: dict) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


async def test_what_was_put_is_answered_to_its_owner(world: World) -> None:
    await world.open("1", ALICE, "salary")
    answer = await world.ask(ACCOUNT, ALICE, id="1")
    assert answer == {"data": {"account": {"id": "1", "name": "salary"}}}


@pytest.mark.parametrize(
    "scope", [BOB, user("alice", tenant="other"), user("bob", "auditors", tenant="other")]
)
async def test_not_ones_own_is_not_found_by_any_path(world: World, scope) -> None:
    await world.open("1", ALICE)
    edit = 'mutation { editAccount(id: 1, input: {name: "x"}) { id } }'
    assert codes(await world.ask(ACCOUNT, scope, id="1")) == ["NOT_FOUND"]
    assert codes(await world.ask(edit, scope)) == ["NOT_FOUND"]
    assert codes(await world.ask("mutation { closeAccount(id: 1) { id } }", scope)) == ["NOT_FOUND"]
    reference = [{"__typename": "Account", "id": "1"}]
    assert (await world.ask(REFERENCE, scope, r=reference))["data"] == {"_entities": [None]}


async def test_a_rule_that_lets_others_in_lets_them_read_by_reference(world: World) -> None:
    await world.open("1", ALICE, "salary")
    answer = await world.ask(REFERENCE, AUDITOR, r=[{"__typename": "Account", "id": "1"}])
    assert answer["data"]["_entities"] == [{"name": "salary"}]


async def test_entities_keep_order_and_each_has_its_own_null_or_error(world: World) -> None:
    for id in "12":
        await world.open(id, ALICE, f"n{id}")
    wanted = [{"id": "2"}, {"id": "9"}, {"colour": "red"}, {"id": "1"}]
    answer = await world.ask(REFERENCE, ALICE, r=[{"__typename": "Account", **each} for each in wanted])
    assert answer["data"]["_entities"] == [{"name": "n2"}, None, None, {"name": "n1"}]
    assert [error["path"] for error in answer["errors"]] == [["_entities", 2]]


async def test_an_anonymous_caller_is_told_to_sign_in(world: World) -> None:
    assert codes(await world.ask(ACCOUNT, ANONYMOUS, id="1")) == ["UNAUTHENTICATED"]
    assert codes(await world.open("1", ANONYMOUS)) == ["UNAUTHENTICATED"]


async def test_an_entity_is_guarded_even_behind_a_public_operation(world: World) -> None:
    assert codes(await world.ask("{ leaked { id } }", ALICE)) == ["NOT_FOUND"]
    assert (await world.ask("{ leaked { id } }", AUDITOR))["data"] == {"leaked": {"id": "s"}}


async def test_a_broken_constraint_names_the_path_to_it(world: World) -> None:
    answer = await world.open("1", ALICE, "much too long a name")
    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer["errors"][0]["extensions"]["field"] == ["input", "name"]
    assert await world.outbox() == []


async def test_a_patch_leaves_what_is_absent(world: World) -> None:
    await world.open("1", ALICE, "salary")
    answer = await world.ask(
        'mutation { editAccount(id: 1, input: {colour: "blue"}) { name colour } }', ALICE
    )
    assert answer["data"]["editAccount"] == {"name": "salary", "colour": "blue"}


async def test_a_problem_ends_the_transaction(world: World) -> None:
    await world.open("1", ALICE)
    answer = await world.ask("mutation { overdraw(id: 1) { id } }", ALICE)
    assert answer["errors"][0]["message"] == "There is not that much."
    assert codes(answer) == ["OVERDRAWN"]
    assert await world.said("account.closed") == []


async def test_an_unexpected_error_is_masked_and_reported(world: World) -> None:
    answer = await world.ask("mutation { crash { id } }", ALICE)
    assert "hunter2" not in str(answer)
    assert answer["errors"][0]["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "correlationId": "test"}
    assert [str(error) for error in world.reported] == ["password=hunter2"]


async def test_one_failing_field_does_not_erase_its_siblings(world: World) -> None:
    answer = await world.ask(
        'mutation { a: closeAccount(id: 9) { id } b: openAccount(input: {id: 1, name: "x"}) { id } }', ALICE
    )
    assert answer["data"] == {"a": None, "b": {"id": "1"}}


async def test_pages_join_without_gap_or_repeat(world: World) -> None:
    for number in range(8):
        await world.open(f"{number}", ALICE, f"n{number}")
        await world.open(f"b{number}", BOB, f"n{number}")
    for field, expected in (("accounts", "01234567"), ("accountsBackwards", "76543210")):
        fields = "nodes { id } pageInfo { hasNextPage endCursor }"
        query = f"query ($a: String) {{ page: {field}(after: $a) {{ {fields} }} }}"
        seen, after, more = "", None, True
        while more:
            page = (await world.ask(query, ALICE, a=after))["data"]["page"]
            assert len(page["nodes"]) <= 3
            seen += "".join(node["id"] for node in page["nodes"])
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert seen == expected


async def test_a_filter_loses_no_match_and_says_whether_there_is_more(world: World) -> None:
    for number in range(9):
        await world.open(f"{number}", ALICE, f"n{number}")
    for number in (0, 4, 8):
        await world.ask(
            'mutation ($id: ID!) { editAccount(id: $id, input: {colour: "blue"}) { id } }', ALICE, id=number
        )
    query = """query ($a: String) {
        accounts(first: 2, after: $a, where: {colour: {eq: "blue"}}) {
            nodes { id } pageInfo { hasNextPage endCursor }
        }
    }"""
    first = (await world.ask(query, ALICE))["data"]["accounts"]
    assert ([node["id"] for node in first["nodes"]], first["pageInfo"]["hasNextPage"]) == (["0", "4"], True)
    second = (await world.ask(query, ALICE, a=first["pageInfo"]["endCursor"]))["data"]["accounts"]
    assert ([node["id"] for node in second["nodes"]], second["pageInfo"]["hasNextPage"]) == (["8"], False)


async def test_somebody_elses_cursor_shows_nothing_of_theirs(world: World) -> None:
    for number in range(4):
        await world.open(f"a{number}", ALICE, f"n{number}")
        await world.open(f"b{number}", BOB, f"n{number}")
    query = "query ($a: String) { accounts(after: $a) { nodes { id } pageInfo { endCursor } } }"
    cursor = (await world.ask(query, ALICE))["data"]["accounts"]["pageInfo"]["endCursor"]
    seen = (await world.ask(query, BOB, a=cursor))["data"]["accounts"]["nodes"]
    assert all(node["id"].startswith("b") for node in seen)


@pytest.mark.parametrize(
    ("arguments", "field"), [("first: 0", "first"), ("first: 11", "first"), ('after: "%%"', "after")]
)
async def test_a_wrong_page_is_the_clients_mistake(world: World, arguments: str, field: str) -> None:
    answer = await world.ask(f"{{ accounts({arguments}) {{ nodes {{ id }} }} }}", ALICE)
    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer["errors"][0]["extensions"]["field"] == [field]


async def test_a_deleted_row_is_gone_from_reads_and_pages(world: World) -> None:
    await world.open("1", ALICE)
    await world.ask("mutation { closeAccount(id: 1) { id } }", ALICE)
    assert codes(await world.ask(ACCOUNT, ALICE, id="1")) == ["NOT_FOUND"]
    assert (await world.ask("{ accounts { nodes { id } } }", ALICE))["data"] == {"accounts": {"nodes": []}}


async def test_the_subgraph_tells_its_sdl(world: World) -> None:
    sdl = (await world.ask("{ _service { sdl } }", ANONYMOUS))["data"]["_service"]["sdl"]
    assert 'type Account @key(fields: "id")' in sdl
    assert "_entities" not in sdl


@pytest.mark.parametrize(
    ("query", "code"), [("{", "GRAPHQL_PARSE_FAILED"), ("{ nope }", "GRAPHQL_VALIDATION_FAILED")]
)
async def test_a_wrong_document_is_refused(world: World, query: str, code: str) -> None:
    answer = await world.ask(query, ALICE)
    assert "data" not in answer
    assert set(codes(answer)) == {code}


@pytest.mark.parametrize("text", ["\ud800", "a\udfff"])
async def test_text_that_is_no_unicode_is_the_clients_mistake(world: World, text: str) -> None:
    for answer in (await world.open("1", ALICE, text), await world.ask(ACCOUNT, ALICE, id=text)):
        assert codes(answer) == ["BAD_USER_INPUT"]
    assert world.reported == []
