"""Habit: the time of day and the practitioner that a patient knows from the first visit of a series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.calendar import instant_at, is_gap
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import ResourceId, SiteId
    from engine.model.problem import Problem
    from engine.model.timegrid import TimeGrid
    from engine.search.candidate import Candidate

__all__ = ["Habit"]


@dataclass(frozen=True, slots=True)
class Habit:
    """Minutes after local midnight, in a zone, and who is seen: the first who does something in the longest step."""

    minute: int
    zone: str
    lead: ResourceId | None

    @classmethod
    def of_appointment(cls, problem: Problem, visit: Appointment) -> Habit:
        """That of a visit that is booked."""
        first = min(visit.steps, key=lambda s: s.start)
        steps = [(s.end - s.start, [(r.resource, r.use) for r in s.reservations]) for s in visit.steps]
        return cls._of(problem, first.start, first.site, max(steps, key=lambda s: s[0])[1])

    @classmethod
    def of_candidate(cls, problem: Problem, visit: Candidate) -> Habit:
        """That of a visit that could be booked."""
        longest = max(visit.steps, key=lambda s: s.end - s.start)
        start, uses = problem.grid.instant(visit.start), [(u[1], u[5]) for u in longest.uses]
        return cls._of(problem, start, visit.steps[0].site, uses)

    @classmethod
    def _of(cls, problem: Problem, start: datetime, site: SiteId, uses: Iterable[tuple[ResourceId, RoleUse]]) -> Habit:
        does = (r for r, use in uses if use is RoleUse.EXCLUSIVE)
        lead = next((r for r in does if problem.resource(r).kind is ResourceKind.PRACTITIONER), None)
        zone = problem.zone_of(site)
        local = start.astimezone(ZoneInfo(zone))
        return cls(local.hour * 60 + local.minute, zone, lead)

    def tick_on(self, grid: TimeGrid, day: date) -> int | None:
        """The tick at this time of a local day; None where the clocks skip it or the horizon does not have it."""
        if is_gap(day, self.minute, self.zone):
            return None
        instant = instant_at(day, self.minute, self.zone)
        tick = grid.floor(instant)
        return tick if 0 <= tick < grid.n_ticks and grid.instant(tick) == instant else None

    def shared(self, other: Habit) -> tuple[bool, bool]:
        """Whether time of day and practitioner are the same."""
        return (self.minute, self.zone) == (other.minute, other.zone), self.lead == other.lead
