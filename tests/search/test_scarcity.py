"""Keeping scarce resources free: of visits of equal cost at one start, the one that keeps the least from others."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.schedule import Schedule
from engine.model.service import NeedRule
from engine.search import finder
from engine.search.scarcity import scarcity_of
from tests import factories as f

ULTRASOUND = ("ultrasound",)


def ultrasound():
    return f.service("scan", f.step("scan", roles=(f.role("doctor"), f.role("room", "room", capabilities=ULTRASOUND))))


def pressure(id="visit", **fields):
    return f.service(id, f.step("visit", 10, roles=(f.role("doctor"), f.role("room", "room"))), **fields)


def clinic(*booked, **fields):
    """A blood pressure check that any room will do for; the ultrasound room stands first."""
    rooms = f.room("sono", capabilities=ULTRASOUND), f.room("plain")
    given = {"resources": (f.practitioner(), *rooms), "services": (pressure(), ultrasound())}
    return Schedule.of(f.problem(**{**given, **fields}), booked)


def rooms_of(offer):
    return [r.resource for s in offer.appointment.steps for r in s.reservations if r.role != "doctor"]


@pytest.fixture(params=["quick", "general"])
def _way(request):
    """Both ways to search."""
    if request.param == "quick":
        yield
        return
    with patch.object(finder, "find_plain", lambda *_, **__: None):
        yield


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("diverse", [True, False])
def test_a_plain_room_before_the_ultrasound_room(diverse):
    schedule = clinic()
    offers = find_slots(schedule, "ord-1", now=f.NOW, diverse=diverse).offers
    assert [rooms_of(o) for o in offers] == [["plain"]] * 5
    booked = schedule.changed(added=[offers[0].appointment])
    assert check(booked, now=f.NOW).is_clean


@pytest.mark.usefixtures("_way")
def test_the_ultrasound_room_when_the_plain_one_is_taken():
    taken = f.appointment(
        "taken", f.placed("visit", f.at("08:00"), 60, {"room": "plain"}), patient=None, order=None, service="visit"
    )
    (offer,) = find_slots(clinic(taken), "ord-1", now=f.NOW, k=1).offers
    assert offer.start == f.at("08:00")
    assert rooms_of(offer) == ["sono"]


@pytest.mark.usefixtures("_way")
def test_of_equally_scarce_rooms_the_first_of_the_problem():
    rooms = f.room("room-b"), f.room("room-a")
    (offer,) = find_slots(clinic(resources=(f.practitioner(), *rooms), services=(pressure(),)), "ord-1",
                          now=f.NOW, k=1).offers  # fmt: skip
    assert rooms_of(offer) == ["room-b"]


@pytest.mark.usefixtures("_way")
def test_whoever_is_preferred_comes_first_however_scarce():
    doctors = f.practitioner("dr-a"), f.practitioner("dr-z", capabilities=("surgery",))
    surgery = f.service("cut", f.step("cut", roles=(f.role("surgeon", capabilities=("surgery",)),)))
    for order, expected in ((f.order(), "dr-a"), (f.order(preferred_practitioner="dr-z"), "dr-z")):
        world = Schedule.of(f.problem(resources=doctors[::-1], services=(f.service(), surgery), orders=(order,)))
        (offer,) = find_slots(world, "ord-1", now=f.NOW, k=1).offers
        assert [r.resource for r in offer.appointment.steps[0].reservations] == [expected]


@pytest.mark.usefixtures("_way")
def test_in_every_step_of_a_chain():
    chain = f.service("visit", *(f.step(i, 10, roles=(f.role("room", "room"),)) for i in ("one", "two")))
    (offer,) = find_slots(clinic(services=(chain, ultrasound())), "ord-1", now=f.NOW, k=1).offers
    assert rooms_of(offer) == ["plain", "plain"]


def test_what_counts_as_a_role():
    two = f.role("one", "room"), f.role("another", "room")  # the same question by two names
    named = f.role("named", "room", any_of=("plain",))
    world = f.problem(
        resources=(f.practitioner(), f.room("sono", capabilities=ULTRASOUND), f.room("plain"), f.room("bare")),
        services=(pressure(), ultrasound(), f.service("more", f.step(roles=(*two, named)))),
    )
    assert scarcity_of(world) == [1, 2, 2, 1]


def test_a_patients_need_asks_for_a_role_too():
    hoist = NeedRule(need="hoist", roles=(f.role("hoisted", "room", capabilities=("hoist",)),))
    rooms = f.room("room-1", capabilities=("hoist",)), f.room("room-2")
    who = f.practitioner()
    assert scarcity_of(f.problem(resources=(who, *rooms), services=(pressure(),), needs=(hoist,))) == [1, 2, 1]


def test_a_room_is_as_scarce_as_what_is_fixed_in_it():
    machine = f.equipment("sono", capabilities=ULTRASOUND, fixed_in="room-1")
    scan = f.service("scan", f.step(roles=(f.role("machine", "equipment", capabilities=ULTRASOUND),)))
    rooms = f.room("room-1"), f.room("room-2")
    world = f.problem(resources=(f.practitioner(), *rooms, machine), services=(pressure(), scan))
    assert scarcity_of(world) == [1, 2, 1, 1]
