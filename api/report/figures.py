"""Numbers behind the plots: a week's use of the rooms, the load of the practitioners, how long patients wait."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.wording import service_name, zone_of_visit
from engine.model.calendar import local_day_bounds
from engine.model.order import Priority
from engine.model.resource import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from engine.jobs.measure_use import WeekUse
    from engine.model.appointment import Appointment
    from engine.model.schedule import Schedule

__all__ = ["RoomUse", "Week", "busiest_week", "load_by_practitioner", "room_uses", "waiting_days"]

OTHER = "other services"


@dataclass(frozen=True)
class Week:
    """Monday to Sunday by the organisation's calendar."""

    monday: date
    zone: str

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Its instants `[start, end)`."""
        return local_day_bounds(self.monday, self.zone)[0], local_day_bounds(self.days[-1], self.zone)[1]

    @property
    def days(self) -> list[date]:
        """Its seven dates."""
        return [self.monday + timedelta(days=n) for n in range(7)]


@dataclass(frozen=True)
class RoomUse:
    """A room taken on a day, from and to in hours by the wall clock since that day's midnight."""

    room: str
    day: date
    start_h: float
    end_h: float
    service: str


def busiest_week(schedule: Schedule, *, now: datetime) -> Week:
    """The week from `now` on in which most visits begin, the earliest of several; that of `now` where none begins."""
    problem = schedule.problem
    zone = ZoneInfo(problem.time_zone)
    mondays = Counter(_monday(v.start.astimezone(zone).date()) for v in blocking(schedule, now=now) if v.end > now)
    most = max(mondays.values(), default=0)
    first = min((m for m, n in mondays.items() if n == most), default=_monday(now.astimezone(zone).date()))
    return Week(first, problem.time_zone)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def blocking(schedule: Schedule, *, now: datetime) -> list[Appointment]:
    """The visits that take time."""
    return [v for v in schedule.appointments if v.blocks_at(now)]


def room_uses(schedule: Schedule, week: Week, *, now: datetime, n_services: int = 9) -> list[RoomUse]:
    """Every use of a room in a week; services beyond the `n_services` most frequent are put together."""
    problem = schedule.problem
    start, end = week.bounds
    found = []
    for visit in blocking(schedule, now=now):
        for r in (r for s in visit.steps for r in s.reservations):
            resource = problem.resource_by_id.get(r.resource)
            if resource is not None and resource.kind is ResourceKind.ROOM and r.start < end and r.end > start:
                found.append((resource, visit, max(r.start, start), min(r.end, end)))
    frequent = Counter(visit.service for _, visit, _, _ in found).most_common(n_services)
    names = {service: service_name(problem, service) for service, _ in frequent}
    return [
        RoomUse(room.name, day, from_h, to_h, names.get(visit.service, OTHER))
        for room, visit, first, last in found
        for day, from_h, to_h in _by_day(first, last, zone_of_visit(problem, visit))
    ]


def _by_day(start: datetime, end: datetime, zone: str) -> Iterable[tuple[date, float, float]]:
    """A stretch of time cut at local midnights, in hours by the wall clock."""
    first, last = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    days = (last.date() - first.date()).days
    for n in range(days + 1):
        from_h = first.hour + first.minute / 60 if n == 0 else 0.0
        to_h = last.hour + last.minute / 60 if n == days else 24.0
        if to_h > from_h:
            yield first.date() + timedelta(days=n), from_h, to_h


def load_by_practitioner(schedule: Schedule, week: Week, *, now: datetime) -> list[tuple[str, WeekUse]]:
    """The names and the week of everybody who has time or visits in it, in the order of the problem."""
    from engine.jobs.measure_use import measure_use  # not at the top: search takes a second to load

    problem = schedule.problem
    return [
        (problem.resource(u.resource).name, u)
        for u in measure_use(schedule, now=now)
        if u.monday == week.monday
        and problem.resource(u.resource).kind is ResourceKind.PRACTITIONER
        and (u.open_min or u.outside_min)
    ]


def waiting_days(schedule: Schedule, *, now: datetime) -> dict[Priority, list[int]]:
    """Local days from the earliest start (else the order, else the horizon's start) to the visit, by priority."""
    problem = schedule.problem
    days: dict[Priority, list[int]] = {priority: [] for priority in Priority}
    for visit in blocking(schedule, now=now):
        order = None if visit.order is None else problem.order_by_id.get(visit.order)
        if order is not None and visit.start >= now:
            zone = ZoneInfo(zone_of_visit(problem, visit))
            since = order.earliest_start or order.ordered_at or problem.horizon.start
            days[order.priority].append((visit.start.astimezone(zone).date() - since.astimezone(zone).date()).days)
    return {priority: found for priority, found in days.items() if found}
