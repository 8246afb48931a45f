"""The compiled functions of `bits` and their slow reference agree, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.search import bits, reference
from tests.search.rows import far_offsets, garbage, matrices, n_ticks_values, parse, row_of, rows, show

SIZES = [0, 1, 63, 64, 65, 127, 128, 129, 1000]


@pytest.mark.parametrize("n_ticks", SIZES)
def test_make_fill_and_clear(n_ticks):
    assert bits.words_for(n_ticks) == reference.words_for(n_ticks)
    out = bits.make(n_ticks)
    assert out.dtype == np.uint64
    assert out.tolist() == [0] * bits.words_for(n_ticks)
    bits.fill(n_ticks, out)
    assert show(out, 64 * len(out)) == "#" * n_ticks + "." * (64 * len(out) - n_ticks)
    bits.clear(out)
    assert not out.any()


@given(n_ticks_values, st.integers(1, 400), far_offsets)
def test_pattern_every(n_ticks, step, offset):
    expected = reference.pattern_every(n_ticks, step, offset)
    assert bits.pattern_every(n_ticks, step, offset).tolist() == expected.tolist()


def test_pattern_every_in_text():
    assert show(bits.pattern_every(10, 3, 1), 10) == ".#..#..#.."
    assert show(bits.pattern_every(10, 3, -1), 10) == "..#..#..#."


@pytest.mark.parametrize("step", [0, -3])
def test_a_pattern_needs_a_step(step):
    with pytest.raises(ValueError, match="step of at least 1"):
        bits.pattern_every(10, step, 0)


@given(st.data(), far_offsets, far_offsets)
def test_ranges_are_clipped(data, start, stop):
    n_ticks = data.draw(n_ticks_values)
    row = data.draw(rows(n_ticks))
    for name, args in (("set_range", (start, stop, n_ticks)), ("clear_range", (start, stop))):
        got, expected = row.copy(), row.copy()
        getattr(bits, name)(got, *args)
        getattr(reference, name)(expected, *args)
        assert got.tolist() == expected.tolist(), name


def test_ranges_are_half_open_and_never_reach_beyond_the_horizon():
    row = bits.make(70)
    bits.set_range(row, 62, 66, 70)
    assert show(row, 128) == "." * 62 + "####" + "." * 62
    bits.set_range(row, 69, 200, 70)
    assert show(row, 128)[66:] == "...#" + "." * 58
    bits.clear_range(row, 63, 65)
    assert show(row, 128) == "." * 62 + "#..#...#" + "." * 58


@given(st.data())
def test_combining_rows(data):
    n_ticks = data.draw(n_ticks_values)
    row, other = data.draw(rows(n_ticks)), data.draw(rows(n_ticks))
    for name in ("and_", "or_", "andnot"):
        got, expected = row.copy(), row.copy()
        getattr(bits, name)(got, other)
        getattr(reference, name)(expected, other)
        assert got.tolist() == expected.tolist(), name


@given(st.data())
def test_combining_selected_rows(data):
    n_ticks = data.draw(n_ticks_values)
    matrix = data.draw(matrices(n_ticks))
    numbers = st.integers(0, max(len(matrix) - 1, 0))
    selection = np.array(data.draw(st.lists(numbers, max_size=6 if len(matrix) else 0)), np.int64)
    got, expected = garbage(bits.make(n_ticks)), bits.make(n_ticks)
    bits.or_rows(matrix, selection, got)
    reference.or_rows(matrix, selection, expected)
    assert got.tolist() == expected.tolist()
    bits.and_rows(matrix, selection, n_ticks, got)
    reference.and_rows(matrix, selection, n_ticks, expected)
    assert got.tolist() == expected.tolist()


@given(st.data(), st.integers(-1, 11))
def test_count_at_least(data, k):
    n_ticks = data.draw(n_ticks_values)
    matrix = data.draw(matrices(n_ticks))
    got, expected = garbage(bits.make(n_ticks)), bits.make(n_ticks)
    scratch = np.full((bits.planes_for(k), len(got)), got[0] if len(got) else 0, np.uint64)
    before = matrix.copy()
    bits.count_at_least(matrix, k, n_ticks, got, scratch)
    reference.count_at_least(matrix, k, n_ticks, expected)
    assert got.tolist() == expected.tolist()
    assert matrix.tolist() == before.tolist()
    assert bits.at_least(matrix, k, n_ticks).tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("k", "expected"), [(0, "#####"), (1, "####."), (2, ".###."), (3, "..##."), (4, "...#."), (5, ".....")]
)
def test_count_at_least_in_text(k, expected):
    matrix = np.array([parse("####."), parse(".###."), parse("..##."), parse("...#.")])
    assert show(bits.at_least(matrix, k, 5), 5) == expected


def test_a_count_may_pass_k_many_times():
    """300 rows: the two planes of k = 4 overflow again and again."""
    matrix = np.repeat(parse("#")[np.newaxis], 300, axis=0)
    assert show(bits.at_least(matrix, 4, 1), 1) == "#"
    assert show(bits.at_least(matrix, 300, 1), 1) == "#"
    assert show(bits.at_least(matrix, 301, 1), 1) == "."


@given(st.data())
def test_booleans_there_and_back(data):
    n_ticks = data.draw(n_ticks_values)
    flags = np.array(data.draw(st.lists(st.booleans(), min_size=n_ticks, max_size=n_ticks)), np.bool_)
    got = garbage(bits.make(n_ticks))
    bits.from_bool(flags, got)
    assert got.tolist() == row_of(flags).tolist()
    for module in (bits, reference):
        back = np.ones(n_ticks, np.bool_)
        module.to_bool(got, back)
        assert back.tolist() == flags.tolist()


@given(st.data(), st.sampled_from([-1, 0, 1, 2, 40, 32767, 100_000]))
def test_from_counts(data, units):
    n_ticks = data.draw(st.sampled_from([0, 1, 63, 64, 65, 129]))
    values = st.lists(st.sampled_from([0, 1, 2, 3, 40, 32767]), min_size=n_ticks, max_size=n_ticks)
    usage, capacity = (np.array(data.draw(values), np.int16) for _ in range(2))
    got, expected = garbage(bits.make(n_ticks)), bits.make(n_ticks)
    bits.from_counts(usage, capacity, units, n_ticks, got)
    reference.from_counts(usage, capacity, units, n_ticks, expected)
    assert got.tolist() == expected.tolist()


def test_units_that_just_fit_fit():
    usage, capacity = np.array([0, 1, 2, 3, 32767], np.int16), np.array([3, 3, 3, 3, 32767], np.int16)
    out = bits.make(5)
    bits.from_counts(usage, capacity, 2, 5, out)
    assert show(out, 5) == "##..."


def test_part_of_the_horizon_is_a_slice_of_words():
    usage = np.zeros(1000, np.int16)
    usage[200:260] = 1
    capacity = np.ones(1000, np.int16)
    out = bits.make(1000)
    bits.from_counts(usage, capacity, 1, 1000, out)
    usage[130:140] = 1
    bits.from_counts(usage[128:192], capacity[128:192], 1, 64, out[2:3])
    assert out.tolist() == row_of(usage == 0).tolist()
