"""The next open appointments of a service: what a new patient could have, as search would offer it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from engine.errors import UnsupportedRuleError
from engine.model.codes import PenaltyCode
from engine.model.ids import OrderId
from engine.model.order import Order
from engine.model.patient import ANYBODY
from engine.model.service import RoleUse
from engine.search import bits, scan
from engine.search.candidates import find_candidates
from engine.search.confirm import Confirmer
from engine.search.costs import Costs
from engine.search.query import Query
from engine.search.starts import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.model.ids import ResourceId, ServiceId
    from engine.search.bits import Row
    from engine.search.candidate import Candidate
    from engine.search.horizon import Run
    from engine.search.occupancy import Occupancy
    from engine.search.plans import RolePlan

__all__ = ["Openings", "next_openings"]


@dataclass(frozen=True, slots=True)
class Openings:
    """The next open appointments, each a visit with who leads it; None where no practitioner does anything.

    Parameters
    ----------
    together
        That could all be booked, whoever leads them.
    by_lead
        Of everybody whom a new patient may go to, in the order of the problem: that they could give.
    """

    together: list[tuple[Candidate, ResourceId | None]]
    by_lead: dict[ResourceId, list[Candidate]]


def next_openings(occupancy: Occupancy, service: ServiceId, *, now: datetime, n: int) -> Openings:
    """The next `n` open appointments of a service for a new routine patient without needs, earliest first.

    Counted greedily. Of a practitioner: the earliest, then the earliest that begins when they are through with the one
    before (set-up and clean-up included). Together: the earliest, then the earliest for which lanes are left by those
    before it. Quotas, and time between two uses that is part of no reservation, count as they stand.

    Raises
    ------
    UnsupportedRuleError
        When the service's visits are group visits.
    """
    if occupancy.problem.service(service).group_size > 1:  # many patients have the same time
        raise UnsupportedRuleError(["group visits"], f"Counting the open appointments of service '{service}'")
    order = Order(id=OrderId(""), patient=ANYBODY.id, service=service)
    occupancy.at(now)
    occupancy.make_room()
    with Query(occupancy, order, now=now) as query:
        return _Search(query, n).found() if query.is_hopeful else Openings([], {})


class _Search:
    """Of one query."""

    def __init__(self, query: Query, n: int) -> None:
        self._query, self._n = query, n
        # Nothing costs anything, so that the cheapest visit is the earliest.
        self._costs = Costs(query.occupancy, query.order, weights=dict.fromkeys(PenaltyCode, 0))

    def found(self) -> Openings:
        leads, resources = self._leads(), self._query.problem.resources
        starts, earliest = find_candidates(self._query), Confirmer(self._query, self._costs)
        by_lead = {
            resources[r].id: self._one_after_the_other(earliest, starts, r, frozenset((*leads, None)) - {r})
            for r in leads
        }
        return Openings(self._together(), by_lead)

    def _leads(self) -> list[int]:
        query = self._query
        if query.lead_step is None:
            return []
        led = (v.roles[v.lead] for v in query.steps[query.lead_step].variants if v.lead is not None)
        return sorted({r for role in led for r in role.resources})

    # --- of one practitioner ----------------------------------------------------------------------------------------

    def _one_after_the_other(
        self, earliest: Confirmer, starts: Row, lead: int, others: frozenset[int | None]
    ) -> list[Candidate]:
        query = self._query
        row, name = starts & earliest.wishes.starts_led(others), query.problem.resources[lead].id
        found: list[Candidate] = []
        at = through = 0
        while len(found) < self._n and (at := scan.first_set(row, at, query.occupancy.n_ticks)) >= 0:
            made = earliest.best(at, without=others)
            mine = [] if made is None else [u[2:4] for step in made[0].steps for u in step.uses if u[1] == name]
            at += 1
            if made is not None and query.calendars.margin + min(first for first, _ in mine) >= through:
                found.append(made[0])
                through = query.calendars.margin + max(stop for _, stop in mine)
                at = max(at, through)
        return found

    # --- of all together --------------------------------------------------------------------------------------------

    def _together(self) -> list[tuple[Candidate, ResourceId | None]]:
        query, resources = self._query, self._query.problem.resources
        found: list[tuple[Candidate, ResourceId | None]] = []
        at, taken = 0, dict[int, list[tuple[int, int, int, bool]]]()
        while len(found) < self._n:
            row, earliest = find_candidates(query), Confirmer(query, self._costs)
            made = None
            while made is None and (at := scan.first_set(row, at, query.occupancy.n_ticks)) >= 0:
                made = earliest.best(at)
                at += made is None
            if made is None:
                break
            visit, lead = made
            found.append((visit, None if lead is None else resources[lead].id))
            self._take(visit, taken)
        return found

    def _take(self, visit: Candidate, taken: dict[int, list[tuple[int, int, int, bool]]]) -> None:
        """Take out of the query's rows the starts for which no lane would be left."""
        occupancy, margin = self._query.occupancy, self._query.calendars.margin
        for _, resource, first, stop, units, use in (u for step in visit.steps for u in step.uses):
            r = occupancy.row_by_id[resource]
            mine = taken.setdefault(r, [])
            mine.append((margin + first, margin + stop, units, use is RoleUse.PRESENCE))
            for role in (role for s in self._query.steps for v in s.variants for role in v.roles if r in role.pool):
                is_presence = role.role.use is RoleUse.PRESENCE
                full = [
                    t
                    for t in range(margin + first, margin + stop)
                    if not occupancy.fits(r, [*mine, (t, t + 1, role.role.units, is_presence)])
                ]
                self._clear(role, r, full)

    def _clear(self, role: RolePlan, r: int, full: list[int]) -> None:
        """Take out the starts at which a resource would be reserved in ticks that are full."""
        query, store = self._query, self._query.occupancy.starts.store
        low, high = role.shape.reserved(query.problem.resources[r], query.occupancy.grid.tick_min)
        entries: list[Entry] = []
        for entry in role.entries:
            if entry.r == r:
                row = store.rows[entry.slot].copy()
                for first, stop in _runs(full):
                    bits.clear_range(row, first - high + 1, stop - low)
                entry = Entry(r, query.put(row), entry.rooms)
            entries.append(entry)
        role.narrow(entries)


def _runs(ticks: list[int]) -> Iterable[Run]:
    """Ascending ticks as stretches."""
    for _, run in groupby(enumerate(ticks), key=lambda pair: pair[1] - pair[0]):
        members = [t for _, t in run]
        yield members[0], members[-1] + 1
