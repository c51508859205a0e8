"""What of a schema an operation uses."""

from graphql import build_schema

from thestack.contract.usage import usage

SCHEMA = build_schema("""
directive @only(where: Where) on FIELD
type Query { todo(id: ID!, where: Where): Todo node: Node any: Any }
interface Node { id: ID! }
type Todo implements Node { id: ID! title(long: Boolean): String status: Status }
type Media implements Node { id: ID! }
union Any = Todo | Media
enum Status { OPEN DONE }
input Where { status: Status not: Where size: Int }
""")


def test_fields_arguments_and_types_are_used() -> None:
    found = usage("{ todo(id: 1) { title(long: true) status __typename } }", SCHEMA)
    assert found.given == {"Query.todo(id:)", "Todo.title(long:)"}
    assert found.taken == {
        *("Query", "Query.todo", "Todo", "Todo.title", "Todo.status", "String", "Status"),
    }


def test_what_is_asked_of_an_interface_is_asked_of_each_of_its_types() -> None:
    found = usage("{ node { id } any { ... on Media { id } } }", SCHEMA)
    assert found.taken >= {"Node.id", "Todo.id", "Media.id", "Any", "Media"}
    assert "Todo" not in found.taken


def test_a_literal_gives_what_stands_in_it_and_a_variable_whatever_its_type_has() -> None:
    literal = usage("{ todo(id: 1, where: {not: {status: OPEN}}) { id } }", SCHEMA)
    assert literal.given >= {"Where", "Where.not", "Where.status", "Status.OPEN"}
    assert not literal.given & {"Status.DONE", "Where.size"}
    variable = usage("query ($w: Where) { todo(id: 1, where: $w) { id } }", SCHEMA)
    assert variable.given >= {"Where.not", "Where.size", "Status.OPEN", "Status.DONE"}


def test_an_argument_of_a_directive_is_none_of_the_fields() -> None:
    found = usage("{ todo(id: 1) @only(where: {size: 1}) { id } }", SCHEMA)
    assert "Query.todo(where:)" not in found.given
    assert "Where.size" in found.given


def test_of_what_is_no_operation_nothing_is_used() -> None:
    assert not usage("{", SCHEMA).taken
    assert usage("{ nothing { x } }", SCHEMA).taken == frozenset()
