"""Repair a schedule after something happened: a few plans that differ in kind, each readable as a list of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.jobs.answer import proposal, solve_result, versions
from engine.jobs.backfill import fillings
from engine.jobs.disruption import disruption_of
from engine.jobs.leftover import why_left_out
from engine.model.appointment import AppointmentStatus
from engine.model.result import SolveResult, SolveStatus
from engine.search.occupancy import Occupancy
from engine.solver.params import SolveParams
from engine.solver.placement.plan import PlanKind
from engine.solver.placement.solve import solve_placement
from engine.solver.placement.tasks import tasks_for_moves, tasks_for_orders
from engine.solver.run import NO_CONTROL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.jobs.disruption import Disruption
    from engine.model.appointment import Appointment
    from engine.model.event import Event
    from engine.model.result import Proposal
    from engine.model.schedule import Schedule
    from engine.solver.placement.solve import PlacementOutcome
    from engine.solver.run import Control

__all__ = ["reschedule"]

_TITLES = {
    PlanKind.FEWEST_CALLS: "Fewest calls",
    PlanKind.SAME_PRACTITIONER: "Everybody keeps the practitioner, where possible",
    PlanKind.SOONEST: "As soon as possible",
}


def reschedule(
    schedule: Schedule,
    events: Iterable[Event],
    *,
    now: datetime,
    params: SolveParams = SolveParams(),
    control: Control = NO_CONTROL,
    fill_count: int = 3,
) -> SolveResult:
    """Propose what to do about events.

    Past, begun and pinned visits never move; where one of them is affected, `left_over` says so. Visits that are not
    affected stay as they are.

    Parameters
    ----------
    events
        Taken together, in their order.
    fill_count
        Where time becomes free and nobody must be moved: so many proposals of whom to give it to.

    Returns
    -------
    SolveResult
        The proposals differ; the first has the fewest calls, and is the one that the bound is about and that the
        result's schedule has accepted. None when the events change nothing.

    Raises
    ------
    UnknownIdError
        When an event names something that is not there.
    UnsupportedRuleError
        For an event that cannot be answered yet.
    """
    disruption = disruption_of(schedule, events, now=now)
    if not (disruption.displaced or disruption.wanted or disruption.ended or disruption.stuck):
        after = schedule if disruption.problem is schedule.problem else schedule.changed(problem=disruption.problem)
        return SolveResult(SolveStatus.OPTIMAL, after, objective=0, bound=0, seed=params.seed, versions=versions())
    base = _without_displaced(schedule, disruption)
    wanted = tasks_for_orders(base, [disruption.problem.order(o) for o in disruption.wanted], now=now)
    moves = tasks_for_moves(disruption.problem, disruption.displaced, disruption.not_before)
    tasks = sorted((*moves, *wanted), key=lambda t: t.order.priority.rank)  # stable, so moves come before new orders
    proposals: list[Proposal] = []
    outcomes: list[PlacementOutcome] = []
    for kind in PlanKind if moves else (PlanKind.FEWEST_CALLS,):
        outcome = solve_placement(
            disruption.problem,
            Occupancy.of(base, now=now),
            tasks,
            now=now,
            params=params,
            control=control,
            kind=kind,
        )
        plan = proposal(
            schedule,
            disruption.problem,
            number=len(proposals) + 1,
            title=_TITLES[kind] if moves else "Only what the event asks",
            changes=_changes(schedule, disruption, outcome),
            left_over=(*why_left_out(base, outcome, now=now), *disruption.stuck),
            terms=outcome.terms,
            now=now,
        )
        if all(plan.added != other.added for other in proposals):
            proposals.append(plan)
            outcomes.append(outcome)
    if not moves and disruption.freed:
        proposals.extend(
            fillings(schedule, base, disruption, first_number=len(proposals) + 1, now=now, count=fill_count)
        )
    return solve_result(schedule, disruption.problem, proposals, outcomes[0], params)


def _without_displaced(schedule: Schedule, disruption: Disruption) -> Schedule:
    """The schedule in the world after the events, before anybody has a new place."""
    gone = [a.id for a in (*disruption.ended, *disruption.displaced)]
    return schedule.changed(removed=gone, added=disruption.ended, problem=disruption.problem)


def _changes(
    schedule: Schedule, disruption: Disruption, outcome: PlacementOutcome
) -> list[tuple[Appointment | None, Appointment | None]]:
    changes: list[tuple[Appointment | None, Appointment | None]] = [
        (schedule.appointments.by_id(after.id), after) for after in disruption.ended
    ]
    for task, place in zip(outcome.tasks, outcome.places, strict=True):
        if place is not None:
            changes.append((task.visit, place.appointment))
        elif task.visit is not None:
            cancelled = {"status": AppointmentStatus.CANCELLED, "is_confirmed": False}
            changes.append((task.visit, task.visit.model_copy(update=cancelled)))
    return changes
