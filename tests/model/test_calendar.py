from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.model.calendar import (
    Hours,
    HoursException,
    Interval,
    LocalPeriod,
    Weekday,
    WeeklyPeriod,
    instant_at,
    is_gap,
    local_day_bounds,
    local_days,
    merge_intervals,
    open_intervals,
    subtract_intervals,
)
from engine.model.resource import Site
from tests.factories import at, period, weekly

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


def test_a_weekly_period_names_each_day_once():
    assert weekly(days=["mon", "tue"]).days == (Weekday.MON, Weekday.TUE)
    for wrong in ([], ["mon", "mon"]):
        with pytest.raises(ValidationError):
            WeeklyPeriod(days=wrong, start="08:00", end="12:00")


# Hours


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
