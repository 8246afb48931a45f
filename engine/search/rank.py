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
from engine.search.confirm import NO_COST, Confirmer
from engine.search.costs import Costs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from engine.model.ids import SiteId
    from engine.search.bits import Row
    from engine.search.candidate import Candidate
    from engine.search.query import Query

__all__ = ["best_diverse", "best_starts"]


def best_starts(query: Query, k: int) -> list[Candidate]:
    """The cheapest visit at each start; of these the `k` cheapest."""
    confirmer = Confirmer(query, costs := Costs(query))
    found: list[tuple[int, int, Candidate]] = []
    for floor, start in _by_floor(query, costs):
        if len(found) >= k and (floor, start) >= found[k - 1][:2]:
            break
        below = found[k - 1][0] + 1 if len(found) >= k else NO_COST
        made = confirmer.best(start, below=below, floor=floor)
        if made is not None:
            found.append((made[0].cost, start, made[0]))
            found.sort(key=lambda f: f[:2])
            del found[k:]
    return [candidate for _, _, candidate in found]


def best_diverse(query: Query, k: int) -> list[Candidate]:
    """The cheapest visit of each half-day and lead; of these the `k` cheapest, filled up where there are fewer.

    A half-day is a local date of the first step's site, before or from 12:00. The lead is the first practitioner who
    does something in the longest step that has one. Where fewer than `k` such groups exist, the cheapest visits at
    other starts follow.
    """
    confirmer = Confirmer(query, costs := Costs(query))
    groups: dict[tuple[tuple[int, bool], int | None], tuple[int, int, Candidate]] = {}
    known: dict[int, set[int | None]] = {}
    for floor, start, below in _by_stage(query, costs):
        ranked = sorted(g[:2] for g in groups.values())
        if len(ranked) >= k and (floor, start) >= ranked[k - 1]:
            break
        half_days = {_half_day(query, start, v.site) for v in query.steps[0].variants}
        # Whoever has an offer in this half-day that costs no more than any here is not asked again.
        without = {lead for (day, lead), g in groups.items() if {day} == half_days and g[0] <= floor}
        without |= known.get(start, set())
        while (made := confirmer.best(start, without=without, below=below, floor=floor)) is not None:
            candidate, lead = made
            without.add(lead)
            known.setdefault(start, set()).add(lead)
            key = _half_day(query, start, candidate.steps[0].site), lead
            if key not in groups or (candidate.cost, start) < groups[key][:2]:
                groups[key] = candidate.cost, start, candidate
    chosen = [c for _, _, c in sorted(groups.values(), key=lambda g: g[:2])[:k]]
    if len(chosen) < k:
        starts = {c.start for c in chosen}
        chosen += [c for c in best_starts(query, 2 * k) if c.start not in starts][: k - len(chosen)]
    return sorted(chosen, key=lambda c: (c.cost, c.start))


def _half_day(query: Query, tick: int, site: SiteId) -> tuple[int, bool]:
    clock = query.calendars.clock(site)
    return int(clock.day[tick]), bool(clock.minute_of_day[tick] < 12 * 60)


def _by_floor(query: Query, costs: Costs) -> Iterator[tuple[int, int]]:
    """Every possible start with what it costs at least, cheapest first, of equal ones the earliest."""
    ticks, base, is_preferred = _starts(query, costs)
    floors = base + np.where(is_preferred, 0, costs.of_another)
    order = np.lexsort((ticks, floors))
    yield from zip(floors[order].tolist(), ticks[order].tolist(), strict=True)


def _by_stage(query: Query, costs: Costs) -> Iterator[tuple[int, int, int]]:
    """As `_by_floor`, with a cost below which visits are looked for.

    A start at which the preferred practitioner could be there comes twice: for visits with them and, later, at what it
    costs to go to somebody else, for all.
    """
    ticks, base, is_preferred = _starts(query, costs)
    extra = costs.of_another
    twice = is_preferred & (extra > 0)
    floors = np.concatenate([base[twice], base + extra])
    starts = np.concatenate([ticks[twice], ticks])
    below = np.concatenate([base[twice] + extra, np.full(len(ticks), NO_COST)])
    order = np.lexsort((starts, floors))
    yield from zip(floors[order].tolist(), starts[order].tolist(), below[order].tolist(), strict=True)


def _starts(query: Query, costs: Costs) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Every possible start, its least cost with whomever one prefers, and whether they could be there."""
    if query.missing or any(not s.variants for s in query.steps):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    ticks = scan.iterate_set(find_candidates(query), 0, query.occupancy.n_ticks)
    base = np.full(len(ticks), NO_COST)
    for site in dict.fromkeys(v.site for v in query.steps[0].variants):
        here = _bits_at(np.bitwise_or.reduce([v.row for v in query.steps[0].variants if v.site == site]), ticks)
        base[here] = np.minimum(base[here], costs.of_starts(ticks[here], site))
    base += costs.of_ends(ticks + query.least_between(0, len(query.steps) - 1))
    if query.preferred is None:
        return ticks, base, np.ones(len(ticks), np.bool_)
    return ticks, base, _bits_at(starts_with(query, query.preferred), ticks)


def _bits_at(row: Row, ticks: NDArray[np.int64]) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = ((row[ticks >> 6] >> (ticks & 63).astype(np.uint64)) & np.uint64(1)) != 0
    return flags
