"""The cheapest visits of one plain step: one compiled walk through the horizon, which ends as soon as it can.

*Plain* is a step whose resources depend on each other through its one room at most: whoever is free at a start, in a
room that goes with all, can be booked together. Then bits say everything, and no visit need be confirmed. The walk goes
through the horizon in pieces of a few words: AND inside each room, OR outside, first for everybody but the lead, then
for each lead; and keeps the best of each half-day and lead (or of each start). What a visit at a later start costs at
least only ever grows, so it stops at the first piece that cannot be among the best any more.

The tables that it reads are those of `kind`; their columns are named in `tables`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel, words_for
from engine.search.diary import GAP_COST, HIGH, LOW, OPENED_COST, USEFUL, idle_beside, is_used, session_at
from engine.search.scan import lowest_bit
from engine.search.tables import (
    ANOTHER,
    ASKED,
    COST,
    FIRST_ENTRY,
    FIRST_ROLE,
    FROM,
    IS_BARRED,
    IS_DIVERSE,
    KEY,
    LEAD,
    LENGTH,
    N_FOUND,
    PREFERRED,
    RESOURCE,
    ROOM,
    START,
    STOP_ENTRY,
    STOP_ROLE,
    TIE,
    UNTIL,
    UNWISHED,
    VARIANT,
    WHO,
    WORDS,
)
from engine.search.walk_costs import cost_of_day, cost_of_end
from engine.search.walk_deal import TIES, deal, tie_of
from engine.search.walk_rows import fill_by_room, fill_others, first_of, led_by, open_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.diary import DiaryTables

    Table = NDArray[np.int64]

__all__ = ["best_of_step"]

NO_COST = 1 << 62
"""More than anything costs."""


@kernel
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
    """Find the cheapest visits of a plain step, with who does what in them.

    Parameters
    ----------
    rows
        Starts, shape `(slots, words)`.
    entries, roles, variants
        Tables of `tables`.
    rooms
        Of each entry, the rooms that it goes with, shape `(entries, words)`: bit `j` is the `j`-th entry of the `ROOM`
        role of its variant.
    halves
        First tick and local day of each half-day, ascending; the last row is a sentinel beyond the horizon.
    wished
        The starts that the patient would like; of size 0 where all are.
    taken, travel
        The patient's stretches, as `Whereabouts` has them, and the minutes between two sites.
    way_costs
        What a visit costs for each variant that it begins as: for its site, and for how it is done.
    question
        Numbers, at the places of `tables`.
    diary
        The leads' diaries, where what a visit does to them counts; then the lead comes first in every variant.
    found
        Shape `(k, N_FOUND + n)`, written: the best in order, with the entries used in the order in which roles are
        filled.

    Returns
    -------
    int
        How many there are, at most `k`.
    """
    k, size = found.shape[0], 0
    first, stop = question[FROM], question[UNTIL]
    n_words = words_for(max(stop, 0))
    most_rooms, most_roles = 1, 1
    for v in range(variants.shape[0]):
        most_roles = max(most_roles, variants[v, STOP_ROLE] - variants[v, FIRST_ROLE])
        if variants[v, ROOM] >= 0:
            room = roles[variants[v, ROOM]]
            most_rooms = max(most_rooms, room[STOP_ENTRY] - room[FIRST_ENTRY])
    mask = np.empty(WORDS, np.uint64)
    inside = np.empty((most_rooms, WORDS), np.uint64)
    part = np.empty((2, WORDS), np.uint64)
    led = np.empty((3, WORDS), np.uint64)
    half = 0
    a = max(first, 0) >> 6
    while a < n_words:
        z = min(a + WORDS, n_words)
        begin = max(first, a << 6)
        while halves[half + 1, 0] <= begin:
            half += 1
        floor = cost_of_day(halves[half, 1], question, 1)
        if size == k and floor >= found[k - 1, COST]:
            break
        for v in range(variants.shape[0]):
            variant = variants[v]
            if variant[IS_BARRED]:
                continue
            least = floor + way_costs[v] + cost_of_end(begin + variant[LENGTH], question)
            if size == k and least > found[k - 1, COST]:
                continue
            if not open_starts(rows, variant, taken, travel, question, a, z, mask):
                continue
            n_inside = 0
            if not fill_others(rows, entries, rooms, roles, variant, a, z, mask, part):
                continue
            if variant[ROOM] >= 0:
                n_inside = fill_by_room(rows, entries, rooms, roles, variant, a, z, mask, inside, part)
                if n_inside == 0:
                    continue
            led[1] = NONE
            led[2] = NONE
            lead = variant[LEAD]
            e, last = (roles[lead, FIRST_ENTRY], roles[lead, STOP_ENTRY]) if lead >= 0 else (0, 1)
            while e < last:
                who, e_first = -1, e
                e += 1
                if lead >= 0:
                    who = entries[e_first, RESOURCE]
                    while e < last and entries[e, RESOURCE] == who:
                        e += 1
                    if question[ASKED] >= 0 and who != question[ASKED]:
                        continue
                extra = 0 if question[PREFERRED] == who and who >= 0 else question[ANOTHER]
                if size == k and least + extra > found[k - 1, COST]:
                    continue
                if not led_by(rows, entries, rooms, lead, e_first, e, variant[ROOM], inside, n_inside, a, z, mask, led):
                    continue
                if diary is not None and who >= 0:
                    h = half
                    while halves[h, 0] < z << 6 and halves[h, 0] < stop:
                        low, high = max(begin, halves[h, 0]), min(z << 6, halves[h + 1, 0])
                        key = h * (1 << 20) + who + 1 if question[IS_DIVERSE] else -1
                        for is_wished in range(1 if wished.size == 0 else 0, 2):
                            of_start = cost_of_day(halves[h, 1], question, 0) + way_costs[v] + extra
                            of_start += 0 if is_wished else question[UNWISHED]
                            if size < k or of_start <= found[k - 1, COST]:
                                size = _weigh(
                                    rows, entries, rooms, roles, v, variants, e_first, e, led[0], wished, is_wished, a,
                                    low, high, of_start, key, question, diary, found, size,
                                )  # fmt: skip
                        h += 1
                    continue
                if not question[IS_DIVERSE]:
                    for w in range(z - a):
                        led[1, w] |= led[0, w]
                        if who >= 0 and who == question[PREFERRED]:
                            led[2, w] |= led[0, w]
                    continue
                h = half
                while halves[h, 0] < z << 6 and halves[h, 0] < stop:
                    low, high = max(begin, halves[h, 0]), min(z << 6, halves[h + 1, 0])
                    for is_wished in range(2):
                        t = first_of(led[0], wished, is_wished, a, low, high)
                        if t >= 0:
                            cost = _cost_of(t, halves[h, 1], variant, is_wished == 1, way_costs[v], question) + extra
                            if size < k or cost <= found[k - 1, COST]:
                                tie = tie_of(rows, entries, rooms, roles, v, variants, e_first, e, t, question)
                                size = _insert(found, size, k, cost, t, v, who, h * (1 << 20) + who + 1, tie)
                    h += 1
            if not question[IS_DIVERSE]:
                h = half
                for w in range(z - a):
                    word = led[1, w]
                    while word != NONE:
                        bit = lowest_bit(word)
                        word &= word - ONE
                        t = ((a + w) << 6) + bit
                        while halves[h + 1, 0] <= t:
                            h += 1
                        is_liked = wished.size == 0 or (wished[a + w] >> np.uint64(bit)) & ONE != NONE
                        has_preferred = (led[2, w] >> np.uint64(bit)) & ONE != NONE
                        cost = _cost_of(t, halves[h, 1], variant, is_liked, way_costs[v], question)
                        if not has_preferred:
                            cost += question[ANOTHER]
                        if size < k or cost <= found[k - 1, COST]:
                            who = question[PREFERRED] if has_preferred else -1
                            size = _insert(found, size, k, cost, t, v, who, t, v * TIES)
        a = z
    for i in range(size):
        deal(
            rows, entries, rooms, roles, variants[found[i, VARIANT]], found[i, START], found[i, WHO], question, found[i]
        )
    return size


@kernel
def _weigh(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    v: int,
    variants: Table,
    e_first: int,
    e_stop: int,
    row: Row,
    wished: Row,
    is_wished: int,
    a: int,
    low: int,
    high: int,
    least: int,
    key: int,
    question: Table,
    diary: DiaryTables,
    found: Table,
    size: int,
) -> int:
    """Take in the visits with one lead in a half-day, whose starts are in `row`; return how many are found.

    What they cost beside their end and the diary is `least`. Later ones cost no less for their end: once nothing better
    can follow in a session, or at all, the rest is not looked at.

    Parameters
    ----------
    key
        As which the best of them counts; below 0: each by its start.
    """
    k, best = found.shape[0], NO_COST
    who, length = entries[e_first, RESOURCE], variants[v, LENGTH]
    free, edges, cuts, used, rule = diary.free[who], diary.edges[who], diary.cuts[who], diary.used[who], diary.rule
    before, after = diary.reserved[e_first, 0], diary.reserved[e_first, 1]
    session_stop, of_session = -1, 0
    t = first_of(row, wished, is_wished, a, low, high)
    while t >= 0:
        base = least + cost_of_end(t + length, question)
        if base >= best or (size == k and (base, t) > (found[k - 1, COST], found[k - 1, START])):
            break
        if rule[OPENED_COST] and t + before >= session_stop:
            first, session_stop = session_at(cuts, t + before, rule[LOW], rule[HIGH])
            of_session = 0 if is_used(used, first, session_stop) else rule[OPENED_COST]
        gaps = idle_beside(free, edges, t + before, t + after, rule[USEFUL], rule[LOW], rule[HIGH])
        of_gaps = (gaps[0] + gaps[1]) * rule[GAP_COST]
        cost = base + of_session + of_gaps
        if size < k or cost <= found[k - 1, COST]:
            tie = tie_of(rows, entries, rooms, roles, v, variants, e_first, e_stop, t, question)
            size = _insert(found, size, k, cost, t, v, who, key if key >= 0 else t, tie)
        following = t + 1
        if key >= 0:
            best = min(best, cost)
            if of_gaps == 0:  # as good as any in this session
                following = max(following, session_stop - before) if rule[OPENED_COST] else high
        t = first_of(row, wished, is_wished, a, following, high) if following < high else -1
    return size


# --- what a visit costs ---------------------------------------------------------------------------------------------


@kernel
def _cost_of(t: int, day: int, variant: Table, is_wished: bool, of_way: int, question: Table) -> int:
    cost = cost_of_day(day, question, 0) + cost_of_end(t + variant[LENGTH], question) + of_way
    return int(cost if is_wished else cost + question[UNWISHED])


# --- the best so far ------------------------------------------------------------------------------------------------


@kernel
def _insert(found: Table, size: int, k: int, cost: int, start: int, v: int, who: int, key: int, tie: int) -> int:
    """Take a visit in among the best, one for each key, by cost, start and tie; return how many there are."""
    at = size
    for i in range(size):
        if found[i, KEY] == key:
            at = i
            break
    if at < size:
        if (cost, start, tie) >= (found[at, COST], found[at, START], found[at, TIE]):
            return size
    elif size < k:
        size += 1
    elif (cost, start, tie) < (found[k - 1, COST], found[k - 1, START], found[k - 1, TIE]):
        at = k - 1
    else:
        return size
    while at > 0 and (cost, start, tie) < (found[at - 1, COST], found[at - 1, START], found[at - 1, TIE]):
        for j in range(N_FOUND):
            found[at, j] = found[at - 1, j]
        at -= 1
    found[at, COST], found[at, START], found[at, VARIANT] = cost, start, v
    found[at, WHO], found[at, KEY], found[at, TIE] = who, key, tie
    return size
