"""Booking an offer that a patient agreed to."""

from __future__ import annotations

import pytest

from engine.check import check
from engine.errors import StaleScheduleError
from engine.jobs.book_offer import book_offer
from engine.jobs.find_slots import find_slots
from engine.model.appointment import AppointmentStatus
from engine.model.explanation import LeftOver
from engine.model.order import Occurrence
from engine.model.schedule import Schedule
from tests import factories as f


def world(*booked, left_over=(), **order):
    problem = f.problem(orders=(f.order(**order), f.order("ord-2")))
    return Schedule.of(problem, booked, left_over=left_over)


def test_the_visit_stands_where_the_offer_was_and_the_rest_as_before():
    given = world(left_over=(LeftOver(order="ord-1", reason="x"), LeftOver(order="ord-2", reason="y")))
    found = find_slots(given, "ord-1", now=f.NOW)
    after, name = book_offer(given, found, found.offers[1])
    visit = after.appointments.by_id(name)
    assert name == "visit-ord-1"
    assert visit.steps == found.offers[1].appointment.steps
    assert [left.order for left in after.left_over] == ["ord-2"]
    assert check(after, now=f.NOW).is_clean


def test_the_name_of_an_earlier_visit_is_not_taken_again():
    first = f.appointment("visit-ord-1", status=AppointmentStatus.CANCELLED)
    given = world(first)
    found = find_slots(given, "ord-1", now=f.NOW)
    assert book_offer(given, found, found.offers[0])[1] == "visit-ord-1-2"


def test_a_visit_of_a_series_has_its_number():
    given = world(series=(Occurrence(offset_days=0), Occurrence(offset_days=2)))
    found = find_slots(given, "ord-1", now=f.NOW)
    assert book_offer(given, found, found.offers[0])[1] == "visit-ord-1.1"


def test_an_offer_of_another_version_of_the_schedule_is_refused():
    given = world()
    found = find_slots(given, "ord-1", now=f.NOW)
    with pytest.raises(StaleScheduleError):
        book_offer(given.changed(), found, found.offers[0])
