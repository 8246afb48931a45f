"""The patient. A patient's own clash across practitioners and sites is a clash. So is travel time between sites."""

from __future__ import annotations

import pytest

from engine.model.calendar import Interval
from engine.model.resource import Travel
from engine.model.service import Gap
from tests import factories as f
from tests.traps.asking import offered, taken, world

STAFF = {"resources": (f.practitioner(), f.practitioner("dr-b"))}
EAST = {
    "sites": (f.site(), f.site("east")),
    "resources": (f.practitioner(), f.practitioner("dr-b", site="east")),
    "travel": (Travel(**{"from": "main", "to": "east", "minutes": 25}),),
    "orders": (f.order(required_site="main"),),
}


def mine(start, minutes=30, who="dr-b", **fields):
    return taken(start, minutes, who=who, patient="pat-1", **fields)


def near_ten(got):
    return [t for t in got if "09:00" <= t <= "11:00"]


def test_a_clash_across_practitioners():
    got = offered(world(mine("10:00"), **STAFF))
    assert near_ten(got) == ["09:00", "09:05", "09:10", "09:15", "09:20", "09:25", "09:30", "09:35", "09:40", "10:30",
                             "10:35", "10:40", "10:45", "10:50", "10:55", "11:00"]  # fmt: skip


def test_a_clash_across_sites():
    no_way = {**EAST, "travel": ()}
    got = near_ten(offered(world(mine("10:00", site="east"), **no_way)))
    assert (got[8], got[9]) == ("09:40", "10:30")


def test_the_way_between_two_sites_before_and_after():
    got = near_ten(offered(world(mine("10:00", site="east"), **EAST)))
    assert got == ["09:00", "09:05", "09:10", "09:15", "10:55", "11:00"]


def test_ways_that_differ_by_direction():
    ways = (
        Travel(**{"from": "main", "to": "east", "minutes": 10}),
        Travel(**{"from": "east", "to": "main", "minutes": 40}),
    )
    got = offered(world(mine("10:00", site="east"), **{**EAST, "travel": ways}))
    assert "09:30" in got
    assert "09:35" not in got
    assert "11:05" not in got
    assert "11:10" in got


def test_a_slow_walker_takes_longer():
    got = near_ten(offered(world(mine("10:00", site="east"), **EAST, patients=(f.patient(travel_min=40),))))
    assert got == ["09:00"]


def test_arrival_is_the_patients_time():
    arrive = f.service("visit", f.step(), arrive_before_min=15)
    got = near_ten(offered(world(mine("10:00"), **STAFF, services=(arrive,))))
    assert (got[-4:], "09:25" in got, "09:30" in got) == (["10:45", "10:50", "10:55", "11:00"], True, False)


def test_times_of_absence_are_kept():
    away = Interval(start=f.at("09:00"), end=f.at("10:00"))
    got = offered(world(patients=(f.patient(unavailable=(away,)),)))
    assert [t for t in got if "08:30" <= t <= "10:05"] == ["08:30", "08:35", "08:40", "10:00", "10:05"]


def test_time_between_the_steps_of_a_visit_is_the_patients_own():
    both = f.service("both", f.step("one", 20), f.step("two", 20, gap=Gap(min_min=40)))
    steps = (f.placed(s, f.at(t), 20, {"doctor": "dr-b"}) for s, t in (("one", "09:00"), ("two", "10:00")))
    visit = f.appointment("x", *steps, service="both", order=None)
    got = offered(world(visit, services=(f.service(), both), **STAFF))
    assert [t for t in got if "08:40" <= t <= "10:20"] == ["08:40", "09:20", "09:25", "09:30", "09:35", "09:40",
                                                           "10:20"]  # fmt: skip


@pytest.mark.parametrize("modality", ["video", "telephone"])
def test_whoever_is_on_the_telephone_needs_no_way(modality):
    step = f.placed("visit", f.at("10:00"), 30, {"doctor": "dr-b"}, site="east", modality=modality)
    service = f.service("visit", f.step(modalities=("in-person", modality)))
    call = f.appointment("x", step, order=None)
    got = offered(world(call, **EAST, services=(service,)))
    assert "09:40" in got
    assert "09:45" not in got
