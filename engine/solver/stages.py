"""Lexicographic stages: what comes first is never traded for what comes later.

Each stage minimises its expression; then the expression is held to the value reached, the solution is hinted, and the
next stage begins from it. A stage that ends without proof is held to what it reached all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import ModelBuildError
from engine.model.result import Progress, SolveStatus, StageResult
from engine.solver.budget import Budget
from engine.solver.run import NO_CONTROL, Control, Outcome, run_cp
from engine.solver.warm_start import hint_outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ortools.sat.python.cp_model import CpModel, LinearExprT

    from engine.solver.params import SolveParams

__all__ = ["Stage", "StagesOutcome", "solve_stages"]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage.

    Parameters
    ----------
    objective
        Integer expression to minimise.
    share
        Its part of the time that is left, against the shares of the stages after it.
    floor
        No solution is below it, as everybody can see (costs are not negative). A stage that starts at its floor is
        done.
    """

    name: str
    objective: LinearExprT
    share: float = 1.0
    floor: int = 0


@dataclass(frozen=True, slots=True)
class StagesOutcome:
    """What all stages came to.

    Parameters
    ----------
    status
        OPTIMAL when every stage was proven; CANCELLED also when there is a solution.
    best
        The run with the last solution; None when there is none.
    results
        One per stage that had or was given a solution, in order; the first alone when it found none.
    """

    status: SolveStatus
    best: Outcome | None
    results: tuple[StageResult, ...]
    trace: tuple[Progress, ...]

    @property
    def objective(self) -> int | None:
        """Of all stages together."""
        return None if self.best is None else sum(r.objective or 0 for r in self.results)

    @property
    def bound(self) -> float | None:
        """The sum of the stages' bounds, each proven for the values that the stages before it reached."""
        if self.best is None or any(r.bound is None for r in self.results):
            return None
        return sum(r.bound for r in self.results if r.bound is not None)


def solve_stages(
    model: CpModel,
    stages: Sequence[Stage],
    params: SolveParams,
    control: Control = NO_CONTROL,
    *,
    budget: Budget | None = None,
) -> StagesOutcome:
    """Solve a model stage by stage. The model is changed: it ends with all stages held to their values.

    Parameters
    ----------
    budget
        Shared with other parts of the job; None: the whole of `params`.

    Raises
    ------
    ModelBuildError
        As `run_cp`; and when a stage contradicts the solution of the stage before it.
    """
    budget = budget or Budget(params)
    best: Outcome | None = None
    ended: SolveStatus | None = None  # why the stages that are left are not solved
    results: list[StageResult] = []
    trace: list[Progress] = []
    for number, stage in enumerate(stages):
        if best is not None:
            value = best.value(stage.objective)
            if value <= stage.floor or ended is not None or budget.is_spent:
                results.append(_unsolved(stage, value, ended))
                model.add(stage.objective <= value)
                continue
        share = stage.share / sum(later.share for later in stages[number:])
        model.minimize(stage.objective)
        outcome = _run(model, stage, budget.part(share), control, budget, trace)
        if best is None and outcome.status is SolveStatus.NO_SOLUTION and not budget.is_spent:
            # Without a solution there is nothing that the later stages could begin with: all the time is for the first.
            outcome = _run(model, stage, budget.part(1.0), control, budget, trace)
        if not outcome.has_solution and best is None:
            result = StageResult(
                name=stage.name, status=outcome.status, bound=outcome.bound, runtime_s=outcome.runtime_s
            )
            return StagesOutcome(outcome.status, None, (result,), tuple(trace))
        if outcome.status is SolveStatus.INFEASIBLE:
            raise ModelBuildError(
                f"Stage '{stage.name}' has no solution although the stage before it had one. "
                "This is a defect of Slotwright, please report it."
            )
        if outcome.status is SolveStatus.CANCELLED:
            ended = SolveStatus.CANCELLED
        best = _better(best, outcome, stage)
        results.append(_solved(stage, best, outcome))
        if outcome.is_left_behind:
            ended = ended or SolveStatus.FEASIBLE
            results.extend(_unsolved(later, best.value(later.objective), ended) for later in stages[number + 1 :])
            break
        model.add(stage.objective <= best.value(stage.objective))
        hint_outcome(model, best)
    return StagesOutcome(_overall(results), best, tuple(results), tuple(trace))


def _run(
    model: CpModel, stage: Stage, params: SolveParams, control: Control, budget: Budget, trace: list[Progress]
) -> Outcome:
    outcome = run_cp(model, params, control, stage=stage.name, started=budget.started)
    budget.spend(outcome)
    trace.extend(outcome.trace)
    return outcome


def _better(best: Outcome | None, outcome: Outcome, stage: Stage) -> Outcome:
    if best is None:
        return outcome
    if not outcome.has_solution or outcome.value(stage.objective) > best.value(stage.objective):
        return best
    return outcome


def _solved(stage: Stage, best: Outcome, outcome: Outcome) -> StageResult:
    bound = stage.floor if outcome.bound is None else max(outcome.bound, stage.floor)
    value = best.value(stage.objective)
    status = outcome.status
    if status is SolveStatus.NO_SOLUTION:  # none better than the one that it began with
        status = SolveStatus.FEASIBLE
    if value == bound:
        status = SolveStatus.OPTIMAL
    return StageResult(name=stage.name, status=status, objective=value, bound=bound, runtime_s=outcome.runtime_s)


def _unsolved(stage: Stage, value: int, ended: SolveStatus | None) -> StageResult:
    status = SolveStatus.OPTIMAL if value <= stage.floor else ended or SolveStatus.FEASIBLE
    return StageResult(name=stage.name, status=status, objective=value, bound=float(stage.floor))


def _overall(results: Sequence[StageResult]) -> SolveStatus:
    """CANCELLED when any stage was; else OPTIMAL when all were proven."""
    statuses = [r.status for r in results]
    if SolveStatus.CANCELLED in statuses:
        return SolveStatus.CANCELLED
    return SolveStatus.OPTIMAL if all(s is SolveStatus.OPTIMAL for s in statuses) else SolveStatus.FEASIBLE
