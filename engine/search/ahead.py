"""What the rest of a visit costs at least, from every start of every step: worked out once, backwards.

A dynamic program over the rows of starts: the last step costs what it costs to end there; an earlier one the cheapest
of the starts that its gap lets follow, with the patient's wait until then. Resources count only as far as the rows know
them, so this is a floor: what `confirm` need not try.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search import scan
from engine.search.bits import NONE, ONE, kernel, range_mask, words_for
from engine.search.costs import NO_COST
from engine.search.scan import lowest_bit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from engine.search.bits import Row
    from engine.search.costs import Costs
    from engine.search.plans import Variant
    from engine.search.query import Query

__all__ = ["Ahead", "least_within", "next_within"]

_FREE = np.zeros(0, np.int64)


@kernel
def least_within(
    values: NDArray[np.int64], low: int, high: int, after: NDArray[np.int64], until: NDArray[np.int64], none: int
) -> NDArray[np.int64]:
    """Return for every `t` the least of `values[s]` with `low <= s - t <= high` and `after[t] <= s <= until[t]`.

    Parameters
    ----------
    values
        Shape `(n,)`.
    after, until
        Ascending, shape `(n,)`; of size 0: no such limit.
    none
        What is returned where there is no such `s`.

    Notes
    -----
    Both ends of the window only ever move on, so that a queue of what may still become the least takes constant time
    a tick on average (the "ascending minima" of sliding windows).
    """
    n = values.size
    out = np.empty(n, np.int64)
    queue = np.empty(n, np.int64)
    head, tail, come = 0, 0, 0
    for t in range(n):
        first, last = max(0, t + low), min(n - 1, t + high)
        if after.size:
            first = max(first, after[t])
        if until.size:
            last = min(last, until[t])
        while come <= last:
            if values[come] < none:
                while tail > head and values[queue[tail - 1]] >= values[come]:
                    tail -= 1
                queue[tail] = come
                tail += 1
            come += 1
        while head < tail and queue[head] < first:
            head += 1
        out[t] = values[queue[head]] if head < tail and queue[head] <= last else none
    return out


@kernel
def next_within(
    row: Row,
    start: int,
    stop: int,
    ahead: NDArray[np.int64],
    per_tick: int,
    zero: int,
    until: int,
    most: int,
    dear: NDArray[np.int64],
) -> int:
    """Return the first set tick of `[start, stop)`, clipped to the row, that costs at most `most`, or -1.

    A tick `t` costs `ahead[t]` (nothing, where `ahead` is of size 0) and, where it is at most `until`, `per_tick` for
    each tick since `zero`. The least cost of those before it, which cost more, goes to `dear[0]` if it is less.
    """
    start, stop = max(start, 0), min(stop, row.size << 6)
    for w in range(start >> 6, words_for(stop)):
        word = row[w] & range_mask(w, start, stop)
        while word != NONE:
            t = (w << 6) + lowest_bit(word)
            cost = ahead[t] if ahead.size else 0
            if t <= until:
                cost += per_tick * (t - zero)
            if cost <= most:
                return t
            dear[0] = min(dear[0], cost)
            word &= word - ONE
    return -1


class Ahead:
    """Floors of one query, after `find_candidates`.

    Of steps free in order only the end is known to cost anything: not who comes when.
    """

    def __init__(self, query: Query, costs: Costs) -> None:
        self._query, self._costs = query, costs
        self._by_resource: dict[int, list[NDArray[np.int64]]] = {}
        self._of = [_FREE] * len(query.steps)
        self._of_left: dict[frozenset[int], NDArray[np.int64]] = {}
        if query.is_any_order:
            return
        if not (costs.has_ends or costs.has_wait):
            return
        if not query.chains:
            self._of = self._through([[v.row for v in s.variants] for s in query.steps])
            return
        self._by_resource = {r: self._through(rows) for r, rows in query.chains.items()}
        self._of = [np.minimum.reduce(floors) for floors in zip(*self._by_resource.values(), strict=True)]

    def of_first(self) -> NDArray[np.int64]:
        """For each tick what a visit that starts there costs at least beside its start."""
        if self._query.is_any_order:
            return self._of_any_order(frozenset(range(len(self._query.steps))))
        return self.of(0, ())

    def of(self, i: int, rest: Sequence[int], bound: Mapping[int, frozenset[int]] | None = None) -> NDArray[np.int64]:
        """For each tick what a visit costs at least for all that comes after a start of step `i` there.

        `NO_COST` where none can start; of size 0 where nothing that comes after costs anything.

        Parameters
        ----------
        rest
            The steps that come after.
        bound
            Resources that steps before bind the rest to, by group.
        """
        if self._query.is_any_order:
            return self._of_any_order(frozenset((i, *rest)))
        for chosen in (bound or {}).values():
            for r in chosen if len(chosen) == 1 else ():
                if r in self._by_resource:
                    return self._by_resource[r][i]
        return self._of[i]

    def _of_any_order(self, left: frozenset[int]) -> NDArray[np.int64]:
        """What the end of a visit costs at least when steps, in whatever order, start no earlier than each tick."""
        if not self._costs.has_ends:
            return _FREE
        if left not in self._of_left:
            ticks = np.arange(self._query.occupancy.n_ticks)
            self._of_left[left] = self._costs.of_ends(ticks + self._query.least_of(left))
        return self._of_left[left]

    def led_by(self, i: int, rows: Sequence[Row]) -> NDArray[np.int64]:
        """`of` the first step, where the variants of step `i` can start in `rows` only; `NO_COST`: not at all."""
        query = self._query
        chains = list(query.chains.values()) or [[[v.row for v in s.variants] for s in query.steps]]
        every: list[NDArray[np.int64]] = []
        for chain in chains:
            narrowed = [row & other for row, other in zip(chain[i], rows, strict=True)]
            if any(row.any() for row in narrowed):
                every.append(self._through([*chain[:i], narrowed, *chain[i + 1 :]])[0])
        return np.minimum.reduce(every) if every else np.full(query.occupancy.n_ticks, NO_COST)

    def _through(self, rows: Sequence[Sequence[Row]]) -> list[NDArray[np.int64]]:
        """The floors of all steps, given the starts of each variant of each."""
        found: list[NDArray[np.int64]] = []
        for i in range(len(rows) - 1, -1, -1):
            found.insert(0, self._of_step(i, rows[i], found[0] if found else _FREE))
        return found

    def _of_step(self, i: int, rows: Sequence[Row], following: NDArray[np.int64]) -> NDArray[np.int64]:
        floors = np.full(self._query.occupancy.n_ticks, NO_COST)
        behind: dict[int, NDArray[np.int64]] = {}
        for variant, row in zip(self._query.steps[i].variants, rows, strict=True):
            ticks = scan.iterate_set(row, 0, len(floors))
            if i + 1 == len(self._query.steps):
                floors[ticks] = np.minimum(floors[ticks], self._costs.of_ends(ticks + variant.length))
                continue
            if len(ticks) and variant.length not in behind:
                behind[variant.length] = self._behind(i, variant, following)
            if len(ticks):
                floors[ticks] = np.minimum(floors[ticks], behind[variant.length][ticks])
        return floors

    def _behind(self, i: int, variant: Variant, following: NDArray[np.int64]) -> NDArray[np.int64]:
        """What comes after step `i`, done as `variant`, at least costs, for every tick; `NO_COST`: nothing can."""
        query = self._query
        first, last = query.reach(i, variant.length)
        clock = query.calendars.clock(variant.site)
        day_ends = clock.day_ends if query.has_one_zone else None
        if day_ends is None:
            return least_within(following, first, last, _FREE, _FREE, NO_COST)
        per_tick, on_day = self._costs.wait_per_tick(i, i + 1), query.service.is_same_day
        if per_tick == 0:
            return least_within(following, first, last, _FREE, day_ends if on_day else _FREE, NO_COST)
        ticks = np.arange(len(following))
        waiting = following + per_tick * ticks
        same = least_within(waiting, first, last, _FREE, day_ends, NO_COST)
        floors = np.where(same < NO_COST, same - per_tick * (ticks + variant.length), NO_COST)
        if on_day:
            return floors
        return np.minimum(floors, least_within(following, first, last, day_ends + 1, _FREE, NO_COST))
