from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.model.calendar import Interval, LocalPeriod, Weekday, instant_at, is_gap, local_day_bounds, local_days
from engine.model.resource import Site
from tests.factories import at, period

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


# Weekdays and zones


def test_weekdays():
    assert [day.number for day in Weekday] == list(range(7))
    assert Weekday.of(date(2026, 3, 2)) is Weekday.MON
    assert Weekday.of(date(2026, 3, 1)) is Weekday.SUN


@pytest.mark.parametrize("name", ["Europe/Zürich", "", "CET+1", "europe/zurich", "../UTC"])
def test_unknown_zones(name):
    with pytest.raises(ValidationError, match="expected the name of a time zone such as Europe/Zurich"):
        Site(id="s", name="s", time_zone=name)


# Instants of the wall clock


@pytest.mark.parametrize(
    ("day", "text", "zone", "expected"),
    [
        (FORWARD, "01:59", ZURICH, "2026-03-29T00:59"),
        (FORWARD, "02:00", ZURICH, "2026-03-29T01:00"),  # skipped: the change
        (FORWARD, "02:59", ZURICH, "2026-03-29T01:00"),
        (FORWARD, "03:00", ZURICH, "2026-03-29T01:00"),
        (FORWARD, "24:00", ZURICH, "2026-03-29T22:00"),
        (BACK, "01:59", ZURICH, "2026-10-24T23:59"),
        (BACK, "02:00", ZURICH, "2026-10-25T00:00"),  # twice: the first
        (BACK, "02:59", ZURICH, "2026-10-25T00:59"),
        (BACK, "03:00", ZURICH, "2026-10-25T02:00"),
        (date(2026, 3, 2), "00:00", NEPAL, "2026-03-01T18:15"),
        (date(2026, 10, 4), "02:15", LORD_HOWE, "2026-10-03T15:30"),  # half an hour is skipped
        (date(2026, 10, 4), "02:30", LORD_HOWE, "2026-10-03T15:30"),
        (date(2026, 4, 5), "01:45", LORD_HOWE, "2026-04-04T14:45"),  # half an hour comes twice
        (date(2026, 4, 5), "02:00", LORD_HOWE, "2026-04-04T15:30"),
        (date(2026, 9, 6), "00:00", SANTIAGO, "2026-09-06T04:00"),  # midnight is skipped
        (date(2026, 9, 5), "24:00", SANTIAGO, "2026-09-06T04:00"),
        (date(2026, 9, 6), "01:00", SANTIAGO, "2026-09-06T04:00"),
        (date(2026, 11, 1), "00:00", HAVANA, "2026-11-01T04:00"),  # midnight comes twice
        (date(2026, 10, 31), "24:00", HAVANA, "2026-11-01T04:00"),
    ],
)
def test_instant_at(day, text, zone, expected):
    hours, minute = text.split(":")
    assert instant_at(day, int(hours) * 60 + int(minute), zone) == utc(expected)


def test_instant_at_the_second_time():
    assert instant_at(BACK, 150, ZURICH, is_late=True) - instant_at(BACK, 150, ZURICH) == HOUR
    assert instant_at(BACK, 180, ZURICH, is_late=True) == instant_at(BACK, 180, ZURICH)
    assert instant_at(FORWARD, 150, ZURICH, is_late=True) == instant_at(FORWARD, 150, ZURICH)


@given(days, minutes, st.sampled_from(ZONES))
def test_the_clock_shows_what_was_asked_for(day, minute, zone):
    instant = instant_at(day, minute, zone)
    local = instant.astimezone(ZoneInfo(zone))
    wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    if not is_gap(day, minute, zone):
        assert local.replace(tzinfo=None, fold=0) == wanted
        assert local.fold == 0
        return
    before = (instant - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
    assert before.replace(tzinfo=None) < wanted < local.replace(tzinfo=None) + timedelta(seconds=1)
    assert local.utcoffset() != before.utcoffset()


@given(days, minutes, minutes, st.sampled_from(ZONES))
def test_later_on_the_clock_is_never_earlier(day, one, other, zone):
    one, other = sorted((one, other))
    assert instant_at(day, one, zone) <= instant_at(day, other, zone)


def test_gaps():
    assert not is_gap(FORWARD, 119, ZURICH)
    assert all(is_gap(FORWARD, minute, ZURICH) for minute in range(120, 180))
    assert not is_gap(FORWARD, 180, ZURICH)
    assert not any(is_gap(BACK, minute, ZURICH) for minute in range(1441))
    assert is_gap(date(2026, 9, 5), 1440, SANTIAGO)


# Local days


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        (FORWARD, ZURICH, 23),
        (date(2026, 3, 30), ZURICH, 24),
        (BACK, ZURICH, 25),
        (date(2026, 10, 4), LORD_HOWE, 23.5),
        (date(2026, 4, 5), LORD_HOWE, 24.5),
        (date(2026, 9, 6), SANTIAGO, 23),
        (date(2026, 11, 1), HAVANA, 25),
        (date(2011, 12, 30), APIA, 0),
    ],
)
def test_length_of_local_days(day, zone, hours):
    start, end = local_day_bounds(day, zone)
    assert end - start == timedelta(hours=hours)


