"""Masks of ticks, against lists of truth values."""

from hypothesis import given
from hypothesis import strategies as st

from engine.model.service import RoleUse
from engine.simulate.timeline import Taken, bits_of, eroded, run, shifted
from tests.factories import practitioner

TICKS = 40
stretches = st.tuples(st.integers(0, TICKS), st.integers(0, TICKS))
rows = st.lists(st.booleans(), min_size=TICKS, max_size=TICKS)


def mask_of(row):
    return sum(1 << t for t, is_set in enumerate(row) if is_set)


@given(stretches)
def test_run_holds_its_ticks(stretch):
    start, stop = stretch
    assert list(bits_of(run(start, stop))) == list(range(start, stop))


def test_run_before_the_horizon_is_cut_off():
    assert list(bits_of(run(-3, 2))) == [0, 1]
    assert run(-3, -1) == 0


@given(rows, st.integers(1, 12))
def test_eroded_keeps_starts_of_stretches_that_are_long_enough(row, length):
    expected = [t for t in range(TICKS) if len(row[t : t + length]) == length and all(row[t : t + length])]
    assert list(bits_of(eroded(mask_of(row), length))) == expected


@given(rows, st.integers(-10, 10))
def test_shifted_moves_every_tick(row, ticks):
    expected = sorted(t + ticks for t in range(TICKS) if row[t] and t + ticks >= 0)
    assert list(bits_of(shifted(mask_of(row), ticks))) == expected


uses = st.lists(st.tuples(stretches, st.integers(1, 2), st.sampled_from(list(RoleUse))), max_size=6)


@given(uses, st.integers(2, 3), st.integers(1, 2))
def test_taken_counts_over_time(given_uses, lanes, limit):
    taken = Taken(practitioner(lanes=lanes, presence_limit=limit))
    exclusive, present = [0] * TICKS, [0] * TICKS
    for (start, stop), units, use in given_uses:
        units = 1 if use is RoleUse.PRESENCE else units
        mask = run(start, stop)
        if mask & taken.busy(units, use):
            continue
        taken.add(mask, units, use)
        for t in range(start, stop):
            if use is RoleUse.PRESENCE:
                present[t] += 1
            else:
                exclusive[t] += units
    for t in range(TICKS):
        lanes_used = exclusive[t] + (present[t] > 0)
        assert lanes_used <= lanes
        assert present[t] <= limit
        for units in (1, 2):
            assert bool(taken.busy(units, RoleUse.EXCLUSIVE) >> t & 1) == (lanes_used + units > lanes)
        is_full = present[t] == limit if present[t] else exclusive[t] == lanes
        assert bool(taken.busy(1, RoleUse.PRESENCE) >> t & 1) == is_full
        assert bool(taken.any_use() >> t & 1) == (lanes_used > 0)


def test_more_units_than_lanes_never_fit():
    assert Taken(practitioner()).busy(2, RoleUse.EXCLUSIVE) & run(0, TICKS) == run(0, TICKS)
