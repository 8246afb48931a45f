"""The compiled functions of `scan` and their slow reference agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.search import reference, scan
from tests.search.rows import far_offsets, n_ticks_values, parse, rows

OF_A_RANGE = ["all_in_range", "any_in_range", "popcount_range", "first_set", "last_set", "next_clear"]


@given(st.data(), far_offsets, far_offsets)
def test_questions_about_a_range(data, start, stop):
    row = data.draw(rows(data.draw(n_ticks_values)))
    if data.draw(st.booleans()):
        start, stop = start % (len(row) * 64 + 1), stop % (len(row) * 64 + 1)
    for name in OF_A_RANGE:
        assert getattr(scan, name)(row, start, stop) == getattr(reference, name)(row, start, stop), name
    assert scan.iterate_set(row, start, stop).tolist() == reference.iterate_set(row, start, stop).tolist()
    assert scan.popcount(row) == reference.popcount(row)


@given(st.data())
def test_questions_about_a_tick(data):
    row = data.draw(rows(data.draw(n_ticks_values)))
    t = data.draw(st.one_of(far_offsets, st.integers(-1, 64 * len(row) + 1)))
    for name in ("is_set", "free_after", "free_before"):
        assert getattr(scan, name)(row, t) == getattr(reference, name)(row, t), name


@given(st.data(), st.integers(0, 5))
def test_write_set_stops_when_full(data, room):
    row = data.draw(rows(data.draw(n_ticks_values)))
    got, expected = np.full(room, -7), np.full(room, -7)
    assert scan.write_set(row, 3, 900, got) == reference.write_set(row, 3, 900, expected)
    assert got.tolist() == expected.tolist()


@given(st.integers(1, 2**64 - 1))
def test_bits_of_a_word(word):
    assert scan.word_popcount(np.uint64(word)) == word.bit_count()
    assert scan.lowest_bit(np.uint64(word)) == (word & -word).bit_length() - 1
    assert scan.highest_bit(np.uint64(word)) == word.bit_length() - 1


def test_empty_and_outside_ranges():
    row = parse("####")
    assert scan.all_in_range(row, 2, 2)
    assert scan.all_in_range(row, 0, 4)
    assert not scan.all_in_range(row, 0, 5)
    assert not scan.all_in_range(row, -1, 2)
    assert not scan.any_in_range(row, 2, 2)
    assert scan.first_set(row, 4, 64) == -1
    assert scan.next_clear(row, 0, 4) == -1


@pytest.mark.parametrize("n_ticks", [63, 64, 65, 128, 129])
def test_a_free_run_may_span_words_and_end_with_the_horizon(n_ticks):
    row = parse("#" * n_ticks)
    assert scan.free_after(row, 1) == n_ticks - 1
    assert scan.free_before(row, n_ticks) == n_ticks
    assert scan.free_after(row, n_ticks) == 0
    assert scan.free_before(row, 0) == 0
    assert scan.last_set(row, 0, 1000) == n_ticks - 1
