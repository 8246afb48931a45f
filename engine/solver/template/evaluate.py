"""What decided sessions cost, term by term, by the model's own expressions.

While a solve goes on, a cost's variables may be larger than they must be: only the stage at work presses on its own.
So the sessions that came out are put into a fresh model, which also shows once more that they keep all rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.sat.python.cp_model import LinearExpr

from engine.errors import ModelBuildError
from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm, ScoreBreakdown
from engine.solver.params import SolveParams
from engine.solver.run import run_cp
from engine.solver.template.build import build, stages_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.solver.template.instance import Held, Instance

__all__ = ["evaluate"]

_LIMIT = SolveParams(time_limit_s=120.0, workers=1)
"""Nothing is left to decide, so that no limit is ever met."""


def evaluate(inst: Instance, held: Collection[Held]) -> tuple[ScoreBreakdown, dict[str, int]]:
    """Every cost of these sessions, and their sums by stage.

    Raises
    ------
    ModelBuildError
        When the sessions break a rule, which is a defect of ours.
    """
    built = build(inst)
    for use in built.v.decided:
        built.model.add(use.literal == int(use.held in held))
    # A cost without weight is minimised, too: its amount is reported.
    weights = [max(1, cost.weight) for cost in built.costs]
    built.model.minimize(LinearExpr.weighted_sum([cost.amount for cost in built.costs], weights))
    outcome = run_cp(built.model, _LIMIT, stage="evaluate")
    if not outcome.has_solution:
        raise ModelBuildError(
            "The template that was found breaks its rules. This is a defect of Slotwright, please report it."
        )
    amounts = {id(cost): outcome.value(cost.amount) for cost in built.costs}
    order = list(PenaltyCode)
    terms = tuple(
        PenaltyTerm(code=cost.code, subjects=cost.subjects, amount=amounts[id(cost)], weight=cost.weight)
        for cost in sorted(built.costs, key=lambda c: order.index(c.code))
        if amounts[id(cost)]
    )
    sums = {
        name: sum(cost.weight * amounts[id(cost)] for cost in members)
        for name, members in stages_of(built.costs).items()
    }
    return ScoreBreakdown(terms=terms), sums
