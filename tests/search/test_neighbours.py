"""A visit beside other visits: both sides of each edge, and seen from either visit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.model.order import Occurrence, Prerequisite, Separation, Tie
from engine.model.resource import Travel
from engine.model.schedule import Schedule
from engine.search import Occupancy, find
from tests import factories as f

OTHER = f.service("other", f.step("use", 20))


def starts(*booked, order=None, others=(), day=f.MONDAY, occurrence=0, **fields):
    """Clock times on one day for an order beside others; dr-b is always free."""
    asked = order or f.order()
    problem = f.problem(
        (f.practitioner(), f.practitioner("dr-b")),
        (f.service(), OTHER),
        orders=(asked, *others),
        patients=(f.patient(), f.patient("pat-2")),
        **fields,
    )
    occupancy = Occupancy.of(Schedule.of(problem, booked), now=f.NOW)
    found = find(occupancy, asked, now=f.NOW, k=10_000, occurrence=occurrence)
    local = [problem.grid.instant(c.start).astimezone(f.at("00:00").tzinfo) for c in found]
    return sorted(f"{t:%H:%M}" for t in local if t.date() == day)


def visit(order, start, minutes=20, id="x", patient="pat-2", site="main", **fields):
    step = f.placed("use", f.at(start), minutes, {"doctor": "dr-a"}, site=site)
    return f.appointment(id, step, service="other", order=order, patient=patient, **fields)


@pytest.mark.parametrize(("least", "most", "first", "last"), [(0, 60, "10:20", "11:20"), (30, 30, "10:50", "10:50")])
def test_a_visit_follows_its_prerequisite_neither_too_soon_nor_too_late(least, most, first, last):
    order = f.order(prerequisites=(Prerequisite(order="ord-2", min_min=least, max_min=most),))
    got = starts(visit("ord-2", "10:00"), order=order, others=(f.order("ord-2", service="other", patient="pat-2"),))
    assert (got[0], got[-1]) == (first, last)


def test_the_last_visit_of_a_series_is_the_one_to_follow():
    series = (Occurrence(offset_days=0), Occurrence(offset_days=1, before_days=1))
    other = f.order("ord-2", service="other", patient="pat-2", series=series)
    order = f.order(prerequisites=(Prerequisite(order="ord-2"),))
    both = [visit("ord-2", "08:00"), visit("ord-2", "12:00", id="y", occurrence=1)]
    assert starts(*both, order=order, others=(other,))[0] == "12:20"


def test_what_follows_this_order_is_not_left_behind():
    """The follower starts at 12:00, so this visit of 20 minutes ends from 10:00 to 11:30."""
    follower = f.order(
        "ord-2", service="other", patient="pat-2", prerequisites=(Prerequisite(order="ord-1", min_min=30, max_min=120),)
    )
    got = starts(visit("ord-2", "12:00"), others=(follower,))
    assert (got[0], got[-1]) == ("09:40", "11:10")


@pytest.mark.parametrize("is_reverse", [False, True])
def test_visits_keep_apart_whichever_order_asks_for_it(is_reverse):
    separation = Separation(minutes=60, service="visit" if is_reverse else "other")
    order = f.order(separations=() if is_reverse else (separation,))
    other = f.order("ord-2", service="other", separations=(separation,) if is_reverse else ())
    got = starts(visit("ord-2", "12:00", patient="pat-1"), order=order, others=(other,))
    assert "10:40" in got
    assert not {t for t in got if "10:40" < t < "13:20"}
    assert "13:20" in got


def test_separation_is_of_one_patient_and_by_order_too():
    order = f.order(separations=(Separation(minutes=60, order="ord-2"),))
    others = (f.order("ord-2", service="other"), f.order("ord-3", service="other"))
    assert "12:20" in starts(visit("ord-2", "12:00"), order=order, others=others)  # somebody else's
    assert "12:20" in starts(visit("ord-3", "12:00", patient="pat-1"), order=order, others=others)
    assert "12:20" not in starts(visit("ord-2", "12:00", patient="pat-1"), order=order, others=others)


def test_tied_orders_are_on_one_day():
    tie = Tie(id="t", kind="same-day", orders=("ord-1", "ord-2"))
    fields = {"others": (f.order("ord-2", service="other", patient="pat-2"),), "ties": (tie,)}
    booked = visit("ord-2", "2026-03-03 12:00")
    assert starts(booked, **fields) == []
    assert starts(booked, day=f.MONDAY + timedelta(1), **fields)[0] == "08:00"
    assert starts(**fields)[0] == "08:00"  # nothing is booked yet to be tied to


def test_one_trip_has_no_long_wait_and_one_site():
    tie = Tie(id="t", kind="one-trip", orders=("ord-1", "ord-2"), max_wait_min=30)
    fields = {"others": (f.order("ord-2", service="other", patient="pat-2"),), "ties": (tie,)}
    got = starts(visit("ord-2", "12:00"), **fields)
    assert (got[0], got[-1]) == ("11:10", "12:50")
    assert "12:00" in got  # of another patient: a household may be seen side by side
    sites = (f.site(), f.site("east"))
    elsewhere = visit("ord-2", "12:00", site="east")
    travel = (Travel(origin="main", destination="east", minutes=0),)
    assert starts(elsewhere, sites=sites, travel=travel, **fields) == []


def test_without_a_longest_wait_any_time_of_the_day_is_one_trip():
    tie = Tie(id="t", kind="household", orders=("ord-1", "ord-2"))
    got = starts(visit("ord-2", "17:00"), others=(f.order("ord-2", service="other", patient="pat-2"),), ties=(tie,))
    assert got[0] == "08:00"


def test_a_series_keeps_to_its_days_and_its_first_visit_to_the_others():
    series = (Occurrence(offset_days=0), Occurrence(offset_days=2, before_days=1, after_days=0))
    order = f.order(series=series)
    first = f.appointment("a", f.placed("visit", f.at("2026-03-03 09:00"), 20, {"doctor": "dr-a"}))
    days = [f.MONDAY + timedelta(i) for i in range(5)]
    assert [bool(starts(first, order=order, occurrence=1, day=d)) for d in days] == [False, False, True, True, False]
    second = f.appointment("b", f.placed("visit", f.at("2026-03-05 09:00"), 20, {"doctor": "dr-a"}), occurrence=1)
    assert [bool(starts(second, order=order, day=d)) for d in days] == [False, True, True, False, False]
