"""Rows of bits: free time as 64-bit words, one bit per tick.

A *row* is a C-contiguous `uint64` array. Bit `i` of word `w` (bit 0 the least significant) is tick `64 * w + i`. A row
for `n_ticks` ticks has exactly `words_for(n_ticks)` words, and its bits at and beyond `n_ticks` are 0: every function
relies on that and keeps it. Ranges of ticks are half-open, `[start, stop)`.

Functions write into `out` and allocate nothing; the few that return a new array say so. They do not check shapes:
a wrong one reads foreign memory, which `NUMBA_BOUNDSCHECK=1` turns into an error. A part of the horizon is worked on by
slicing at word boundaries: ticks `[64 * a, 64 * b)` of a row are `row[a:b]`, of one value per tick `[64 * a : 64 * b]`.

A compiled function is kept on disk and compiled again when *its own* file changes, not when one that it calls from
another file does. After editing this file, delete the `__pycache__` of its callers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row: TypeAlias = NDArray[np.uint64]
    """One bit per tick, shape `(words,)`."""
    Matrix: TypeAlias = NDArray[np.uint64]
    """A row per resource, shape `(rows, words)`."""

_F = TypeVar("_F", bound=Callable[..., Any])

NONE = np.uint64(0)
ONE = np.uint64(1)
ALL = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def kernel(function: _F) -> _F:
    """Compile with numba (no GIL, kept on disk) and keep the function's type for mypy."""
    return cast("_F", njit(cache=True, nogil=True)(function))


@kernel
def words_for(n_ticks: int) -> int:
    """Return the number of words that hold `n_ticks` bits."""
    return (n_ticks + 63) >> 6


@kernel
def tail_mask(n_ticks: int) -> np.uint64:
    """Return the valid bits of the last word of a row of `n_ticks` > 0 ticks."""
    return ALL >> np.uint64(-n_ticks & 63)


@kernel
def range_mask(w: int, start: int, stop: int) -> np.uint64:
    """Return the bits of word `w` that lie in `[start, stop)`, for `w` in `range(start >> 6, words_for(stop))`."""
    low = max(start - (w << 6), 0)
    high = min(stop - (w << 6), 64)
    return (ALL << np.uint64(low)) & (ALL >> np.uint64(64 - high))


# --- rows ---------------------------------------------------------------------------------------------------------


@kernel
def make(n_ticks: int) -> Row:
    """Return a new row with no bit set."""
    return np.zeros(words_for(n_ticks), np.uint64)


@kernel
def clear(out: Row) -> None:
    """Clear every bit."""
    out[:] = NONE


@kernel
def fill(n_ticks: int, out: Row) -> None:
    """Set every bit of `[0, n_ticks)`."""
    out[:] = ALL
    if n_ticks > 0:
        out[-1] = tail_mask(n_ticks)


@kernel
def copy(row: Row, out: Row) -> None:
    """Copy a row: five times as fast as `out[:] = row`, which numba guards against overlap."""
    for w in range(row.size):
        out[w] = row[w]


@kernel
def every(step: int, offset: int, n_ticks: int, out: Row) -> None:
    """Set the bits at `t % step == offset % step`, and no other.

    Raises
    ------
    ValueError
        If `step` is below 1.
    """
    if step < 1:
        raise ValueError("A pattern needs a step of at least 1 tick. Maybe the start grid is finer than the tick.")
    out[:] = NONE
    for t in range(offset % step, n_ticks, step):
        out[t >> 6] |= ONE << np.uint64(t & 63)


@kernel
def pattern_every(n_ticks: int, step: int, offset: int) -> Row:
    """Return `every` as a new row: the start grid as a mask."""
    out = np.empty(words_for(n_ticks), np.uint64)
    every(step, offset, n_ticks, out)
    return out


# --- ranges -------------------------------------------------------------------------------------------------------


@kernel
def set_range(row: Row, start: int, stop: int, n_ticks: int) -> None:
    """Set the bits of `[start, stop)`, clipped to `[0, n_ticks)`."""
    start, stop = max(start, 0), min(stop, n_ticks)
    for w in range(start >> 6, words_for(stop)):
        row[w] |= range_mask(w, start, stop)


@kernel
def clear_range(row: Row, start: int, stop: int) -> None:
    """Clear the bits of `[start, stop)`, clipped to the row."""
    start, stop = max(start, 0), min(stop, row.size << 6)
    for w in range(start >> 6, words_for(stop)):
        row[w] &= ~range_mask(w, start, stop)


# --- combining rows -----------------------------------------------------------------------------------------------


@kernel
def and_(row: Row, other: Row) -> None:
    """Keep in `row` what is also in `other`."""
    for w in range(row.size):
        row[w] &= other[w]


@kernel
def or_(row: Row, other: Row) -> None:
    """Add to `row` what is in `other`."""
    for w in range(row.size):
        row[w] |= other[w]


@kernel
def andnot(row: Row, other: Row) -> None:
    """Take out of `row` what is in `other`."""
    for w in range(row.size):
        row[w] &= ~other[w]


