"""Who does what in a plain visit: the parts of `walk` that look at one start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import ALL, NONE, ONE, kernel
from engine.search.scan import lowest_bit
from engine.search.tables import (
    ASKED,
    COUNT,
    FIRST_ENTRY,
    FIRST_ROLE,
    IS_COUPLED,
    IS_FIRST,
    IS_ROOM,
    LEAD,
    LEAD_FIRST,
    N_FOUND,
    PREFERRED,
    RESOURCE,
    ROOM,
    SLOT,
    STOP_ENTRY,
    STOP_ROLE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix

    Table = NDArray[np.int64]

__all__ = ["deal", "tie_of"]


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
def deal(
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

    Roles are filled as `Choices` orders them: those that come first, as the lead's does where it is `LEAD_FIRST`, then
    rooms, then the others.
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
            if roles[k, IS_FIRST] or (k == lead and variant[LEAD_FIRST]):
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


@kernel
def tie_of(
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
