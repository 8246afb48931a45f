"""Counting what is in use: the compiled loops behind `occupancy` and `quotas`.

Fungible capacity is *counted*, never dealt out to lanes one by one: first fit into lanes loses starts that exist
(a use from 9 to 10 in one lane and from 10 to 11 in another leave room for one from 9 to 11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from engine.search.bits import NONE, ONE, kernel, words_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

    Counts: TypeAlias = NDArray[np.int16]
    """One count per tick, shape `(n_ticks,)`; of size 0 where all are zero."""


@kernel
def add_use(counts: Counts, start: int, stop: int, units: int) -> None:
    """Add `units` (negative: take back) to the ticks `[start, stop)`, which lie inside."""
    for t in range(start, stop):
        counts[t] += units


@kernel
def add_uses(
    counts: NDArray[np.int16],
    rows: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    units: NDArray[np.int64],
) -> None:
    """Add many uses, each to its row of `counts`, shape `(rows, n_ticks)`; a row number below 0 is left out."""
    for i in range(rows.size):
        if rows[i] >= 0:
            add_use(counts[rows[i]], start[i], stop[i], units[i])


@kernel
def fits(used: Counts, present: Counts, spare: Counts, lanes: int, units: int, t: int) -> bool:
    """Return whether `units` more fit at a tick: exclusive uses, one for any presence, within lanes and spare lanes."""
    total = int(used[t]) + units
    if present.size and present[t] > 0:
        total += 1
    return total <= lanes + (spare[t] if spare.size else 0)


@kernel
def refresh_free(
    open_row: Row, used: Counts, present: Counts, spare: Counts, lanes: int, units: int, start: int, stop: int, out: Row
) -> None:
    """Set the bits of `out` in `[start, stop)` to: open, and `units` more exclusive units fit. Other bits stay."""
    for t in range(start, stop):
        bit = ONE << np.uint64(t & 63)
        if open_row[t >> 6] & bit and fits(used, present, spare, lanes, units, t):
            out[t >> 6] |= bit
        else:
            out[t >> 6] &= ~bit


@kernel
def refresh_simple(
    open_rows: Matrix, used: NDArray[np.int16], lanes: NDArray[np.int64], chosen: NDArray[np.int64], out: Matrix
) -> None:
    """`refresh_free` for one unit over the whole horizon, for resources without presence and spare lanes."""
    n_ticks = used.shape[1]
    for i in range(chosen.size):
        r = chosen[i]
        for w in range(words_for(n_ticks)):
            word = open_rows[r, w]
            if word == NONE:
                out[r, w] = NONE
                continue
            for t in range(w << 6, min((w + 1) << 6, n_ticks)):
                if used[r, t] >= lanes[r]:
                    word &= ~(ONE << np.uint64(t & 63))
            out[r, w] = word


@kernel
def presence_row(
    open_row: Row, used: Counts, present: Counts, spare: Counts, lanes: int, limit: int, n_ticks: int, out: Row
) -> None:
    """Set the bits of `out` to: open, and one more may be supervised."""
    none = present[:0]
    for w in range(out.size):
        word = NONE
        for t in range(w << 6, min((w + 1) << 6, n_ticks)):
            here = present[t] if present.size else 0
            if here < limit and fits(used, none, spare, lanes, 1, t):
                word |= ONE << np.uint64(t & 63)
        out[w] = word & open_row[w]


@kernel
def hits(
    offsets: NDArray[np.int64],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    reach: NDArray[np.int64],
    owner: NDArray[np.int64],
    at_start: NDArray[np.int64],
    at_end: NDArray[np.int64],
    out: NDArray[np.int64],
) -> int:
    """Find for each given stretch the known stretches of its owner that contain it.

    Parameters
    ----------
    offsets, starts, ends, reach
        The known ones, by owner (those of owner `o` are `[offsets[o], offsets[o + 1])`) and start; `reach` is the
        largest end so far of the same owner.
    owner, at_start, at_end
        The given ones; an owner below 0 has none.
    out
        Shape `(n, 2)`: pairs (given, known), as many as fit.

    Returns
    -------
    int
        How many there are; more than `n` when they did not fit.
    """
    found = 0
    for i in range(owner.size):
        o = owner[i]
        if o < 0:
            continue
        first, last = offsets[o], offsets[o + 1]
        q = first + np.searchsorted(starts[first:last], at_start[i], side="right") - 1
        while q >= first and reach[q] >= at_end[i]:
            if ends[q] >= at_end[i]:
                if found < out.shape[0]:
                    out[found, 0] = i
                    out[found, 1] = q
                found += 1
            q -= 1
    return found
