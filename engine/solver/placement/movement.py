"""What it costs to move a visit: nothing inside what the patient was told, and more the more people must be called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.appointment import Promise, PromisedTime
from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem

__all__ = ["is_within_promise", "movement_terms", "promise_of"]

_NOON_HOUR = 12


def promise_of(visit: Appointment) -> Promise:
    """What the patient was told; the time itself, and no name, where nothing is on record."""
    return visit.promise or Promise(time=PromisedTime.TIME, start=visit.start)


def is_within_promise(problem: Problem, visit: Appointment, start: datetime) -> bool:
    """Whether `start` is still what the patient of `visit` was told."""
    return _time_code(problem, visit, start) is None


def movement_terms(
    problem: Problem, visit: Appointment, start: datetime, resources: Collection[ResourceId], *, now: datetime
) -> tuple[PenaltyTerm, ...]:
    """What it costs when `visit` starts at `start` with `resources` instead.

    Returns
    -------
    tuple of PenaltyTerm
        Empty inside the promise. The visit is the subject of each.
    """
    codes = []
    time_code = _time_code(problem, visit, start)
    if time_code is not None:
        codes.append(time_code)
    named = promise_of(visit).practitioner
    if named is not None and named not in resources:
        codes.append(PenaltyCode.CHANGED_NAMED)
    amounts = dict.fromkeys(codes, 1)
    if codes:
        if visit.start - now < timedelta(minutes=problem.policy.short_notice_min):
            amounts[PenaltyCode.SHORT_NOTICE] = 1
        if visit.times_moved:
            amounts[PenaltyCode.MOVED_AGAIN] = visit.times_moved
    return tuple(
        PenaltyTerm(code=code, subjects=(visit.id,), amount=amount, weight=problem.policy.weight(code))
        for code, amount in amounts.items()
    )


def _time_code(problem: Problem, visit: Appointment, start: datetime) -> PenaltyCode | None:
    promise = promise_of(visit)
    zone = ZoneInfo(problem.zone_of(min(visit.steps, key=lambda s: s.start).site))
    told, new = promise.start.astimezone(zone), start.astimezone(zone)
    if told.date() != new.date():
        return PenaltyCode.MOVED_DAY
    is_kept = {
        PromisedTime.DAY: True,
        PromisedTime.HALF_DAY: (told.hour < _NOON_HOUR) == (new.hour < _NOON_HOUR),
        PromisedTime.TIME: promise.start == start,
    }[promise.time]
    return None if is_kept else PenaltyCode.MOVED_TIME
