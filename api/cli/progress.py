"""Following a solve: a line of progress on a terminal, and Ctrl-C as "stop, and give me what you have"."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from api.cli.common import error_console
from api.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from engine.model.result import Progress

__all__ = ["Watch", "ctrl_c_ends", "followed", "progress_text"]


class Watch:
    """Passes progress on to the terminal, and Ctrl-C on to the job.

    The first Ctrl-C asks the job to stop and hand over the best it has; a second one does not wait for it.
    """

    def __init__(self, bar: Bar | None, title: str, time_limit_s: float) -> None:
        from engine.solver.run import Control  # not at the top: solver and search take a second to load

        self.is_interrupted = False
        self.latest: Progress | None = None
        self.control = Control(on_progress=self._on_progress, is_cancelled=lambda: self.is_interrupted)
        self._bar = bar
        self._limit_s = time_limit_s
        self._task = None if bar is None else bar.add_task(title, total=time_limit_s, text="starting")

    def interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        """What SIGINT does while the job runs."""
        if self.is_interrupted:
            raise KeyboardInterrupt
        self.is_interrupted = True

    def _on_progress(self, progress: Progress) -> None:
        self.latest = progress
        if self._bar is not None and self._task is not None:
            done = min(progress.elapsed_s, self._limit_s)
            self._bar.update(self._task, completed=done, text=progress_text(progress))


def progress_text(progress: Progress) -> str:
    """`placing: cost 5,513, at least 5,120 (gap 7.1 %)`; what is not known yet is left out."""
    words = []
    if progress.objective is not None:
        words.append(f"cost {number(progress.objective)}")
    if progress.bound is not None:
        words.append(f"at least {number(progress.bound)}")
    gap = "" if progress.gap is None else f" (gap {100 * progress.gap:.1f} %)"
    stage = f"{progress.stage}: " if progress.stage else ""
    return f"{stage}{', '.join(words) or 'searching'}{gap}"


@contextmanager
def followed(title: str, *, time_limit_s: float, is_quiet: bool) -> Iterator[Watch]:
    """Follow one solve.

    Parameters
    ----------
    title
        What is being done, in words.
    time_limit_s
        Seconds at which the bar is full.
    is_quiet
        Show nothing. Without a terminal nothing is shown either.
    """
    terminal = error_console()
    bar = None
    if terminal.is_terminal and not is_quiet:
        bar = Bar(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            TextColumn("{task.fields[text]}", markup=False),
            console=terminal,
            transient=True,
        )
    watch = Watch(bar, title, time_limit_s)
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, watch.interrupt) if is_main else None
    try:
        if bar is None:
            yield watch
        else:
            with bar:
                yield watch
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)


@contextmanager
def ctrl_c_ends() -> Iterator[None]:
    """Let Ctrl-C end what is inside, wherever it comes.

    In a callback of compiled code a KeyboardInterrupt is printed and lost, and the rest would go on as if nobody had
    asked; here it is raised again at the end.
    """
    is_heard = False

    def hear(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_heard
        is_heard = True
        raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, hear) if is_main else None
    try:
        yield
    finally:
        if is_main:
            signal.signal(signal.SIGINT, before)
    if is_heard:
        raise KeyboardInterrupt
