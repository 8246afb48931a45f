"""Why a task found no place, in a sentence for whoever has to tell the patient or the ordering office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs.find_slots import find_slots
from engine.model.explanation import LeftOver
from engine.search.occupancy import Occupancy
from engine.solver.budget import Budget
from engine.solver.params import LOOKUPS_PER_UNIT
from engine.solver.placement.tasks import refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.model.codes import ConstraintCode
    from engine.model.schedule import Schedule
    from engine.solver.params import SolveParams
    from engine.solver.placement.solve import PlacementOutcome
    from engine.solver.placement.tasks import Task

__all__ = ["REASONS_SHARE", "LeftOut", "why_left_out"]

REASONS_SHARE = 0.1
"""Of a job's budget, kept for the reasons of what is left out, however late the placement ended."""

_LEAST = 0.25
"""Seconds or units of deterministic time for reasons that a job spends in any case."""


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
    base: Schedule,
    outcome: PlacementOutcome,
    *,
    now: datetime,
    params: SolveParams,
    is_cancelled: Callable[[], bool],
) -> tuple[LeftOut, ...]:
    """The tasks that a placement left out, each with the obstacle that is in the way of most starts.

    Parameters
    ----------
    base
        The schedule that the placement was made in.
    params
        Of the job. `REASONS_SHARE` of its limit, counted from now, is for the reasons, the most urgent orders' first;
        whose turn does not come is told so.
    is_cancelled
        Asked before each task.

    Returns
    -------
    tuple of LeftOut
        In the order of the tasks.
    """
    left_out = [t for t, place in enumerate(outcome.places) if place is None]
    if not left_out:
        return ()
    budget = Budget(Budget(params).part(REASONS_SHARE, at_least=_LEAST))
    placed = [p.appointment for p in outcome.places if p is not None]
    moved = [a.id for a in placed if a.id in base.appointments.row_by_id]
    planned = base.changed(removed=moved, added=placed)
    occupancy: Occupancy | None = None
    found: dict[int, LeftOut] = {}
    for t in sorted(left_out, key=lambda t: outcome.tasks[t].order.priority.rank):
        task = outcome.tasks[t]
        refusal = refusal_of(base.problem, task)
        if refusal is not None:
            found[t] = _said(task, refusal)
        elif task.staying is not None:
            found[t] = _said(task, f"There is no other time for appointment {task.staying.id}; it stays where it is.")
        elif is_cancelled() or budget.is_spent:
            found[t] = _unsure(task, "No place was found, and there was no time to find out why.")
        else:
            occupancy = occupancy or Occupancy.of(planned, now=now)
            found[t] = _why(planned, task, occupancy, now)
            budget.spend_units(1 / LOOKUPS_PER_UNIT)
    return tuple(found[t] for t in left_out)


def _why(planned: Schedule, task: Task, occupancy: Occupancy, now: datetime) -> LeftOut:
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
    if reasons:
        return _said(task, reasons[0].message, reasons[0].code)
    return _unsure(task, "A place is free, but the time was over before the plan came to it.")


def _unsure(task: Task, what: str) -> LeftOut:
    return _said(task, f"{what} Maybe look for order {task.order.id} alone.", is_certain=False)


def _said(task: Task, reason: str, code: ConstraintCode | None = None, *, is_certain: bool = True) -> LeftOut:
    visit = None if task.visit is None else task.visit.id
    words = LeftOver(order=task.order.id, occurrence=task.occurrence, appointment=visit, code=code, reason=reason)
    return LeftOut(task, words, is_certain)
