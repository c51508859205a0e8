"""A request to end is heard at the next pause, once."""

import os
import signal

import pytest

from thestack.operations.interruption import Interrupted, Interruption


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_the_next_pause_and_every_later_one(number: signal.Signals) -> None:
    with Interruption() as interruption:
        interruption.pause(0)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), signal.SIGTERM)  # changes nothing any more
        for _ in range(2):
            with pytest.raises(Interrupted) as caught:
                interruption.pause(60)
            assert caught.value.exit_code == 128 + number


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruption():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_it_is_heard_in_the_middle_of_a_pause() -> None:
    def pause_on(interruption: Interruption) -> None:
        while True:
            interruption.pause(0.0001)

    before = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    try:
        for _ in range(20):
            with Interruption() as interruption:
                signal.setitimer(signal.ITIMER_REAL, 0.005)
                with pytest.raises(Interrupted):
                    pause_on(interruption)
    finally:
        signal.signal(signal.SIGALRM, before)
