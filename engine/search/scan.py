"""Reading rows: test, count, find and walk the set bits. Rows are those of `bits`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import ALL, NONE, ONE, kernel, range_mask, words_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.search.bits import Row


@kernel
def word_popcount(word: np.uint64) -> int:
    """Return the number of set bits. LLVM knows this loop (Kernighan's) and makes it one instruction."""
    count = 0
    while word != NONE:
        word &= word - ONE
        count += 1
    return count


@kernel
def lowest_bit(word: np.uint64) -> int:
    """Return the number of the lowest set bit of a word that is not 0 (Hacker's Delight, 5-4)."""
    return word_popcount(~word & (word - ONE))


@kernel
def highest_bit(word: np.uint64) -> int:
    """Return the number of the highest set bit of a word that is not 0 (Hacker's Delight, 5-3)."""
    for by in (1, 2, 4, 8, 16, 32):
        word |= word >> np.uint64(by)
    return word_popcount(word) - 1


@kernel
def is_set(row: Row, i: int) -> bool:
    """Return whether bit `i` is set; a tick outside the row is not."""
    if i < 0 or i >= row.size << 6:
        return False
    return bool((row[i >> 6] >> np.uint64(i & 63)) & ONE)


@kernel
def all_in_range(row: Row, start: int, stop: int) -> bool:
    """Return whether all bits of `[start, stop)` are set.

    A range that leaves the horizon is never all set; an empty one (`stop <= start`) always is.
    """
    if stop <= start:
        return True
    if start < 0 or stop > row.size << 6:
        return False
    return _first(row, start, stop, ALL) < 0


@kernel
def any_in_range(row: Row, start: int, stop: int) -> bool:
    """Return whether any bit of `[start, stop)`, clipped to the row, is set."""
    return _first(row, start, stop, NONE) >= 0


@kernel
def popcount(row: Row) -> int:
    """Return the number of set bits: free ticks."""
    count = 0
    for w in range(row.size):
        count += word_popcount(row[w])
    return count


@kernel
def popcount_range(row: Row, start: int, stop: int) -> int:
    """Return the number of set bits in `[start, stop)`, clipped to the row."""
    start, stop = max(start, 0), min(stop, row.size << 6)
    count = 0
    for w in range(start >> 6, words_for(stop)):
        count += word_popcount(row[w] & range_mask(w, start, stop))
    return count


@kernel
def _first(row: Row, start: int, stop: int, flip: np.uint64) -> int:
    """Return the first set tick of `row ^ flip` in `[start, stop)`, clipped to the row, or -1."""
    start, stop = max(start, 0), min(stop, row.size << 6)
    for w in range(start >> 6, words_for(stop)):
        word = (row[w] ^ flip) & range_mask(w, start, stop)
        if word != NONE:
            return (w << 6) + lowest_bit(word)
    return -1


@kernel
def _last(row: Row, start: int, stop: int, flip: np.uint64) -> int:
    """Return the last set tick of `row ^ flip` in `[start, stop)`, clipped to the row, or -1."""
    start, stop = max(start, 0), min(stop, row.size << 6)
    for w in range(words_for(stop) - 1, (start >> 6) - 1, -1):
        word = (row[w] ^ flip) & range_mask(w, start, stop)
        if word != NONE:
            return (w << 6) + highest_bit(word)
    return -1


@kernel
def first_set(row: Row, start: int, stop: int) -> int:
    """Return the first set tick of `[start, stop)`, clipped to the row, or -1."""
    return _first(row, start, stop, NONE)


@kernel
def last_set(row: Row, start: int, stop: int) -> int:
    """Return the last set tick of `[start, stop)`, clipped to the row, or -1."""
    return _last(row, start, stop, NONE)


@kernel
def next_clear(row: Row, start: int, stop: int) -> int:
    """Return the first clear tick of `[start, stop)`, or -1; `stop` at most `n_ticks`, for all beyond is clear."""
    return _first(row, start, stop, ALL)


@kernel
def write_set(row: Row, start: int, stop: int, out: NDArray[np.int64]) -> int:
    """Write the set ticks of `[start, stop)` into `out`, ascending, until it is full; return how many were written."""
    start, stop = max(start, 0), min(stop, row.size << 6)
    count = 0
    for w in range(start >> 6, words_for(stop)):
        word = row[w] & range_mask(w, start, stop)
        while word != NONE:
            if count == out.size:
                return count
            out[count] = (w << 6) + lowest_bit(word)
            count += 1
            word &= word - ONE
    return count


@kernel
def iterate_set(row: Row, start: int, stop: int) -> NDArray[np.int64]:
    """Return the set ticks of `[start, stop)`, ascending, as a new array of exactly that many."""
    out = np.empty(popcount_range(row, start, stop), np.int64)
    write_set(row, start, stop, out)
    return out


@kernel
def free_after(row: Row, t: int) -> int:
    """Return how many set bits in a row start at `t`: 0 if `t` itself is clear or outside."""
    end = row.size << 6
    if t < 0 or t >= end:
        return 0
    stop = _first(row, t, end, ALL)
    return (end if stop < 0 else stop) - t


@kernel
def free_before(row: Row, t: int) -> int:
    """Return how many set bits in a row end just before `t`: 0 if `t - 1` is clear or outside."""
    if t <= 0 or t > row.size << 6:
        return 0
    return t - 1 - _last(row, 0, t, ALL)
