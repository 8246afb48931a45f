"""What `walk` must find, said plainly: every start, every way to fill the roles, the best of each group.

Same arguments as the compiled function. Nothing here is used to answer anyone: a test holds the two equal.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np

from engine.search import tables as w
from engine.search.reference import is_set

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.search.bits import Matrix, Row
    from engine.search.diary import DiaryTables
    from engine.search.walk import Table

__all__ = ["best_of_step", "is_taken", "ways"]


def best_of_step(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    halves: Table,
    wished: Row,
    taken: Table,
    travel: Table,
    way_costs: Table,
    question: Table,
    diary: DiaryTables | None,
    found: Table,
) -> int:
    q = question.tolist()
    best: dict[object, tuple[int, int, int, int, int, tuple[int, ...]]] = {}
    costs: dict[tuple[int, int, int], int] = {}
    for v, variant in enumerate(variants.tolist()):
        if variant[w.IS_BARRED]:
            continue
        for t in range(max(0, q[w.FROM]), min(q[w.UNTIL], q[w.LATEST_END] - variant[w.LENGTH] + 1)):
            if not is_set(rows[variant[w.MASK]], t) or is_taken(taken.tolist(), travel, variant, q, t):
                continue
            half = max(h for h, (first, _) in enumerate(halves.tolist()) if first <= t)
            day = int(halves[half, 1])
            cost = max(0, day - q[w.SINCE_DAY]) * q[w.DELAY] + abs(day - q[w.TARGET_DAY]) * q[w.DISTANCE]
            late = q[w.ZERO] + (t + variant[w.LENGTH]) * q[w.TICK] - q[w.DUE]
            cost += -(-max(0, late) // 60) * q[w.LATE] + int(way_costs[v])
            cost += 0 if not len(wished) or is_set(wished, t) else q[w.UNWISHED]
            for place, way in enumerate(ways(rows, entries, rooms, roles.tolist(), variant, q, t)):
                who = next((int(entries[e, w.RESOURCE]) for k, es in way for e in es if k == variant[w.LEAD]), -1)
                has_preferred = who >= 0 and who == q[w.PREFERRED]
                of_who = cost if has_preferred else cost + q[w.ANOTHER]
                if diary is not None and who >= 0:
                    lead = next(es[0] for k, es in way if k == variant[w.LEAD])
                    asked = who, t, lead
                    if asked not in costs:
                        costs[asked] = of_diary(diary, who, t, *diary.reserved[lead].tolist())
                    of_who += costs[asked]
                shown = who if q[w.IS_DIVERSE] or has_preferred or diary is not None else -1
                key = (half, who) if q[w.IS_DIVERSE] else t
                chosen = of_who, t, v, place, shown, tuple(e for _, es in way for e in es)
                best[key] = min(best.get(key, chosen), chosen)
    ranked = sorted(best.values())[: len(found)]
    for row, (cost, t, v, _, who, way_entries) in zip(found, ranked, strict=False):
        row[[w.COST, w.START, w.VARIANT, w.WHO]] = cost, t, v, who
        row[w.N_FOUND : w.N_FOUND + len(way_entries)] = way_entries
    return len(ranked)


def _number(words: Row) -> int:
    return sum(int(word) << 64 * i for i, word in enumerate(words))


def of_diary(diary: DiaryTables, who: int, t: int, before: int, after: int) -> int:
    """What a visit costs for what it does to the diary of its lead."""
    gap_cost, opened_cost, useful, low, high = diary.rule.tolist()
    free, edges, cuts = (
        np.unpackbits(row[who].view(np.uint8), bitorder="little") for row in (diary.free, diary.edges, diary.cuts)
    )
    cost = 0
    for edge, by in ((t + before, -1), (t + after, 1)):
        n = 0
        while low <= (tick := edge if by > 0 else edge - 1) < high and free[tick] and not edges[edge]:
            edge, n = edge + by, n + 1
        cost += n * gap_cost if n < useful else 0
    at = min(max(t + before, low), high - 1)
    first = max((i for i in np.flatnonzero(cuts).tolist() if low <= i <= at), default=low)
    stop = min((i for i in np.flatnonzero(cuts).tolist() if at < i < high), default=high)
    return cost if diary.used[who, first:stop].any() else cost + opened_cost


def is_taken(taken: list[list[int]], travel: Table, variant: list[int], q: list[int], t: int) -> bool:
    """Whether the patient, from arrival to the end of the step, is elsewhere or on the way."""
    if variant[w.ARRIVE] < 0:
        return False
    begin = q[w.ZERO] + t * q[w.TICK]
    end = begin + variant[w.LENGTH] * q[w.TICK]
    for first, last, site, expires in taken:
        there = back = 0
        if variant[w.IS_THERE] and site not in (-1, variant[w.SITE]):
            there = max(int(travel[variant[w.SITE], site]), q[w.OWN_TRAVEL])
            back = max(int(travel[site, variant[w.SITE]]), q[w.OWN_TRAVEL])
        if expires > q[w.NOW] and begin - variant[w.ARRIVE] < last + back and first < end + there:
            return True
    return False


def ways(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: list[list[int]],
    variant: list[int],
    q: list[int],
    t: int,
) -> Iterator[tuple[tuple[int, tuple[int, ...]], ...]]:
    """Every way to fill the roles, as (role, entries) in the order in which they are filled."""
    lead, room = variant[w.LEAD], variant[w.ROOM]
    order = list(range(variant[w.FIRST_ROLE], variant[w.STOP_ROLE]))
    order.sort(key=lambda k: 0 if k == lead and variant[w.LEAD_FIRST] else 1 if roles[k][w.IS_ROOM] else 2)
    pools: list[list[tuple[int, int, int]]] = []
    for k in order:
        pool: dict[int, tuple[int, int, int]] = {}
        for e in range(roles[k][w.FIRST_ENTRY], roles[k][w.STOP_ENTRY]):
            resource = int(entries[e, w.RESOURCE])
            if k == lead and q[w.ASKED] not in (-1, resource):
                continue
            if is_set(rows[entries[e, w.SLOT]], t):
                goes = (
                    1 << (e - roles[k][w.FIRST_ENTRY])
                    if k == room
                    else sum(int(word) << 64 * i for i, word in enumerate(rooms[e]))
                )
                pool[resource] = resource, e, pool[resource][2] | goes if resource in pool else goes
        ordered = list(pool.values())
        if k == lead and variant[w.LEAD_FIRST]:
            ordered.sort(key=lambda option: option[0] != q[w.PREFERRED])
        pools.append(ordered)
    counts = [roles[k][w.COUNT] for k in order]
    for choice in product(*(combinations(pool, n) for pool, n in zip(pools, counts, strict=True))):
        together = -1
        for chosen in choice if room >= 0 else ():
            for _, _, goes in chosen:
                together &= goes
        if together:
            yield tuple((k, tuple(e for _, e, _ in chosen)) for k, chosen in zip(order, choice, strict=True))
