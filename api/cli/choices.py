"""What a demonstration plays through: an order that comes in last, a visit that is cancelled, a physician's day off.

Chosen by rule from the scenario, so that the same scenario gives the same demonstration.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.wording import zone_of_visit
from engine.jobs.find_slots import find_slots
from engine.model.appointment import OPEN
from engine.model.calendar import local_day_bounds
from engine.model.resource import Practitioner
from engine.search.occupancy import Occupancy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId
    from engine.model.schedule import Schedule

__all__ = ["busiest_day", "visit_to_cancel", "visit_to_find_again"]

_TRIES = 10
_ENOUGH = 5
_DAYS_AHEAD = 7


def visit_to_find_again(schedule: Schedule, visits: Iterable[Appointment], *, now: datetime) -> Appointment | None:
    """Of `visits` one to take out and find a slot for again, as if its order had come in last.

    The one with most steps whose order stands for itself, if there are offers for it: the first with enough of them.
    """
    problem = schedule.problem
    bound = {order for tie in problem.ties for order in tie.orders}
    bound |= {p.order for o in problem.orders for p in o.prerequisites}
    alone = []
    for visit in visits:
        order = None if visit.order is None else problem.order(visit.order)
        if order is not None and order.id not in bound and not (order.series or order.prerequisites or visit.group):
            alone.append(visit)
    alone.sort(key=lambda v: (-len(v.steps), v.id))
    occupancy = Occupancy.of(schedule, now=now)
    best, most = None, 0
    for visit in alone[:_TRIES]:
        n_offers = _n_offers(schedule, occupancy, visit, now)
        if n_offers > most:
            best, most = visit, n_offers
        if most >= _ENOUGH:
            break
    return best


def _n_offers(schedule: Schedule, occupancy: Occupancy, visit: Appointment, now: datetime) -> int:
    if visit.order is None:
        return 0
    found = find_slots(schedule, visit.order, now=now, k=_ENOUGH, occupancy=occupancy, ignoring=[visit.id])
    return len(found.offers)


def visit_to_cancel(schedule: Schedule, *, now: datetime) -> Appointment | None:
    """The next visit on a later day, of the service that most orders without a visit wait for."""
    problem = schedule.problem
    waiting = Counter(
        problem.order_by_id[left.order].service
        for left in schedule.left_over
        if left.order is not None and left.order in problem.order_by_id
    )
    return min(_later_visits(schedule, now), key=lambda v: (-waiting[v.service], v.start, v.id), default=None)


def busiest_day(schedule: Schedule, *, now: datetime) -> tuple[ResourceId, datetime, datetime] | None:
    """The physician with most visits on one of the next days, and that local day's instants `[start, end)`.

    Days with a visit that may not move are left out: nobody but the clinic can say what is to become of it.
    """
    problem = schedule.problem
    people = {r.id: r for r in problem.resources if isinstance(r, Practitioner)}
    physicians = {r.id for r in people.values() if r.profession == "physician"} or set(people)
    movable: Counter[tuple[date, ResourceId]] = Counter()
    fixed: set[tuple[date, ResourceId]] = set()
    later = {v.id for v in _later_visits(schedule, now)}
    for visit in schedule.appointments:
        if visit.blocks_at(now) and now < visit.end and visit.start < now + timedelta(days=_DAYS_AHEAD):
            day = visit.start.astimezone(ZoneInfo(zone_of_visit(problem, visit))).date()
            taken = {(day, r.resource) for s in visit.steps for r in s.reservations if r.resource in physicians}
            if visit.id in later:
                movable.update(taken)
            else:
                fixed |= taken
    free = {key: n for key, n in movable.items() if key not in fixed}
    if not free:
        return None
    (day, resource), _ = min(free.items(), key=lambda item: (-item[1], item[0]))
    return resource, *local_day_bounds(day, problem.zone_of(people[resource].site))


def _later_visits(schedule: Schedule, now: datetime) -> list[Appointment]:
    """Visits that block, may move, are no seat in a group and begin on a later day than today."""
    problem = schedule.problem
    today = now.astimezone(ZoneInfo(problem.time_zone)).date()
    return [
        v
        for v in schedule.appointments
        if v.status in OPEN
        and v.blocks_at(now)
        and v.group is None
        and not v.is_pinned
        and v.order is not None
        and v.start.astimezone(ZoneInfo(problem.time_zone)).date() > today
    ]
