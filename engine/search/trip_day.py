"""One day of a trip: every arrangement of its orders' starts, by branch and bound.

A start is looked at when the starts of the other orders, each by itself, leave an arrangement that is cheap enough and
keeps the waits; then the orders are looked for one beside the other. Where an order at a start has taken what a later
one needs, its other resources at that start are tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.service import Modality
from engine.model.timegrid import epoch_minute
from engine.search.neighbours import is_one_trip, local_day
from engine.search.suppose import kept_from, supposing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from engine.model.appointment import Appointment
    from engine.model.ids import OrderId, ResourceId, SiteId
    from engine.search.candidate import Candidate
    from engine.search.trip import Part, TripSearch

__all__ = ["TripDay"]

_NOON = 12
_LOOKUPS = 3_000
"""So many lookups for a half-day, then the best so far is taken."""
_Wall = tuple["ResourceId", int, int]


@dataclass(frozen=True, slots=True)
class _Start:
    """A start of one order by itself: minutes, cost, site to ask for (None: any), and its sites in person."""

    tick: int
    minute: int
    cost: int
    site: SiteId | None
    in_person: frozenset[SiteId]
    is_afternoon: bool


@dataclass(frozen=True, slots=True)
class _Found:
    visits: dict[OrderId, Candidate]
    cost: int
    is_proven: bool


class TripDay:
    """The arrangements of one local day.

    Attributes
    ----------
    has_given_up
        Whether there were too many to try them all for the half-day that was asked about last.
    """

    def __init__(self, search: TripSearch, day: date) -> None:
        self._search, self._day = search, day
        self.has_given_up = False
        self._parts: Sequence[Part] = search.parts
        self._starts = [self._starts_of(p) for p in self._parts]
        self._wait = search.tie.max_wait_min if search.is_at_one_site else None
        self._taken = [(epoch_minute(a.start), epoch_minute(a.end)) for a in search.booked]
        self._sites = frozenset(s for a in search.booked for s in _in_person(a))

    def best(self, *, is_afternoon: bool) -> _Found | None:
        """The cheapest trip that starts before 12:00, or from then on, by the clock of its first step's site.

        Of equal ones the one whose first order starts earlier, then whose others are closer to it.
        """
        self._half = is_afternoon
        self._options = [[s for s in starts if s.is_afternoon or not is_afternoon] for starts in self._starts]
        if not all(self._options):
            return None
        least = [min(s.cost for s in options) for options in self._options]
        self._rest = [sum(least[n:]) for n in range(len(least) + 1)]
        self._cost: int | None = None
        self._visits: dict[OrderId, Candidate] = {}
        self._there: dict[tuple[int, frozenset[SiteId]], list[_Start]] = {}
        self._lookups = 0
        self._extend(0, 0, [], [])
        self.has_given_up = self._lookups >= _LOOKUPS
        if self._cost is None:
            return None
        is_whole = self._lookups < _LOOKUPS and all(p.is_simple for p in self._parts)
        return _Found(self._visits, self._cost, is_whole or self._cost == self._rest[0])

    # --- every start ----------------------------------------------------------------------------------------------

    def _starts_of(self, part: Part) -> list[_Start]:
        found = []
        for site, c in self._search.starts(part, self._day):
            visit = self._search.as_booked(part.order, c)
            first = min(visit.steps, key=lambda s: s.start)
            hour = _local_hour(self._search, first.start, first.site)
            in_person = frozenset(_in_person(visit))
            found.append(_Start(c.start, epoch_minute(visit.start), c.cost, site, in_person, hour >= _NOON))
        return found

    def _extend(self, n: int, cost: int, placed: list[_Start], visits: list[Candidate]) -> None:
        if self._is_over(cost + self._rest[n]):
            return
        if n == len(self._parts):
            if self._is_tied(visits):
                self._cost = cost
                self._visits = {p.order.id: v for p, v in zip(self._parts, visits, strict=True)}
            return
        for start in self._by_nearness(n, placed):
            if self._is_over(cost + start.cost + self._rest[n + 1]):
                break
            if self._is_hopeful(n + 1, cost + start.cost, [*placed, start]):
                self._try(n, cost, placed, visits, start, (), set())

    def _by_nearness(self, n: int, placed: list[_Start]) -> list[_Start]:
        """The starts of an order, cheapest first, of equal ones those close to the visits placed before."""
        if not placed:
            return self._where(n, placed)
        return sorted(self._where(n, placed), key=lambda s: (s.cost, min(abs(s.minute - p.minute) for p in placed)))

    def _try(
        self,
        n: int,
        cost: int,
        placed: list[_Start],
        visits: list[Candidate],
        start: _Start,
        walls: tuple[_Wall, ...],
        seen: set[object],
    ) -> None:
        """Place an order at a start, and go on; then with other resources than those that others could need."""
        self._lookups += 1
        part, occupancy = self._parts[n], self._search.occupancy
        with kept_from(occupancy, walls):
            found = self._search.at(part, self._day, start.tick, start.site)
        if found is None or found.steps in seen or self._is_over(cost + found.cost + self._rest[n + 1]):
            return
        seen.add(found.steps)
        with supposing(occupancy, [self._search.as_booked(part.order, found)]):
            self._extend(n + 1, cost + found.cost, [*placed, start], [*visits, found])
        if self._cost == cost + found.cost + self._rest[n + 1]:
            return
        needed = frozenset(r for p in self._parts[n + 1 :] for r in p.pool)
        for step in found.steps:
            for _, resource, first, stop, _, _ in step.uses:
                if not part.is_simple or occupancy.row_by_id[resource] in needed:
                    self._try(n, cost, placed, visits, start, (*walls, (resource, first, stop)), seen)

    def _is_over(self, least: int) -> bool:
        """Whether nothing that costs this at least is wanted any more."""
        return self._lookups >= _LOOKUPS or (self._cost is not None and least >= self._cost)

    # --- what starts alone can say --------------------------------------------------------------------------------

    def _is_hopeful(self, n: int, cost: int, placed: list[_Start]) -> bool:
        """Whether the starts of the other orders, each by itself, leave an arrangement."""
        if self._is_over(cost + self._rest[n]) or not self._could_be(placed, n):
            return False
        if n == len(self._parts):
            return any(not s.is_afternoon for s in placed) or self._half
        return any(self._is_hopeful(n + 1, cost + s.cost, [*placed, s]) for s in self._where(n, placed))

    def _where(self, n: int, placed: list[_Start]) -> list[_Start]:
        """The starts of an order where the trip is, as far as that is known; cheapest first."""
        here = self._sites.union(*(s.in_person for s in placed)) if self._search.is_at_one_site else frozenset()
        if (n, here) not in self._there:
            options = self._options[n]
            self._there[n, here] = [s for s in options if s.in_person <= here] if here else options
        return self._there[n, here]

    def _could_be(self, placed: list[_Start], n: int) -> bool:
        """Whether starts go together as far as they tell: sites, the patients' own time, and waits."""
        if self._search.is_at_one_site and len(self._sites.union(*(s.in_person for s in placed))) > 1:
            return False
        known = list(zip(self._parts, placed, strict=False))
        last, here = known[-1]
        for part, start in known[:-1]:
            if part.order.patient == last.order.patient and part.lengths and last.lengths:
                one, other = sorted(((start.minute, part.lengths[0]), (here.minute, last.lengths[0])))
                if sum(one) > other[0]:
                    return False
        if self._wait is None or any(p.lengths is None for p in self._parts):
            return True
        stretches = [(s.minute, s.minute + p.lengths[1]) for p, s in known if p.lengths is not None]
        stretches = sorted([*stretches, *self._taken])
        rest = sum(p.lengths[1] for p in self._parts[n:] if p.lengths is not None)
        most = self._wait * (len(self._parts) - n + 1) + rest
        until = stretches[0][1]
        for a, b in stretches[1:]:
            if a - until > most:
                return False
            until = max(until, b)
        return True

    # --- the rule -------------------------------------------------------------------------------------------------

    def _is_tied(self, visits: list[Candidate]) -> bool:
        """Whether the visits keep the tie, and start in the half of the day that is looked at."""
        search = self._search
        made = [search.as_booked(p.order, v) for p, v in zip(self._parts, visits, strict=True)]
        first = min((s for a in made for s in a.steps), key=lambda s: s.start)
        if (_local_hour(search, first.start, first.site) >= _NOON) != self._half:
            return False
        everything = [*search.booked, *made]
        if len({local_day(search.problem, a) for a in everything}) > 1:
            return False
        if not search.is_at_one_site:
            return True
        last = everything[-1]
        stretch = epoch_minute(last.start), epoch_minute(last.end)
        return is_one_trip(search.tie, everything[:-1], *stretch, frozenset(_in_person(last)))


def _in_person(visit: Appointment) -> list[SiteId]:
    return [s.site for s in visit.steps if s.modality is Modality.IN_PERSON]


def _local_hour(search: TripSearch, instant: datetime, site: SiteId) -> int:
    return instant.astimezone(ZoneInfo(search.problem.zone_of(site))).hour
