from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.model.calendar import Weekday, instant_at, local_day_bounds
from engine.model.hours import Hours, HoursException, WeeklyPeriod, merge_intervals, open_intervals, subtract_intervals
from tests.factories import at, weekly

ZURICH, NEPAL, LORD_HOWE, HAVANA, SANTIAGO, APIA = (
    "Europe/Zurich",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Santiago",
    "Pacific/Apia",
)
ZONES = [ZURICH, NEPAL, LORD_HOWE, HAVANA, SANTIAGO, "America/St_Johns", "UTC"]
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)
"""In Zurich from 02:00 to 03:00, and from 03:00 to 02:00."""
HOUR = timedelta(hours=1)

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
minutes = st.integers(0, 1440)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_weekly_period_names_each_day_once():
    assert weekly(days=["mon", "tue"]).days == (Weekday.MON, Weekday.TUE)
    for wrong in ([], ["mon", "mon"]):
        with pytest.raises(ValidationError):
            WeeklyPeriod(days=wrong, start="08:00", end="12:00")


def closing(start, end, kind="leave"):
    return HoursException(kind=kind, start=at(start), end=at(end))


def opened(hours, start, end, zone=ZURICH):
    tz = ZoneInfo(zone)
    found = open_intervals(hours, at(start, zone), at(end, zone), zone)
    return [(f"{a.astimezone(tz):%d %H:%M}", f"{b.astimezone(tz):%d %H:%M}") for a, b in found]


def test_hours_of_a_week():
    found = opened(Hours(weekly=(weekly(days=["mon", "wed"]),)), "2026-03-02 00:00", "2026-03-09 00:00")
    assert found == [("02 08:00", "02 18:00"), ("04 08:00", "04 18:00")]


def test_hours_are_clipped():
    hours = Hours(weekly=(weekly(),))
    assert opened(hours, "2026-03-02 09:00", "2026-03-02 10:00") == [("02 09:00", "02 10:00")]
    assert opened(hours, "2026-03-02 18:00", "2026-03-03 08:00") == []
    assert opened(hours, "2026-03-02 10:00", "2026-03-02 10:00") == []


def test_hours_that_touch_are_one():
    hours = Hours(weekly=(weekly("08:00", "12:00"), weekly("12:00", "13:00"), weekly("12:30", "14:00")))
    assert opened(hours, "2026-03-02 00:00", "2026-03-03 00:00") == [("02 08:00", "02 14:00")]


def test_a_night_belongs_to_the_day_it_starts():
    hours = Hours(weekly=(weekly("22:00", "06:00", days=["mon"]),))
    assert opened(hours, "2026-03-02 00:00", "2026-03-04 00:00") == [("02 22:00", "03 06:00")]
    assert opened(hours, "2026-03-03 00:00", "2026-03-03 12:00") == [("03 00:00", "03 06:00")]
    assert opened(hours, "2026-03-03 05:59", "2026-03-03 12:00") == [("03 05:59", "03 06:00")]
    assert opened(hours, "2026-03-02 00:00", "2026-03-02 12:00") == []


def test_a_night_reaches_in_on_the_longest_day_too():
    """25 hours lie between this start and its midnight; a day before it is still the same day."""
    hours = Hours(weekly=(weekly("23:59", "23:58", days=["sat"]),))
    assert opened(hours, "2026-10-25 23:30", "2026-10-26 12:00") == [("25 23:30", "25 23:58")]


def test_exceptions():
    usual = weekly("08:00", "12:00")
    start, end = "2026-03-02 00:00", "2026-03-03 00:00"

    def day(*exceptions):
        return opened(Hours(weekly=(usual,), exceptions=exceptions), start, end)

    leave, extra = closing("09:00", "10:00"), closing("11:00", "14:00", "extra")
    assert day(leave) == [("02 08:00", "02 09:00"), ("02 10:00", "02 12:00")]
    assert day(extra) == [("02 08:00", "02 14:00")]
    assert day(extra, closing("13:00", "15:00", "closure")) == [("02 08:00", "02 13:00")]
    assert day(closing("07:00", "08:00"), closing("12:00", "13:00")) == [("02 08:00", "02 12:00")]
    assert day(closing("2026-03-01 00:00", "2026-04-01 00:00")) == []


