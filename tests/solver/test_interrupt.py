"""Ctrl-C is a wish to stop: heard once, obeyed at once the second time, and nobody else's business is touched."""

from __future__ import annotations

import signal
import threading

import pytest

from engine.solver.interrupt import ctrl_c_cancels
from engine.solver.run import Control


def test_the_first_ctrl_c_cancels_and_the_second_interrupts() -> None:
    with ctrl_c_cancels(Control()) as control:
        assert not control.is_cancelled()
        signal.raise_signal(signal.SIGINT)
        assert control.is_cancelled()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_callers_own_wish_to_stop_is_heard_too() -> None:
    with ctrl_c_cancels(Control(is_cancelled=lambda: True)) as control:
        assert control.is_cancelled()


def test_ctrl_c_is_given_back_also_after_an_error() -> None:
    with pytest.raises(LookupError), ctrl_c_cancels(Control()):
        raise LookupError
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_where_somebody_else_listens_it_stays_with_them() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with ctrl_c_cancels(Control()) as control:
            signal.raise_signal(signal.SIGINT)
            assert heard
            assert not control.is_cancelled()
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_thread_that_cannot_hear_it_goes_on_as_usual() -> None:
    given, found = Control(), []

    def job() -> None:
        with ctrl_c_cancels(given) as control:
            found.append(control)

    thread = threading.Thread(target=job)
    thread.start()
    thread.join()
    assert found == [given]
