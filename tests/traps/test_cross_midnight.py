"""Cross-midnight. A night session belongs to the day it starts; its second half is part of it, and of the next day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.hours import Hours, HoursException
from engine.model.session import Release, Segment
from tests import factories as f
from tests.traps.asking import offered, taken, world

SITE = f.site(hours=Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),)))
TUESDAY = f.MONDAY + timedelta(days=1)


def night(*booked, segments=(), doctor=None, **fields):
    session = f.session("night", "dr-a", start="22:00", end="06:00", segments=segments)
    staff = (doctor or f.practitioner(use="in-sessions"),)
    return world(*booked, sites=(SITE,), resources=staff, sessions=(session,), **fields)


def test_a_visit_runs_over_midnight():
    assert offered(night())[-1] == "23:55"
    got = offered(night(), day=TUESDAY)
    assert (got[0], got[-1]) == ("00:00", "05:40")


@pytest.mark.parametrize("booked", ["2026-03-02 23:00", "2026-03-03 03:00"])
def test_the_quota_is_of_the_whole_night(booked):
    full = night(taken(booked, 20), segments=(Segment(start="22:00", end="06:00", quota=1),))
    like = taken("2026-03-03 01:00", 20)
    assert offered(full, like=like) == offered(full, day=TUESDAY, like=like) == []


def test_a_segment_after_midnight_is_on_the_next_day():
    parts = Segment(start="22:00", end="00:00", services=("other",)), Segment(start="00:00", end="06:00")
    schedule = night(segments=parts, services=(f.service(), f.service("other")))
    like = taken("2026-03-02 23:00", 20)
    assert offered(schedule, like=like) == []
    assert offered(schedule, day=TUESDAY)[0] == "00:00"


def test_time_kept_back_in_the_second_half_is_released_by_the_day_the_night_starts():
    kept = Segment(start="22:00", end="06:00", is_kept_for_urgent=True, release=Release(days_before=0, at="12:00"))
    schedule, like = night(segments=(kept,)), taken("2026-03-03 01:00", 20)
    assert offered(schedule, day=TUESDAY, now=f.at("11:59"), like=like) == []
    assert offered(schedule, day=TUESDAY, now=f.at("12:00"))[0] == "00:00"


def test_leave_of_the_night_takes_the_second_half_too():
    leave = HoursException(kind="leave", start=f.at("2026-03-02 20:00"), end=f.at("2026-03-03 04:00"))
    doctor = f.practitioner(use="in-sessions", hours=Hours(exceptions=(leave,)))
    assert offered(night(doctor=doctor), like=taken("2026-03-02 23:00", 20)) == []
    assert offered(night(doctor=doctor), day=TUESDAY)[0] == "04:00"


def test_the_second_half_clashes_with_what_the_next_day_has():
    schedule = night(taken("2026-03-03 05:00", 30))
    got = [t for t in offered(schedule, day=TUESDAY) if t >= "04:30"]
    assert got == ["04:30", "04:35", "04:40", "05:30", "05:35", "05:40"]
