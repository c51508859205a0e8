# ruff: noqa: S101 - a suite of tests asserts
"""What every Clock does."""

from datetime import timedelta

from thestack.ports import Clock


class ClockConformance:
    """Inherit and give the fixture `clock`."""

    def test_the_time_is_in_utc_and_says_so(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)

    def test_time_does_not_go_back(self, clock: Clock) -> None:
        moments = [clock.now() for _ in range(100)]
        assert moments == sorted(moments)
