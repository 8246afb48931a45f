"""The compiled functions of `morphology` and their slow reference agree, bit for bit, in place as well."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.search import morphology, reference
from tests.search.rows import (
    FAR,
    far_offsets,
    garbage,
    lengths,
    n_ticks_values,
    offsets,
    parse,
    result,
    row_of,
    rows,
    show,
)


def agree(name, row, *args):
    """Assert that the compiled function, its in-place use and its wrapper all give what the reference gives."""
    expected = result(getattr(reference, name), row, *args)
    assert result(getattr(morphology, name), row, *args) == expected
    in_place = row.copy()
    getattr(morphology, name)(in_place, *args, in_place)
    assert in_place.tolist() == expected
    wrapper = {"shift": "shifted", "erode": "eroded", "erode_window": "eroded_window", "dilate": "dilated"}[name]
    for module in (morphology, reference):
        assert getattr(module, wrapper)(row, *args).tolist() == expected


@given(st.data(), far_offsets)
def test_shift(data, by):
    n_ticks = data.draw(n_ticks_values)
    agree("shift", data.draw(rows(n_ticks)), by, n_ticks)


@given(st.data(), lengths)
def test_erode(data, length):
    n_ticks = data.draw(n_ticks_values)
    agree("erode", data.draw(rows(n_ticks)), length, n_ticks)


@pytest.mark.parametrize("n_ticks", [1, 2, 63, 64, 65, 127, 128, 129, 193])
def test_erode_every_length_of_a_free_horizon(n_ticks):
    row = parse("#" * n_ticks)
    for length in range(1, n_ticks + 2):
        starts = max(n_ticks - length + 1, 0)
        assert show(morphology.eroded(row, length, n_ticks), 256) == "#" * starts + "." * (256 - starts)


@given(st.data(), far_offsets, lengths)
def test_erode_window(data, lo, length):
    n_ticks = data.draw(n_ticks_values)
    hi = min(lo + length, 2**63 - 1) if lo >= 0 else max(lo + length, -(2**63))
    agree("erode_window", data.draw(rows(n_ticks)), lo, hi, n_ticks)


@pytest.mark.parametrize(("lo", "hi"), [(-(2**63), 2**63 - 1), (-(2**63), 1), (-1, 2**63 - 1), (-FAR, FAR), (0, 0)])
def test_windows_as_wide_as_the_integers(lo, hi):
    row = parse("#" * 70)
    agree("erode_window", row, lo, hi, 70)
    agree("dilate", row, lo, hi, 70)


@given(st.data(), far_offsets, far_offsets)
def test_dilate(data, lo, hi):
    n_ticks = data.draw(n_ticks_values)
    agree("dilate", data.draw(rows(n_ticks)), lo, hi, n_ticks)


@given(st.data(), offsets, st.integers(0, 200))
def test_dilate_by_a_window_that_is_never_empty(data, lo, width):
    n_ticks = data.draw(n_ticks_values)
    agree("dilate", data.draw(rows(n_ticks)), lo, lo + width, n_ticks)


@given(st.data(), st.one_of(st.integers(0, 200), st.just(FAR)), st.one_of(st.integers(-1, 300), st.just(FAR)))
def test_dilate_through(data, lo, width):
    n_ticks = data.draw(n_ticks_values)
    row, through = data.draw(rows(n_ticks)), data.draw(rows(n_ticks))
    hi = min(lo + width, 2**63 - 1)
    expected = garbage(row)
    reference.dilate_through(row, through, lo, hi, n_ticks, expected)
    inputs = row.tolist(), through.tolist()
    got = garbage(row)
    morphology.dilate_through(row, through, lo, hi, n_ticks, got, garbage(row))
    assert got.tolist() == expected.tolist()
    assert (row.tolist(), through.tolist()) == inputs
    for module in (morphology, reference):
        assert module.dilated_through(row, through, lo, hi, n_ticks).tolist() == expected.tolist()
    morphology.dilate_through(row, through, lo, hi, n_ticks, row, got)
    assert row.tolist() == expected.tolist()


@given(st.integers(0, 2**32), st.integers(0, 130), st.integers(0, 300))
@example(0, 0, 64)
def test_noise_agrees_too(seed, lo, width):
    """Stretches leave words full or empty; noise puts every carry between words to the test."""
    random = np.random.default_rng(seed)
    for n_ticks in (64, 65, 127, 300):
        row, through = (row_of(random.random(n_ticks) < density) for density in (0.2, 0.97))
        agree("dilate", row, lo, lo + width, n_ticks)
        agree("dilate", row, -lo, width, n_ticks)
        agree("erode", through, lo // 4, n_ticks)
        expected = reference.dilated_through(row, through, lo // 8, width, n_ticks)
        assert morphology.dilated_through(row, through, lo // 8, width, n_ticks).tolist() == expected.tolist()


def test_erode_and_dilate_in_text():
    row = parse(".###.##..#")
    assert show(morphology.eroded(row, 2, 10), 10) == ".##..#...."
    assert show(morphology.eroded_window(row, -1, 1, 10), 10) == "..##..#..."
    assert show(morphology.shifted(row, 2, 10), 10) == "...###.##."
    assert show(morphology.shifted(row, -2, 10), 10) == "##.##..#.."
    starts = parse("......#...")
    assert show(morphology.dilated(starts, 2, 3, 10), 10) == "...##....."
    assert show(morphology.dilated(starts, -1, 0, 10), 10) == "......##.."
    assert show(morphology.dilated(starts, 0, FAR, 10), 10) == "#######..."


def test_a_held_resource_is_held_up_to_the_start_and_not_at_it():
    starts, chair = parse("......#..."), parse("..####....")
    assert show(morphology.dilated_through(starts, chair, 0, FAR, 10), 10) == "..#####..."
    assert show(morphology.dilated_through(starts, chair, 2, 3, 10), 10) == "...##....."
    assert show(morphology.dilated_through(starts, parse("..##.#...."), 0, FAR, 10), 10) == ".....##..."


def test_a_resource_is_not_held_back_to_front():
    row = parse("####")
    with pytest.raises(ValueError, match="negative gap"):
        morphology.dilated_through(row, row, -1, 2, 4)
