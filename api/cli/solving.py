"""Running a job that solves, from the command's side: followed, stoppable, and ended with the right exit status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from api.cli.common import INTERRUPTED, NO, error_console
from api.cli.progress import followed, progress_text
from api.wording import gap_text, number, plain, seconds_text
from engine.model.result import SolveStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.result import SolveResult
    from engine.solver.params import SolveParams
    from engine.solver.run import Control

__all__ = ["Solved", "result_text", "solve"]

_WITH_ANSWER = (SolveStatus.OPTIMAL, SolveStatus.FEASIBLE)
_WITHOUT = {
    SolveStatus.OPTIMAL: "nothing has to change",
    SolveStatus.FEASIBLE: "nothing has to change",
    SolveStatus.INFEASIBLE: "the rules cannot all hold",
    SolveStatus.NO_SOLUTION: "nothing was found within the limit",
}


@dataclass(frozen=True)
class Solved:
    """A result, and whether Ctrl-C came before it."""

    result: SolveResult
    is_interrupted: bool

    @property
    def is_stopped(self) -> bool:
        """Whether it is only what had been found when somebody stopped it."""
        return self.is_interrupted or self.result.status is SolveStatus.CANCELLED

    @property
    def has_answer(self) -> bool:
        """Whether the job came to its own end with an answer."""
        return not self.is_stopped and self.result.status in _WITH_ANSWER

    def end(self) -> None:
        """Leave with the exit status that a result without an answer, or a stopped one, calls for.

        Raises
        ------
        typer.Exit
            130 when stopped, 1 when there is no answer.
        """
        if self.is_stopped:
            text = f"Stopped after {seconds_text(self.result.runtime_s)}. Found so far: {result_text(self.result)}."
            error_console().print(plain(f"{text} Nothing was written."), soft_wrap=True)
            raise typer.Exit(INTERRUPTED)
        if not self.has_answer:
            raise typer.Exit(NO)


def result_text(result: SolveResult) -> str:
    """`Book 8 of 8 visits, cost 12, proven best`, or why there is nothing."""
    if result.objective is None or (result.template is None and not result.proposals):
        return _WITHOUT.get(result.status, "nothing")
    plan = f"{result.proposals[0].title}, " if result.proposals else ""
    return f"{plan}cost {number(result.objective)}, {gap_text(result.gap)}"


def solve(title: str, params: SolveParams, job: Callable[[Control], SolveResult], *, is_quiet: bool) -> Solved:
    """Run a job with progress on the terminal and Ctrl-C handed to it.

    Raises
    ------
    typer.Exit
        130 after a second Ctrl-C, for which the job is not waited for.
    """
    with followed(title, time_limit_s=params.time_limit_s, is_quiet=is_quiet) as watch:
        try:
            result = job(watch.control)
        except KeyboardInterrupt:
            best = "nothing" if watch.latest is None else progress_text(watch.latest)
            error_console().print(plain(f"Stopped. Found so far: {best}. Nothing was written."), soft_wrap=True)
            raise typer.Exit(INTERRUPTED) from None
    return Solved(result, watch.is_interrupted)
