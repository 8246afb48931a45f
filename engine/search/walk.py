"""The cheapest visits of one plain step: one compiled walk through the horizon, which ends as soon as it can.

*Plain* is a step whose resources depend on each other through its one room at most: whoever is free at a start, in a
room that goes with all, can be booked together. Then bits say everything, and no visit need be confirmed. The walk goes
through the horizon in pieces of a few words: AND inside each room, OR outside, first for everybody but the lead, then
for each lead; and keeps the best of each half-day and lead (or of each start). What a visit at a later start costs at
least only ever grows, so it stops at the first piece that cannot be among the best any more.

The tables that it reads are those of `kinds`; their columns are named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import ALL, NONE, ONE, kernel, range_mask, words_for
from engine.search.scan import lowest_bit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

    Table = NDArray[np.int64]

__all__ = ["best_of_step"]

SLOT, RESOURCE = 0, 1
"""Columns of entries: row of starts, and whose it is. Those of one resource follow each other."""
FIRST_ENTRY, STOP_ENTRY, COUNT, IS_ROOM, IS_COUPLED = range(5)
"""Columns of roles: their entries, how many resources they need, whether these are rooms, and whether some of them do
not go with every room."""
FIRST_ROLE, STOP_ROLE, LEAD, ROOM, LENGTH, MASK, SITE, IS_THERE, ARRIVE, LEAD_FIRST, IS_BARRED = range(11)
"""Columns of variants: their roles; the role of the lead and the one of the room that others depend on, -1 for none;
ticks; row of the starts that the calendar allows; position of the site, and whether the patient is there in person;
minutes of arrival; whether the lead is chosen before the room; whether it is out of the question."""
ZERO, TICK, FROM, UNTIL, LATEST_END, NOW, OWN_TRAVEL = range(7)
SINCE_DAY, DELAY, TARGET_DAY, DISTANCE, DUE, LATE, UNWISHED, ANOTHER = range(7, 15)
PREFERRED, ASKED, IS_DIVERSE = range(15, 18)
"""Places in the question: epoch minute of tick 0 and minutes of a tick; range of starts; last tick of the visit; as of
when holds count; the patient's own travel time; day from which delay counts and its cost a day; target day and its cost
a day; due minute and cost a started hour; cost of a start that is not wished, of anybody but who is preferred; resource
that is preferred, that is asked for, -1 for none; whether the best of each half-day and lead are wanted."""
COST, START, VARIANT, WHO, KEY, TIE = range(6)
"""Columns of what is found, before the entries that are used. `WHO` is the lead, -1: whoever comes first."""
N_FOUND = 6
_WORDS = 16


@kernel
def best_of_step(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variants: Table,
    halves: Table,
    wished: Row,
    taken: Table,
    travel: Table,
    site_costs: Table,
    question: Table,
    found: Table,
) -> int:
    """Find the cheapest visits of a plain step, with who does what in them.

    Parameters
    ----------
    rows
        Starts, shape `(slots, words)`.
    entries, roles, variants
        Tables with the columns above.
    rooms
        Of each entry, the rooms that it goes with: bit `j` is the `j`-th entry of its variant's `ROOM` role.
    halves
        First tick and local day of each half-day, ascending; the last row is a sentinel beyond the horizon.
    wished
        The starts that the patient would like; of size 0 where all are.
    taken, travel
        The patient's stretches, as `Whereabouts` has them, and the minutes between two sites.
    site_costs
        What a visit at each site costs for that.
    question
        Numbers at the places above.
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
    mask = np.empty(_WORDS, np.uint64)
    inside = np.empty((most_rooms, _WORDS), np.uint64)
    part = np.empty((2, _WORDS), np.uint64)
    led = np.empty((3, _WORDS), np.uint64)
    half = 0
    a = max(first, 0) >> 6
    while a < n_words:
        z = min(a + _WORDS, n_words)
        begin = max(first, a << 6)
        while halves[half + 1, 0] <= begin:
            half += 1
        floor = _cost_of_day(halves[half, 1], question, 1)
        if size == k and floor >= found[k - 1, COST]:
            break
        for v in range(variants.shape[0]):
            variant = variants[v]
            if variant[IS_BARRED]:
                continue
            least = floor + site_costs[variant[SITE]] + _cost_of_end(begin + variant[LENGTH], question)
            if size == k and least > found[k - 1, COST]:
                continue
            if not _open(rows, variant, taken, travel, question, a, z, mask):
                continue
            n_inside = 0
            if not _others(rows, entries, rooms, roles, variant, a, z, mask, part):
                continue
            if variant[ROOM] >= 0:
                n_inside = _by_room(rows, entries, rooms, roles, variant, a, z, mask, inside, part)
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
                if not _led_by(
                    rows, entries, rooms, lead, e_first, e, variant[ROOM], inside, n_inside, a, z, mask, led
                ):
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
                        t = _first_of(led[0], wished, is_wished, a, low, high)
                        if t >= 0:
                            cost = _cost_of(t, halves[h, 1], variant, is_wished == 1, site_costs, question) + extra
                            if size < k or cost <= found[k - 1, COST]:
                                tie = _tie(rows, entries, rooms, roles, v, variants, e_first, e, t, question)
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
                        cost = _cost_of(t, halves[h, 1], variant, is_liked, site_costs, question)
                        if not has_preferred:
                            cost += question[ANOTHER]
                        if size < k or cost <= found[k - 1, COST]:
                            who = question[PREFERRED] if has_preferred else -1
                            size = _insert(found, size, k, cost, t, v, who, t, v)
        a = z
    for i in range(size):
        _deal(
            rows, entries, rooms, roles, variants[found[i, VARIANT]], found[i, START], found[i, WHO], question, found[i]
        )
    return size


