"""Why a task found no place, in a sentence for whoever has to tell the patient or the ordering office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import UnsupportedRuleError
from engine.jobs.find_slots import find_slots
from engine.model.explanation import LeftOver
from engine.search.occupancy import Occupancy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.model.codes import ConstraintCode
    from engine.model.schedule import Schedule
    from engine.solver.placement.solve import PlacementOutcome
    from engine.solver.placement.tasks import Task

__all__ = ["LeftOut", "why_left_out"]


@dataclass(frozen=True)
class LeftOut:
    """A task without a place, and why.

    Parameters
    ----------
    is_certain
        Whether it was made sure that nothing is free beside the plan; False where time ran out before.
    """

    task: Task
    words: LeftOver
    is_certain: bool


def why_left_out(
    base: Schedule, outcome: PlacementOutcome, *, now: datetime, go_on: Callable[[], bool]
) -> tuple[LeftOut, ...]:
    """The tasks that a placement left out, each with the obstacle that is in the way of most starts.

    Parameters
    ----------
    base
        The schedule that the placement was made in.
    go_on
        Asked before each task; once false, the rest is not looked into.
    """
    left_out = [t for t, place in enumerate(outcome.places) if place is None]
    if not left_out:
        return ()
    placed = [p.appointment for p in outcome.places if p is not None]
    moved = [a.id for a in placed if a.id in base.appointments.row_by_id]
    planned = base.changed(removed=moved, added=placed)
    occupancy = Occupancy.of(planned, now=now)
    return tuple(_why(planned, outcome, t, occupancy, now, go_on) for t in left_out)


def _why(
    planned: Schedule, outcome: PlacementOutcome, t: int, occupancy: Occupancy, now: datetime, go_on: Callable[[], bool]
) -> LeftOut:
    task = outcome.tasks[t]
    if t in outcome.refused:
        return _said(task, outcome.refused[t])
    if task.staying is not None:
        return _said(task, f"There is no other time for appointment {task.staying.id}; it stays where it is.")
    reasons = None
    if go_on():
        try:
            reasons = find_slots(
                planned,
                task.order.id,
                now=now,
                k=1,
                occupancy=occupancy,
                occurrence=task.occurrence,
                start=task.not_before,
                diverse=False,
            ).reasons
        except UnsupportedRuleError as error:  # the search did not come as far as to be refused
            return _said(task, str(error))
    if reasons:
        return _said(task, reasons[0].message, reasons[0].code)
    return _said(
        task, "No place was found in the time that there was. Maybe look for this one alone.", is_certain=False
    )


def _said(task: Task, reason: str, code: ConstraintCode | None = None, *, is_certain: bool = True) -> LeftOut:
    visit = None if task.visit is None else task.visit.id
    words = LeftOver(order=task.order.id, occurrence=task.occurrence, appointment=visit, code=code, reason=reason)
    return LeftOut(task, words, is_certain)
