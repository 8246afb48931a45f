"""What `chain` must find, said plainly: every order, every start of every step, the best of each group.

Same arguments as the compiled way. Nothing here is used to answer anyone: a test holds the two equal.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.search import tables as w
from engine.search.reference import is_set
from engine.search.reference_walk import is_taken, ways

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.chain import Table

__all__ = ["best_of_chains"]

_Placed = tuple[tuple[int, int], ...]
"""Start and variant of each step so far."""


def best_of_chains(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    steps: Table,
    orders: NDArray[np.int64],
    led: NDArray[np.int64],
    leads: Table,
    between: Table,
    halves: Table,
    days: Table,
    corridor: Row,
    wished: Row,
    taken: Table,
    travel: Table,
    way_costs: Table,
    questions: Table,
    n_rows: int,
    found: Table,
) -> int:
    table, asked = variants.tolist(), questions.tolist()
    known: dict[tuple[int, int, int, int], tuple[int, tuple[int, ...]] | None] = {}

    def way(s: int, v: int, t: int, who: int) -> tuple[int, tuple[int, ...]] | None:
        """The rank and the entries of the first way to do a step with a lead; None where there is none."""
        lead = who if steps[s, w.IS_LED] else -2
        if (s, v, t, lead) not in known:
            known[s, v, t, lead] = None
            for place, filled in enumerate(ways(rows, entries, rooms, roles.tolist(), table[v], asked[s], t)):
                led_by = [entries[e, w.RESOURCE] for k, es in filled for e in es if k == table[v][w.LEAD]]
                if lead == -2 or led_by == ([] if lead < 0 else [lead]):
                    rank = place if steps[s, w.IS_LED] else 0
                    known[s, v, t, lead] = rank, tuple(e for _, es in filled for e in es)
                    break
        return known[s, v, t, lead]

    def is_open(s: int, v: int, t: int) -> bool:
        q, variant = asked[s], table[v]
        inside = max(0, q[w.FROM]) <= t < min(q[w.UNTIL], q[w.LATEST_END] - variant[w.LENGTH] + 1)
        if variant[w.IS_BARRED] or not inside or not is_set(rows[variant[w.MASK]], t):
            return False
        return not is_taken(taken.tolist(), travel, variant, q, t)

    @cache
    def open_starts(s: int, who: int) -> list[tuple[int, int]]:
        """When, and as which variant, a step can be done with a lead."""
        variants = range(steps[s, w.FIRST_VARIANT], steps[s, w.STOP_VARIANT])
        pairs = ((t, v) for t in range(len(days)) for v in variants)
        return [(t, v) for t, v in pairs if is_open(s, v, t) and way(s, v, t, who) is not None]

    def chains(order: list[int], who: int, placed: _Placed) -> Iterator[_Placed]:
        if len(placed) == len(order):
            yield placed
            return
        s, q = order[len(placed)], asked[order[0]]
        low, high = 0, len(days) - 1
        if placed:
            end = placed[-1][0] + table[placed[-1][1]][w.LENGTH]
            low, high = end + int(steps[s, w.GAP_LOW]), min(high, end + int(steps[s, w.GAP_HIGH]))
        could = open_starts(s, who)
        for t, v in could[bisect_left(could, (low, 0)) : bisect_left(could, (high + 1, 0))]:
            is_late = placed and t + table[v][w.LENGTH] - placed[0][0] > q[w.SPAN]
            is_other_day = placed and q[w.IS_SAME_DAY] and days[t] != days[placed[0][0]]
            is_soon = any(t - start - table[before][w.LENGTH] < between[before, v] for start, before in placed)
            if not (is_late or is_other_day or is_soon) and _is_there(table, travel, q, placed, t, v):
                yield from chains(order, who, (*placed, (t, v)))

    best: dict[object, tuple[int, tuple[int, ...], tuple[int, ...], int, int, tuple[int, ...]]] = {}
    for number, order in enumerate(orders.tolist()):
        for who in leads.tolist():
            q = asked[order[0]]
            if any(asked[s][w.ASKED] not in (-1, who) for s in order if steps[s, w.IS_LED]):
                continue
            for placed in chains(order, who, ()):
                start = placed[0][0]
                half = max(h for h, (first, _) in enumerate(halves.tolist()) if first <= start)
                cost = _cost(table, days, wished, way_costs, q, placed, int(halves[half, 1]))
                cost += 0 if who >= 0 and who == q[w.PREFERRED] else q[w.ANOTHER]
                done = [way(s, v, t, who) or (0, ()) for s, (t, v) in zip(order, placed, strict=True)]
                ranks = tuple(n for (_, v), (rank, _) in zip(placed, done, strict=True) for n in (v, rank))
                used = tuple(e for _, es in done for e in es)
                chosen = cost, tuple(t for t, _ in placed), ranks, who, number, used
                key = (half, who) if q[w.IS_DIVERSE] else start
                best[key] = min(best.get(key, chosen), chosen)
    ranked = sorted(best.values())[: len(found)]
    for row, (cost, starts, ranks, who, number, used) in zip(found, ranked, strict=False):
        row[[w.CHAIN_COST, w.CHAIN_WHO, w.CHAIN_ORDER]] = cost, who, number
        row[w.CHAIN_START : w.CHAIN_START + 3 * len(starts) + len(used)] = (*starts, *ranks, *used)
    return len(ranked)


def _is_there(table: list[list[int]], travel: Table, q: list[int], placed: _Placed, t: int, v: int) -> bool:
    """Whether the patient has the time to come from wherever the steps before were."""
    here = table[v]
    for start, before in placed:
        other = table[before]
        is_elsewhere = other[w.SITE] != here[w.SITE] and here[w.IS_THERE] and other[w.IS_THERE]
        if is_elsewhere and here[w.ARRIVE] >= 0 and other[w.ARRIVE] >= 0:
            way_min = max(int(travel[other[w.SITE], here[w.SITE]]), q[w.OWN_TRAVEL])
            if (t - start - other[w.LENGTH]) * q[w.TICK] < way_min:
                return False
    return True


def _cost(
    table: list[list[int]], days: Table, wished: Row, way_costs: Table, q: list[int], placed: _Placed, day: int
) -> int:
    """What a visit costs, whoever leads it."""
    start, first = placed[0]
    cost = max(0, day - q[w.SINCE_DAY]) * q[w.DELAY] + abs(day - q[w.TARGET_DAY]) * q[w.DISTANCE]
    cost += int(way_costs[first])
    cost += 0 if not len(wished) or is_set(wished, start) else q[w.UNWISHED]
    late = q[w.ZERO] + (placed[-1][0] + table[placed[-1][1]][w.LENGTH]) * q[w.TICK] - q[w.DUE]
    cost += -(-max(0, late) // 60) * q[w.LATE]
    present = [(t, t + table[v][w.LENGTH]) for t, v in placed if table[v][w.ARRIVE] >= 0]
    for (begun, end), (t, _) in pairwise(present):
        if days[begun] == days[t]:
            cost += (t - end) * q[w.WAIT]
    return cost
