"""Group visits: a seat where others meet already, or a new group that meets where everything is free."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from engine.check import check
from engine.jobs.book_offer import book_offer
from engine.jobs.book_orders import book_orders
from engine.jobs.find_slots import find_slots
from engine.model.appointment import AppointmentStatus, GroupOccurrence
from engine.model.policy import Policy
from engine.model.resource import ResourceLimit
from engine.model.result import Proposal, accept
from engine.model.schedule import Schedule
from engine.model.service import NeedRule
from engine.model.session import ClassQuota
from engine.model.shorthand import Duration
from engine.search import Occupancy
from engine.solver.params import SolveParams
from tests import factories as f

TALK = f.step("talk", 60)
SEATED = ("pat-2",)


def world(*meetings, seats=2, steps=(TALK,), taken=SEATED, seat=None, **fields):
    """A schedule with a group occurrence at each of some times, in which patients have seats."""
    fields = {"resources": (f.practitioner(), f.practitioner("dr-b")), "days": 1, **fields}
    problem = f.problem(
        services=(f.service("visit", *steps, **{"group_size": 3, **fields.pop("service", {})}),),
        patients=(fields.pop("patient", f.patient()), *(f.patient(f"pat-{i}") for i in range(2, 6))),
        policy=Policy(start_grid_min=30),
        **fields,
    )
    groups, visits = [], []
    for j, (start, who) in enumerate(meetings):
        placed = f.placed("talk", f.at(start), 60, {"doctor": who})
        groups.append(GroupOccurrence(id=f"grp-{j}", service="visit", seats=seats, steps=(placed,)))
        bare = placed.model_copy(update={"reservations": ()})
        for i in taken:
            visits.append(f.appointment(f"seat-{j}-{i}", bare, patient=i, order=None, group=f"grp-{j}", **(seat or {})))
    return Schedule.of(problem, visits, groups=tuple(groups))


def offers(schedule, k=100, now=f.NOW, **asking):
    """Start and group of each offer; every one of them books without a fault."""
    before = set(check(schedule, now=now).violations)
    result = find_slots(schedule, "ord-1", now=now, k=k, diverse=False, **asking)
    for offer in result.offers:
        after, name = book_offer(schedule, result, offer)
        assert set(check(after, now=now).violations) <= before
        assert after.appointments.by_id(name).steps[0].reservations == ()
    return [(f"{o.start.astimezone(f.at('12:00').tzinfo):%H:%M}", o.appointment.group) for o in result.offers]


def test_a_seat_with_others_comes_before_a_group_of_ones_own():
    found = offers(world(("09:00", "dr-a")))
    assert found[:2] == [("08:00", "group-offer-ord-1-1"), ("08:30", "group-offer-ord-1-2")]
    assert ("09:00", "grp-0") in found


def test_a_new_group_is_booked_with_its_first_patient():
    schedule = world(("09:00", "dr-a"))
    result = find_slots(schedule, "ord-1", now=f.NOW)
    after, name = book_offer(schedule, result, result.offers[0])
    assert (name, after.appointments.by_id(name).group) == ("visit-ord-1", "group-visit-ord-1")
    (new,) = (g for g in after.groups if g.id == "group-visit-ord-1")
    assert (new.seats, [v.resource for s in new.steps for v in s.reservations]) == (3, ["dr-a"])
    assert schedule.groups == after.groups[:1]


def test_a_new_group_takes_no_name_that_there_is():
    schedule = world(("09:00", "dr-a"))
    taken = schedule.groups[0].model_copy(update={"id": "group-visit-ord-1"})
    schedule = schedule.changed(groups=(*schedule.groups, taken))
    result = find_slots(schedule, "ord-1", now=f.NOW)
    after, name = book_offer(schedule, result, result.offers[0])
    assert after.appointments.by_id(name).group == "group-visit-ord-1-2"


def test_a_seat_is_booked_in_the_group_that_there_is():
    schedule = world(("09:00", "dr-a"))
    result = find_slots(schedule, "ord-1", now=f.NOW, start=f.at("09:00"), end=f.at("09:05"))
    offer = result.offers[0]
    assert offer.group == schedule.groups[0]
    after, name = book_offer(schedule, result, offer)
    assert (after.appointments.by_id(name).group, after.groups) == ("grp-0", schedule.groups)


def at_nine(schedule, **asking):
    return offers(schedule, start=f.at("09:00"), end=f.at("09:05"), **asking)


@pytest.mark.parametrize(
    ("fields", "is_joined"),
    [
        ({}, True),
        ({"seats": 1}, False),
        ({"taken": ("pat-2", "pat-3")}, False),
        ({"taken": ("pat-2", "pat-3"), "seats": 3}, True),
        ({"taken": ("pat-2", "pat-3"), "seats": 3, "service": {"group_size": 2}}, False),
        ({"taken": ()}, False),
        ({"seat": {"status": AppointmentStatus.CANCELLED}}, False),
    ],
    ids=["a free seat", "one seat", "both taken", "a third", "more seats than the service has", "empty", "cancelled"],
)
def test_there_must_be_a_free_seat_and_somebody_else(fields, is_joined):
    """With nobody in it, or full, the other doctor is free for a group of one's own."""
    assert at_nine(world(("09:00", "dr-a"), **fields)) == [("09:00", "grp-0" if is_joined else "group-offer-ord-1-1")]


