"""Who does what in a plain visit: the parts of `walk` that look at one start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import ALL, NONE, ONE, and_, kernel, or_
from engine.search.scan import first_set
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

    from engine.search.bits import Matrix, Row

    Table = NDArray[np.int64]

__all__ = ["TIES", "deal", "tie_of"]

TIES = 1 << 44
"""So many ranks has a variant: for each room, of 4,096, those of a lead."""


@kernel
def _is_there(rows: Matrix, entries: Table, e: int, t: int) -> bool:
    return bool((rows[entries[e, SLOT], t >> 6] >> np.uint64(t & 63)) & ONE)


@kernel
def _rooms_at(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
    roles: Table,
    variant: Table,
    t: int,
    lead_first: int,
    lead_stop: int,
) -> Row:
    """Return the rooms in which everybody can be at a start, with the lead's entries in `[lead_first, lead_stop)`."""
    room = roles[variant[ROOM]]
    possible = np.zeros(rooms.shape[1], np.uint64)
    for j in range(room[STOP_ENTRY] - room[FIRST_ENTRY]):
        if _is_there(rows, entries, room[FIRST_ENTRY] + j, t):
            possible[j >> 6] |= ONE << np.uint64(j & 63)
    for k in range(variant[FIRST_ROLE], variant[STOP_ROLE]):
        if k == variant[ROOM] or not (roles[k, IS_COUPLED] or k == variant[LEAD]):
            continue
        first, stop = roles[k, FIRST_ENTRY], roles[k, STOP_ENTRY]
        if k == variant[LEAD]:
            first, stop = lead_first, lead_stop
        some = np.zeros(rooms.shape[1], np.uint64)
        for e in range(first, stop):
            if _is_there(rows, entries, e, t):
                or_(some, rooms[e])
        and_(possible, some)
    return possible


@kernel
def _meets(row: Row, other: Row) -> bool:
    for w in range(row.size):
        if row[w] & other[w] != NONE:
            return True
    return False


@kernel
def deal(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
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
    possible, some = np.full(rooms.shape[1], ALL), np.empty(rooms.shape[1], np.uint64)
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
                resource, chosen = entries[e, RESOURCE], e
                some[:] = NONE
                while e < last and entries[e, RESOURCE] == resource:
                    if _is_there(rows, entries, e, t):
                        j = e - roles[k, FIRST_ENTRY]
                        if k == variant[ROOM]:
                            some[j >> 6] |= ONE << np.uint64(j & 63)
                        else:
                            or_(some, rooms[e])
                    e += 1
                if _meets(some, possible):
                    out[n] = chosen
                    n += 1
                    needed -= 1
                    if roles[k, COUNT] == 1:
                        and_(possible, some)


@kernel
def tie_of(
    rows: Matrix,
    entries: Table,
    rooms: Matrix,
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
        room = first_set(_rooms_at(rows, entries, rooms, roles, variant, t, first, stop), 0, rooms.shape[1] << 6) + 1
    return v * TIES + room * (1 << 32) + place
