"""Solving small planning worlds in tests: whatever comes out passes the check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.check import check_template
from engine.jobs.generate_template import generate_template
from engine.model.result import SolveStatus
from engine.solver.params import SolveParams
from engine.solver.run import run_cp
from engine.solver.template.assign import assign_rooms
from engine.solver.template.build import build
from engine.solver.template.decode import to_template
from engine.solver.template.prepare import instance_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.problem import Problem
    from engine.solver.template.instance import Instance
    from engine.solver.template.variables import Use

PARAMS = SolveParams(time_limit_s=60.0, workers=1)


class Session(NamedTuple):
    """A session that a test asks for, or forbids; None: any."""

    who: str
    day: str = "mon"
    period: str = "am"
    week: int = 1
    what: str | None = None
    where: str | None = None


def generated(problem: Problem, params: SolveParams = PARAMS) -> Any:
    """The job's answer, a `SolveResult` whose optional parts a test just reads: it fails where they are missing.

    A template keeps all rules, and costs what the check says that it costs.
    """
    result = generate_template(problem, params=params)
    if result.template is not None:
        report = check_template(problem, result.template)
        assert report.violations == ()
        assert result.breakdown == report.breakdown
        assert result.objective == report.breakdown.total
        assert sum(stage.objective or 0 for stage in result.stages) == result.objective
    return result


def is_possible(problem: Problem, *sessions: Session, without: Iterable[Session] = ()) -> bool:
    """Whether a template can have these sessions and not those. One that has them passes the check."""
    inst = instance_of(problem)
    built = build(inst)
    for session in sessions:
        built.model.add_bool_or([use.literal for use in built.v.decided if _is(inst, use, session)])
    for session in without:
        for use in built.v.decided:
            if _is(inst, use, session):
                built.model.add(use.literal == 0)
    outcome = run_cp(built.model, PARAMS)
    if outcome.status is SolveStatus.INFEASIBLE:
        return False
    assert outcome.status is SolveStatus.OPTIMAL
    held = [use.held for use in built.v.decided if outcome.boolean(use.literal)]
    template = to_template(inst, assign_rooms(inst, held))
    assert check_template(problem, template).violations == ()
    return True


def _is(inst: Instance, use: Use, session: Session) -> bool:
    assert use.held is not None
    slot = inst.slots[use.held.slot]
    return (
        use.owner == session.who
        and slot.day == session.day
        and inst.periods[slot.period].id == session.period
        and slot.week == session.week
        and session.what in (None, inst.activities[use.held.activity].id)
        and session.where in (None, inst.sites[use.site])
    )
