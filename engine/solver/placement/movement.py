"""What it costs to move a visit: nothing inside what the patient was told, and more the more people must be called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.appointment import Promise, PromisedTime
from engine.model.base import DAY_MIN
from engine.model.calendar import instant_at, local_day_bounds
from engine.model.codes import PenaltyCode
from engine.model.explanation import PenaltyTerm
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.model.problem import Problem

__all__ = ["has_same_place", "is_within_promise", "movement_terms", "promise_of", "promised_stretches"]


def has_same_place(one: Appointment, other: Appointment) -> bool:
    """Whether two visits take place at the same times with the same resources, in whatever order these are listed."""

    def place(visit: Appointment) -> set[object]:
        return {(s.step, s.start, s.end, s.site, s.modality, frozenset(s.reservations)) for s in visit.steps}

    return place(one) == place(other)


def promise_of(visit: Appointment) -> Promise:
    """What the patient was told; the time itself, and no name, where nothing is on record."""
    return visit.promise or Promise(time=PromisedTime.TIME, start=visit.start)


def promised_stretches(
    problem: Problem, visit: Appointment
) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """The starts `[first, stop)` inside what the patient was told, and those of the day that was told.

    The day is that of the site where the visit was.
    """
    told = promise_of(visit)
    zone = problem.zone_of(min(visit.steps, key=lambda s: s.start).site)
    date = told.start.astimezone(ZoneInfo(zone)).date()
    day = local_day_bounds(date, zone)
    noon = instant_at(date, DAY_MIN // 2, zone)
    kept = {
        PromisedTime.DAY: day,
        PromisedTime.HALF_DAY: (day[0], noon) if told.start < noon else (noon, day[1]),
        PromisedTime.TIME: (told.start, told.start + timedelta(minutes=1)),
    }[told.time]
    return kept, day


def is_within_promise(problem: Problem, visit: Appointment, start: datetime) -> bool:
    """Whether `start` is still what the patient of `visit` was told."""
    kept, _ = promised_stretches(problem, visit)
    return kept[0] <= start < kept[1]


def movement_terms(
    problem: Problem, visit: Appointment, start: datetime, resources: Collection[ResourceId], *, now: datetime
) -> tuple[PenaltyTerm, ...]:
    """What it costs when `visit` starts at `start` with `resources` instead.

    Parameters
    ----------
    now
        Seconds are dropped.

    Returns
    -------
    tuple of PenaltyTerm
        Empty inside the promise. The visit is the subject of each.
    """
    kept, day = promised_stretches(problem, visit)
    codes = []
    if not day[0] <= start < day[1]:
        codes.append(PenaltyCode.MOVED_DAY)
    elif not kept[0] <= start < kept[1]:
        codes.append(PenaltyCode.MOVED_TIME)
    named = promise_of(visit).practitioner
    if named is not None and named not in resources:
        codes.append(PenaltyCode.CHANGED_NAMED)
    amounts = dict.fromkeys(codes, 1)
    if codes:
        if epoch_minute(visit.start) - epoch_minute(now) < problem.policy.short_notice_min:
            amounts[PenaltyCode.SHORT_NOTICE] = 1
        if visit.times_moved:
            amounts[PenaltyCode.MOVED_AGAIN] = visit.times_moved
    return tuple(
        PenaltyTerm(code=code, subjects=(visit.id,), amount=amount, weight=problem.policy.weight(code))
        for code, amount in amounts.items()
    )
