"""Moving, shrinking and widening rows: shift, erode, dilate, and dilate along a corridor.

Rows are those of `bits`. Windows are built by *doubling*: the answer for a window of 2m ticks is the answer for m ticks
combined with itself m ticks on, so that a window of L takes about log2(L) passes over the words (Warren, Hacker's
Delight, 6-2, "string of 1-bits of a given length", here over many words). The last pass overlaps the one before, which
AND and OR do not mind. Passes work in place: towards earlier ticks they walk the words upwards, towards later ticks
downwards, and so read only what is not yet overwritten.

`out` may be `row` itself in all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search.bits import NONE, ONE, and_, copy, fill, kernel, tail_mask
from engine.search.scan import any_in_range

if TYPE_CHECKING:
    from engine.search.bits import Row


@kernel
def shift(row: Row, by: int, n_ticks: int, out: Row) -> None:
    """Set `out[t] = row[t - by]`: positive `by` is later. What comes from outside the horizon is clear."""
    if by >= n_ticks or by <= -n_ticks:
        out[:] = NONE
    elif by >= 0:
        skip, b = by >> 6, np.uint64(by & 63)
        moved = out[skip:]
        for w in range(moved.size - 1, 0, -1):
            moved[w] = _joined_up(row[w - 1], row[w], b)
        moved[0] = row[0] << b
        out[:skip] = NONE
        out[-1] &= tail_mask(n_ticks)
    else:
        skip, b = -by >> 6, np.uint64(-by & 63)
        ahead = row[skip:]
        last = ahead.size - 1
        for w in range(last):
            out[w] = _joined_down(ahead[w], ahead[w + 1], b)
        out[last] = ahead[last] >> b
        out[last + 1 :] = NONE


@kernel
def erode(row: Row, length: int, n_ticks: int, out: Row) -> None:
    """Set `out[t] = all(row[t : t + length])`: the starts at which `length` ticks are free.

    Parameters
    ----------
    length
        Ticks. The window must lie inside the horizon, so nothing starts after `n_ticks - length`; with 0 or less it is
        empty, and every tick in `[0, n_ticks)` starts one.
    """
    if length <= 0:
        fill(n_ticks, out)
    elif length > n_ticks:
        out[:] = NONE
    else:
        copy(row, out)
        have = 1
        while have < length:
            step = min(have, length - have)
            _and_earlier(out, step)
            have += step


@kernel
def erode_window(row: Row, lo: int, hi: int, n_ticks: int, out: Row) -> None:
    """Set `out[t] = all(row[t + lo : t + hi])`: a resource needed from `lo` to `hi` ticks after the start.

    Parameters
    ----------
    lo, hi
        Ticks from `t`, half-open, either may be negative. False where the window leaves `[0, n_ticks)`; an empty one
        (`hi <= lo`) is true at every tick.
    """
    if hi <= lo:
        fill(n_ticks, out)
    elif lo <= -n_ticks or hi > n_ticks:
        out[:] = NONE
    else:
        erode(row, hi - lo, n_ticks, out)
        shift(out, -lo, n_ticks, out)


@kernel
def dilate(row: Row, lo: int, hi: int, n_ticks: int, out: Row) -> None:
    """Set `out[t] = any(row[t + lo : t + hi + 1])`: the next step may start `lo` to `hi` ticks after `t`.

    Parameters
    ----------
    lo, hi
        Ticks from `t`, **both included**, either may be negative; the window is clipped to the horizon, and any large
        `hi` (or small `lo`) means unbounded. `lo > hi` leaves nothing.
    """
    lo, hi = max(lo, -n_ticks), min(hi, n_ticks)
    if lo > hi:
        out[:] = NONE
    elif lo >= 0:
        shift(row, -lo, n_ticks, out)
        _spread_earlier(out, hi - lo)
    elif hi <= 0:
        shift(row, -hi, n_ticks, out)
        _spread_later(out, hi - lo, n_ticks)
    else:
        copy(row, out)
        _spread_earlier(out, hi)
        _spread_later(out, -lo, n_ticks)


@kernel
def dilate_through(row: Row, through: Row, lo: int, hi: int, n_ticks: int, out: Row, scratch: Row) -> None:
    """Set `out[t]` iff some `s` in `[t + lo, t + hi]` has `row[s]` and `all(through[t:s])`.

    The next step may start `lo` to `hi` ticks after `t`, and a resource whose free time is `through` is held between.

    Parameters
    ----------
    through
        Free time of the resource held; neither `out` nor `scratch`.
    lo, hi
        Ticks from `t`, both included, `0 <= lo`; any large `hi` means unbounded. `lo > hi` leaves nothing.
    scratch
        Shape `(words,)`, overwritten; neither `row` nor `out`.

    Raises
    ------
    ValueError
        If `lo` is negative: nothing can be held back to front.

    Notes
    -----
    Occluded fill: `out` spreads through `scratch`, which is open where a corridor of the length covered so far begins
    (Kogge and Stone's carry network, 1973; "occluded fill" of chess programs). It stops at the first pass that finds no
    corridor left, so that an unbounded `hi` costs no more than the longest free stretch.
    """
    if lo < 0:
        raise ValueError("A resource cannot be held over a negative gap. Maybe the two steps are in the wrong order.")
    hi = min(hi, n_ticks)
    if lo > hi:
        out[:] = NONE
        return
    copy(row, out)
    copy(through, scratch)
    length, have = hi - lo + 1, 1
    while have < length:
        step = min(have, length - have)
        _or_earlier_where(scratch, out, step)
        _and_earlier(scratch, step)
        if not any_in_range(scratch, 0, n_ticks):
            break
        have += step
    if lo > 0:
        shift(out, -lo, n_ticks, out)
        erode(through, lo, n_ticks, scratch)
        and_(out, scratch)


# --- one pass -----------------------------------------------------------------------------------------------------
# A shift by 64 is undefined, so a part that may move by 64 moves by 1 first, then by up to 63. Less than a word has
# a loop of its own: with the distance known, the compiler vectorises it (0.1 against 0.5 µs per 819 words).


@kernel
def _joined_down(word: np.uint64, following: np.uint64, b: np.uint64) -> np.uint64:
    """Return the 64 bits from bit `b` (0 to 63) of `word` on, into `following`."""
    return (word >> b) | ((following << ONE) << (np.uint64(63) - b))


@kernel
def _joined_up(previous: np.uint64, word: np.uint64, b: np.uint64) -> np.uint64:
    """Return `word` moved up by `b` (0 to 63) bits, filled from the top of `previous`."""
    return (word << b) | ((previous >> ONE) >> (np.uint64(63) - b))


@kernel
def _and_earlier(out: Row, by: int) -> None:
    """`out[t] &= out[t + by]`, `by` > 0, less than the row is long."""
    skip, b = by >> 6, np.uint64(by & 63)
    ahead = out[skip:]
    last = ahead.size - 1
    if skip == 0:
        for w in range(last):
            out[w] &= _joined_down(out[w], out[w + 1], b)
    else:
        for w in range(last):
            out[w] &= _joined_down(ahead[w], ahead[w + 1], b)
    out[last] &= ahead[last] >> b
    out[last + 1 :] = NONE


@kernel
def _or_earlier(out: Row, by: int) -> None:
    """`out[t] |= out[t + by]`, `by` > 0, less than the row is long."""
    skip, b = by >> 6, np.uint64(by & 63)
    ahead = out[skip:]
    last = ahead.size - 1
    if skip == 0:
        for w in range(last):
            out[w] |= _joined_down(out[w], out[w + 1], b)
    else:
        for w in range(last):
            out[w] |= _joined_down(ahead[w], ahead[w + 1], b)
    out[last] |= ahead[last] >> b


@kernel
def _or_earlier_where(where: Row, out: Row, by: int) -> None:
    """`out[t] |= where[t] & out[t + by]`, `by` > 0, less than the row is long."""
    skip, b = by >> 6, np.uint64(by & 63)
    ahead = out[skip:]
    last = ahead.size - 1
    if skip == 0:
        for w in range(last):
            out[w] |= where[w] & _joined_down(out[w], out[w + 1], b)
    else:
        for w in range(last):
            out[w] |= where[w] & _joined_down(ahead[w], ahead[w + 1], b)
    out[last] |= where[last] & (ahead[last] >> b)


@kernel
def _or_later(out: Row, by: int) -> None:
    """`out[t] |= out[t - by]`, `by` > 0, less than the row is long; bits beyond the horizon are left to the caller."""
    skip, b = by >> 6, np.uint64(by & 63)
    moved = out[skip:]
    for w in range(moved.size - 1, 0, -1):
        moved[w] |= _joined_up(out[w - 1], out[w], b)
    moved[0] |= out[0] << b


@kernel
def _spread_earlier(out: Row, reach: int) -> None:
    """`out[t] = any(out[t : t + reach + 1])`."""
    have = 1
    while have <= reach:
        step = min(have, reach + 1 - have)
        _or_earlier(out, step)
        have += step


@kernel
def _spread_later(out: Row, reach: int, n_ticks: int) -> None:
    """`out[t] = any(out[t - reach : t + 1])`."""
    have = 1
    while have <= reach:
        step = min(have, reach + 1 - have)
        _or_later(out, step)
        have += step
    if n_ticks > 0:
        out[-1] &= tail_mask(n_ticks)


# --- in a new row -------------------------------------------------------------------------------------------------


@kernel
def shifted(row: Row, by: int, n_ticks: int) -> Row:
    """Return `shift` in a new row."""
    out = np.empty_like(row)
    shift(row, by, n_ticks, out)
    return out


@kernel
def eroded(row: Row, length: int, n_ticks: int) -> Row:
    """Return `erode` in a new row."""
    out = np.empty_like(row)
    erode(row, length, n_ticks, out)
    return out


@kernel
def eroded_window(row: Row, lo: int, hi: int, n_ticks: int) -> Row:
    """Return `erode_window` in a new row."""
    out = np.empty_like(row)
    erode_window(row, lo, hi, n_ticks, out)
    return out


@kernel
def dilated(row: Row, lo: int, hi: int, n_ticks: int) -> Row:
    """Return `dilate` in a new row."""
    out = np.empty_like(row)
    dilate(row, lo, hi, n_ticks, out)
    return out


@kernel
def dilated_through(row: Row, through: Row, lo: int, hi: int, n_ticks: int) -> Row:
    """Return `dilate_through` in a new row."""
    out = np.empty_like(row)
    dilate_through(row, through, lo, hi, n_ticks, out, np.empty_like(row))
    return out
