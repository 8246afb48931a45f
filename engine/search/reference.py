"""What `bits`, `scan`, `morphology` and `ahead` compile, said plainly: Python loops, nothing clever.

Same names, same arguments, same arrays as the compiled functions, so that either can stand for the other. Nothing here
is used to answer anyone: tests hold the two equal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row


def _flags(row: Row) -> list[bool]:
    """Return every bit of a row, those beyond the horizon included."""
    return [bool(int(word) >> i & 1) for word in row for i in range(64)]


def _write(flags: Iterable[bool], out: Row) -> None:
    """Write the flags from tick 0 on, and clear the bits after them."""
    words = [0] * len(out)
    for t, flag in enumerate(flags):
        words[t // 64] |= int(flag) << t % 64
    for w, word in enumerate(words):
        out[w] = word


def _held(flags: list[bool], start: int, stop: int, n_ticks: int) -> bool:
    """Return whether every tick of `[start, stop)` is in the horizon and set; an empty range is."""
    return all(0 <= s < n_ticks and flags[s] for s in range(start, stop))


# --- bits ---------------------------------------------------------------------------------------------------------


def words_for(n_ticks: int) -> int:
    return -(-n_ticks // 64)


def make(n_ticks: int) -> Row:
    return np.zeros(words_for(n_ticks), np.uint64)


def clear(out: Row) -> None:
    _write([], out)


def fill(n_ticks: int, out: Row) -> None:
    _write([True] * n_ticks, out)


def every(step: int, offset: int, n_ticks: int, out: Row) -> None:
    _write(((t - offset) % step == 0 for t in range(n_ticks)), out)


def pattern_every(n_ticks: int, step: int, offset: int) -> Row:
    out = make(n_ticks)
    every(step, offset, n_ticks, out)
    return out


def set_range(row: Row, start: int, stop: int, n_ticks: int) -> None:
    _write((flag or start <= t < min(stop, n_ticks) for t, flag in enumerate(_flags(row))), row)


def clear_range(row: Row, start: int, stop: int) -> None:
    _write((flag and not start <= t < stop for t, flag in enumerate(_flags(row))), row)


def and_(row: Row, other: Row) -> None:
    _write([a and b for a, b in zip(_flags(row), _flags(other), strict=True)], row)


def or_(row: Row, other: Row) -> None:
    _write([a or b for a, b in zip(_flags(row), _flags(other), strict=True)], row)


def andnot(row: Row, other: Row) -> None:
    _write([a and not b for a, b in zip(_flags(row), _flags(other), strict=True)], row)


def or_rows(matrix: Matrix, selection: NDArray[np.int64], out: Row) -> None:
    clear(out)
    for r in selection:
        or_(out, matrix[r])


def and_rows(matrix: Matrix, selection: NDArray[np.int64], n_ticks: int, out: Row) -> None:
    fill(n_ticks, out)
    for r in selection:
        and_(out, matrix[r])


def count_at_least(rows: Matrix, k: int, n_ticks: int, out: Row, scratch: Matrix | None = None) -> None:
    del scratch
    flags = [_flags(row) for row in rows]
    _write((sum(row[t] for row in flags) >= k for t in range(n_ticks)), out)


def at_least(rows: Matrix, k: int, n_ticks: int) -> Row:
    out = make(n_ticks)
    count_at_least(rows, k, n_ticks, out)
    return out


def from_bool(flags: NDArray[np.bool_], out: Row) -> None:
    _write((bool(flag) for flag in flags), out)


def to_bool(row: Row, out: NDArray[np.bool_]) -> None:
    out[:] = _flags(row)[: len(out)]


def from_counts(usage: NDArray[np.int16], capacity: NDArray[np.int16], units: int, n_ticks: int, out: Row) -> None:
    _write((int(usage[t]) + units <= int(capacity[t]) for t in range(n_ticks)), out)


# --- scan ---------------------------------------------------------------------------------------------------------


def is_set(row: Row, i: int) -> bool:
    return 0 <= i < 64 * len(row) and _flags(row)[i]


def all_in_range(row: Row, start: int, stop: int) -> bool:
    return _held(_flags(row), start, stop, 64 * len(row))


def any_in_range(row: Row, start: int, stop: int) -> bool:
    return any(flag for t, flag in enumerate(_flags(row)) if start <= t < stop)


def popcount(row: Row) -> int:
    return sum(_flags(row))


def popcount_range(row: Row, start: int, stop: int) -> int:
    return len(iterate_set(row, start, stop))


def first_set(row: Row, start: int, stop: int) -> int:
    return next((t for t, flag in enumerate(_flags(row)) if flag and start <= t < stop), -1)


def last_set(row: Row, start: int, stop: int) -> int:
    return max((t for t, flag in enumerate(_flags(row)) if flag and start <= t < stop), default=-1)


def next_clear(row: Row, start: int, stop: int) -> int:
    return next((t for t, flag in enumerate(_flags(row)) if not flag and start <= t < stop), -1)


def write_set(row: Row, start: int, stop: int, out: NDArray[np.int64]) -> int:
    ticks = iterate_set(row, start, stop)[: len(out)]
    out[: len(ticks)] = ticks
    return len(ticks)


def iterate_set(row: Row, start: int, stop: int) -> NDArray[np.int64]:
    return np.array([t for t, flag in enumerate(_flags(row)) if flag and start <= t < stop], np.int64)


def free_after(row: Row, t: int) -> int:
    flags = _flags(row)
    return next((i for i in range(len(flags) + 1) if not _held(flags, t + i, t + i + 1, len(flags))), 0)


def free_before(row: Row, t: int) -> int:
    flags = _flags(row)
    return next((i for i in range(len(flags) + 1) if not _held(flags, t - i - 1, t - i, len(flags))), 0)


# --- ahead ---------------------------------------------------------------------------------------------------------


def least_within(
    values: NDArray[np.int64], low: int, high: int, after: NDArray[np.int64], until: NDArray[np.int64], none: int
) -> NDArray[np.int64]:
    n = len(values)
    out = np.full(n, none)
    for t in range(n):
        for s in range(max(0, t + low, after[t] if len(after) else 0), min(n - 1, t + high) + 1):
            if s <= (until[t] if len(until) else n) and values[s] < none:
                out[t] = min(out[t], values[s])
    return out


def next_within(
    row: Row,
    start: int,
    stop: int,
    ahead: NDArray[np.int64],
    per_tick: int,
    zero: int,
    until: int,
    most: int,
    dear: NDArray[np.int64],
) -> int:
    for t in iterate_set(row, start, stop).tolist():
        cost = (int(ahead[t]) if len(ahead) else 0) + (per_tick * (t - zero) if t <= until else 0)
        if cost <= most:
            return int(t)
        dear[0] = min(int(dear[0]), cost)
    return -1


# --- morphology ---------------------------------------------------------------------------------------------------


def shift(row: Row, by: int, n_ticks: int, out: Row) -> None:
    flags = _flags(row)
    _write([0 <= t - by < n_ticks and flags[t - by] for t in range(n_ticks)], out)


def erode(row: Row, length: int, n_ticks: int, out: Row) -> None:
    erode_window(row, 0, length, n_ticks, out)


def erode_window(row: Row, lo: int, hi: int, n_ticks: int, out: Row) -> None:
    flags = _flags(row)
    _write([_held(flags, t + lo, t + hi, n_ticks) for t in range(n_ticks)], out)


def dilate(row: Row, lo: int, hi: int, n_ticks: int, out: Row) -> None:
    flags = _flags(row)
    _write([any(flags[max(t + lo, 0) : min(max(t + hi + 1, 0), n_ticks)]) for t in range(n_ticks)], out)


def dilate_through(
    row: Row, through: Row, lo: int, hi: int, n_ticks: int, out: Row, scratch: Row | None = None
) -> None:
    del scratch
    flags, open_flags = _flags(row), _flags(through)

    def reaches_a_start(t: int) -> bool:
        for s in range(t, min(t + hi + 1, n_ticks)):
            if s >= t + lo and flags[s]:
                return True
            if not open_flags[s]:
                return False
        return False

    _write([reaches_a_start(t) for t in range(n_ticks)], out)


def shifted(row: Row, by: int, n_ticks: int) -> Row:
    out = make(n_ticks)
    shift(row, by, n_ticks, out)
    return out


def eroded(row: Row, length: int, n_ticks: int) -> Row:
    out = make(n_ticks)
    erode(row, length, n_ticks, out)
    return out


def eroded_window(row: Row, lo: int, hi: int, n_ticks: int) -> Row:
    out = make(n_ticks)
    erode_window(row, lo, hi, n_ticks, out)
    return out


def dilated(row: Row, lo: int, hi: int, n_ticks: int) -> Row:
    out = make(n_ticks)
    dilate(row, lo, hi, n_ticks, out)
    return out


def dilated_through(row: Row, through: Row, lo: int, hi: int, n_ticks: int) -> Row:
    out = make(n_ticks)
    dilate_through(row, through, lo, hi, n_ticks, out)
    return out
