"""The weekly template: who works where, in which room, at what, in every period of a cycle of weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.arguments import check_kind
from engine.model.problem import Problem
from engine.model.result import SolveResult, SolveStatus
from engine.solver.budget import Budget
from engine.solver.conflict import find_conflict
from engine.solver.interrupt import ctrl_c_cancels
from engine.solver.params import DEFAULT_PARAMS, SolveParams
from engine.solver.run import NO_CONTROL, Control
from engine.solver.stages import solve_stages
from engine.solver.template.assign import assign_rooms
from engine.solver.template.build import add_rules, build, hint_today, objectives
from engine.solver.template.decode import to_template
from engine.solver.template.evaluate import evaluate
from engine.solver.template.prepare import instance_of
from engine.solver.versions import versions

if TYPE_CHECKING:
    from engine.solver.stages import StagesOutcome
    from engine.solver.template.instance import Instance

__all__ = ["generate_template"]

_LEAST_SHARE = 0.2
"""What finding out why nothing fits may take of the limit, however late it begins."""


def generate_template(
    problem: Problem, *, params: SolveParams = DEFAULT_PARAMS, control: Control = NO_CONTROL
) -> SolveResult:
    """Compute a weekly template from the problem's planning brief.

    What is demanded comes first, by its priority; then the sessions that contracts wish for, then fairness, wishes,
    and last that as little as possible changes against today's template. Nothing of this is traded for anything that
    comes later.

    Parameters
    ----------
    params
        Limits, workers, seed, deterministic mode.
    control
        Progress and cancellation. A cancelled job, also by Ctrl-C, gives the best template that it had.

    Returns
    -------
    SolveResult
        With `template`, `breakdown`, `stages` and `trace`; with a `conflict` when it is infeasible. Infeasible is an
        answer, not an error.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind: a scenario instead of its problem.
    InvalidProblemError
        When the problem has no planning brief.
    """
    check_kind("problem", problem, Problem)
    check_kind("params", params, SolveParams)
    check_kind("control", control, Control)
    with ctrl_c_cancels(control) as stoppable:
        return _generate(problem, params, stoppable)


def _generate(problem: Problem, params: SolveParams, control: Control) -> SolveResult:
    budget = Budget(params)
    inst = instance_of(problem)
    built = build(inst)
    hint_today(built, inst)
    solved = solve_stages(built.model, objectives(built.costs), params, control, budget=budget)
    if solved.best is None:
        return _without_template(inst, solved, params, control, budget)
    held = frozenset(u.held for u in built.v.decided if u.held is not None and solved.best.boolean(u.literal))
    breakdown, sums = evaluate(inst, held)
    template = to_template(inst, assign_rooms(inst, tuple(held), params.seed))
    stages = tuple(r.model_copy(update={"objective": sums.get(r.name, r.objective)}) for r in solved.results)
    return SolveResult(
        status=solved.status,
        template=template,
        breakdown=breakdown,
        objective=breakdown.total,
        bound=solved.bound,
        stages=stages,
        runtime_s=budget.elapsed_s,
        seed=params.seed,
        workers=params.workers,
        trace=solved.trace,
        versions=versions(),
    )


def _without_template(
    inst: Instance, solved: StagesOutcome, params: SolveParams, control: Control, budget: Budget
) -> SolveResult:
    conflict = None
    if solved.status is SolveStatus.INFEASIBLE:
        limit = budget.part(1.0, at_least=_LEAST_SHARE * budget.total)
        conflict = find_conflict(lambda model, guards: add_rules(model, inst, guards), limit, control)
    return SolveResult(
        status=solved.status,
        stages=solved.results,
        conflict=conflict,
        runtime_s=budget.elapsed_s,
        seed=params.seed,
        workers=params.workers,
        trace=solved.trace,
        versions=versions(),
    )
