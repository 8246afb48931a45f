"""An order that has no visit in time: what it asks, and how it is asked again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.jobs.find_slots import slot_offer
from engine.jobs.help import Help, HelpKind
from engine.model.calendar import local_day_bounds
from engine.model.codes import ConstraintCode
from engine.search import bits
from engine.search.explained import moment
from engine.search.finder import find
from engine.search.query import Query
from engine.search.trial import Trial

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.model.result import SlotOffer
    from engine.model.session import Session
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy

__all__ = ["NEVER_HELPED", "Lacking"]

NEVER_HELPED = {
    ConstraintCode.ORDER_ONCE,
    ConstraintCode.CONDITION,
    ConstraintCode.ELIGIBILITY,
    ConstraintCode.PREREQUISITE,
    ConstraintCode.SERIES,
}
"""What may be missing of an order that nobody's time, and no wish that is given up, makes up for."""

_WITHOUT_LIMIT = timedelta(days=28)
"""How far is looked where nothing says until when the visit should be."""


class Lacking:
    """One order, and what is in time for it.

    Parameters are those of `what_would_help`.

    Attributes
    ----------
    order
        As it is, but that what is not in time is not allowed.
    missing
        What makes every start impossible, as (rule, what is missing).
    limit
        The visit ends by then, never later than by the order's deadline; None: whenever its days allow.
    trial
        For changes to what is open, kept and booked.
    """

    def __init__(
        self, occupancy: Occupancy, order: Order, now: datetime, occurrence: int, practitioner: ResourceId | None
    ) -> None:
        self.occupancy, self.problem, self.now = occupancy, occupancy.problem, now
        self.occurrence, self.practitioner = occurrence, practitioner
        due = order.due if order.due is not None and order.due > now else None
        self.limit = min((t for t in (due, order.deadline) if t is not None), default=None)
        first, stop = self._starts(order)
        self.order = order if self.limit is None else order.model_copy(update={"deadline": self.limit})
        self.trial = Trial(
            occupancy, self.order, now=now, first=first, stop=stop, occurrence=occurrence, practitioner=practitioner
        )

    def _starts(self, order: Order) -> tuple[int, int]:
        """The starts that the order allows and that are in time, in ticks of the occupancy; sets `limit`."""
        occupancy, grid = self.occupancy, self.problem.grid
        with Query(occupancy, order, now=self.now, occurrence=self.occurrence, practitioner=self.practitioner) as query:
            self.missing = query.missing
            allowed = bits.make(occupancy.n_ticks)
            for site in query.sites:
                bits.or_(allowed, query.limits.row(site))
            has_last_day = any(last is not None for _, _, last in query.limits.days)
        flags = np.zeros(occupancy.n_ticks, np.bool_)
        bits.to_bool(allowed, flags)
        ticks = np.flatnonzero(flags)
        if not ticks.size:
            return 0, 1
        first, stop = int(ticks[0]), int(ticks[-1]) + 1
        margin = occupancy.calendars.margin
        if self.limit is None and not has_last_day:
            zone = self.problem.time_zone
            day = grid.local_date(first - margin, zone)
            self.limit = local_day_bounds(day + _WITHOUT_LIMIT, zone)[0]
        if self.limit is not None:
            stop = min(stop, grid.floor(self.limit) + margin + 1)
        return first, max(first + 1, stop)

    def asked_again(self, order: Order, practitioner: ResourceId | None) -> Candidate | None:
        """The best visit in time for an order as it would be."""
        found = find(self.occupancy, order, now=self.now, k=1, occurrence=self.occurrence, practitioner=practitioner)
        return next(iter(found), None)

    def offer(self, candidate: Candidate) -> SlotOffer:
        """A visit as it is offered."""
        group = None if candidate.group is None else self.occupancy.bookings.groups[candidate.group]
        return slot_offer(self.problem, self.order, candidate, 1, self.now, self.occurrence, group)

    def help(
        self,
        kind: HelpKind,
        size: int,
        change: str,
        candidate: Candidate,
        r: int | None = None,
        session: Session | None = None,
    ) -> Help:
        """A change in words ("If ..."), with the visit that it lets in."""
        offer = self.offer(candidate)
        zone = self.problem.zone_of(candidate.steps[0].site)
        resource = None if r is None else self.problem.resources[r].id
        return Help(kind, size, resource, session, offer, f"{change}, {moment(offer.start, zone)} would be free.")
