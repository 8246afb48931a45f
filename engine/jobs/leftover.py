"""Why a task found no place, in a sentence for whoever has to tell the patient or the ordering office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import UnsupportedRuleError
from engine.jobs.find_slots import find_slots
from engine.model.explanation import LeftOver
from engine.search.occupancy import Occupancy

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.schedule import Schedule
    from engine.solver.placement.solve import PlacementOutcome
    from engine.solver.placement.tasks import Task

__all__ = ["why_left_out"]


def why_left_out(planned: Schedule, outcome: PlacementOutcome, *, now: datetime) -> tuple[LeftOver, ...]:
    """The tasks that a placement left out, each with the obstacle that is in the way of most starts.

    Parameters
    ----------
    planned
        The schedule with everything booked that the placement placed.
    """
    left_out = [t for t, place in enumerate(outcome.places) if place is None]
    if not left_out:
        return ()
    occupancy = Occupancy.of(planned, now=now)
    return tuple(
        _refused(outcome.tasks[t], outcome.refused[t])
        if t in outcome.refused
        else _without_place(planned, outcome.tasks[t], occupancy, now)
        for t in left_out
    )


def _refused(task: Task, words: str) -> LeftOver:
    return LeftOver(order=task.order.id, occurrence=task.occurrence, appointment=_visit(task), reason=words)


def _without_place(planned: Schedule, task: Task, occupancy: Occupancy, now: datetime) -> LeftOver:
    try:
        found = find_slots(planned, task.order.id, now=now, k=1, occupancy=occupancy, occurrence=task.occurrence)
    except UnsupportedRuleError as error:  # its turn had not come when time was up
        return _refused(task, str(error))
    if found.reasons:
        first = found.reasons[0]
        code, reason = first.code, first.message
    else:  # the search was stopped before the order's turn came
        code, reason = None, "There was no time left to look for a place. Maybe book it by itself."
    return LeftOver(order=task.order.id, occurrence=task.occurrence, appointment=_visit(task), code=code, reason=reason)


def _visit(task: Task) -> str | None:
    return None if task.visit is None else task.visit.id
