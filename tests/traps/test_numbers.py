"""Numbers. Steps of no length, of a day, a horizon of a tick, a year of history, 10,000 orders, an empty clinic."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from engine.check import check
from engine.errors import InvalidProblemError
from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.hours import Hours
from engine.model.policy import Policy
from tests import factories as f
from tests.traps.asking import offered, taken, world

ALWAYS = Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),))


def test_a_step_of_no_length_cannot_be_asked_for():
    with pytest.raises(ValidationError):
        f.step(minutes=0)


def test_a_step_shorter_than_a_tick_takes_one():
    (offer,) = find_slots(world(services=(f.service("visit", f.step(minutes=1)),)), "ord-1", now=f.NOW, k=1).offers
    assert offer.end - offer.start == timedelta(minutes=5)


def test_nor_can_a_role_of_no_length():
    role = f.role("doctor", **{"from": {"anchor": "end", "minutes": 0}})
    with pytest.raises(InvalidProblemError, match="expected an end after the start"):
        world(services=(f.service("visit", f.step(roles=(role,))),))


def test_a_duration_of_a_whole_day():
    site = f.site(hours=ALWAYS)
    schedule = world(sites=(site,), services=(f.service("visit", f.step(minutes=1440)),), days=2,
                     policy=Policy(start_grid_min=60))  # fmt: skip
    assert len(offered(schedule)) == 24
    assert offered(schedule, day=f.MONDAY + timedelta(days=1)) == ["00:00"]


def test_a_horizon_of_one_tick():
    tick = Interval(start=f.at("08:00"), end=f.at("08:05"))
    short = {"services": (f.service("visit", f.step(minutes=5)),)}
    assert offered(world(horizon=tick, **short)) == ["08:00"]
    assert offered(world(horizon=tick), like=taken("08:00", 20, order="ord-1", patient="pat-1")) == []


def test_a_year_of_history_before_the_horizon():
    """Two visits on every day of the year before; the one that reaches over midnight into the horizon counts."""
    begin = f.at("00:00")
    past = [
        f.appointment(
            f"old-{day}",
            f.placed("visit", begin - timedelta(days=day, minutes=30), 60 if day == 0 else 20, {"doctor": "dr-a"}),
            patient=None,
            order=None,
            status="booked" if day == 0 else "fulfilled",
        )
        for day in range(365)
    ]
    schedule = world(*past, sites=(f.site(hours=ALWAYS),), days=2)
    assert offered(schedule)[0] == "00:30"


def test_ten_thousand_orders_for_one_physician():
    """One of them is asked about, and a fortnight has room for 420 visits of 20 minutes."""
    orders = tuple(f.order(f"ord-{n}") for n in range(10_000))
    schedule = world(orders=orders, policy=Policy(start_grid_min=20))
    found = find_slots(schedule, "ord-9999", now=f.NOW, k=100_000, diverse=False).offers
    assert len(found) == 10 * 30
    assert check(schedule.changed(added=[found[-1].appointment]), now=f.NOW).violations == ()


def test_an_empty_clinic():
    nobody = world(resources=(f.practitioner(use="in-sessions"),))
    found = find_slots(nobody, "ord-1", now=f.NOW)
    assert (found.offers, [b.code for b in found.reasons]) == ((), ["session"])
    closed = world(sites=(f.site(hours=Hours()),))
    found = find_slots(closed, "ord-1", now=f.NOW)
    assert (found.offers, [b.code for b in found.reasons]) == ((), ["opening-hours"])


def test_ticks_of_a_minute():
    schedule = world(taken("09:00", 7), tick_min=1, policy=Policy(start_grid_min=1), days=1)
    got = offered(schedule)
    assert (got.count("08:40"), got.count("08:41"), got.count("09:06"), got.count("09:07")) == (1, 0, 0, 1)
