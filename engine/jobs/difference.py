"""What a plan changes, visit by visit, as the people who must call the patients read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.explanation import Move, ScheduleDiff
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse
from engine.solver.placement.movement import has_same_place, movement_terms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import AppointmentId, OrderId, ResourceId
    from engine.model.problem import Problem

__all__ = ["difference"]


def difference(
    problem: Problem,
    changes: Iterable[tuple[Appointment | None, Appointment | None]],
    *,
    now: datetime,
    told: Collection[AppointmentId] = (),
    at_desk: Collection[OrderId] = (),
) -> ScheduleDiff:
    """The difference that pairs of visits, before and after, make.

    Parameters
    ----------
    changes
        None for a visit that was not, or is not any more; a visit that does not block any more counts as gone.
    told
        Visits whose end nobody needs to be told: the patient cancelled, did not come, or is not to be called.
    at_desk
        Orders whose patients are there while it is decided: their new visits need no call.

    Returns
    -------
    ScheduleDiff
        Calls to make come first in each part, then by the time of the visit. A new visit is a call; one that only
        changes rooms or other resources inside its promise is none.
    """
    booked, cancelled, moved, reassigned = [], [], [], []
    for before, after in changes:
        was = before if before is not None and before.blocks_at(now) else None
        now_is = after if after is not None and after.blocks_at(now) else None
        move = _move(problem, was, now_is, now, told, at_desk)
        if move is None:
            continue
        if was is None:
            booked.append(move)
        elif now_is is None:
            cancelled.append(move)
        elif was.start != now_is.start or was.end != now_is.end:
            moved.append(move)
        else:
            reassigned.append(move)
    parts = (tuple(sorted(part, key=_call_order)) for part in (booked, cancelled, moved, reassigned))
    return ScheduleDiff(**dict(zip(("booked", "cancelled", "moved", "reassigned"), parts, strict=True)))


def _move(
    problem: Problem,
    was: Appointment | None,
    now_is: Appointment | None,
    now: datetime,
    told: Collection[AppointmentId],
    at_desk: Collection[OrderId],
) -> Move | None:
    visit = now_is or was
    if visit is None or (was is not None and now_is is not None and has_same_place(was, now_is)):
        return None
    must_call = visit.order not in at_desk if now_is is not None else visit.id not in told
    is_with_another = False
    if was is not None and now_is is not None:
        is_with_another = bool(_seen_by(problem, was) - _seen_by(problem, now_is))
        must_call = bool(movement_terms(problem, was, now_is.start, _resources(now_is), now=now))
    return Move(
        appointment=visit.id,
        patient=visit.patient,
        before_start=was.start if was else None,
        after_start=now_is.start if now_is else None,
        before_resources=_resources(was) if was else (),
        after_resources=_resources(now_is) if now_is else (),
        must_call=must_call,
        is_with_another=is_with_another,
    )


def _seen_by(problem: Problem, visit: Appointment) -> set[ResourceId]:
    """The practitioners who are there for this patient alone; a supervisor may change unnoticed."""
    return {
        r.resource
        for s in visit.steps
        for r in s.reservations
        if r.use is RoleUse.EXCLUSIVE and problem.resource(r.resource).kind is ResourceKind.PRACTITIONER
    }


def _resources(visit: Appointment) -> tuple[ResourceId, ...]:
    return tuple(dict.fromkeys(r.resource for s in visit.steps for r in s.reservations))


def _call_order(move: Move) -> tuple[bool, float, str]:
    first = move.before_start or move.after_start
    return not move.must_call, first.timestamp() if first else 0.0, move.appointment
