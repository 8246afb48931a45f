from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from engine.model.appointment import BLOCKING, OPEN, STARTED, AppointmentStatus
from tests.factories import appointment, at, placed, reservation

EXPIRY = at("08:00")
MINUTE = timedelta(minutes=1)


def test_every_status_is_known():
    assert {s.value for s in OPEN} == {"pending", "booked"}
    assert {s.value for s in STARTED} == {"arrived", "checked-in", "fulfilled"}
    assert OPEN | STARTED == BLOCKING
    assert {s.value for s in set(AppointmentStatus) - BLOCKING} == {
        "proposed",
        "cancelled",
        "noshow",
        "entered-in-error",
        "waitlist",
    }


@pytest.mark.parametrize("status", list(AppointmentStatus))
def test_what_takes_time(status):
    assert appointment(status=status).blocks_at(EXPIRY) is (status in BLOCKING)


def test_a_hold_takes_time_until_it_expires():
    hold = appointment(status="pending", expires_at=EXPIRY)
    assert hold.is_hold
    assert [hold.blocks_at(EXPIRY + n * MINUTE) for n in (-1, 0, 1)] == [True, False, False]
    assert not appointment(status="pending").is_hold


@pytest.mark.parametrize("status", [s for s in AppointmentStatus if s is not AppointmentStatus.PENDING])
def test_only_a_pending_visit_is_a_hold(status):
    with pytest.raises(ValidationError, match=f"is {status.value}, but has an expiry"):
        appointment(status=status, expires_at=EXPIRY)


def test_it_lasts_from_its_first_start_to_its_last_end():
    """Steps are in the service's order, which need not be that of time."""
    late, early = placed("a", at("10:00"), 30), placed("b", at("09:00"), 10)
    visit = appointment("app", late, early)
    assert (visit.start, visit.end) == (at("09:00"), at("10:30"))


@pytest.mark.parametrize("minutes", [0, -5])
def test_steps_and_reservations_take_time(minutes):
    with pytest.raises(ValidationError, match="not after its start"):
        placed("a", at("10:00"), minutes)
    with pytest.raises(ValidationError, match="not after its start"):
        reservation("r", "dr-a", at("10:00"), at("10:00") + minutes * MINUTE)


@pytest.mark.parametrize("fields", [{"occurrence": -1}, {"occurrence": 10_000}, {"times_moved": 10_000}, {"steps": ()}])
def test_no_appointments(fields):
    with pytest.raises(ValidationError):
        appointment(**fields)
