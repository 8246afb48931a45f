"""Overbooking. Counted over time, never per day, in whatever order; less capacity leaves what is booked alone."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.check import check
from engine.jobs.find_slots import find_slots
from tests import factories as f
from tests.traps.asking import offered, taken, world

HOUR = {"services": (f.service("visit", f.step(minutes=60)),)}


def crowded(*booked, lanes=1, overbooking=1, **fields):
    session = f.session("s", "dr-a", end="12:00", overbooking_lanes=overbooking)
    return world(*booked, resources=(f.practitioner(use="in-sessions", lanes=lanes),), sessions=(session,), **fields)


def test_it_is_counted_over_time_not_per_day():
    """One more at any time: four double-booked hours are no more than one."""
    pairs = [taken(f"{h:02d}:00", 60, id=f"{h}-{i}") for h in (8, 9, 10) for i in (0, 1)]
    got = offered(crowded(*pairs, taken("11:00", 60, id="last"), **HOUR))
    assert got == ["11:00"]


def test_not_beyond_its_lanes():
    two = taken("08:00", 120, id="a"), taken("09:00", 60, id="b")
    got = offered(crowded(*two))
    assert [t for t in got if t <= "10:00"] == ["08:00", "08:05", "08:10", "08:15", "08:20", "08:25", "08:30", "08:35",
                                                "08:40", "10:00"]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_bookings_does_not_matter(order):
    """Capacity 2 with 9 to 10 in one lane and 10 to 11 in the other has room for 9 to 11."""
    visits = [taken("09:00", 60, id="a"), taken("10:00", 60, id="b"), taken("08:00", 60, id="c")]
    doctor = f.practitioner(lanes=2)
    two_hours = {"services": (f.service("visit", f.step(minutes=120)),)}
    assert "09:00" in offered(world(*(visits[i] for i in order), resources=(doctor,), **two_hours))


def test_lowering_a_capacity_leaves_old_bookings_alone_and_says_so():
    both = taken("09:00", 60, id="a"), taken("09:00", 60, id="b")
    before = world(*both, resources=(f.practitioner(lanes=2),))
    assert check(before, now=f.NOW).violations == ()
    after = before.changed(problem=before.problem.changed(resources=(f.practitioner(),)))
    (said,) = check(after, now=f.NOW).violations
    assert said.code == "capacity"
    assert {"a", "b"} <= set(said.subjects)
    assert len(after.appointments) == 2
    starts = {o.start for o in find_slots(after, "ord-1", now=f.NOW, k=500, diverse=False).offers}
    assert f.at("08:40") in starts
    assert not {f.at("08:45"), f.at("09:00"), f.at("09:55")} & starts
    assert f.at("10:00") in starts


def test_outside_the_session_that_allows_it_there_is_none():
    session = f.session("s", "dr-a", end="10:00", overbooking_lanes=1)
    busy = taken("09:00", 120)
    got = offered(world(busy, sessions=(session,)))
    assert "09:40" in got
    assert not [t for t in got if "09:40" < t < "11:00"]
