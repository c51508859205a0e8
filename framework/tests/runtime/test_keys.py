"""Keys sort as their values do, and never run into each other."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from thestack.runtime import keys
from thestack.runtime.keys import encode, join, partition_key, prefix_range

from .shelves import library

LIBRARY = library()

TEXTS = st.text(
    st.sampled_from("\x00\x01\x02\x03\x04\x1f #%ab\U0010fffd\U0010fffe\U0010ffff")
    | st.characters(exclude_categories=["Cs"])
)
MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC))


@given(st.tuples(st.integers(-(10**18), 10**18), st.integers(-(10**18), 10**18)))
def test_integers_keep_their_order(pair: tuple[int, int]) -> None:
    low, high = sorted(pair)
    assert encode(low) <= encode(high)


@given(st.tuples(MOMENTS, MOMENTS))
def test_moments_keep_their_order(pair: tuple[datetime, datetime]) -> None:
    low, high = sorted(pair)
    assert encode(low) <= encode(high)


@given(st.tuples(TEXTS, TEXTS), st.tuples(TEXTS, TEXTS))
def test_texts_keep_their_order_whatever_follows(one: tuple[str, str], other: tuple[str, str]) -> None:
    low, high = sorted((one, other))
    assert join(*low) <= join(*high)


@example("a", "\U0010ffff", "k")
@given(TEXTS, TEXTS, TEXTS)
def test_a_prefix_holds_just_the_texts_that_begin_with_it(prefix: str, other: str, key: str) -> None:
    low, high = prefix_range(prefix)
    assert low is not None
    assert high is not None
    for value in (f"{prefix}{other}", other):
        assert (low <= join(value, key) <= high) == value.startswith(prefix)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2, unique=True))
def test_different_values_make_different_keys(pair: list[str]) -> None:
    one, other = pair
    assert partition_key("t", "Todo", one) != partition_key("t", "Todo", other)
    assert join(one, other) != join(other, one)
    assert partition_key("t", "Todo", f"{one}#{other}") != partition_key("t", "Todo", one, other)


def test_a_date_and_a_moment_read_well() -> None:
    assert join(date(2026, 1, 2), 7) == "2026-01-02\x0210000000000000000007"
    assert encode(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000000Z"


@pytest.mark.parametrize("value", [1.5, None, datetime(2026, 1, 1)])
def test_what_has_no_order_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@given(st.lists(TEXTS, min_size=2, max_size=3))
def test_a_list_of_one_entity_reads_no_place_of_its_neighbours(values: list[str]) -> None:
    host, guest = LIBRARY.entity("Box"), LIBRARY.entity("Label")
    of_host, of_guest = keys.span(host, True, None, None), keys.span(guest, False, None, None)
    own, other = (
        keys.row_key(each, "t", {"owner_id": "alice", "id": join(*values)}).sk for each in (host, guest)
    )
    assert lies(own, of_host)
    assert not lies(own, of_guest)
    assert lies(other, of_guest)
    assert not lies(other, of_host)


def lies(place: str, span: keys.Range) -> bool:
    low, high = span
    return (low is None or place >= low) and (high is None or place <= high)
