"""One budget for several solves: seconds by the clock, or the solver's deterministic time."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.solver.params import SolveParams
    from engine.solver.run import Outcome

__all__ = ["Budget"]

_LEAST = 0.02
"""Less than this is not worth starting a solver for."""


class Budget:
    """What is left of a job's limit.

    In deterministic mode only deterministic time is counted, so that how a job is divided into solves depends on
    nothing else.

    Parameters
    ----------
    params
        Of the job.
    started
        `time.perf_counter()` at its start; None: now.
    """

    def __init__(self, params: SolveParams, started: float | None = None) -> None:
        self.started = time.perf_counter() if started is None else started
        self._params = params
        self._spent = 0.0
        self._is_over = False

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self.started

    @property
    def total(self) -> float:
        """Seconds, or units of deterministic time, of the whole job."""
        budget = self._params.deterministic_budget
        return self._params.time_limit_s if budget is None else budget

    @property
    def left(self) -> float:
        """What is left of it."""
        spent = self._spent if self._params.is_deterministic else self.elapsed_s
        return max(0.0, self.total - spent)

    @property
    def is_spent(self) -> bool:
        """Whether no further solve should be started."""
        return self._is_over or self.left < _LEAST

    def spend(self, outcome: Outcome) -> None:
        """Count a solve. One that did not come back ends the budget: the machine is still busy with it."""
        self._spent += outcome.deterministic_time
        self._is_over = self._is_over or outcome.is_left_behind

    def spend_units(self, units: float) -> None:
        """Count work that is not CP-SAT's, in units of deterministic time; by the clock it counts by itself."""
        self._spent += units

    def part(self, share: float, *, at_most: float = math.inf, at_least: float = 0.0) -> SolveParams:
        """Parameters for a solve that may use a share of what is left, 0 to 1.

        Parameters
        ----------
        at_most, at_least
            Of what is counted, whatever the share says.
        """
        amount = max(at_least, min(at_most, self.left * share))
        if self._params.is_deterministic:
            return self._params.with_limit(self._params.time_limit_s, amount)
        return self._params.with_limit(amount)
