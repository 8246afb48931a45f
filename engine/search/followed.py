"""Rows that follow the bookings of a resource: where one is booked or cancelled, and nowhere else, they are put right.

A row of starts says around which ticks a window is free, among those that its *base* has: what calendars say, quotas
that are full, whatever does not hang on the resource being free. Since "all of these ticks are free and open" is "all
are free" and "all are open", both can be worked out apart, and a booking changes only the first, only around itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, kernel, range_mask, words_for
from engine.search.counts import fits, refresh_free

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row
    from engine.search.counts import Counts

__all__ = ["Followed", "RowStore", "change"]

NEXT, BASE, LO, HI, UNITS, IS_PRESENCE = range(6)
"""Columns of what is known of a row: the next one of its resource, 0 after the last; the row of its base, `EVERY` for
all ticks; the window around a start, half-open; units asked for; whether for presence."""
EVERY = -1


@kernel
def change(
    rows: Matrix,
    known: NDArray[np.int64],
    heads: NDArray[np.int64],
    open_rows: Matrix,
    used: NDArray[np.int16],
    free: Matrix,
    present: Counts,
    spare: Counts,
    lanes: int,
    limit: int,
    r: int,
    first: int,
    stop: int,
    units: int,
) -> None:
    """Add `units` to what is used of a resource in `[first, stop)`, and put its free row and its other rows right.

    Parameters
    ----------
    rows, known, heads
        Those of `Followed`.
    open_rows, used, free, present, spare
        Those of `Load`, its counters of presence and of spare lanes as they are afterwards.
    lanes, limit
        Of the resource: lanes, and how many it may supervise at a time.
    units
        Negative to take back; 0 where only presence or spare lanes have changed.
    """
    for t in range(first, stop):
        used[r, t] += units
    refresh_free(open_rows[r], used[r], present, spare, lanes, 1, first, stop, free[r])
    slot = heads[r]
    while slot != 0:
        low = max(first - known[slot, HI] + 1, 0)
        high = min(stop - known[slot, LO], used.shape[1])
        base = known[slot, BASE]
        is_window = known[slot, LO] < known[slot, HI]
        if is_window and low < high and (base == EVERY or _any_in(rows[base], low, high)):
            _erode_again(
                rows, known[slot], slot, low, high, open_rows[r], used[r], free[r], present, spare, lanes, limit
            )
        slot = known[slot, NEXT]


@kernel
def _any_in(row: Row, low: int, high: int) -> bool:
    for w in range(low >> 6, words_for(high)):
        if row[w] & range_mask(w, low, high) != NONE:
            return True
    return False


@kernel
def _erode_again(
    rows: Matrix,
    about: NDArray[np.int64],
    slot: int,
    low: int,
    high: int,
    open_row: Row,
    used: Counts,
    free: Row,
    present: Counts,
    spare: Counts,
    lanes: int,
    limit: int,
) -> None:
    """Set the bits of a row in `[low, high)`: in its base, and the window around is free."""
    lo, hi, units = about[LO], about[HI], about[UNITS]
    is_plain = units == 1 and not about[IS_PRESENCE]
    n_ticks, run = used.size, 0
    for x in range(high + hi - 2, low + lo - 1, -1):
        if x < 0 or x >= n_ticks:
            run = 0
        elif is_plain:
            run = run + 1 if (free[x >> 6] >> np.uint64(x & 63)) & ONE != NONE else 0
        else:
            is_open = (open_row[x >> 6] >> np.uint64(x & 63)) & ONE != NONE
            if about[IS_PRESENCE]:
                here = present[x] if present.size else 0
                is_free = here < limit and fits(used, present[:0], spare, lanes, 1, x)
            else:
                is_free = fits(used, present, spare, lanes, units, x)
            run = run + 1 if is_open and is_free else 0
        t = x - lo
        if t < high:
            bit = ONE << np.uint64(t & 63)
            base = about[BASE] == EVERY or rows[about[BASE], t >> 6] & bit != NONE
            if base and run >= hi - lo:
                rows[slot, t >> 6] |= bit
            else:
                rows[slot, t >> 6] &= ~bit


class RowStore:
    """A matrix of rows that grows, with its unused row numbers. Row 0 stays empty."""

    def __init__(self, n_words: int) -> None:
        self.rows: Matrix = np.zeros((64, n_words), np.uint64)
        self._unused = list(range(63, 0, -1))

    @property
    def n_used(self) -> int:
        """How many rows are in use, the empty one apart."""
        return len(self.rows) - 1 - len(self._unused)

    def put(self, row: Row) -> int:
        """Copy a row in and return its number."""
        if not self._unused:
            n = len(self.rows)
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
            self._unused = list(range(2 * n - 1, n - 1, -1))
        slot = self._unused.pop()
        self.rows[slot] = row
        return slot

    def drop(self, slots: Iterable[int]) -> None:
        """Give row numbers back."""
        self._unused.extend(slots)


class Followed(RowStore):
    """A store of which some rows follow the bookings of a resource.

    Attributes
    ----------
    known
        What there is to know of each row that follows one, shape `(rows, 6)`.
    heads
        The first row of each resource, 0: none.
    """

    def __init__(self, n_resources: int, n_words: int) -> None:
        super().__init__(n_words)
        self.known: NDArray[np.int64] = np.zeros((len(self.rows), 6), np.int64)
        self.heads: NDArray[np.int64] = np.zeros(n_resources, np.int64)
        self._base_by_hash: dict[int, int] = {}
        self._sharing: dict[int, tuple[int, int]] = {}

    def follow(
        self, r: int, row: Row, base: Row | None, window: tuple[int, int], *, units: int, is_presence: bool
    ) -> int:
        """Keep a row of starts from now on as the resource is booked; return its number.

        Parameters
        ----------
        row
            As it is now: the ticks of `base` around which the window is free.
        base
            None: every tick.
        window
            Ticks from a start, half-open; what is reserved of the resource.
        units, is_presence
            What must be free in it.
        """
        slot = self.put(row)
        based_on = EVERY if base is None else self._put_base(base)
        if len(self.known) < len(self.rows):
            self.known = np.concatenate([self.known, np.zeros((len(self.rows) - len(self.known), 6), np.int64)])
        self.known[slot] = (self.heads[r], based_on, *window, units, is_presence)
        self.heads[r] = slot
        return slot

    def narrow(self, r: int, slot: int, beside: Row) -> int:
        """Keep another row like one that is followed, of the ticks in `beside` alone; 0 where there never are any."""
        based_on, lo, hi, units, is_presence = self.known[slot, BASE:].tolist()
        base = beside if based_on == EVERY else self.rows[based_on] & beside
        if not base.any():
            return 0
        window = int(lo), int(hi)
        return self.follow(r, self.rows[slot] & beside, base, window, units=int(units), is_presence=bool(is_presence))

    def leave(self, r: int, slot: int) -> None:
        """Drop one row that is followed."""
        before = 0
        at = int(self.heads[r])
        while at != slot:
            before, at = at, int(self.known[at, NEXT])
        following = self.known[slot, NEXT]
        if before:
            self.known[before, NEXT] = following
        else:
            self.heads[r] = following
        self._drop_with_base(slot)

    def forget(self, r: int) -> None:
        """Drop every row that follows a resource."""
        slot, self.heads[r] = int(self.heads[r]), 0
        while slot:
            following = int(self.known[slot, NEXT])
            self._drop_with_base(slot)
            slot = following

    def _put_base(self, base: Row) -> int:
        """Keep a base, once for all rows that have the same: colleagues keep the same hours."""
        key = hash(base.tobytes())
        slot = self._base_by_hash.get(key)
        if slot is None or not np.array_equal(self.rows[slot], base):
            slot = self._base_by_hash[key] = self.put(base)
            self._sharing[slot] = key, 0
        self._sharing[slot] = key, self._sharing[slot][1] + 1
        return slot

    def _drop_with_base(self, slot: int) -> None:
        self.drop((slot,))
        base = int(self.known[slot, BASE])
        if base == EVERY:
            return
        key, n = self._sharing[base]
        if n > 1:
            self._sharing[base] = key, n - 1
            return
        del self._sharing[base]
        if self._base_by_hash.get(key) == base:
            del self._base_by_hash[key]
        self.drop((base,))
