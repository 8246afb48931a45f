"""Starts of a plain step, a few words at a time: the parts of `walk` that combine rows.

A piece is the words `[a, z)` of a row; what is worked out of it begins at word 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel, range_mask, words_for
from engine.search.scan import lowest_bit
from engine.search.tables import (
    ARRIVE,
    COUNT,
    FIRST_ENTRY,
    FIRST_ROLE,
    FROM,
    IS_COUPLED,
    IS_THERE,
    LATEST_END,
    LEAD,
    LENGTH,
    MASK,
    NOW,
    OWN_TRAVEL,
    RESOURCE,
    ROOM,
    SITE,
    SLOT,
    STOP_ENTRY,
    STOP_ROLE,
    TICK,
    UNTIL,
    WORDS,
    ZERO,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

    Table = NDArray[np.int64]

__all__ = ["fill_by_room", "fill_others", "first_of", "led_by", "open_starts"]


@kernel
def open_starts(
    rows: Matrix, variant: Table, taken: Table, travel: Table, question: Table, a: int, z: int, out: Row
) -> bool:
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
def fill_others(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
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
    reached = np.zeros((n, WORDS), np.uint64)  # by how many are there, less one, at least
    e = role[FIRST_ENTRY]
    one = np.empty(WORDS, np.uint64)
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
def fill_by_room(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
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
                if (rooms[e, j >> 6] >> np.uint64(j & 63)) & ONE != NONE:
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
def led_by(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
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
            if lead >= 0 and (rooms[e, j >> 6] >> np.uint64(j & 63)) & ONE == NONE:
                continue
            for w in range(z - a):
                word = inside[j, w]
                if lead >= 0:
                    word &= rows[entries[e, SLOT], a + w]
                out[w] |= word
                some |= word
    return bool(some != NONE)


@kernel
def first_of(row: Row, wished: Row, is_wished: int, a: int, low: int, high: int) -> int:
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
