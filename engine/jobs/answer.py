"""From what placement came to, to what a person is shown: proposals and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.jobs.difference import difference
from engine.model.explanation import LeftOver, PenaltyTerm, ScoreBreakdown
from engine.model.ids import ProposalId
from engine.model.result import Proposal, SolveResult, accept
from engine.solver.versions import versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import AppointmentId, OrderId
    from engine.model.problem import Problem
    from engine.model.schedule import Schedule
    from engine.solver.params import SolveParams
    from engine.solver.placement.solve import PlacementOutcome

__all__ = ["proposal", "solve_result"]


def proposal(
    schedule: Schedule,
    problem: Problem,
    *,
    number: int,
    title: str,
    changes: Sequence[tuple[Appointment | None, Appointment | None]],
    left_over: Iterable[LeftOver],
    terms: Iterable[PenaltyTerm],
    now: datetime,
    told: Collection[AppointmentId] = (),
    at_desk: Collection[OrderId] = (),
) -> Proposal:
    """A proposal that makes `changes` (pairs of a visit before and after) to `schedule`.

    Parameters
    ----------
    told
        Visits whose end needs no call.
    at_desk
        Orders whose patients are there, so that their new visits need no call.
    """
    return Proposal(
        id=ProposalId(f"plan-{schedule.version}-{number}"),
        title=title,
        version=schedule.version,
        removed=tuple(before.id for before, _ in changes if before is not None),
        added=tuple(after for _, after in changes if after is not None),
        left_over=tuple(left_over),
        diff=difference(problem, changes, now=now, told=told, at_desk=at_desk),
        breakdown=ScoreBreakdown(terms=tuple(terms)),
        changes_problem=problem is not schedule.problem,
    )


def solve_result(
    schedule: Schedule,
    problem: Problem,
    proposals: Sequence[Proposal],
    outcome: PlacementOutcome,
    params: SolveParams,
    *,
    runtime_s: float,
) -> SolveResult:
    """A result whose schedule has the first proposal accepted, and whose proof is that proposal's."""
    return SolveResult(
        status=outcome.status,
        schedule=accept(schedule, proposals[0], problem),
        proposals=tuple(proposals),
        breakdown=proposals[0].breakdown,
        objective=sum(s.objective or 0 for s in outcome.stages),
        bound=sum(s.bound or 0 for s in outcome.stages),
        stages=outcome.stages,
        runtime_s=runtime_s,
        seed=params.seed,
        workers=params.workers,
        trace=outcome.trace,
        versions=versions(),
    )
