"""Limits. Buckets are in the site's zone, and hold for windows that straddle their edges."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.jobs.find_slots import find_slots
from engine.model.hours import Hours
from engine.model.order import Condition, TargetDate
from engine.model.policy import Policy
from engine.model.service import Eligibility
from engine.model.session import ClassQuota, Segment
from tests import factories as f
from tests.traps.asking import faults, offered, taken, world

ALWAYS = Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),))
ZONES = ("Europe/Zurich", "Asia/Tokyo", "America/Los_Angeles")


def local_days(schedule, zone, now):
    found = find_slots(schedule, "ord-1", now=now, k=5000, diverse=False).offers
    assert all(faults(schedule, o.appointment, now) == [] for o in (found[0], found[-1]))
    return sorted({o.start.astimezone(ZoneInfo(zone)).date() for o in found})


@pytest.mark.parametrize("zone", ZONES)
def test_days_ahead_are_days_of_the_site(zone):
    """Asked at noon in Zurich: it is the same day in Los Angeles, and already evening in Tokyo."""
    site = f.site(time_zone=zone, hours=ALWAYS)
    schedule, now = world(sites=(site,), policy=Policy(max_ahead_days=2, start_grid_min=60)), f.at("2026-03-03 16:00")
    today = now.astimezone(ZoneInfo(zone)).date()
    assert today == (date(2026, 3, 4) if zone == "Asia/Tokyo" else date(2026, 3, 3))
    assert local_days(schedule, zone, now) == [today + timedelta(days=n) for n in range(3)]


@pytest.mark.parametrize("zone", ZONES)
def test_a_target_window_is_of_days_of_the_site(zone):
    target = TargetDate(day=date(2026, 3, 6), before_days=1, after_days=0)
    site = f.site(time_zone=zone, hours=ALWAYS)
    schedule = world(sites=(site,), orders=(f.order(target=target),), policy=Policy(start_grid_min=60))
    assert local_days(schedule, zone, f.NOW) == [date(2026, 3, 5), date(2026, 3, 6)]


@pytest.mark.parametrize("zone", ZONES)
def test_a_birthday_is_of_the_site(zone):
    """Eighteen on 5 March, by the clock of the place."""
    site = f.site(time_zone=zone, hours=ALWAYS)
    schedule = world(
        sites=(site,),
        services=(f.service("visit", f.step(), eligibility=Eligibility(min_age=18)),),
        patients=(f.patient(birth_date=date(2008, 3, 5)),),
        policy=Policy(start_grid_min=60),
    )
    assert local_days(schedule, zone, f.NOW)[0] == date(2026, 3, 5)


def test_a_referral_is_valid_to_the_end_of_its_last_day():
    condition = Condition(kind="referral", status="met", valid_until=f.MONDAY)
    schedule = world(orders=(f.order(conditions=(condition,)),), sites=(f.site(hours=ALWAYS),))
    assert offered(schedule)[-1] == "23:55"
    assert offered(schedule, day=f.MONDAY + timedelta(days=1), like=taken("2026-03-03 09:00", 20, order="ord-1",
                                                                          patient="pat-1")) == []  # fmt: skip


def test_a_quota_is_of_starts_in_its_segment_whatever_window_is_asked_about():
    """Of two that may begin before ten, one is booked before the window and one begins in it."""
    quota = Segment(start="08:00", end="10:00", quota=2), Segment(start="10:00", end="12:00")
    session = f.session("s", "dr-a", segments=quota)
    fields = {"resources": (f.practitioner(use="in-sessions"),), "sessions": (session,)}
    one = taken("08:00", 20, id="a")
    assert "09:55" in offered(world(one, **fields))
    got = offered(world(one, taken("09:30", 20, id="b"), **fields))
    assert got[0] == "10:00"
    window = {"start": f.at("09:00"), "end": f.at("10:05"), "now": f.NOW}
    full = world(one, taken("09:30", 20, id="b"), **fields)
    assert [o.start for o in find_slots(full, "ord-1", **window).offers] == [f.at("10:00")]


def test_a_class_quota_is_of_the_whole_session():
    session = f.session("s", "dr-a", class_quotas=(ClassQuota(patient_class="outpatient", quota=1),))
    fields = {"resources": (f.practitioner(use="in-sessions"),), "sessions": (session,)}
    full = world(taken("08:00", 20), **fields)
    assert offered(full, like=taken("09:00", 20)) == []
    inpatient = world(taken("08:00", 20), **fields, orders=(f.order(patient_class="inpatient"),))
    assert offered(inpatient)[0] == "08:20"
