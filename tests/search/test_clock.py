"""Wall clocks by the tick agree with zoneinfo, over every kind of clock change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.timegrid import TimeGrid
from engine.search import scan
from engine.search.clock import LocalClock, day_number
from tests import factories as f

ZONES = ("Europe/Zurich", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC")
"""Whole hours, 45 minutes, half hours, a clock change of half an hour, two changes in a few weeks, none."""


def clock_of(start, n_ticks, tick_min, zone):
    return LocalClock(TimeGrid(start, n_ticks, tick_min), zone)


def ticks(row, n_ticks):
    return scan.iterate_set(row, 0, n_ticks).tolist()


@given(
    st.integers(0, 3 * 365 * 1440).map(lambda minute: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)),
    st.integers(1, 900),
    st.sampled_from([1, 5, 15, 60]),
    st.sampled_from(ZONES),
)
def test_days_and_minutes(start, n_ticks, tick_min, zone):
    clock = clock_of(start, n_ticks, tick_min, zone)
    for t in {0, n_ticks - 1, *range(0, n_ticks, 7)}:
        local = clock.grid.instant(t).astimezone(ZoneInfo(zone))
        assert clock.day[t] == day_number(local.date())
        assert clock.minute_of_day[t] == local.hour * 60 + local.minute


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)])
def test_days_of_clock_change_have_an_hour_less_or_more(day, hours):
    start = f.at(f"{day - timedelta(1)} 00:00").astimezone(UTC)
    clock = clock_of(start, 3 * 24, 60, f.ZONE)
    assert len(ticks(clock.between_dates(day, day), 72)) == hours


def test_the_start_grid_counts_from_local_midnight():
    clock = clock_of(datetime(2026, 3, 1, 18, 15, tzinfo=UTC), 12, 15, "Asia/Kathmandu")  # midnight there
    assert ticks(clock.on_grid(30), 12) == [0, 2, 4, 6, 8, 10]
    assert clock.minute_of_day[0] == 0


def test_the_hour_that_comes_twice_is_on_the_grid_twice():
    clock = clock_of(f.at("2026-10-25 01:00").astimezone(UTC), 5, 60, f.ZONE)
    assert clock.minute_of_day.tolist() == [60, 120, 120, 180, 240]
    assert ticks(clock.within(f.period("02:00", "03:00")), 5) == [1, 2]


def test_the_hour_that_is_skipped_is_never_there():
    clock = clock_of(f.at("2026-03-29 01:00").astimezone(UTC), 3, 60, f.ZONE)
    assert clock.minute_of_day.tolist() == [60, 180, 240]
    assert ticks(clock.within(f.period("02:00", "03:00")), 3) == []


def test_a_window_over_midnight():
    clock = clock_of(f.at("20:00").astimezone(UTC), 12, 60, f.ZONE)
    assert ticks(clock.within(f.period("22:00", "02:00")), 12) == [2, 3, 4, 5]


def test_the_corridor_of_a_day_ends_with_its_last_tick():
    clock = clock_of(f.at("22:00").astimezone(UTC), 6, 60, f.ZONE)
    assert ticks(clock.same_day_as_next, 6) == [0, 2, 3, 4]


def test_no_end_is_no_limit():
    clock = clock_of(f.at("00:00").astimezone(UTC), 48, 60, f.ZONE)
    assert len(ticks(clock.between_dates(None, None), 48)) == 48
    assert ticks(clock.between_dates(f.MONDAY + timedelta(1), None), 48) == list(range(24, 48))
    assert ticks(clock.between_dates(None, f.MONDAY), 48) == list(range(24))
    assert clock.day_of(f.at("2026-03-29 23:59")) == day_number(date(2026, 3, 29))
