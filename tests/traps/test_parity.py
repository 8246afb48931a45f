"""Parity. Every offer books if nothing changed; everything left out is refused; one definition of free serves both."""

from __future__ import annotations

from engine.check import check
from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.policy import Policy
from engine.model.session import FloatingBreak, Segment
from tests import factories as f
from tests.traps.asking import EVERY, offered, taken, world


def clinic(*booked, **fields):
    """A morning with a quota, kept-back time, a break and a room of its own; a patient who is away; notice."""
    parts = (
        Segment(start="08:00", end="09:00", quota=2),
        Segment(start="09:00", end="10:00", is_kept_for_urgent=True),
        Segment(start="10:00", end="13:00"),
    )
    morning = f.session("am", "dr-a", end="13:00", rooms=("room-2",), segments=parts,
                        breaks=(FloatingBreak(minutes=30, **{"from": "11:00", "to": "12:30"}),))  # fmt: skip
    away = Interval(start=f.at("10:30"), end=f.at("11:00"))
    return world(
        *booked,
        **{
            "resources": (
                f.practitioner(use="in-sessions"),
                f.practitioner("dr-b", setup_min=10),
                f.room(),
                f.room("room-2", cleanup_min=10),
            ),
            "services": (f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room")))),),
            "sessions": (morning,),
            "patients": (f.patient(unavailable=(away,)),),
            "policy": Policy(min_notice_min=60, start_grid_min=10),
            **fields,
        },
    )


BUSY = taken("08:30", 30, id="a"), taken("11:00", 60, id="b"), taken("14:00", 90, who="dr-b", id="c")


def test_every_offer_books_and_everything_left_out_is_refused():
    got = offered(clinic(*BUSY), now=f.at("07:10"))
    assert got[0] == "08:10"
    assert "10:30" not in got


def test_every_offer_books_in_a_clinic_with_one_physician():
    schedule = clinic(
        *BUSY[:2], resources=(f.practitioner(use="in-sessions"), f.room(), f.room("room-2", cleanup_min=10))
    )
    got = offered(schedule, now=f.at("07:10"))
    assert got == ["08:10", "10:00", "10:10", "12:30", "12:40"]


def test_an_offer_that_was_taken_meanwhile_is_refused_and_not_offered_again():
    schedule = clinic(patients=(f.patient(), f.patient("pat-2")),
                      orders=(f.order(), f.order("ord-2", patient="pat-2")))  # fmt: skip
    mine = find_slots(schedule, "ord-1", now=f.NOW, k=EVERY, diverse=False).offers
    (theirs,) = find_slots(schedule, "ord-2", now=f.NOW, k=1).offers
    after = schedule.changed(added=[theirs.appointment])
    still = {o.appointment for o in find_slots(after, "ord-1", now=f.NOW, k=EVERY, diverse=False).offers}
    assert still
    for offer in mine[:60]:
        is_clean = check(after.changed(added=[offer.appointment.model_copy(update={"id": "x"})]), now=f.NOW).is_clean
        same = {(o.start, o.steps) for o in still}
        assert is_clean or (offer.start, offer.appointment.steps) not in same
