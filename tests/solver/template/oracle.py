"""The best template by trying all of them, judged by the check alone. For the smallest of worlds."""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

from engine.check import check_template
from engine.model.codes import PenaltyCode
from engine.model.template import Recurrence, TemplateSession
from tests.solver.template.worlds import plan_of, template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.explanation import ScoreBreakdown
    from engine.model.problem import Problem
    from engine.model.template import Template

ORDER = (PenaltyCode.CONTRACT_SHORT, PenaltyCode.UNFAIR, PenaltyCode.WISH, PenaltyCode.UNSTABLE)


def templates(problem: Problem) -> Iterator[Template]:
    """Every template that gives people at most one session of the brief in a period, in any rooms."""
    plan = plan_of(problem)
    rooms = [r for r in problem.resources if r.kind == "room"]
    slots = [
        (who.practitioner, week, day, planned)
        for who in plan.contracts
        for week in range(1, plan.cycle_weeks + 1)
        for planned in plan.periods
        for day in planned.days
    ]
    what = [
        (part.id, site.id, tuple(r.id for r in given))
        for part in plan.activities
        for site in problem.sites
        for given in combinations([r for r in rooms if r.site == site.id], sum(n.count for n in part.rooms))
    ]
    for chosen in product([None, *what], repeat=len(slots)):
        yield template(
            *(
                TemplateSession(
                    id=f"{who}-{week}-{day}-{planned.id}",
                    owner=who,
                    site=one[1],
                    activity=one[0],
                    rooms=one[2],
                    on=Recurrence(day=day, weeks=(week,)),
                    period=planned.period,
                )
                for (who, week, day, planned), one in zip(slots, chosen, strict=True)
                if one is not None
            ),
            id="tried",
            cycle_weeks=plan.cycle_weeks,
        )


def ranked(problem: Problem, breakdown: ScoreBreakdown) -> tuple[int, ...]:
    """Costs in the order in which they count: demand by priority, then the others."""
    priority = {(d.activity, d.site) if d.site else (d.activity,): d.priority for d in plan_of(problem).demand}
    demand = [0] * 6
    for term in breakdown.terms:
        if term.code is PenaltyCode.DEMAND_SHORT:
            demand[priority[term.subjects]] += term.cost
    by_code = breakdown.by_code()
    return (*demand, *(by_code.get(code, 0) for code in ORDER))


def best(problem: Problem) -> tuple[int, ...] | None:
    """The least that any template that keeps all rules costs, or None when there is none."""
    reports = (check_template(problem, one) for one in templates(problem))
    return min((ranked(problem, r.breakdown) for r in reports if r.is_clean), default=None)
