"""The table of figures: what a run replaces and what it leaves."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.baselines.bare_and import BareAnd
from benchmarks.results import Section, percentile, write


@pytest.mark.parametrize(("share", "expected"), [(0.01, 1), (0.5, 50), (0.505, 51), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_the_least_value_that_enough_do_not_exceed(share, expected):
    assert percentile([float(n) for n in range(100, 0, -1)], share) == expected


def test_a_run_replaces_its_own_sections_and_leaves_the_others(tmp_path):
    path = tmp_path / "RESULTS.md"
    one, other = Section("One", "about one"), Section("Other", "about another")
    one.add("time", 3.0, "ms", at_most=2)
    other.add("ratio", 30.0, "×", at_least=20)
    write([one, other], path)
    again = Section("One", "about one")
    again.add("time", 2.0, "ms", at_most=2)
    write([again], path)

    text = path.read_text(encoding="utf-8")
    assert "| time | 2 ms | ≤ 2 ms | yes |" in text
    assert "| ratio | 30 × | ≥ 20 × | yes |" in text
    assert "**no**" not in text
    assert text.count("# Results") == 1
    assert text.index("## One") < text.index("## Other")


@pytest.mark.parametrize(("first", "second", "expected"), [({70, 3}, {5, 70}, 70), ({3}, {5}, -1), ({0}, {0}, 0)])
def test_the_floor_finds_the_first_tick_that_every_pool_has(first, second, expected):
    def rows(*sets):
        bits = np.zeros((len(sets), 128), np.uint8)
        for row, ticks in enumerate(sets):
            bits[row, list(ticks)] = 1
        return np.packbits(bits, axis=1, bitorder="little").view(np.uint64)

    assert BareAnd([rows(first, set()), rows(second)]).earliest() == expected
