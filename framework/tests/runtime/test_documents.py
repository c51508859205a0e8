"""The cache of documents is bounded, and keeps schemas apart."""

from graphql import build_schema

from thestack.runtime.documents import LONGEST_KEPT, Documents

ONE, TWO = build_schema("type Query { one: Int }"), build_schema("type Query { two: Int }")


def test_it_does_not_grow_past_its_bound() -> None:
    documents = Documents(limit=10)
    for number in range(100):
        documents.get(ONE, "one", f"{{ a{number}: one }}")
    assert len(documents) == 10


def test_a_schemas_verdict_is_its_own() -> None:
    documents = Documents()
    assert not documents.get(ONE, "one", "{ one }").errors
    assert documents.get(TWO, "two", "{ one }").errors
    assert not documents.get(ONE, "one", "{ one }").errors


def test_a_document_in_use_is_kept() -> None:
    documents = Documents(limit=2)
    kept = documents.get(ONE, "one", "{ one }")
    for number in range(5):
        documents.get(ONE, "one", f"{{ a{number}: one }}")
        assert documents.get(ONE, "one", "{ one }") is kept


def test_a_huge_document_is_answered_and_not_kept() -> None:
    documents = Documents()
    query = "{ one }" + " " * LONGEST_KEPT
    assert not documents.get(ONE, "one", query).errors
    assert len(documents) == 0
