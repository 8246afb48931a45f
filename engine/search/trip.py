"""Several orders, one trip: the orders of a tie placed together, best day first.

All orders of a tie are on one local day. Days are taken best first by what the orders cost at least, half-day by
half-day; within one, every arrangement of starts by branch and bound. Each order is looked for beside those placed so
far, as if they were booked; the tie itself is judged when all are.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.model.calendar import local_day_bounds
from engine.model.ids import AppointmentId
from engine.model.order import Condition, ConditionKind, ConditionStatus, TieKind
from engine.search.candidate import candidate_to_appointment
from engine.search.clock import day_number
from engine.search.finder import find
from engine.search.neighbours import local_day
from engine.search.query import Query
from engine.search.rank import least_by_day
from engine.search.trip_day import TripDay

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import OrderId, SiteId
    from engine.model.order import Order, Tie
    from engine.search.candidate import Candidate
    from engine.search.occupancy import Occupancy

__all__ = ["Part", "TripPlan", "TripSearch"]

_EPOCH = date(1970, 1, 1)
_AT_ONCE = 64
"""So many starts are asked for at once; there is a compiled way for that many."""
_PIECE = 48


@dataclass(frozen=True, slots=True)
class Part:
    """An order of the tie that is to be placed.

    Parameters
    ----------
    floors
        What it costs at least on each local day, by the day's number.
    sites
        Where its first step may be.
    pool
        Rows of the resources that it could use.
    lengths
        The fewest and the most minutes from its start to its end; None where nobody can say before it is placed.
    is_simple
        One step, done in one way: its visits at a start and site differ in resources only.
    """

    order: Order
    floors: Mapping[int, int]
    sites: tuple[SiteId, ...]
    pool: frozenset[int]
    lengths: tuple[int, int] | None
    is_simple: bool


@dataclass(frozen=True, slots=True)
class TripPlan:
    """The visits of a trip, by order. `is_proven`: nothing cheaper starts in this half of the day."""

    day: date
    is_afternoon: bool
    visits: Mapping[OrderId, Candidate]
    cost: int
    is_proven: bool


class TripSearch:
    """Looks for a trip's visits that are not booked yet. The tie is hidden meanwhile (`Links.untied`).

    Parameters
    ----------
    orders
        Those to be placed.
    booked
        The visits of the tie's other orders.
    occurrence
        Of the orders that are series.

    Attributes
    ----------
    has_given_up
        Whether there were too many arrangements on some day to try them all.
    """

    def __init__(
        self,
        occupancy: Occupancy,
        tie: Tie,
        orders: Sequence[Order],
        *,
        now: datetime,
        booked: Sequence[Appointment],
        occurrence: int = 0,
        first: int | None = None,
        stop: int | None = None,
    ) -> None:
        self.occupancy, self.problem = occupancy, occupancy.problem
        self.tie, self.booked = tie, booked
        self._now, self._occurrence, self._range = now, occurrence, (first, stop)
        self._open = {o.id for o in orders}
        self.has_given_up = False
        self.parts = [self._part(o) for o in self._in_order(orders)]

    def plans(self) -> Iterator[TripPlan]:
        """The cheapest trip of each half-day: least cost first, then the earliest."""
        heap: list[tuple[int, int, bool, TripPlan | None]] = [
            (sum(p.floors[day] for p in self.parts), day, late, None) for day in self.days() for late in (False, True)
        ]
        heapq.heapify(heap)
        days: dict[int, TripDay] = {}
        while heap:
            _, number, is_afternoon, plan = heapq.heappop(heap)
            if plan is not None:
                yield plan
                continue
            if number not in days:
                days[number] = TripDay(self, _EPOCH + timedelta(number))
            made = days[number].best(is_afternoon=is_afternoon)
            self.has_given_up |= days[number].has_given_up
            if made is not None:
                day = _EPOCH + timedelta(number)
                found = TripPlan(day, is_afternoon, made.visits, made.cost, made.is_proven)
                heapq.heappush(heap, (made.cost, number, is_afternoon, found))

    def days(self) -> list[int]:
        """The days on which each order may have a place, and on which the booked ones are."""
        days = set.intersection(*(set(p.floors) for p in self.parts))
        for visit in self.booked:
            days &= {day_number(local_day(self.problem, visit))}
        return sorted(days)

    def starts(self, part: Part, day: date) -> list[tuple[SiteId | None, Candidate]]:
        """The cheapest visit of an order at each start of a day, and at each site where there are several."""
        sites: list[SiteId | None] = [None] if len(part.sites) < 2 else [None, *part.sites]
        found: dict[object, tuple[SiteId | None, Candidate]] = {}
        for site in sites:
            for c in self._of_day(self._free(part.order), day, site):
                found.setdefault((c.start, c.steps[0].site, c.steps), (site, c))
        return sorted(found.values(), key=lambda f: (f[1].cost, f[1].start))

    def at(self, part: Part, day: date, start: int, site: SiteId | None) -> Candidate | None:
        """The cheapest visit of an order at a tick, beside all that is booked or supposed to be."""
        found = self._find(part.order, day, site, 1, start, start + 1)
        return found[0] if found else None

    def as_booked(self, order: Order, visit: Candidate) -> Appointment:
        """The appointment of a visit."""
        return candidate_to_appointment(
            self.problem, order, visit, id=AppointmentId("?"), now=self._now, occurrence=self._of(order)
        )

    def _of(self, order: Order) -> int:
        return self._occurrence if order.series else 0

    def _free(self, order: Order) -> Order:
        """An order that waits for none of those that are placed with it."""
        rest = tuple(p for p in order.prerequisites if p.order not in self._open)
        return order if rest == order.prerequisites else order.model_copy(update={"prerequisites": rest})

    def _in_order(self, orders: Sequence[Order]) -> list[Order]:
        """Orders behind those that come first, else as they stand."""
        left = list(orders)
        placed: list[Order] = []
        while left:
            waiting = {o.id for o in left}
            ready = next((o for o in left if not any(p.order in waiting for p in o.prerequisites)), left[0])
            left.remove(ready)
            placed.append(ready)
        return placed

    def _part(self, order: Order) -> Part:
        margin = self.occupancy.calendars.margin
        low, high = (None if t is None else t + margin for t in self._range)
        with Query(
            self.occupancy, self._free(order), now=self._now, first=low, stop=high, occurrence=self._of(order)
        ) as query:
            floors = least_by_day(query)
            variants = [v for s in query.steps for v in s.variants]
            pool = frozenset(r for v in variants for role in v.roles for r in role.resources)
            sites = tuple(dict.fromkeys(v.site for v in query.first_variants))
            minutes = query.lengths[0]
            is_one = len(query.required) == 1
            tick = self.occupancy.grid.tick_min
            lengths = (min(minutes), -(-max(minutes) // tick) * tick) if is_one else None
            is_simple = is_one and len(minutes) == 1 and len(query.required[0].modalities) == 1
        return Part(order, floors, sites, pool, lengths, is_simple)

    def _of_day(self, order: Order, day: date, site: SiteId | None) -> list[Candidate]:
        first = self._find(order, day, site, _AT_ONCE)
        if len(first) < _AT_ONCE:
            return first
        grid = self.problem.grid
        bounds = [local_day_bounds(day, s.time_zone) for s in self.problem.sites]
        low, high = grid.floor(min(b[0] for b in bounds)), grid.ceil(max(b[1] for b in bounds))
        pieces = range(max(0, low), min(grid.n_ticks, high), _PIECE)
        return [c for t in pieces for c in self._find(order, day, site, _AT_ONCE, t, min(t + _PIECE, high))]

    def _find(
        self, order: Order, day: date, site: SiteId | None, k: int, first: int | None = None, stop: int | None = None
    ) -> list[Candidate]:
        that_day = Condition(kind=ConditionKind.OTHER, status=ConditionStatus.MET, valid_from=day, valid_until=day)
        update: dict[str, object] = {"conditions": (*order.conditions, that_day)}
        if site is not None:
            update["required_site"] = site
        low = max((t for t in (first, self._range[0]) if t is not None), default=None)
        high = min((t for t in (stop, self._range[1]) if t is not None), default=None)
        return find(
            self.occupancy,
            order.model_copy(update=update),
            now=self._now,
            k=k,
            first=low,
            stop=high,
            occurrence=self._of(order),
        )

    @property
    def is_at_one_site(self) -> bool:
        """Whether all visits in person are at one site."""
        return self.tie.kind is not TieKind.SAME_DAY