def test_a_full_group_of_the_only_doctor_is_no_offer():
    schedule = world(("09:00", "dr-a"), seats=1, resources=(f.practitioner(),))
    assert at_nine(schedule) == []
    (reason,) = find_slots(schedule, "ord-1", now=f.NOW, start=f.at("09:00"), end=f.at("09:05")).reasons
    assert (reason.kind, reason.resource) == ("booked", "dr-a")


def test_a_group_that_has_begun_is_not_joined():
    schedule = world(("09:00", "dr-a"), seat={"status": AppointmentStatus.ARRIVED})
    assert offers(schedule, now=f.at("09:00"))[0] == ("09:00", "grp-0")
    assert "grp-0" not in {group for _, group in offers(schedule, now=f.at("09:05"))}


def test_whoever_asks_for_a_practitioner_joins_their_group_only():
    schedule = world(("09:00", "dr-a"), ("10:00", "dr-b"), orders=(f.order(required_practitioner="dr-b"),))
    found = dict(offers(schedule))
    assert (found["09:00"], found["10:00"]) == ("group-offer-ord-1-3", "grp-1")
    assert dict(offers(world(("09:00", "dr-a")), practitioner="dr-b"))["09:00"] == "group-offer-ord-1-3"


def test_the_preferred_practitioner_is_worth_a_group_of_ones_own():
    schedule = world(("09:00", "dr-a"), orders=(f.order(preferred_practitioner="dr-b"),))
    assert at_nine(schedule) == [("09:00", "group-offer-ord-1-1")]
    alone = world(("09:00", "dr-a"), orders=(f.order(preferred_practitioner="dr-a"),))
    assert at_nine(alone) == [("09:00", "grp-0")]
    offer = find_slots(alone, "ord-1", now=f.NOW, start=f.at("09:00"), end=f.at("09:05")).offers[0]
    assert offer.cost == 0


def test_seats_are_for_patients_whom_the_resources_may_have():
    heavy = f.patient(measures={"weight-kg": 120})
    doctors = (
        f.practitioner(limits=(ResourceLimit(kind="weight-kg", maximum=100),)),
        f.practitioner("dr-b", accepts_new=False),
    )
    assert at_nine(world(("09:00", "dr-a"), resources=doctors)) == [("09:00", "grp-0")]
    assert at_nine(world(("09:00", "dr-a"), resources=doctors, patient=heavy)) == []
    assert at_nine(world(("09:00", "dr-b"), resources=doctors)) == [("09:00", "group-offer-ord-1-1")]
    known = f.patient(known_to=("dr-b",))
    assert at_nine(world(("09:00", "dr-b"), resources=doctors, patient=known)) == [("09:00", "grp-0")]


