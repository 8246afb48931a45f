"""Statuses. Which of them block is defined once; pending blocks; a cancelled visit releases all, buffers included."""

from __future__ import annotations

import pytest

from engine.jobs.find_slots import find_slots
from engine.model.appointment import BLOCKING, AppointmentStatus
from engine.search import Occupancy
from tests import factories as f
from tests.traps.asking import offered, taken, world


@pytest.mark.parametrize("status", AppointmentStatus)
def test_search_and_judge_agree_on_what_blocks(status):
    got = offered(world(taken("09:00", 30, status=status)))
    assert ("09:00" not in got) == (status in BLOCKING)


def test_pending_blocks():
    assert AppointmentStatus.PENDING in BLOCKING
    assert "09:00" not in offered(world(taken("09:00", 30, status="pending")))


ROLES = (f.role("doctor", setup_min=10, cleanup_min=20), f.role("room", "room", cleanup_min=40))
CLINIC = {"resources": (f.practitioner(), f.room()), "services": (f.service("visit", f.step(roles=ROLES)),)}
ANOTHER = {"patients": (f.patient(), f.patient("pat-2")), "orders": (f.order(), f.order("ord-2", patient="pat-2"))}


def test_cancelling_releases_every_reservation_buffers_included():
    empty = world(**CLINIC, **ANOTHER)
    free = offered(empty, "ord-2")
    (offer,) = find_slots(empty, "ord-1", now=f.NOW, start=f.at("10:00"), k=1).offers
    booked = empty.changed(added=[offer.appointment])
    assert len(offered(booked, "ord-2")) < len(free)
    cancelled = offer.appointment.model_copy(update={"status": "cancelled"})
    assert offered(booked.changed(removed=[cancelled.id], added=[cancelled]), "ord-2") == free
    assert offered(booked.changed(removed=[cancelled.id]), "ord-2") == free


def test_an_occupancy_gives_it_all_back_at_once():
    empty = world(**CLINIC, **ANOTHER)
    (offer,) = find_slots(empty, "ord-1", now=f.NOW, start=f.at("10:00"), k=1).offers
    occupancy = Occupancy.of(empty, now=f.NOW)

    def everything():
        return find_slots(empty, "ord-2", now=f.NOW, k=5000, diverse=False, occupancy=occupancy).offers

    before = everything()
    occupancy.book(offer.appointment)
    assert everything() != before
    occupancy.cancel(offer.appointment.id)
    assert everything() == before
