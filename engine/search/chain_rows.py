"""Starts of the steps of a bundle: the parts of `chain` that combine rows.

Rows are worked out a chunk at a time, `WORDS` words each, for they are seldom needed to the end of the horizon; `free`,
of shape `(chunks, rows, WORDS)`, holds them. A *window* is the words `[a, z)` of a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, kernel, set_range
from engine.search.morphology import dilate, dilate_through
from engine.search.scan import last_set
from engine.search.tables import (
    ARRIVE,
    FIRST_ENTRY,
    FIRST_VARIANT,
    GAP_LOW,
    IS_BARRED,
    IS_LED,
    IS_SAME_DAY,
    IS_THERE,
    LEAD,
    LENGTH,
    OWN_TRAVEL,
    ROOM,
    ROW,
    SITE,
    STOP_ENTRY,
    STOP_VARIANT,
    TICK,
    WORDS,
)
from engine.search.walk_rows import fill_by_room, fill_others, led_by, open_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

    Table = NDArray[np.int64]
    Chunks = NDArray[np.uint64]

__all__ = ["reaching", "row_of", "take", "with_ways", "work_out"]


@kernel
def work_out(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variants: Table,
    step: Table,
    led: NDArray[np.int64],
    taken: Table,
    travel: Table,
    question: Table,
    chunk: int,
    free: Chunks,
) -> None:
    """Write one chunk of the rows of a step: of each variant and, where the visit's lead is in it, of each lead."""
    a = chunk * WORDS
    z = min(a + WORDS, rows.shape[1])
    most_rooms = 1
    for v in range(step[FIRST_VARIANT], step[STOP_VARIANT]):
        if variants[v, ROOM] >= 0:
            room = roles[variants[v, ROOM]]
            most_rooms = max(most_rooms, room[STOP_ENTRY] - room[FIRST_ENTRY])
    mask = np.empty(WORDS, np.uint64)
    inside = np.empty((most_rooms, WORDS), np.uint64)
    part = np.empty((2, WORDS), np.uint64)
    one = np.empty((1, WORDS), np.uint64)
    for v in range(step[FIRST_VARIANT], step[STOP_VARIANT]):
        variant, n_inside = variants[v], 0
        is_open = not variant[IS_BARRED] and open_starts(rows, variant, taken, travel, question, a, z, mask)
        is_open = is_open and fill_others(rows, entries, rooms, roles, variant, a, z, mask, part)
        if is_open and variant[ROOM] >= 0:
            n_inside = fill_by_room(rows, entries, rooms, roles, variant, a, z, mask, inside, part)
            is_open = n_inside > 0
        lead, room = variant[LEAD], variant[ROOM]
        first, stop = (roles[lead, FIRST_ENTRY], roles[lead, STOP_ENTRY]) if lead >= 0 else (0, 1)
        one[0] = NONE
        if is_open:
            led_by(rows, entries, rooms, lead, first, stop, room, inside, n_inside, a, z, mask, one)
        free[chunk, variant[ROW]] = one[0]
        for i in range(led.shape[0]):
            if step[IS_LED] and led[i, v, 2] >= 0:
                one[0] = NONE
                if is_open:
                    first, stop = led[i, v, 0], led[i, v, 1]
                    led_by(rows, entries, rooms, lead, first, stop, room, inside, n_inside, a, z, mask, one)
                free[chunk, led[i, v, 2]] = one[0]


@kernel
def row_of(variants: Table, step: Table, led: NDArray[np.int64], i: int, v: int) -> int:
    """Return the row of a variant of a step with the `i`-th lead (-1: with any), or -1 where they are not in it."""
    return int(led[i, v, 2] if step[IS_LED] and i >= 0 else variants[v, ROW])


@kernel
def take(free: Chunks, row: int, a: int, z: int, out: Row) -> bool:
    """Copy a window of a row (-1: empty) to the beginning of `out`; return whether anything is set in it."""
    some = NONE
    for w in range(a, z):
        word = free[w // WORDS, row, w % WORDS] if row >= 0 else NONE
        out[w - a] = word
        some |= word
    return bool(some != NONE)


@kernel
def with_ways(between: Table, variants: Table, travel: Table, question: Table) -> Table:
    """Return the fewest ticks from the end of a step as one variant to the start of a later one as another.

    As the lead needs them, and as the patient does for the way.
    """
    found = between.copy()
    for v in range(variants.shape[0]):
        for u in range(variants.shape[0]):
            one, other = variants[v], variants[u]
            is_there = one[IS_THERE] and other[IS_THERE] and one[ARRIVE] >= 0 and other[ARRIVE] >= 0
            if is_there and one[SITE] != other[SITE]:
                way = max(travel[one[SITE], other[SITE]], question[OWN_TRAVEL])
                found[v, u] = max(found[v, u], -(-way // question[TICK]))
    return found


@kernel
def reaching(
    after: Matrix,
    a_after: int,
    z_after: int,
    variants: Table,
    v: int,
    following: Table,
    most: int,
    between: Table,
    corridor: Row,
    question: Table,
    a: int,
    z: int,
    scratch: Matrix,
    out: Row,
) -> None:
    """Keep in `out`, a window `[a, z)`, the starts of a step as variant `v` after which the next one is in reach.

    Parameters
    ----------
    after
        Of each variant of the next step, its starts in the window `[a_after, z_after)`; it begins no earlier.
    following
        The next step.
    between
        As `with_ways` gives it.
    most
        Ticks from the end of the step to the start of the next, at most.
    corridor
        The ticks that are not the last of their local day.
    scratch
        Three rows and one for the answer, each as long as from `a` to `z_after`.
    """
    first, stop = following[FIRST_VARIANT], following[STOP_VARIANT]
    n, shift = z_after - a, a_after - a
    scratch[2, : z - a] = NONE
    u = first
    while u < stop:
        least = max(following[GAP_LOW], between[v, u])
        low = variants[v, LENGTH] + least
        some = NONE
        scratch[0, :n] = NONE
        while u < stop and max(following[GAP_LOW], between[v, u]) == least:
            for w in range(z_after - a_after):
                scratch[0, w + shift] |= after[u - first, w]
                some |= after[u - first, w]
            u += 1
        if some != NONE:
            whole, part, ticks = scratch[0, :n], scratch[1, :n], n << 6
            if question[IS_SAME_DAY]:
                through = corridor[a:z_after]
                dilate_through(whole, through, low, variants[v, LENGTH] + most, ticks, part, scratch[3, :n])
            elif most >= ticks:  # whatever comes later is in reach
                part[:] = NONE
                set_range(part, 0, last_set(whole, 0, ticks) - low + 1, ticks)
            else:
                dilate(whole, low, variants[v, LENGTH] + most, ticks, part)
            for w in range(z - a):
                scratch[2, w] |= scratch[1, w]
    for w in range(z - a):
        out[w] &= scratch[2, w]