def test_a_class_of_patients_that_the_session_has_no_room_for_joins_no_group():
    session = f.session("ses", "dr-a", class_quotas=(ClassQuota(patient_class="inpatient", quota=0),))
    for patient_class, group in (("outpatient", "grp-0"), ("inpatient", "group-offer-ord-1-1")):
        schedule = world(("09:00", "dr-a"), sessions=(session,), orders=(f.order(patient_class=patient_class),))
        assert at_nine(schedule) == [("09:00", group)]


def test_needs_and_modifiers_change_nothing_in_a_group():
    step = f.step("talk", roles=(f.role("doctor"),), duration=Duration(minutes=60, by_modifier={"new": 30}))
    schedule = world(
        ("09:00", "dr-a"),
        steps=(step,),
        needs=(NeedRule(need="help", adds_min=30),),
        patient=f.patient(needs=("help",)),
        orders=(f.order(modifiers=("new",)),),
    )
    assert dict(offers(schedule))["09:00"] == "grp-0"
    (first, *_) = find_slots(schedule, "ord-1", now=f.NOW).offers
    assert (first.end - first.start).total_seconds() == 3600


def test_a_group_off_the_grid_of_starts_is_not_joined():
    assert "grp-0" not in {group for _, group in offers(world(("09:10", "dr-a")))}


def test_the_patient_must_be_free():
    schedule = world(("09:00", "dr-a"), ("10:00", "dr-b"), taken=("pat-2", "pat-3"), seats=3)
    busy = f.appointment(
        "busy", schedule.groups[0].steps[0].model_copy(update={"reservations": ()}), order=None, group="grp-0"
    )
    schedule = schedule.changed(removed=["seat-0-pat-2"], added=[busy])
    found = offers(schedule)
    assert [start for start, _ in found if "08:00" < start < "10:00"] == []
    assert ("10:00", "grp-1") in found


def test_a_seat_in_a_group_that_is_only_proposed():
    """What if: the new group takes its time, and has a seat; afterwards nothing is left of it."""
    schedule = world(("09:00", "dr-a"), orders=(f.order(), f.order("ord-2", patient="pat-3")))
    result = find_slots(schedule, "ord-2", now=f.NOW, start=f.at("11:00"))
    offer = result.offers[0]
    plan = Proposal(id="plan", title="x", version=0, added=(offer.appointment,), groups=(offer.group,))
    occupancy = Occupancy.of(schedule, now=f.NOW)
    asked = {"now": f.NOW, "start": offer.start, "end": offer.start + timedelta(minutes=5)}
    before = find_slots(schedule, "ord-1", **asked)
    found = find_slots(schedule, "ord-1", **asked, supposing=plan, occupancy=occupancy)
    assert found == find_slots(accept(schedule, plan), "ord-1", **asked)
    assert found.offers[0].group == offer.group
    assert before.offers[0].group != offer.group
    assert find_slots(schedule, "ord-1", **asked, occupancy=occupancy) == before
    assert occupancy.bookings.groups == {"grp-0": schedule.groups[0]}


def test_an_occupancy_is_told_of_a_new_group():
    schedule = world(("09:00", "dr-a"))
    result = find_slots(schedule, "ord-1", now=f.NOW, start=f.at("11:00"))
    after, name = book_offer(schedule, result, result.offers[0])
    occupancy = Occupancy.of(schedule, now=f.NOW)
    occupancy.book(after.appointments.by_id(name), after.groups[-1])
    assert np.array_equal(occupancy.used, Occupancy.of(after, now=f.NOW).used)


def test_a_queue_leaves_group_visits_over_and_names_them():
    schedule = world(("09:00", "dr-a"))
    result = book_orders(schedule, now=f.NOW, params=SolveParams(time_limit_s=2, workers=1, is_deterministic=True))
    assert result.schedule is not None
    assert [left.reason for left in result.schedule.left_over] == [
        "A plan for several visits cannot take account of group visits yet. Maybe find a seat for order ord-1 alone."
    ]