# --- what a visit costs ---------------------------------------------------------------------------------------------


@kernel
def _cost_of_day(day: int, question: Table, is_floor: int) -> int:
    """Return the cost of a local day; with `is_floor`, what this and all later days cost at least."""
    cost = max(0, day - question[SINCE_DAY]) * question[DELAY]
    if question[DISTANCE]:
        away = day - question[TARGET_DAY]
        if away > 0 or not is_floor:
            cost += abs(away) * question[DISTANCE]
    return int(cost)


@kernel
def _cost_of_end(end: int, question: Table) -> int:
    late = question[ZERO] + end * question[TICK] - question[DUE]
    return int(-(-late // 60) * question[LATE]) if late > 0 and question[LATE] else 0


@kernel
def _cost_of(t: int, day: int, variant: Table, is_wished: bool, site_costs: Table, question: Table) -> int:
    cost = _cost_of_day(day, question, 0) + _cost_of_end(t + variant[LENGTH], question) + site_costs[variant[SITE]]
    return int(cost if is_wished else cost + question[UNWISHED])


# --- starts ---------------------------------------------------------------------------------------------------------


@kernel
def _open(rows: Matrix, variant: Table, taken: Table, travel: Table, question: Table, a: int, z: int, out: Row) -> bool:
    """Set `out` to the starts that calendar, question and the patient's time leave; return whether there are any."""
    stop = min(question[UNTIL], question[LATEST_END] - variant[LENGTH] + 1)
    some = NONE
    for w in range(a, z):
        word = NONE
        if w << 6 < stop and (w + 1) << 6 > question[FROM]:
            word = rows[variant[MASK], w] & range_mask(w, question[FROM], stop)
        out[w - a] = word
        some |= word
    if some == NONE:
        return False
    if variant[ARRIVE] >= 0:
        for i in range(taken.shape[0]):
            if taken[i, 3] <= question[NOW]:
                continue
            there, back = 0, 0
            if variant[IS_THERE] and taken[i, 2] >= 0 and taken[i, 2] != variant[SITE]:
                there = max(travel[variant[SITE], taken[i, 2]], question[OWN_TRAVEL])
                back = max(travel[taken[i, 2], variant[SITE]], question[OWN_TRAVEL])
            low = (taken[i, 0] - there - question[ZERO]) // question[TICK] - variant[LENGTH] + 1
            high = -((question[ZERO] - taken[i, 1] - back - variant[ARRIVE]) // question[TICK])
            low, high = max(low, a << 6), min(high, z << 6)
            if low < high:
                for w in range(low >> 6, words_for(high)):
                    out[w - a] &= ~range_mask(w, low, high)
    some = NONE
    for w in range(z - a):
        some |= out[w]
    return bool(some != NONE)


@kernel
def _others(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variant: Table,
    a: int,
    z: int,
    out: Row,
    part: Matrix,
) -> bool:
    """Keep in `out` the starts at which all roles but the lead's can be filled, rooms apart; return if any is left."""
    for k in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
        if k == variant[LEAD]:
            continue
        if roles[k, COUNT] == 1:
            part[0] = NONE
            for e in range(roles[k, FIRST_ENTRY], roles[k, STOP_ENTRY]):
                for w in range(a, z):
                    part[0, w - a] |= rows[entries[e, SLOT], w]
            some = NONE
            for w in range(z - a):
                out[w] &= part[0, w]
                some |= out[w]
        else:
            some = _several(rows, entries, roles[k], a, z, out)
        if some == NONE:
            return False
    return True


@kernel
def _several(rows: Matrix, entries: Table, role: Table, a: int, z: int, out: Row) -> np.uint64:
    """Keep in `out` the starts at which as many different resources are there as a role needs; return their union."""
    n = role[COUNT]
    reached = np.zeros((n, _WORDS), np.uint64)  # by how many are there, less one, at least
    e = role[FIRST_ENTRY]
    one = np.empty(_WORDS, np.uint64)
    while e < role[STOP_ENTRY]:
        who = entries[e, RESOURCE]
        one[:] = NONE
        while e < role[STOP_ENTRY] and entries[e, RESOURCE] == who:
            for w in range(a, z):
                one[w - a] |= rows[entries[e, SLOT], w]
            e += 1
        for j in range(n - 1, 0, -1):
            for w in range(z - a):
                reached[j, w] |= reached[j - 1, w] & one[w]
        for w in range(z - a):
            reached[0, w] |= one[w]
    some = NONE
    for w in range(z - a):
        out[w] &= reached[n - 1, w]
        some |= out[w]
    return some


@kernel
def _by_room(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variant: Table,
    a: int,
    z: int,
    mask: Row,
    inside: Matrix,
    part: Matrix,
) -> int:
    """Set `inside[j]` to the starts at which all but the lead can be in room `j`.

    Return how many rooms there are up to the last one with any start; 0: none.
    """
    room = roles[variant[ROOM]]
    n, n_open = room[STOP_ENTRY] - room[FIRST_ENTRY], 0
    for j in range(n):
        slot, some = entries[room[FIRST_ENTRY] + j, SLOT], NONE
        for w in range(a, z):
            inside[j, w - a] = rows[slot, w] & mask[w - a]
            some |= inside[j, w - a]
        for k in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
            if k == variant[LEAD] or k == variant[ROOM] or not roles[k, IS_COUPLED] or some == NONE:
                continue
            part[1] = NONE
            for e in range(roles[k, FIRST_ENTRY], roles[k, STOP_ENTRY]):
                if (rooms[e] >> np.uint64(j)) & ONE != NONE:
                    for w in range(a, z):
                        part[1, w - a] |= rows[entries[e, SLOT], w]
            some = NONE
            for w in range(z - a):
                inside[j, w] &= part[1, w]
                some |= inside[j, w]
        if some != NONE:
            n_open = j + 1
    return n_open


@kernel
def _led_by(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    lead: int,
    first: int,
    stop: int,
    room: int,
    inside: Matrix,
    n_inside: int,
    a: int,
    z: int,
    mask: Row,
    led: Matrix,
) -> bool:
    """Set `led[0]` to the starts with one lead, whose entries are `[first, stop)`; return whether there are any."""
    out = led[0]
    out[:] = NONE
    some = NONE
    if lead < 0 and room < 0:
        for w in range(z - a):
            out[w] = mask[w]
            some |= out[w]
        return bool(some != NONE)
    for e in range(first, stop):
        if room < 0:
            for w in range(a, z):
                out[w - a] |= rows[entries[e, SLOT], w] & mask[w - a]
                some |= out[w - a]
            continue
        for j in range(n_inside):
            if lead >= 0 and (rooms[e] >> np.uint64(j)) & ONE == NONE:
                continue
            for w in range(z - a):
                word = inside[j, w]
                if lead >= 0:
                    word &= rows[entries[e, SLOT], a + w]
                out[w] |= word
                some |= word
    return bool(some != NONE)


@kernel
def _first_of(row: Row, wished: Row, is_wished: int, a: int, low: int, high: int) -> int:
    """Return the first set tick of `[low, high)` that is wished, or that is not, or -1; the row begins at word `a`."""
    if wished.size == 0 and not is_wished:
        return -1
    for w in range(low >> 6, words_for(high)):
        word = row[w - a] & range_mask(w, low, high)
        if wished.size:
            word &= wished[w] if is_wished else ~wished[w]
        if word != NONE:
            return (w << 6) + lowest_bit(word)
    return -1


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
        found[at, :N_FOUND] = found[at - 1, :N_FOUND]
        at -= 1
    found[at, COST], found[at, START], found[at, VARIANT] = cost, start, v
    found[at, WHO], found[at, KEY], found[at, TIE] = who, key, tie
    return size


@kernel
def _tie(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    v: int,
    variants: Table,
    first: int,
    stop: int,
    t: int,
    question: Table,
) -> int:
    """Return the rank of a lead at a start among visits of equal cost: variant, room if it comes first, lead."""
    variant = variants[v]
    place = 0
    if variant[LEAD] >= 0:
        place = first + 2
        if entries[first, RESOURCE] == question[PREFERRED]:
            place = 0
        elif entries[first, RESOURCE] == question[ASKED]:
            place = 1
    room = 0
    if variant[LEAD] >= 0 and variant[ROOM] >= 0 and not variant[LEAD_FIRST]:
        possible = _rooms_at(rows, entries, rooms, roles, variant, t, first, stop)
        room = lowest_bit(possible) + 1 if possible != NONE else 0
    return (v * 100 + room) * (1 << 32) + place


# --- who does what ----------------------------------------------------------------------------------------------------


@kernel
def _is_there(rows: Matrix, entries: Table, e: int, t: int) -> bool:
    return bool((rows[entries[e, SLOT], t >> 6] >> np.uint64(t & 63)) & ONE)


@kernel
def _rooms_at(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variant: Table,
    t: int,
    lead_first: int,
    lead_stop: int,
) -> np.uint64:
    """Return the rooms in which everybody can be at a start, with the lead's entries in `[lead_first, lead_stop)`."""
    room = roles[variant[ROOM]]
    possible = NONE
    for j in range(room[STOP_ENTRY] - room[FIRST_ENTRY]):
        if _is_there(rows, entries, room[FIRST_ENTRY] + j, t):
            possible |= ONE << np.uint64(j)
    for k in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
        if k == variant[ROOM] or not (roles[k, IS_COUPLED] or k == variant[LEAD]):
            continue
        first, stop = roles[k, FIRST_ENTRY], roles[k, STOP_ENTRY]
        if k == variant[LEAD]:
            first, stop = lead_first, lead_stop
        some = NONE
        for e in range(first, stop):
            if _is_there(rows, entries, e, t):
                some |= rooms[e]
        possible &= some
    return possible


@kernel
def _deal(
    rows: Matrix,
    entries: Table,
    rooms: NDArray[np.uint64],
    roles: Table,
    variant: Table,
    t: int,
    who: int,
    question: Table,
    out: Table,
) -> None:
    """Write the entries that a visit uses: of each role the first that leaves somebody for the others.

    Roles are filled as `Choices` orders them: the lead's, where it is `LEAD_FIRST`, then rooms, then the others.
    """
    lead = variant[LEAD]
    first, stop = (roles[lead, FIRST_ENTRY], roles[lead, STOP_ENTRY]) if lead >= 0 else (0, 0)
    if lead >= 0:
        only = who if who >= 0 else question[ASKED]
        if only >= 0:
            while entries[first, RESOURCE] != only:
                first += 1
            stop = first
            while stop < roles[lead, STOP_ENTRY] and entries[stop, RESOURCE] == only:
                stop += 1
    possible = ALL
    if variant[ROOM] >= 0:
        possible = _rooms_at(rows, entries, rooms, roles, variant, t, first, stop)
    n = N_FOUND
    for turn in range(3):
        for k in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
            its_turn = 1 if roles[k, IS_ROOM] else 2
            if k == lead and variant[LEAD_FIRST]:
                its_turn = 0
            if its_turn != turn:
                continue
            e = first if k == lead else roles[k, FIRST_ENTRY]
            last = stop if k == lead else roles[k, STOP_ENTRY]
            needed = roles[k, COUNT]
            while e < last and needed > 0:
                resource, some, chosen = entries[e, RESOURCE], NONE, e
                while e < last and entries[e, RESOURCE] == resource:
                    if _is_there(rows, entries, e, t):
                        some |= ONE << np.uint64(e - roles[k, FIRST_ENTRY]) if k == variant[ROOM] else rooms[e]
                    e += 1
                if some & possible != NONE:
                    out[n] = chosen
                    n += 1
                    needed -= 1
                    if roles[k, COUNT] == 1:
                        possible &= some
