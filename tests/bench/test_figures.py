"""What a figure says of its samples and of its budget."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Figure, median_of, percentile_of, ratio_of

samples = st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=1, max_size=300)


def test_a_median_keeps_the_extremes_and_the_number_of_samples() -> None:
    figure = median_of("key", "name", "ms", [3.0, 1.0, 2.0, 50.0])
    assert (figure.value, figure.low, figure.high, figure.samples) == (2.5, 1.0, 50.0, 4)


@given(samples, st.integers(min_value=1, max_value=100))
def test_a_percentile_is_the_smallest_sample_that_so_many_do_not_exceed(
    values: list[float], percent: int
) -> None:
    figure = percentile_of("key", "name", "ms", values, percent)
    assert figure.value in values
    assert sum(each <= figure.value for each in values) * 100 >= percent * len(values)
    below = [each for each in values if each < figure.value]
    assert len(below) * 100 < percent * len(values)


def test_the_99th_percentile_of_a_thousand_leaves_ten_above() -> None:
    figure = percentile_of("key", "name", "ms", [float(each) for each in range(1, 1001)], 99)
    assert figure.value == 990


def test_no_samples_are_no_figure() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile_of("key", "name", "ms", [], 99)


@pytest.mark.parametrize(("value", "budget", "met"), [(5.0, 5.0, True), (5.1, 5.0, False), (5.0, None, None)])
def test_a_budget_is_the_most_that_is_allowed(value: float, budget: float | None, met: bool | None) -> None:
    assert Figure("key", "name", "ms", value, budget=budget).is_met is met


def test_a_ratio_compares_medians() -> None:
    ours, theirs = median_of("a", "a", "ms", [10.0, 20.0, 30.0]), median_of("b", "b", "ms", [40.0])
    ratio = ratio_of("c", "ours : theirs", ours, theirs, budget=0.55)
    assert (ratio.value, ratio.is_met) == (0.5, True)
