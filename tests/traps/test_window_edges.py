"""Window edges. What lies around the window that is asked about reaches into it: buffers, long visits, nights."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.jobs.find_slots import find_slots
from engine.model.hours import Hours
from tests import factories as f
from tests.traps.asking import faults, offered, taken, world

ROUND_THE_CLOCK = f.site(hours=Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),)))


def starts_between(schedule, start, end):
    found = find_slots(schedule, "ord-1", now=f.NOW, k=500, diverse=False, start=f.at(start), end=f.at(end)).offers
    assert all(faults(schedule, o.appointment, f.NOW) == [] for o in found)
    return [o.start for o in found]


def test_a_long_visit_that_began_before_the_window():
    schedule = world(taken("08:00", 480))
    assert starts_between(schedule, "15:00", "16:05") == [f.at("16:00")]


def test_the_clean_up_of_a_visit_that_ended_before_the_window():
    step = f.step(roles=(f.role("doctor", cleanup_min=45),))
    use = f.reservation("doctor", "dr-a", f.at("08:00"), f.at("09:05"))
    busy = f.appointment("busy", f.placed("visit", f.at("08:00"), 20, [use]), patient=None, order=None)
    assert starts_between(world(busy, services=(f.service("visit", step),)), "08:30", "09:10") == [f.at("09:05")]


def test_the_set_up_of_a_visit_that_begins_after_the_window():
    step = f.step(roles=(f.role("doctor", setup_min=45),))
    use = f.reservation("doctor", "dr-a", f.at("09:15"), f.at("10:20"))
    busy = f.appointment("busy", f.placed("visit", f.at("10:00"), 20, [use]), patient=None, order=None)
    got = starts_between(world(busy, services=(f.service("visit", step),)), "08:45", "10:00")
    assert got[-1] == f.at("08:55")


def test_a_visit_that_began_before_midnight():
    schedule = world(taken("2026-03-02 22:00", 240), sites=(ROUND_THE_CLOCK,))
    day = f.MONDAY + timedelta(days=1)
    assert offered(schedule, day=day)[0] == "02:00"


@pytest.mark.parametrize("minutes", [60, 600])
def test_a_booking_that_began_before_the_horizon(minutes):
    begin = f.at("00:00") - timedelta(minutes=30)
    busy = f.appointment("busy", f.placed("visit", begin, minutes, {"doctor": "dr-a"}), patient=None, order=None)
    schedule = world(busy, sites=(ROUND_THE_CLOCK,), days=1)
    assert offered(schedule)[0] == f"{(minutes - 30) // 60:02d}:30"
