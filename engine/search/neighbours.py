"""A visit among others: prerequisites, separations, ties and series, all seen from the visit that is to be placed.

Booking a visit must neither break what its own order asks nor what the orders of visits already booked ask of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.model.calendar import local_days
from engine.model.codes import ConstraintCode
from engine.model.order import TieKind
from engine.model.service import Modality
from engine.model.timegrid import epoch_minute

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from engine.model.appointment import Appointment
    from engine.model.ids import SiteId
    from engine.model.order import Order, Tie
    from engine.model.problem import Problem
    from engine.search.occupancy import Occupancy

__all__ = ["Neighbours", "is_one_trip", "local_day"]


@dataclass(slots=True)
class Neighbours:
    """What other visits allow one visit of an order. Times in epoch minutes.

    Parameters
    ----------
    starts
        (rule, earliest start, latest start, both included).
    days
        (rule, first local day, last, both included).
    apart
        (start, end, minutes): the visit lies wholly so many minutes before or after another.
    last_end
        The end of the order's other visits; what follows the order follows the last of them.
    followers
        (start, at least, at most): a visit that follows this order's.
    missing
        Rules that nothing can meet as things stand, with what is missing.
    """

    starts: list[tuple[ConstraintCode, int | None, int | None]] = field(default_factory=list)
    days: list[tuple[ConstraintCode, date, date]] = field(default_factory=list)
    apart: list[tuple[int, int, int]] = field(default_factory=list)
    last_end: int | None = None
    followers: list[tuple[int, int, int | None]] = field(default_factory=list)
    trips: list[tuple[Tie, list[Appointment]]] = field(default_factory=list)
    missing: list[tuple[ConstraintCode, str]] = field(default_factory=list)

    @classmethod
    def of(cls, occupancy: Occupancy, order: Order, occurrence: int) -> Neighbours:
        """What is booked beside an occurrence of an order."""
        made, problem, bookings = cls(), occupancy.problem, occupancy.bookings
        own = bookings.of_order(order.id)
        if any(a.occurrence == occurrence for a in own):
            made.missing.append((ConstraintCode.ORDER_ONCE, "it has a visit already"))
        made._add_series(problem, order, occurrence, own)
        for wanted in order.prerequisites:
            others = bookings.of_order(wanted.order)
            if not others:
                made.missing.append(
                    (ConstraintCode.PREREQUISITE, f"order {wanted.order}, which comes first, has no visit")
                )
                continue
            end = max(epoch_minute(a.end) for a in others)
            latest = None if wanted.max_min is None else end + wanted.max_min
            made.starts.append((ConstraintCode.PREREQUISITE, end + wanted.min_min, latest))
        made.last_end = max((epoch_minute(a.end) for a in own), default=None)
        for other in occupancy.bookings.links.followers(order.id):
            asked = [(p.min_min, p.max_min) for p in other.prerequisites if p.order == order.id]
            made.followers.extend((epoch_minute(a.start), *p) for a in bookings.of_order(other.id) for p in asked)
        if order.separations or bookings.links.is_kept_apart(order):
            made._add_separations(problem, order, bookings.of_patient(order.patient))
        made._add_ties(occupancy, order, occurrence)
        return made

    def lift(self, rules: Collection[ConstraintCode]) -> None:
        """Go on as if some of these rules were not asked."""
        self.starts = [s for s in self.starts if s[0] not in rules]
        self.days = [d for d in self.days if d[0] not in rules]
        self.missing = [m for m in self.missing if m[0] not in rules]
        if ConstraintCode.SEPARATION in rules:
            self.apart = []
        if ConstraintCode.PREREQUISITE in rules:
            self.followers = []
        if ConstraintCode.TIE in rules:
            self.trips = []

    def _add_series(self, problem: Problem, order: Order, occurrence: int, own: list[Appointment]) -> None:
        if not order.series:
            if occurrence:
                self.missing.append((ConstraintCode.ORDER_ONCE, "it is no series"))
            return
        if occurrence >= len(order.series):
            self.missing.append((ConstraintCode.ORDER_ONCE, f"its series has {len(order.series)} visits"))
            return
        if occurrence == 0:  # the others count from it, so it may not leave them behind
            for a in own:
                if 0 < a.occurrence < len(order.series):
                    offset, day = order.series[a.occurrence], local_day(problem, a)
                    last = day - timedelta(offset.offset_days - offset.before_days)
                    first = day - timedelta(offset.offset_days + offset.after_days)
                    self.days.append((ConstraintCode.SERIES, first, last))
            return
        first_visit = next((a for a in own if a.occurrence == 0), None)
        if first_visit is None:
            self.missing.append((ConstraintCode.SERIES, "the first visit of its series is not booked"))
            return
        offset = order.series[occurrence]
        day = local_day(problem, first_visit) + timedelta(offset.offset_days)
        span = day - timedelta(offset.before_days), day + timedelta(offset.after_days)
        self.days.append((ConstraintCode.SERIES, *span))

    def _add_separations(self, problem: Problem, order: Order, of_patient: Iterable[Appointment]) -> None:
        for a in of_patient:
            minutes = [s.minutes for s in order.separations if a.order == s.order is not None or a.service == s.service]
            other = problem.order_by_id.get(a.order) if a.order is not None else None
            for s in other.separations if other else ():
                if s.order == order.id or s.service == order.service:
                    minutes.append(s.minutes)
            if minutes:
                self.apart.append((epoch_minute(a.start), epoch_minute(a.end), max(minutes)))

    def _add_ties(self, occupancy: Occupancy, order: Order, occurrence: int) -> None:
        problem = occupancy.problem
        for tie in occupancy.bookings.links.ties_of(order.id):
            visits = [a for o in tie.orders if o != order.id for a in occupancy.bookings.of_order(o)]
            visits = [a for a in visits if a.occurrence == occurrence]
            for a in visits:
                day = local_day(problem, a)
                self.days.append((ConstraintCode.TIE, day, day))
            if visits and tie.kind is not TieKind.SAME_DAY:
                self.trips.append((tie, visits))

    def allow(self, start: int, end: int, sites_in_person: frozenset[SiteId]) -> ConstraintCode | None:
        """The first rule that a visit `[start, end)` breaks and that its start alone does not show; None: none.

        Parameters
        ----------
        sites_in_person
            Where its steps in person are.
        """
        if any(max(0, start - b, a - end) < minutes for a, b, minutes in self.apart):
            return ConstraintCode.SEPARATION
        last = end if self.last_end is None else max(end, self.last_end)
        for follows, least, most in self.followers:
            if follows - last < least or (most is not None and follows - last > most):
                return ConstraintCode.PREREQUISITE
        if not all(is_one_trip(tie, visits, start, end, sites_in_person) for tie, visits in self.trips):
            return ConstraintCode.TIE
        return None


def local_day(problem: Problem, visit: Appointment) -> date:
    """The local day of a visit's start, by the clock of the site of its first step in time."""
    first = min(visit.steps, key=lambda s: s.start)
    return next(local_days(first.start, first.end, problem.zone_of(first.site)))


def is_one_trip(tie: Tie, visits: list[Appointment], start: int, end: int, sites_in_person: frozenset[SiteId]) -> bool:
    """Whether a visit goes with others of one trip: at one site, and with no wait that is too long."""
    sites = {s.site for a in visits for s in a.steps if s.modality is Modality.IN_PERSON}
    if len(sites | sites_in_person) > 1:
        return False
    if tie.max_wait_min is None:
        return True
    stretches = sorted([(start, end), *((epoch_minute(a.start), epoch_minute(a.end)) for a in visits)])
    until = stretches[0][1]
    for a, b in stretches[1:]:
        if a - until > tie.max_wait_min:
            return False
        until = max(until, b)
    return True
