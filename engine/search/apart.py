"""Whether visits are so far apart that none can matter to another.

Asked of visits that were found one by one: if they are apart, they can all be booked, and what each costs alone is what
it costs among them.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.model.appointment import Appointment, Reservation
    from engine.model.ids import ResourceId, SessionId
    from engine.model.order import Order
    from engine.model.session import Session
    from engine.search.occupancy import Occupancy

__all__ = ["Apart"]


class Apart:
    """Distances between visits of one order.

    Notes
    -----
    What couples two visits of a patient in time (their own time, ways, buffers, changeovers, staff's ways, separations)
    reaches no further than the longest of these; what couples them otherwise (quotas, floating breaks) is a session.
    """

    def __init__(self, occupancy: Occupancy, order: Order) -> None:
        self._problem = problem = occupancy.problem
        service, patient = problem.service(order.service), problem.patient(order.patient)
        roles = [r for s in service.steps for r in s.roles] + [h.role for h in service.held]
        roles += [r for need in problem.needs for r in need.roles]
        of_roles, of_resources = ([x.setup_min + x.cleanup_min for x in every] for every in (roles, problem.resources))
        changeovers = [c.minutes for r in problem.resources for c in r.changeovers]
        ways = [patient.travel_min or 0, *problem.travel_min.values()]
        separations = [s.minutes for s in order.separations if s.service == order.service]
        self._arrive = service.arrive_before_min
        self._reach = sum(max(found, default=0) for found in (of_roles, of_resources, changeovers, ways, separations))

    def are(self, visits: Iterable[Appointment]) -> bool:
        """Whether no two of these visits can matter to each other."""
        seen: set[SessionId] = set()
        until: int | None = None
        for start, end, sessions in sorted((self._extent(v) for v in visits), key=lambda e: e[:2]):
            if (until is not None and start - until < self._reach) or not seen.isdisjoint(sessions):
                return False
            seen |= sessions
            until = end if until is None else max(until, end)
        return True

    def _extent(self, visit: Appointment) -> tuple[int, int, frozenset[SessionId]]:
        reservations = [r for s in visit.steps for r in s.reservations]
        starts = [epoch_minute(visit.start) - self._arrive, *(epoch_minute(r.start) for r in reservations)]
        ends = [epoch_minute(visit.end), *(epoch_minute(r.end) for r in reservations)]
        return min(starts), max(ends), frozenset(i for r in reservations for i in self._sessions_of(r))

    def _sessions_of(self, reservation: Reservation) -> frozenset[SessionId]:
        """The sessions that a reservation touches and in which visits are counted, or a break is kept free."""
        start, end, day = reservation.start, reservation.end, reservation.start.date()
        found = []
        for s in self._counting.get(reservation.resource, ()):
            if abs((s.day - day).days) <= 1:
                first, last = s.bounds(self._problem.zone_of(s.site))
                if first < end and start < last:
                    found.append(s.id)
        return frozenset(found)

    @cached_property
    def _counting(self) -> dict[ResourceId, list[Session]]:
        by_resource = self._problem.sessions_by_resource
        return {r: [s for s in sessions if _counts(s)] for r, sessions in by_resource.items()}


def _counts(session: Session) -> bool:
    return bool(session.breaks) or session.has_quotas
