"""Privacy. Why not never names another patient, nor why a colleague is away."""

from __future__ import annotations

import pytest

from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.hours import Hours, HoursException
from engine.model.order import Prerequisite, Separation, Tie
from tests import factories as f
from tests.traps.asking import world

OTHERS = ("Ernest Other", "pat-other", "ord-other", "app-other", "chemotherapy", "operation of the knee")
PATIENTS = f.patient(), f.patient("pat-other", name="Ernest Other")
LEAVE = HoursException(kind="leave", start=f.at("08:00"), end=f.at("18:00"), note="operation of the knee")


def booked(**fields):
    made = f.placed("visit", f.at("08:00"), 600, {"doctor": "dr-a"})
    return f.appointment(
        "app-other", made, **{"patient": "pat-other", "order": "ord-other", "note": "chemotherapy", **fields}
    )


OTHER_ORDER = f.order("ord-other", patient="pat-other", note="chemotherapy")


@pytest.mark.parametrize(
    ("visits", "fields"),
    [
        ((booked(),), {}),
        ((booked(status="pending", expires_at=f.at("07:00")),), {}),
        ((), {"resources": (f.practitioner(hours=Hours(exceptions=(LEAVE,))),)}),
        ((), {"patients": (f.patient(unavailable=(Interval(start=f.at("00:00"), end=f.at("2026-03-03 00:00")),)),
                           PATIENTS[1])}),
        ((booked(),), {"orders": (f.order(separations=(Separation(service="visit", minutes=600),)), OTHER_ORDER)}),
    ],
)  # fmt: skip
def test_why_not_names_no_other_patient(visits, fields):
    schedule = world(*visits, **{"patients": PATIENTS, "orders": (f.order(), OTHER_ORDER), "days": 1, **fields})
    found = find_slots(schedule, "ord-1", now=f.NOW)
    assert found.offers == ()
    assert found.reasons
    said = repr(found.reasons)
    assert not [word for word in OTHERS if word in said]


def test_an_order_of_another_patient_that_must_come_first_is_named_by_its_id_alone():
    """The clerk put it there, and must know which order to look at; of whom it is stays unsaid."""
    orders = f.order(prerequisites=(Prerequisite(order="ord-other"),)), OTHER_ORDER
    found = find_slots(world(patients=PATIENTS, orders=orders, days=1), "ord-1", now=f.NOW)
    assert [b.code for b in found.reasons] == ["prerequisite"]
    assert not [w for w in OTHERS if w != "ord-other" and w in repr(found.reasons)]


def test_a_household_whose_visit_is_on_another_day():
    tie = Tie(id="family", kind="household", orders=("ord-1", "ord-other"))
    away = f.patient(unavailable=(Interval(start=f.at("00:00"), end=f.at("2026-03-03 00:00")),))
    schedule = world(booked(), patients=(away, PATIENTS[1]), orders=(f.order(), OTHER_ORDER), ties=(tie,))
    found = find_slots(schedule, "ord-1", now=f.NOW)
    assert found.offers == ()
    assert not [w for w in OTHERS if w != "ord-other" and w in repr(found.reasons)]


def test_an_offer_says_nothing_of_what_is_booked():
    schedule = world(booked(), patients=PATIENTS, orders=(f.order(), OTHER_ORDER))
    found = find_slots(schedule, "ord-1", now=f.NOW)
    assert found.offers
    assert not [word for word in OTHERS if word in repr(found)]
