"""DST. Gap and fold hours, weeks of 167 and 169 hours, a grid from local midnight, durations in elapsed time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.hours import Hours
from engine.model.order import Occurrence
from engine.model.policy import Policy
from tests import factories as f
from tests.traps.asking import faults, offered, taken, world

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
ALWAYS = Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),))


def around(day, *booked, days=2, start="00:00", end="05:00", **fields):
    """Open in the small hours of every day, two days before a change of clocks until some days after it."""
    hours = Hours(weekly=(f.weekly(start, end, days=(*f.WORKDAYS, "sat", "sun")),))
    begin = f.at(f"{day - timedelta(days=2)} 00:00")
    horizon = Interval(start=begin, end=f.at(f"{day + timedelta(days=days)} 00:00"))
    fields.setdefault("policy", Policy(start_grid_min=30))
    return world(*booked, sites=(f.site(hours=hours),), horizon=horizon, **fields)


BEFORE = {SPRING: f.at("2026-03-26 12:00"), AUTUMN: f.at("2026-10-22 12:00")}


def test_the_hour_that_is_skipped_has_no_starts():
    got = offered(around(SPRING), day=SPRING, now=BEFORE[SPRING])
    assert got == ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30"]


def test_the_hour_that_comes_twice_has_starts_in_both():
    got = offered(around(AUTUMN), day=AUTUMN, now=BEFORE[AUTUMN])
    assert got == ["00:00", "00:30", "01:00", "01:30", *("02:00", "02:30") * 2, *("03:00", "03:30", "04:00", "04:30")]


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 4), (AUTUMN, 6), (AUTUMN, 5)])
def test_durations_are_elapsed_time(day, hours):
    """From midnight to five are four hours in spring and six in autumn: so long a visit fits in once, at midnight."""
    schedule = around(day, services=(f.service("visit", f.step(minutes=60 * hours)),))
    got = offered(schedule, day=day, now=BEFORE[day])
    assert got == (["00:00"] if hours != 5 else ["00:00", "00:30", "01:00"])


def test_a_visit_over_the_gap_ends_by_the_wall_an_hour_later():
    schedule = around(SPRING, services=(f.service("visit", f.step(minutes=150)),))
    assert offered(schedule, day=SPRING, now=BEFORE[SPRING])[-1] == "01:30"
    assert offered(schedule, day=SPRING - timedelta(days=1), now=BEFORE[SPRING])[-1] == "02:30"


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_notice_that_lands_on_the_day_of_the_change(day):
    schedule = around(day, policy=Policy(min_notice_min=24 * 60, start_grid_min=30))
    now = f.at(f"{day - timedelta(days=1)} 02:30")
    assert offered(schedule, day=day, now=now)[0] == ("03:30" if day == SPRING else "02:30")
    found = find_slots(schedule, "ord-1", now=now, k=1).offers[0]
    assert found.start.timestamp() - now.timestamp() == 24 * 3600


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_seven_days_later_is_a_day_of_the_calendar_not_168_hours(day):
    """The first visit is at 00:30 six days before; 168 hours on is another hour, in autumn even of the day before."""
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=7)))
    begin = day - timedelta(days=6)
    first = f.appointment("first", f.placed("visit", f.at(f"{begin} 00:30"), 20, {"doctor": "dr-a"}),
                          booked_at=f.at(f"{begin} 00:00"))  # fmt: skip
    horizon = Interval(start=f.at(f"{begin} 00:00"), end=f.at(f"{begin + timedelta(days=10)} 00:00"))
    schedule = world(first, orders=(order,), sites=(f.site(hours=ALWAYS),), horizon=horizon,
                     policy=Policy(start_grid_min=30))  # fmt: skip
    week_later, now = begin + timedelta(days=7), f.at(f"{begin} 00:00")
    got = offered(schedule, day=week_later, now=now, occurrence=1)
    assert (got[0], got[-1], len(got)) == ("00:00", "23:30", 48)
    found = find_slots(schedule, "ord-1", now=now, k=500, diverse=False, occurrence=1).offers
    assert {o.start.astimezone(ZoneInfo(f.ZONE)).date() for o in found} == {week_later}
    at_the_same_time = next(o for o in found if o.start.astimezone(ZoneInfo(f.ZONE)).strftime("%H:%M") == "00:30")
    elapsed = at_the_same_time.start - first.start
    assert elapsed == timedelta(hours=167 if day == SPRING else 169)


@pytest.mark.parametrize(("zone", "offset_min"), [("Asia/Kolkata", 330), ("Asia/Kathmandu", 345)])
def test_the_grid_is_anchored_to_local_midnight_not_to_utc(zone, offset_min):
    site = f.site(time_zone=zone, hours=Hours(weekly=(f.weekly("09:00", "11:00"),)))
    schedule = world(sites=(site,), policy=Policy(start_grid_min=60), time_zone=zone)
    got = offered(schedule, zone=zone)
    assert got == ["09:00", "10:00"]
    found = find_slots(schedule, "ord-1", now=f.NOW, k=1).offers[0]
    assert (found.start.timestamp() // 60 + offset_min) % 60 == 0


def test_a_zone_that_moves_by_half_an_hour():
    """Lord Howe Island goes forward from 02:00 to 02:30 on 4 October 2026."""
    zone, day = "Australia/Lord_Howe", date(2026, 10, 4)
    begin = datetime(2026, 10, 3, tzinfo=ZoneInfo(zone))
    site = f.site(time_zone=zone, hours=Hours(weekly=(f.weekly("01:00", "04:00", days=("sat", "sun")),)))
    schedule = world(sites=(site,), time_zone=zone, policy=Policy(start_grid_min=30),
                     horizon=Interval(start=begin, end=datetime(2026, 10, 6, tzinfo=ZoneInfo(zone))))  # fmt: skip
    got = offered(schedule, day=day, zone=zone, now=begin - timedelta(days=1))
    assert got == ["01:00", "01:30", "02:30", "03:00", "03:30"]


def test_a_visit_booked_in_the_second_2_30_leaves_the_first_free():
    second = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("UTC"))
    busy = f.appointment("busy", f.placed("visit", second, 30, {"doctor": "dr-a"}), patient=None, order=None)
    schedule = around(AUTUMN, busy)
    got = offered(schedule, day=AUTUMN, now=BEFORE[AUTUMN])
    assert got.count("02:30") == 1
    offer = next(o for o in find_slots(schedule, "ord-1", now=BEFORE[AUTUMN], k=500, diverse=False).offers
                 if o.start == second - timedelta(hours=1))  # fmt: skip
    assert faults(schedule, offer.appointment, BEFORE[AUTUMN]) == []


def test_a_day_of_23_hours_is_over_at_midnight():
    schedule = around(SPRING, taken("2026-03-29 00:00", 60), start="00:00", end="24:00")
    got = offered(schedule, day=SPRING, now=BEFORE[SPRING])
    assert (got[0], got[-1], len(got)) == ("01:00", "23:30", 44)