@kernel
def or_rows(matrix: Matrix, selection: NDArray[np.int64], out: Row) -> None:
    """Set `out` to the union of the selected rows; of none, nothing.

    Parameters
    ----------
    matrix
        Shape `(rows, words)`.
    selection
        Row numbers, shape `(m,)`, in any order.
    out
        Shape `(words,)`; not a row of `matrix`.
    """
    out[:] = NONE
    for i in range(selection.size):
        or_(out, matrix[selection[i]])


@kernel
def and_rows(matrix: Matrix, selection: NDArray[np.int64], n_ticks: int, out: Row) -> None:
    """Set `out` to what the selected rows share; of none, every tick. Parameters as for `or_rows`."""
    fill(n_ticks, out)
    for i in range(selection.size):
        and_(out, matrix[selection[i]])


@kernel
def planes_for(k: int) -> int:
    """Return the number of scratch rows that `count_at_least` needs for `k`."""
    planes = 1
    while (1 << (planes - 1)) < k:
        planes += 1
    return planes


@kernel
def count_at_least(rows: Matrix, k: int, n_ticks: int, out: Row, scratch: Matrix) -> None:
    """Set bit `t` of `out` iff at least `k` of `rows` have it set.

    Parameters
    ----------
    rows
        Shape `(m, words)`.
    k
        At most `m` is useful; 0 or less sets every tick. The time grows with log2(k).
    out
        Shape `(words,)`; not one of `rows`.
    scratch
        Shape `(planes_for(k), words)` or more rows; overwritten.

    Notes
    -----
    Vertical, bit-sliced counters (Knuth, TAOCP 4A, 7.1.3; the carry-save adders of Warren, Hacker's Delight, 5-1): bit
    `t` of plane `p` is bit `p` of the count at tick `t`, and a row is added with one half adder per plane. Counts start
    at `2**planes - k`, so that the carry out of the top plane says "k reached" and nothing need be compared.
    """
    if k <= 0:
        fill(n_ticks, out)
        return
    out[:] = NONE
    planes = planes_for(k) - 1
    for p in range(planes):
        scratch[p] = ALL if ((1 << planes) - k) >> p & 1 else NONE
    carry = scratch[planes]
    for r in range(rows.shape[0]):
        if planes == 0:
            or_(out, rows[r])
        else:
            _half_add(scratch[0], rows[r], carry)
            for p in range(1, planes):
                _carry_on(scratch[p], carry)
            or_(out, carry)


@kernel
def at_least(rows: Matrix, k: int, n_ticks: int) -> Row:
    """Return `count_at_least` in a new row."""
    out = np.empty(words_for(n_ticks), np.uint64)
    count_at_least(rows, k, n_ticks, out, np.empty((planes_for(k), out.size), np.uint64))
    return out


@kernel
def _half_add(plane: Row, addend: Row, carry: Row) -> None:
    for w in range(plane.size):
        both = plane[w] & addend[w]
        plane[w] ^= addend[w]
        carry[w] = both


@kernel
def _carry_on(plane: Row, carry: Row) -> None:
    for w in range(plane.size):
        both = plane[w] & carry[w]
        plane[w] ^= carry[w]
        carry[w] = both


# --- packing ------------------------------------------------------------------------------------------------------
# Whole words have a loop of their own: of 64 turns exactly, the compiler vectorises it (6 against 50 µs per 819 words).


@kernel
def from_bool(flags: NDArray[np.bool_], out: Row) -> None:
    """Pack one boolean per tick, shape `(n_ticks,)`, into `out`."""
    whole = flags.size >> 6
    for w in range(whole):
        part = flags[w << 6 : (w + 1) << 6]
        word = NONE
        for i in range(64):
            word |= np.uint64(part[i]) << np.uint64(i)
        out[w] = word
    out[whole:] = NONE
    for t in range(whole << 6, flags.size):
        out[whole] |= np.uint64(flags[t]) << np.uint64(t & 63)


@kernel
def to_bool(row: Row, out: NDArray[np.bool_]) -> None:
    """Unpack a row into one boolean per tick, shape `(n_ticks,)`."""
    for t in range(out.size):
        out[t] = (row[t >> 6] >> np.uint64(t & 63)) & ONE != NONE


@kernel
def from_counts(usage: NDArray[np.int16], capacity: NDArray[np.int16], units: int, n_ticks: int, out: Row) -> None:
    """Set bit `t` of `out` iff `units` more fit: `usage[t] + units <= capacity[t]`.

    Parameters
    ----------
    usage, capacity
        Units in use and in all, one value per tick, shape `(n_ticks,)`. Usage above capacity is legal.
    units
        Asked for, at every tick; added without overflow.
    """
    whole = n_ticks >> 6
    for w in range(whole):
        used, limit = usage[w << 6 : (w + 1) << 6], capacity[w << 6 : (w + 1) << 6]
        word = NONE
        for i in range(64):
            word |= np.uint64(int(used[i]) + units <= limit[i]) << np.uint64(i)
        out[w] = word
    out[whole:] = NONE
    for t in range(whole << 6, n_ticks):
        out[whole] |= np.uint64(int(usage[t]) + units <= capacity[t]) << np.uint64(t & 63)
