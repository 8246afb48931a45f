"""What one run of CP-SAT came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ortools.sat.python.cp_model_helper import ResponseHelper

from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ortools.sat.python.cp_model import LinearExprT, LiteralT
    from ortools.sat.python.cp_model_helper import CpSolverResponse

    from engine.model.result import Progress, SolveStatus

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of CP-SAT came to.

    Parameters
    ----------
    status
        OPTIMAL only where objective and bound meet; CANCELLED also when there is a solution.
    objective, bound
        None where there is none; without an objective both are 0.
    core
        Indices of the assumptions that cannot hold together, as far as the solver said; only when INFEASIBLE.
    trace
        Progress in the order in which it was made; `elapsed_s` counts from the start of this run.
    is_left_behind
        The solver did not come back. It may still be reading the model: do not change or solve that model again.
    """

    status: SolveStatus
    objective: float | None
    bound: float | None
    runtime_s: float
    deterministic_time: float
    core: tuple[int, ...] = ()
    trace: tuple[Progress, ...] = ()
    is_left_behind: bool = False
    response: CpSolverResponse | None = field(default=None, repr=False)

    @property
    def has_solution(self) -> bool:
        """Whether `value` and the others can be asked."""
        return self.response is not None

    def value(self, expression: LinearExprT) -> int:
        """The value of a variable or linear expression in the solution."""
        return int(ResponseHelper.value(self._solution(), expression))

    def boolean(self, literal: LiteralT) -> bool:
        """Whether a literal is true in the solution."""
        return bool(ResponseHelper.boolean_value(self._solution(), literal))

    def values(self) -> Sequence[int]:
        """The value of every variable, by its index in the model."""
        return list(self._solution().solution)

    def _solution(self) -> CpSolverResponse:
        if self.response is None:
            raise EngineError(f"There is no solution to read; the solve ended with '{self.status}'.")
        return self.response
