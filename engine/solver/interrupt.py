"""Ctrl-C as a wish to stop: whatever a job is doing, it comes to its end with the best that it has."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from engine.solver.run import Control

__all__ = ["ctrl_c_cancels"]


@contextmanager
def ctrl_c_cancels(control: Control) -> Iterator[Control]:
    """A control that is cancelled by Ctrl-C, too, for as long as the context lasts.

    A KeyboardInterrupt may come between any two steps of a job, where there is a plan already but nothing catches it.
    So the first Ctrl-C only sets a mark that the job asks for anyway; the second is a KeyboardInterrupt. Where somebody
    else listens to Ctrl-C, or in a thread that cannot hear it, everything stays as it is.

    Yields
    ------
    Control
        To be used instead of `control`.
    """
    is_ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not is_ours:
        yield control
        return
    is_stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_stopped
        if is_stopped:
            signal.default_int_handler(number, frame)
        is_stopped = True

    signal.signal(signal.SIGINT, stop)
    try:
        yield replace(control, is_cancelled=lambda: is_stopped or control.is_cancelled())
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
