"""Bundles. Step one only where step two can follow; gaps over midnight and a weekend; what a cancelled step leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.hours import Hours
from engine.model.service import Gap
from tests import factories as f
from tests.traps.asking import offered, taken, world


def bundle(gap, minutes=(10, 20), **fields):
    steps = f.step("blood", minutes[0]), f.step("talk", minutes[1], gap=gap)
    return {"services": (f.service("visit", *steps, **fields),)}


def test_step_one_is_not_offered_if_step_two_cannot_follow():
    schedule = world(taken("09:00", 540), **bundle(Gap(max_min=30)))
    assert offered(schedule) == [f"08:{m:02d}" for m in range(0, 31, 5)]


def test_nor_is_the_one_before_it_in_three_steps():
    steps = f.step("one", 10), f.step("two", 10, gap=Gap(max_min=0)), f.step("three", 10, gap=Gap(max_min=10))
    schedule = world(taken("09:00", 540), services=(f.service("visit", *steps),))
    assert offered(schedule)[-1] == "08:30"


def test_the_least_gap_is_kept():
    schedule = world(taken("09:00", 60), **bundle(Gap(min_min=30, max_min=60)))
    got = offered(schedule)
    assert [t for t in got if t < "10:00"] == ["08:00", "08:50"]
    for offer in find_slots(schedule, "ord-1", now=f.NOW, k=50, diverse=False).offers:
        one, two = offer.appointment.steps
        assert timedelta(minutes=30) <= two.start - one.end <= timedelta(minutes=60)


@pytest.mark.parametrize(("least", "most"), [(30, 30), (0, 30)])
def test_gaps_hold_over_midnight(least, most):
    """The clinic is closed from 23:30 to midnight: what begins at 23:20 goes on after it."""
    hours = Hours(weekly=(f.weekly("22:00", "23:30"), f.weekly("00:00", "01:00")))
    schedule = world(taken("22:00", 80), sites=(f.site(hours=hours),), **bundle(Gap(min_min=least, max_min=most)))
    assert offered(schedule)[-1] == "23:20"


@pytest.mark.parametrize(("most", "is_there"), [(62 * 60, False), (62 * 60 + 10, True)])
def test_gaps_hold_over_a_weekend(most, is_there):
    """From Friday 17:50 to Monday 08:00 are 62 hours and ten minutes."""
    friday, schedule = f.MONDAY + timedelta(days=4), world(**bundle(Gap(min_min=24 * 60, max_min=most)))
    got = offered(schedule, day=friday, like=visit_over_the_weekend())
    assert ("17:40" in got) == is_there
    assert ("17:50" in got) == (most >= 62 * 60)


def visit_over_the_weekend():
    steps = (
        f.placed("blood", f.at("2026-03-06 17:40"), 10, {"doctor": "dr-a"}),
        f.placed("talk", f.at("2026-03-09 08:00"), 20, {"doctor": "dr-a"}),
    )
    return f.appointment("like", *steps)


def test_same_day_bundles_do_not_wait_for_tomorrow():
    schedule = world(taken("09:00", 540), **bundle(Gap(max_min=24 * 60), is_same_day=True))
    assert offered(schedule)[-1] == "08:30"
    assert "08:50" in offered(world(taken("09:00", 540), **bundle(Gap(max_min=24 * 60))))  # the rest on Tuesday


def test_cancelling_one_step_says_what_becomes_of_the_rest():
    """A visit is booked and cancelled whole: with a step taken out, the judge says which one is missing."""
    schedule = world(**bundle(Gap(max_min=30)))
    (offer,) = find_slots(schedule, "ord-1", now=f.NOW, k=1).offers
    rest = offer.appointment.model_copy(update={"steps": offer.appointment.steps[:1]})
    (said,) = check(schedule.changed(added=[rest]), now=f.NOW).violations
    assert said.code == "steps-complete"
    assert "talk" in said.message
