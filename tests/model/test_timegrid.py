from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import OutsideHorizonError
from engine.model.timegrid import TimeGrid, epoch_minute, from_epoch_minute
from tests.factories import at

START = at("00:00").astimezone(UTC)
GRID = TimeGrid(START, 100, 5)


def after(minutes=0, **fields):
    return START + timedelta(minutes=minutes, **fields)


@pytest.mark.parametrize(
    ("minutes", "floor", "ceil"), [(0, 0, 0), (1, 0, 1), (4, 0, 1), (5, 1, 1), (-1, -1, 0), (-5, -1, -1), (-6, -2, -1)]
)
def test_rounding(minutes, floor, ceil):
    assert (GRID.floor(after(minutes)), GRID.ceil(after(minutes))) == (floor, ceil)


def test_rounding_of_a_clock_with_seconds():
    """`now` is no whole minute."""
    assert (GRID.floor(after(5, microseconds=1)), GRID.ceil(after(5, microseconds=1))) == (1, 2)
    assert (GRID.floor(after(5, microseconds=-1)), GRID.ceil(after(5, microseconds=-1))) == (0, 1)
    assert (GRID.floor(after(-5, seconds=-1)), GRID.ceil(after(-5, seconds=-1))) == (-2, -1)


@given(st.integers(-(10**10), 10**10), st.sampled_from([1, 5, 7, 60]))
def test_floor_and_ceil_enclose(seconds, tick):
    grid = TimeGrid(START, 10, tick)
    instant = START + timedelta(seconds=seconds)
    floor, ceil = grid.floor(instant), grid.ceil(instant)
    assert grid.instant(floor) <= instant < grid.instant(floor + 1)
    assert grid.instant(ceil - 1) < instant <= grid.instant(ceil)


@given(st.integers(-(10**6), 10**6))
def test_every_tick_is_exact(tick):
    assert GRID.floor(GRID.instant(tick)) == GRID.ceil(GRID.instant(tick)) == tick


def test_exact():
    assert GRID.exact(START) == 0
    assert GRID.exact(GRID.end) == 100
    for instant in (after(-5), after(1), after(505)):
        with pytest.raises(OutsideHorizonError, match="not a tick of the horizon"):
            GRID.exact(instant)


@pytest.mark.parametrize(("minutes", "ticks"), [(0, 0), (1, 1), (5, 1), (6, 2), (-1, 0), (-5, -1), (-6, -1)])
def test_durations_are_rounded_up(minutes, ticks):
    assert GRID.ticks(minutes) == ticks


def test_the_grid_in_epoch_minutes():
    assert GRID.start_minute == epoch_minute(START)
    assert from_epoch_minute(GRID.start_minute + 500) == GRID.end


def test_over_leaves_out_an_incomplete_tick():
    assert TimeGrid.over(START, after(14), 5).n_ticks == 2
    assert TimeGrid.over(START, after(15), 5).n_ticks == 3
    assert TimeGrid.over(START, START, 5).n_ticks == 0
    assert TimeGrid.over(START, after(-15), 5).n_ticks == 0


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-03-30", 24), ("2026-10-25", 25)])
def test_days_of_clock_change_have_their_own_number_of_ticks(day, hours):
    zurich = ZoneInfo("Europe/Zurich")
    start = datetime.fromisoformat(day).replace(tzinfo=zurich)
    end = datetime.fromisoformat(day).replace(tzinfo=zurich) + timedelta(days=1)  # midnight by the clock
    grid = TimeGrid.over(start, end, 5)
    assert grid.n_ticks == hours * 12
    assert grid.end == end.astimezone(UTC)
    assert TimeGrid(start, 12 * 25, 5).instant(12 * 24) - start.astimezone(UTC) == timedelta(hours=24)


def test_clip():
    assert GRID.clip(after(1), after(9), outward=True) == (0, 2)
    assert GRID.clip(after(1), after(9), outward=False) == (1, 1)
    assert GRID.clip(after(-60), after(10_000), outward=True) == (0, 100)
    first, stop = GRID.clip(after(-60), after(-30), outward=True)
    assert first >= stop


def test_local_date():
    assert GRID.local_date(0, "Europe/Zurich") == date(2026, 3, 2)
    assert GRID.local_date(0, "America/New_York") == date(2026, 3, 1)
    assert GRID.local_date(-1, "Europe/Zurich") == date(2026, 3, 1)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2190, 1, 1)))  # noqa: DTZ001
def test_epoch_minutes(naive):
    instant = naive.replace(tzinfo=UTC)
    assert from_epoch_minute(epoch_minute(instant)) == instant.replace(second=0, microsecond=0)
