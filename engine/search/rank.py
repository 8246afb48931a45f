"""Candidates in the order of their cost, exactly: cheapest first, of equal ones the earliest.

Best first by a floor: what a visit at a start costs at least, from its start alone, is known for all starts at once.
Starts are confirmed in the order of their floors; once the k-th best confirmed one costs no more than the next floor,
nothing that is left can be better, and nothing else is confirmed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search import scan
from engine.search.candidates import find_candidates, starts_with
from engine.search.confirm import Confirmer
from engine.search.costs import NO_COST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from engine.model.ids import SiteId
    from engine.search.bits import Row
    from engine.search.candidate import Candidate
    from engine.search.query import Query

__all__ = ["best_diverse", "best_starts", "least_by_day"]


def best_starts(query: Query, k: int) -> list[Candidate]:
    """The cheapest visit at each start; of these the `k` cheapest."""
    if not query.is_hopeful:
        return []
    starts = _Starts(query)
    found: list[tuple[int, int, Candidate]] = []
    for floor, start in starts.by_floor():
        if len(found) >= k and (floor, start) >= found[k - 1][:2]:
            break
        below = found[k - 1][0] + 1 if len(found) >= k else NO_COST
        made = starts.confirmer.best(start, below=below, floor=floor)
        if made is not None:
            found.append((made[0].cost, start, made[0]))
            found.sort(key=lambda f: f[:2])
            del found[k:]
    return [candidate for _, _, candidate in found]


def best_diverse(query: Query, k: int) -> list[Candidate]:
    """The cheapest visit of each half-day and lead; of these the `k` cheapest, filled up where there are fewer.

    A half-day is a local date of the first step's site, before or from 12:00. For the lead see `Query.lead_step`. Where
    fewer than `k` such groups exist, the cheapest visits at other starts follow.
    """
    if not query.is_hopeful:
        return []
    starts = _Starts(query)
    confirmer = starts.confirmer
    groups: dict[tuple[tuple[int, bool], int | None], tuple[int, int, int, Candidate]] = {}
    known: dict[int, set[int | None]] = {}
    n_made = 0
    for floor, start, below in starts.by_stage():
        ranked = sorted(g[:2] for g in groups.values())
        if len(ranked) >= k:
            if (floor, start) >= ranked[k - 1]:
                break
            below = min(below, ranked[k - 1][0] + 1)
        half_days = {_half_day(query, start, v.site) for v in query.first_variants}
        # Whoever has an offer in this half-day that is as good as any here is not asked again.
        without = {
            lead
            for (day, lead), g in groups.items()
            if {day} == half_days and g[:2] <= (max(floor, starts.least_led(lead, start)), start)
        }
        without |= known.get(start, set())
        while (made := confirmer.best(start, without=without, below=below, floor=floor)) is not None:
            candidate, lead = made
            without.add(lead)
            known.setdefault(start, set()).add(lead)
            key = _half_day(query, start, candidate.steps[0].site), lead
            if key not in groups or (candidate.cost, start) < groups[key][:2]:
                groups[key] = candidate.cost, start, n_made, candidate
            n_made += 1
    chosen = [g[3] for g in sorted(groups.values(), key=lambda g: g[:3])[:k]]
    if len(chosen) < k:
        taken = {c.start for c in chosen}
        chosen += [c for c in best_starts(query, 2 * k) if c.start not in taken][: k - len(chosen)]
    return sorted(chosen, key=lambda c: (c.cost, c.start))


def least_by_day(query: Query) -> dict[int, int]:
    """What a visit costs at least on each local day on which one may be able to start, by the day's number.

    A floor, from the bits alone: nothing is confirmed, and there may be no visit on such a day after all.
    """
    return _Starts(query).by_day(query) if query.is_hopeful else {}


def _half_day(query: Query, tick: int, site: SiteId) -> tuple[int, bool]:
    clock = query.calendars.clock(site)
    return int(clock.day[tick]), bool(clock.minute_of_day[tick] < 12 * 60)


class _Starts:
    """Every possible start with what it costs at least."""

    def __init__(self, query: Query) -> None:
        costs = query.costs
        ticks = scan.iterate_set(find_candidates(query), 0, query.occupancy.n_ticks)
        self.confirmer = Confirmer(query, costs)
        floors = np.full(len(ticks), NO_COST)
        rows: dict[tuple[SiteId, int], list[Row]] = {}
        for i, v in query.first_ways:
            rows.setdefault((v.site, costs.of_modalities([v.modality], [i])), []).append(v.row)
        for (site, of_way), of_variants in rows.items():
            here = _bits_at(np.bitwise_or.reduce(of_variants), ticks)
            floors[here] = np.minimum(floors[here], costs.of_starts(ticks[here], site) + of_way)
        ahead = self.confirmer.ahead.of_first()
        self._ticks, self._floors = ticks, floors + ahead[ticks] if ahead.size else floors
        self._is_preferred = np.ones(len(ticks), np.bool_)
        if query.preferred is not None:
            self._is_preferred = _bits_at(starts_with(query, query.preferred), ticks)
        self._of_another = costs.of_another

    def by_floor(self) -> Iterator[tuple[int, int]]:
        """Every start with its floor, cheapest first, of equal ones the earliest."""
        floors = self._floors + np.where(self._is_preferred, 0, self._of_another)
        order = np.lexsort((self._ticks, floors))
        yield from zip(floors[order].tolist(), self._ticks[order].tolist(), strict=True)

    def by_day(self, query: Query) -> dict[int, int]:
        """The least floor of each local day."""
        floors = self._floors + np.where(self._is_preferred, 0, self._of_another)
        found: dict[int, int] = {}
        for site in dict.fromkeys(v.site for v in query.first_variants):
            rows = [v.row for v in query.first_variants if v.site == site]
            here = _bits_at(np.bitwise_or.reduce(rows), self._ticks)
            days = query.calendars.clock(site).day[self._ticks[here]]
            order = np.lexsort((floors[here], days))
            numbers, first = np.unique(days[order], return_index=True)
            for day, floor in zip(numbers.tolist(), floors[here][order][first].tolist(), strict=True):
                found[day] = min(floor, found.get(day, floor))
        return found

    def least_led(self, lead: int | None, start: int) -> int:
        """What a visit from a start costs at least when it is led by somebody."""
        ahead = self.confirmer.ahead.of_first()
        if not ahead.size:
            return 0
        at = int(np.searchsorted(self._ticks, start))
        return int(self._floors[at] - ahead[start]) + self.confirmer.wishes.least_led(lead, start)

    def by_stage(self) -> Iterator[tuple[int, int, int]]:
        """As `by_floor`, with a cost below which visits are looked for.

        A start at which the preferred practitioner could be there comes twice: for visits with them and, later, at what
        it costs to go to somebody else, for all.
        """
        ticks, extra = self._ticks, self._of_another
        twice = self._is_preferred & (extra > 0)
        floors = np.concatenate([self._floors[twice], self._floors + extra])
        starts = np.concatenate([ticks[twice], ticks])
        below = np.concatenate([self._floors[twice] + extra, np.full(len(ticks), NO_COST)])
        order = np.lexsort((starts, floors))
        yield from zip(floors[order].tolist(), starts[order].tolist(), below[order].tolist(), strict=True)


def _bits_at(row: Row, ticks: NDArray[np.int64]) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = ((row[ticks >> 6] >> (ticks & 63).astype(np.uint64)) & np.uint64(1)) != 0
    return flags