def test_an_exception_ends_after_it_starts():
    with pytest.raises(ValidationError, match="not after its start"):
        closing("09:00", "09:00")


@pytest.mark.parametrize(("day", "hours"), [(FORWARD, 23), (BACK, 25)])
def test_open_all_day_on_days_of_clock_change(day, hours):
    always = Hours(weekly=(weekly("00:00", "24:00", days=list(Weekday)),))
    start, end = local_day_bounds(day, ZURICH)
    assert open_intervals(always, start, end, ZURICH) == [(start, end)]
    assert end - start == hours * HOUR


local_periods = st.builds(
    lambda start, length, on: WeeklyPeriod(days=on, start=start, end=_end(start, length)),
    st.integers(0, 1439),
    st.integers(1, 1439),
    st.lists(st.sampled_from(Weekday), min_size=1, unique=True),
)


def _end(start, length):
    return start + length if start + length <= 1440 else start + length - 1440


@given(
    st.lists(local_periods, max_size=3),
    st.lists(
        st.tuples(st.sampled_from(["leave", "extra"]), st.integers(-1500, 4000), st.integers(1, 2000)), max_size=3
    ),
    st.sampled_from([FORWARD, BACK, date(2026, 10, 4), date(2026, 4, 5), date(2026, 11, 1), date(2026, 9, 6)]),
    st.sampled_from(ZONES),
    st.integers(-700, 700),
    st.integers(0, 2000),
)
def test_open_intervals_against_asking_every_minute(weekly_periods, exceptions, day, zone, offset, length):
    begin = instant_at(day, 0, zone)
    start, end = begin + timedelta(minutes=offset), begin + timedelta(minutes=offset + length)
    hours = Hours(
        weekly=tuple(weekly_periods),
        exceptions=tuple(
            HoursException(kind=kind, start=begin + timedelta(minutes=a), end=begin + timedelta(minutes=a + n))
            for kind, a, n in exceptions
        ),
    )
    found = open_intervals(hours, start, end, zone)
    assert all(a < b for a, b in found)
    assert all(b < c for (_, b), (c, _) in itertools.pairwise(found))
    days_near = [day + timedelta(days=n) for n in range(-3, 4)]
    stretches = [p.on(d, zone) for p in hours.weekly for d in days_near if Weekday.of(d) in p.days]
    for n in range(length):
        minute = start + timedelta(minutes=n)
        is_usual = any(a <= minute < b for a, b in stretches)
        is_extra = any(e.start <= minute < e.end for e in hours.exceptions if e.kind == "extra")
        is_closed = any(e.start <= minute < e.end for e in hours.exceptions if e.kind != "extra")
        assert any(a <= minute < b for a, b in found) == ((is_usual or is_extra) and not is_closed)


# Sets of stretches

stretch_lists = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=8)
ZERO = utc("2026-03-02T00:00")


def stretches_of(pairs):
    return [(ZERO + timedelta(minutes=min(p)), ZERO + timedelta(minutes=max(p))) for p in pairs]


def points(stretches):
    return {m for m in range(31) for a, b in stretches if a <= ZERO + timedelta(minutes=m) < b}


@given(stretch_lists, stretch_lists)
def test_union_and_difference(ones, others):
    one, other = stretches_of(ones), stretches_of(others)
    merged = merge_intervals(one)
    assert points(merged) == points(one)
    assert all(b < c for (_, b), (c, _) in itertools.pairwise(merged))
    assert points(subtract_intervals(merged, other)) == points(one) - points(other)
    assert all(a < b for a, b in subtract_intervals(merged, other))