def test_local_days():
    start, end = at("2026-03-28 23:00"), at("2026-03-30 00:00")
    assert list(local_days(start, end, ZURICH)) == [date(2026, 3, 28), FORWARD]
    assert list(local_days(start, end + timedelta(minutes=1), ZURICH))[-1] == date(2026, 3, 30)
    assert list(local_days(start, start + timedelta(minutes=1), ZURICH)) == [date(2026, 3, 28)]


def test_an_empty_stretch_touches_no_day():
    noon = at("12:00")
    assert list(local_days(noon, noon, ZURICH)) == []
    assert list(local_days(noon, noon - HOUR, ZURICH)) == []


def test_a_day_that_was_skipped_is_not_touched():
    start, end = utc("2011-12-29T00:00"), utc("2012-01-01T00:00")
    assert list(local_days(start, end, APIA)) == [date(2011, 12, n) for n in (28, 29, 31)] + [date(2012, 1, 1)]


# Intervals and periods


def test_intervals():
    a = Interval(start=at("08:00"), end=at("09:00"))
    touching, inside = Interval(start=at("09:00"), end=at("10:00")), Interval(start=at("08:30"), end=at("09:00"))
    assert not a.overlaps(touching)
    assert a.overlaps(inside)
    assert a.contains(inside)
    assert a.contains(a)
    assert not inside.contains(a)
    for end in ("08:00", "07:00"):
        with pytest.raises(ValidationError, match="which is not after its start"):
            Interval(start=at("08:00"), end=at(end))


def test_an_interval_over_a_change_of_clocks():
    """By the clock face it ends before it begins."""
    tz = ZoneInfo(ZURICH)
    hour = Interval(
        start=datetime(2026, 10, 25, 2, 45, tzinfo=tz), end=datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=tz)
    )
    assert hour.end - hour.start == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("start", "end"), [("08:00", "08:00"), ("24:00", "06:00"), ("22:00", "00:00"), ("00:00", "00:00")]
)
def test_periods_that_are_empty_or_unclear(start, end):
    with pytest.raises(ValidationError, match="write a whole day as 00:00 to 24:00"):
        period(start, end)


@pytest.mark.parametrize(
    ("start", "end", "length", "crosses"),
    [
        ("08:00", "12:00", 240, False),
        ("00:00", "24:00", 1440, False),
        ("22:00", "24:00", 120, False),
        ("22:00", "06:00", 480, True),
    ],
)
def test_periods(start, end, length, crosses):
    assert period(start, end).length_min == length
    assert period(start, end).crosses_midnight is crosses


@pytest.mark.parametrize(
    ("text", "is_inside"), [(0, True), (359, True), (360, False), (1319, False), (1320, True), (1439, True)]
)
def test_times_inside_a_night(text, is_inside):
    assert period("22:00", "06:00").holds(text) is is_inside


def test_times_inside_a_day():
    assert [m for m in range(1440) if period("08:00", "08:02").holds(m)] == [480, 481]


@pytest.mark.parametrize(
    ("day", "start", "end", "length"),
    [
        (FORWARD, "00:00", "24:00", 23 * 60),
        (BACK, "00:00", "24:00", 25 * 60),
        (date(2026, 3, 28), "22:00", "06:00", 7 * 60),
        (date(2026, 10, 24), "22:00", "06:00", 9 * 60),
        (FORWARD, "02:10", "02:50", 0),
        (FORWARD, "01:30", "02:30", 30),
        (FORWARD, "02:30", "03:30", 30),
        (BACK, "02:10", "02:50", 40),
        (BACK, "01:30", "03:30", 180),
        (date(2026, 3, 28), "02:30", "03:30", 60),
    ],
)
def test_periods_on_days_of_clock_change(day, start, end, length):
    first, last = period(start, end).on(day, ZURICH)
    assert last - first == timedelta(minutes=length)


@given(days, st.sampled_from(ZONES), st.lists(st.integers(0, 1440), min_size=3, max_size=3, unique=True))
def test_periods_that_touch_on_the_clock_touch(day, zone, times):
    """Whatever the clocks do: no overlap, and nothing lost in between."""
    a, b, c = sorted(times)
    first, second = LocalPeriod(start=a, end=b), LocalPeriod(start=b, end=c)
    assert first.on(day, zone)[1] == second.on(day, zone)[0]
    assert first.on(day, zone)[0] <= first.on(day, zone)[1]


def test_the_last_period_of_a_day_touches_the_first_of_the_next():
    """Where midnight comes twice."""
    late, early = period("20:00", "24:00"), period("00:00", "06:00")
    assert late.on(date(2026, 10, 31), HAVANA)[1] == early.on(date(2026, 11, 1), HAVANA)[0]
