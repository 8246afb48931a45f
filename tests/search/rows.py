"""Rows of bits for tests: drawn as free and busy stretches, or written as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from engine.search import reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.search.bits import Matrix, Row

GARBAGE = np.uint64(0xA5A5_5A5A_DEAD_BEEF)
FAR = 2**62

n_ticks_values = st.one_of(
    st.sampled_from([0, 1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 193, 320, 1000]), st.integers(0, 300)
)
offsets = st.one_of(
    st.integers(-70, 70), st.sampled_from([-128, -127, -64, -63, 63, 64, 65, 127, 128, 129]), st.integers(-1100, 1100)
)
"""Ticks: around word edges, beyond most horizons, of either sign."""
far_offsets = st.one_of(offsets, st.sampled_from([-FAR, FAR, -(2**63), 2**63 - 1]))
lengths = st.one_of(st.integers(-1, 70), st.sampled_from([127, 128, 129, 1000, 1001, FAR]))


def row_of(flags: NDArray[np.bool_]) -> Row:
    out = reference.make(len(flags))
    reference.from_bool(flags, out)
    return out


def parse(text: str) -> Row:
    """Return the row in which `#` is set: `.##.` has ticks 1 and 2."""
    return row_of(np.array([c == "#" for c in text], np.bool_))


def show(row: Row, n_ticks: int) -> str:
    return "".join("#" if reference.is_set(row, t) else "." for t in range(n_ticks))


@st.composite
def rows(draw: st.DrawFn, n_ticks: int) -> Row:
    """Draw a row as alternating stretches, repeated to the end: real calendars are runs, not noise."""
    stretches = draw(st.lists(st.one_of(st.integers(1, 5), st.integers(1, 200)), min_size=1, max_size=8))
    busy_first = draw(st.booleans())
    flags = np.concatenate([np.full(length, bool(i % 2) == busy_first) for i, length in enumerate(stretches)])
    return row_of(np.resize(flags, n_ticks))


@st.composite
def matrices(draw: st.DrawFn, n_ticks: int) -> Matrix:
    drawn = draw(st.lists(rows(n_ticks), max_size=9))
    return np.array(drawn, np.uint64).reshape(len(drawn), reference.words_for(n_ticks))


def garbage(row: Row) -> Row:
    """Return an `out` array of the same shape, full of what must not survive."""
    return np.full_like(row, GARBAGE)


def result(function: Callable[..., Any], row: Row, *args: Any) -> list[int]:
    """Return the words that `function(row, *args, out)` writes; neither `row` nor an array among `args` may change."""
    before = [row.tolist(), *(a.tolist() for a in args if isinstance(a, np.ndarray))]
    out = garbage(row)
    function(row, *args, out)
    assert [row.tolist(), *(a.tolist() for a in args if isinstance(a, np.ndarray))] == before
    words: list[int] = out.tolist()
    return words
