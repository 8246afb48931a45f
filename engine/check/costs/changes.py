"""What a change costs the patients: nothing inside what they were told, and more the more must be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.check.changes import placement
from engine.check.clock import local_day, local_minute
from engine.check.costs.orders import term
from engine.model.appointment import PromisedTime
from engine.model.base import DAY_MIN
from engine.model.codes import PenaltyCode
from engine.model.order import OrderStatus
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.check.changes import Change
    from engine.check.visits import Visit
    from engine.model.explanation import PenaltyTerm


def moved_time(change: Change) -> Iterator[PenaltyTerm]:
    """Visits on the day that was promised, but outside the promised time."""
    for before, after in _changed(change):
        if not _is_other_day(change, before, after) and _is_other_time(change, before, after):
            yield term(change.after.problem, PenaltyCode.MOVED_TIME, 1, before.id)


def moved_day(change: Change) -> Iterator[PenaltyTerm]:
    """Visits on another local day than was promised."""
    for before, after in _changed(change):
        if _is_other_day(change, before, after):
            yield term(change.after.problem, PenaltyCode.MOVED_DAY, 1, before.id)


def changed_named(change: Change) -> Iterator[PenaltyTerm]:
    """Visits without the practitioner whose name the patient was told."""
    for before, after in _changed(change):
        if _is_other_name(change, before, after):
            yield term(change.after.problem, PenaltyCode.CHANGED_NAMED, 1, before.id)


def short_notice(change: Change) -> Iterator[PenaltyTerm]:
    """Visits close to now whose patients must be called."""
    limit = change.after.problem.policy.short_notice_min
    for before, after in _changed(change):
        if before.start - change.now < limit and _must_call(change, before, after):
            yield term(change.after.problem, PenaltyCode.SHORT_NOTICE, 1, before.id)


def moved_again(change: Change) -> Iterator[PenaltyTerm]:
    """Earlier moves of visits whose patients must be called."""
    for before, after in _changed(change):
        times = change.times_moved[before.id]
        if times and _must_call(change, before, after):
            yield term(change.after.problem, PenaltyCode.MOVED_AGAIN, times, before.id)


def cancelled(change: Change) -> Iterator[PenaltyTerm]:
    """Booked patients who lose their visit though it is still wanted."""
    problem = change.after.problem
    for before, after in change.pairs:
        if after is not None or before.is_hold or change.is_ended(before):
            continue
        order = problem.order_by_id.get(before.order.id) if before.order else None
        if before.order is None or (order is not None and order.status is OrderStatus.ACTIVE):
            factor = problem.policy.priority.of(before.priority)
            yield term(problem, PenaltyCode.CANCELLED, factor, before.id)


def _changed(change: Change) -> Iterator[tuple[Visit, Visit]]:
    """Visits that block in both schedules, in another place, at another time or with other resources."""
    for before, after in change.pairs:
        if after is not None and placement(before) != placement(after):
            yield before, after


def _promised(change: Change, visit: Visit) -> tuple[PromisedTime, int, str | None]:
    """How exactly, when and who: the time itself, and no name, where nothing is on record."""
    promise = change.promises.get(visit.id)
    if promise is None:
        return PromisedTime.TIME, visit.start, None
    return promise.time, epoch_minute(promise.start), promise.practitioner


def _is_other_day(change: Change, before: Visit, after: Visit) -> bool:
    _, told, _ = _promised(change, before)
    zone = before.first.zone
    return local_day(told, zone) != local_day(after.start, zone)


def _is_other_time(change: Change, before: Visit, after: Visit) -> bool:
    time, told, _ = _promised(change, before)
    zone = before.first.zone
    if time is PromisedTime.HALF_DAY:
        return (local_minute(told, zone) < DAY_MIN // 2) != (local_minute(after.start, zone) < DAY_MIN // 2)
    return time is PromisedTime.TIME and told != after.start


def _is_other_name(change: Change, before: Visit, after: Visit) -> bool:
    _, _, name = _promised(change, before)
    return name is not None and all(u.resource.id != name for u in after.uses)


def _must_call(change: Change, before: Visit, after: Visit) -> bool:
    return (
        _is_other_day(change, before, after)
        or _is_other_time(change, before, after)
        or _is_other_name(change, before, after)
    )
