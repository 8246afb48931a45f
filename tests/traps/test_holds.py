"""Holds, as far as the engine goes. Expiry to the minute, the owner's own, all resources, never an offer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.search import Occupancy
from tests import factories as f
from tests.traps.asking import faults, offered, world

EXPIRY = f.at("07:00")
MINUTE = timedelta(minutes=1)
TWO = {"patients": (f.patient(), f.patient("pat-2")), "orders": (f.order(), f.order("ord-2", patient="pat-2"))}


def hold(**fields):
    return f.appointment("hold", **{"status": "pending", "expires_at": EXPIRY, "booked_at": f.NOW, **fields})


@pytest.mark.parametrize("after", [-MINUTE, timedelta(0), MINUTE])
def test_an_expired_hold_that_nobody_swept_does_not_block(after):
    """Before its expiry it blocks, from the instant on it does not: one outcome for everybody who asks."""
    schedule = world(hold(), **TWO)
    assert ("09:00" in offered(schedule, "ord-2", now=EXPIRY + after)) == (after >= timedelta(0))


def test_one_occupancy_follows_time_in_both_directions():
    schedule = world(hold(), **TWO)
    occupancy = Occupancy.of(schedule, now=f.NOW)
    for now, is_free in ((f.NOW, False), (EXPIRY, True), (EXPIRY - MINUTE, False), (EXPIRY + MINUTE, True)):
        found = find_slots(schedule, "ord-2", now=now, k=500, diverse=False, occupancy=occupancy).offers
        assert (f.at("09:00") in {o.start for o in found}) == is_free


def test_the_owner_sees_the_own_hold_as_free():
    schedule = world(hold(), **TWO)
    assert offered(schedule, now=f.NOW, like=hold()) == []  # the order has its hold
    assert "09:00" in offered(schedule, now=f.NOW, ignoring=["hold"])


def test_another_clients_booking_is_refused():
    schedule = world(hold(), **TWO)
    (offer,) = find_slots(world(**TWO), "ord-2", now=f.NOW, start=f.at("09:00"), k=1).offers
    assert {v.code.value for v in faults(schedule, offer.appointment, f.NOW)} == {"capacity"}
    assert faults(schedule, offer.appointment, EXPIRY) == []


def test_a_hold_takes_all_its_resources_and_gives_all_back():
    step = f.step(roles=(f.role("doctor"), f.role("room", "room"), f.role("machine", "equipment")))
    fields = {"resources": (f.practitioner(), f.room(), f.equipment()), "services": (
        f.service("visit", step), *(f.service(k, f.step(roles=(f.role("one", k),))) for k in ("room", "equipment"))
    ), "patients": (f.patient(), f.patient("pat-2")), "orders": (
        f.order(), *(f.order(f"ord-{k}", patient="pat-2", service=k) for k in ("room", "equipment"))
    )}  # fmt: skip
    (offer,) = find_slots(world(**fields), "ord-1", now=f.NOW, start=f.at("09:00"), k=1).offers
    held = offer.appointment.model_copy(update={"status": "pending", "expires_at": EXPIRY})
    schedule = world(held, **fields)
    for order in ("ord-room", "ord-equipment"):
        assert "09:00" not in offered(schedule, order)
        assert "09:00" in offered(schedule, order, now=EXPIRY)


def test_a_hold_is_confirmed_as_it_stands():
    """The booking that takes its place is free of faults until another one has come in between."""
    schedule = world(hold(), **TWO)
    booked = hold(status="booked", expires_at=None)
    confirmed = schedule.changed(removed=["hold"], added=[booked])
    assert check(confirmed, now=EXPIRY).is_clean
    (offer,) = find_slots(schedule, "ord-2", now=EXPIRY, start=f.at("09:00"), k=1).offers
    both = confirmed.changed(added=[offer.appointment])
    assert {v.code.value for v in check(both, now=EXPIRY).violations} == {"capacity"}


def test_a_hold_is_never_an_offer_itself():
    found = find_slots(world(hold(), **TWO), "ord-1", now=f.NOW)
    assert found.offers == ()
    assert [b.code for b in found.reasons] == ["order-once"]
