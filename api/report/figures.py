"""Numbers behind the plots: a week's use of the rooms, the load of the practitioners, how long patients wait."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from api.wording import service_name, zone_of_visit
from engine.model.calendar import local_day_bounds
from engine.model.hours import merge_intervals, open_intervals
from engine.model.order import Priority
from engine.model.resource import ResourceKind, UseRule

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId, SiteId
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.schedule import Schedule

__all__ = ["Load", "RoomUse", "Week", "busiest_week", "load_by_practitioner", "room_uses", "waiting_days"]

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


@dataclass(frozen=True)
class Load:
    """A practitioner's week in minutes: in visits (or setting up and cleaning), and in sessions or opening hours."""

    name: str
    booked_min: int
    open_min: int


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


def load_by_practitioner(schedule: Schedule, week: Week, *, now: datetime) -> list[Load]:
    """The week of everybody who has time in it, in the order of the problem."""
    problem = schedule.problem
    start, end = week.bounds
    busy: dict[ResourceId, list[tuple[datetime, datetime]]] = {}
    for visit in blocking(schedule, now=now):
        for r in (r for s in visit.steps for r in s.reservations):
            if r.start < end and r.end > start:
                busy.setdefault(r.resource, []).append((max(r.start, start), min(r.end, end)))
    loads = []
    for resource in problem.resources:
        if resource.kind is ResourceKind.PRACTITIONER:
            there = _open_time(problem, resource, start, end)
            load = Load(resource.name, _minutes(busy.get(resource.id, [])), _minutes(there))
            if load.booked_min or load.open_min:
                loads.append(load)
    return loads


def _open_time(problem: Problem, resource: Resource, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    hours = open_intervals(problem.hours_of(resource), start, end, problem.zone_of(resource.site))
    if resource.use is UseRule.WHEN_OPEN:
        return hours
    own = [s.bounds(problem.zone_of(s.site)) for s in problem.sessions_by_resource.get(resource.id, ())]
    own += [b.bounds(_zone_of_theatre(problem, b.theatre)) for b in problem.blocks if b.practitioner == resource.id]
    return [
        (max(a, first), min(b, last))
        for a, b in merge_intervals(own)
        for first, last in hours
        if a < last and first < b
    ]


def _zone_of_theatre(problem: Problem, theatre: ResourceId) -> str:
    site: SiteId = problem.resource(theatre).site
    return problem.zone_of(site)


def _minutes(stretches: list[tuple[datetime, datetime]]) -> int:
    return sum((end - start) // timedelta(minutes=1) for start, end in merge_intervals(stretches))


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
