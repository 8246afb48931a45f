"""What a caller may choose about a solve: limits, workers, seed, deterministic mode."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

__all__ = ["DEFAULT_PARAMS", "GRACE_S", "LOOKUPS_PER_UNIT", "UNITS_PER_S", "SolveParams"]

GRACE_S = 2.0
"""Seconds a solver gets to come back after it was told to stop; then its caller goes on without it."""

UNITS_PER_S = 0.25
"""Deterministic time that CP-SAT spends in a second, roughly: measured from 0.3 to 1, and small budgets overrun."""

LOOKUPS_PER_UNIT = 400
"""Questions to search that count as a unit of deterministic time; about what they take."""

_RUNAWAY_FACTOR = 10


@dataclass(frozen=True, slots=True)
class SolveParams:
    """Limits and reproducibility of a solve. All stages of a job share one budget.

    Parameters
    ----------
    time_limit_s
        Seconds of wall-clock time for the whole job.
    workers
        Threads of the solver.
    seed
        Of everything random.
    is_deterministic
        Same problem, seed, workers and limit: same answer. The budget is then counted in the solver's deterministic
        time, and wall-clock time only stops a solve that has run away (`outside_limit_s`).
    deterministic_limit
        That budget, in the solver's units. None: `UNITS_PER_S` for each second of `time_limit_s`, which takes about
        as long. Only with `is_deterministic`.
    relative_gap
        Stop a stage once objective and bound are so close; 0: once they meet.

    Raises
    ------
    ValueError
        When a value is outside its range.
    """

    time_limit_s: float = 60.0
    workers: int = 2
    seed: int = 0
    is_deterministic: bool = False
    deterministic_limit: float | None = None
    relative_gap: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.time_limit_s) and self.time_limit_s > 0):
            raise ValueError(f"time_limit_s is {self.time_limit_s}, expected a number of seconds above 0")
        if not 1 <= self.workers <= 256:
            raise ValueError(f"workers is {self.workers}, expected 1 to 256")
        if not 0 <= self.seed < 2**31:
            raise ValueError(f"seed is {self.seed}, expected 0 to {2**31 - 1}")
        if self.deterministic_limit is not None:
            if not self.is_deterministic:
                raise ValueError("deterministic_limit is given. Maybe set is_deterministic too.")
            if not (math.isfinite(self.deterministic_limit) and self.deterministic_limit > 0):
                raise ValueError(f"deterministic_limit is {self.deterministic_limit}, expected a number above 0")
        if not 0 <= self.relative_gap < 1:
            raise ValueError(f"relative_gap is {self.relative_gap}, expected 0 or more and less than 1")

    @property
    def deterministic_budget(self) -> float | None:
        """Units of deterministic time; None outside deterministic mode."""
        if not self.is_deterministic:
            return None
        if self.deterministic_limit is None:
            return UNITS_PER_S * self.time_limit_s
        return self.deterministic_limit

    @property
    def solver_limit_s(self) -> float:
        """Seconds of wall-clock time that the solver itself is told. In deterministic mode it must not bind."""
        return self.time_limit_s * (_RUNAWAY_FACTOR if self.is_deterministic else 1)

    @property
    def outside_limit_s(self) -> float:
        """Seconds after which the solver is stopped from outside, whatever it is doing."""
        return self.solver_limit_s + min(GRACE_S, 0.1 * self.solver_limit_s)

    def with_limit(self, time_limit_s: float, deterministic_limit: float | None = None) -> SolveParams:
        """The same parameters with another budget.

        Parameters
        ----------
        time_limit_s, deterministic_limit
            As in the class. Raised to a hundredth of a second where they are less: a solver that is started must be
            given a chance to say something.
        """
        return replace(
            self,
            time_limit_s=max(0.01, time_limit_s),
            deterministic_limit=None if deterministic_limit is None else max(0.01, deterministic_limit),
        )


DEFAULT_PARAMS = SolveParams()
