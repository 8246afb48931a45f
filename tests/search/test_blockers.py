"""Why not: each kind of obstacle by its name, and never anybody else's business."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from engine.model.calendar import Interval
from engine.model.explanation import BlockerKind
from engine.model.hours import Hours, HoursException
from engine.model.order import Condition, Occurrence, Prerequisite, TargetDate
from engine.model.policy import Policy
from engine.model.resource import Changeover
from engine.model.schedule import Schedule
from engine.model.service import Eligibility, Gap
from engine.model.session import Release, Segment, SurgeryBlock
from engine.model.shorthand import Offset
from engine.search import Occupancy, find, why_not
from tests import factories as f
from tests.search.worlds import N_WORLDS
from tests.strategies import worlds

SLOT = f.at("09:00")
EXPIRED = Condition(kind="referral", status="met", valid_until=date(2026, 3, 1))


def blockers(*booked, start=SLOT, until=None, now=f.NOW, occurrence=0, **fields):
    """The obstacles at one start, or from it to another."""
    problem = f.problem(**fields)
    occupancy = Occupancy.of(Schedule.of(problem, booked), now=now)
    first = problem.grid.exact(start)
    stop = first + 1 if until is None else problem.grid.exact(until)
    asked = {"now": now, "first": first, "stop": stop, "occurrence": occurrence}
    found = why_not(occupancy, problem.orders[0], **asked)
    assert bool(found) != bool(find(occupancy, problem.orders[0], **asked))
    return [(b.kind, b.code, b.resource) for b in found], found


def named(*booked, **fields):
    return blockers(*booked, **fields)[0]


BUSY = f.appointment("x", f.placed("visit", SLOT, 20, {"doctor": "dr-a"}), order=None, patient="pat-2")
TWO_PATIENTS = {"patients": (f.patient(), f.patient("pat-2", name="Ernest Other"))}


def test_nothing_stands_in_the_way():
    assert named() == []


def test_booked():
    got, found = blockers(BUSY, **TWO_PATIENTS)
    assert got == [(BlockerKind.BOOKED, "capacity", "dr-a")]
    assert found[0].message == "Dr dr-a is booked."


def test_not_available_never_says_why():
    leave = HoursException(kind="leave", start=f.at("08:00"), end=f.at("12:00"), note="operation")
    got, found = blockers(resources=(f.practitioner(hours=Hours(exceptions=(leave,))),))
    assert got == [(BlockerKind.NOT_AVAILABLE, "opening-hours", "dr-a")]
    assert "leave" not in found[0].message
    assert "operation" not in found[0].message


def test_no_session_for_the_service():
    session = f.session("s", "dr-a", segments=(Segment(start="08:00", end="12:00", services=("other",)),))
    services = (f.service(), f.service("other"))
    assert named(sessions=(session,), services=services) == [(BlockerKind.NO_SESSION, "session", "dr-a")]


def test_kept_for_urgent_orders_and_until_when():
    release = Release(days_before=0, at="08:00")
    part = Segment(start="08:00", end="12:00", is_kept_for_urgent=True, release=release)
    session = f.session("s", "dr-a", segments=(part,))
    got, found = blockers(sessions=(session,))
    assert got == [(BlockerKind.KEPT_FOR_URGENT, "kept-back", "dr-a")]
    assert found[0].until == f.at("08:00")
    assert named(sessions=(session,), orders=(f.order(priority="urgent"),)) == []
    assert named(sessions=(session,), now=f.at("08:00")) == []
    forever = session.model_copy(update={"segments": (part.model_copy(update={"release": None}),)})
    assert blockers(sessions=(forever,))[1][0].until is None


def test_another_owners_surgery_block():
    step = f.step(roles=(f.role("doctor"), f.role("theatre", "room")))
    block = SurgeryBlock(id="b", theatre="room-1", day=f.MONDAY, period=f.period("08:00", "12:00"), specialty="bone")
    fields = {"services": (f.service("visit", step),), "blocks": (block,)}
    others = (f.practitioner(), f.room())
    assert named(resources=others, **fields) == [(BlockerKind.BLOCK_OWNED, "block-owner", "room-1")]
    assert named(resources=(f.practitioner(specialties=("bone",)), f.room()), **fields) == []


def test_quota_reached():
    session = f.session("s", "dr-a", segments=(Segment(start="08:00", end="12:00", quota=1),))
    other = f.appointment("y", f.placed("visit", f.at("11:00"), 20, {"doctor": "dr-a"}), order=None, patient=None)
    assert named(other, sessions=(session,)) == [(BlockerKind.QUOTA, "segment-quota", "dr-a")]


def test_the_patient_is_not_free():
    away = Interval(start=f.at("08:00"), end=f.at("12:00"))
    got, found = blockers(patients=(f.patient(unavailable=(away,)),))
    assert got == [(BlockerKind.PATIENT, "patient-available", None)]
    assert "Patient pat-1" not in found[0].message


def test_the_patient_is_not_free_when_all_the_others_are():
    """Each is there at some time; only the patient keeps them from being there together."""
    away = Interval(start=f.at("09:00"), end=f.at("09:15"))
    mornings = [f.weekly("09:00", "09:20"), f.weekly("10:00", "10:20"), f.weekly("10:30", "10:50")]
    step = f.step(roles=(f.role("doctor"), f.role("room", "room")))
    resources = (
        f.practitioner(hours=Hours(weekly=(mornings[0], mornings[1]))),
        f.room(hours=Hours(weekly=(mornings[0], mornings[2]))),
    )
    fields = {"resources": resources, "services": (f.service("visit", step),)}
    span = {"start": f.at("08:00"), "until": f.at("11:00")}
    assert named(**span, **fields) == []
    got = named(**span, **fields, patients=(f.patient(unavailable=(away,)),))
    assert got == [(BlockerKind.PATIENT, "patient-available", None)]


def test_a_start_that_has_passed_is_no_matter_of_notice():
    got, found = blockers(now=f.at("09:05"))
    assert got == [(BlockerKind.RULE, "notice", None)]
    assert found[0].message == "This start is not allowed: it has passed."
    _, found = blockers(now=f.at("08:50"), policy=Policy(min_notice_min=30))
    assert found[0].message == "This start is not allowed: it is too short a notice."


def test_never_free_together():
    busy = f.appointment("x", f.placed("visit", f.at("08:00"), 65, {"doctor": "dr-a"}), order=None, patient=None)
    step = f.step(roles=(f.role("doctor"), f.role("room", "room")))
    closing = Hours(weekly=(f.weekly("08:00", "09:20"),))
    fields = {"resources": (f.practitioner(), f.room(hours=closing)), "services": (f.service("visit", step),)}
    got, found = blockers(busy, start=f.at("08:00"), until=f.at("10:00"), **fields)
    assert got == [(BlockerKind.BOOKED, "capacity", "dr-a")]
    nearest = "on Monday 2 March at 08:00, the start that is nearest to being possible"
    assert found[0].message == f"Dr dr-a is booked {nearest}."


def test_two_roles_and_one_to_fill_them():
    step = f.step(roles=(f.role("doctor"), f.role("second")))
    got, found = blockers(services=(f.service("visit", step),))
    assert got == [(BlockerKind.RULE, "role-filled", None)]
    assert found[0].message.startswith("All that the visit needs can never be there together")


def test_a_later_step_that_cannot_follow():
    steps = (f.step("one", 20), f.step("two", 20, gap=Gap(max_min=0)))
    busy = f.appointment("x", f.placed("visit", f.at("09:30"), 20, {"doctor": "dr-a"}), order=None, patient=None)
    got, found = blockers(busy, services=(f.service("visit", *steps), f.service("other")))
    assert got == [(BlockerKind.BOOKED, "capacity", "dr-a")]
    assert found[0].message == "Dr dr-a is booked for the later step two on Monday 2 March at 09:20."


def room_hours(*hours):
    """A clinic with a room for each, open then; None: as the site."""
    rooms = tuple(f.room(f"room-{i}", hours=None if h is None else Hours(weekly=(h,))) for i, h in enumerate(hours))
    return {
        "resources": (f.practitioner(), *rooms),
        "services": (f.service("visit", f.step(roles=(f.role("doctor"), f.role("room", "room")))),),
    }


def test_one_line_for_a_whole_pool():
    closed = f.weekly("13:00", "18:00")
    used = {"room": "room-0"}
    busy = f.appointment("x", f.placed("visit", SLOT, 20, used), order=None, patient=None)
    _, found = blockers(busy, **room_hours(None, closed, closed))
    assert [b.message for b in found] == ["None of the 3 rooms is free: 2 are not available, 1 is booked."]
    assert (found[0].kind, found[0].resource, found[0].resources) == (BlockerKind.BOOKED, "room-0", ("room-0",))


def test_too_few_of_a_pool():
    step = f.step(roles=(f.role("doctor", count=2),))
    staff = (f.practitioner(), f.practitioner("dr-b"), f.practitioner("dr-c"))
    busy = f.placed("visit", SLOT, 20, {"doctor": "dr-a"}), f.placed("visit", SLOT, 20, {"doctor": "dr-b"})
    visits = [f.appointment(f"x{i}", s, order=None, patient=None) for i, s in enumerate(busy)]
    _, found = blockers(*visits, resources=staff, services=(f.service("visit", step),))
    assert [b.message for b in found] == [
        "Only 1 of the 3 practitioners who could be the doctor is free, 2 are needed: 2 are booked."
    ]
    assert found[0].resources == ("dr-a", "dr-b")


def test_two_ways_in_which_one_is_kept():
    session = f.session("s", "dr-a", start="08:00", end="09:10")
    fields = {"sessions": (session,), "resources": (f.practitioner(use="in-sessions"),)}
    _, found = blockers(BUSY, **fields, **TWO_PATIENTS)
    assert [b.message for b in found] == [
        "Dr dr-a is booked.",
        "Besides, Dr dr-a has no session for this service.",
    ]


def test_only_the_room_of_the_session_counts():
    """The other room is free, and of no use: the session says where."""
    fields = room_hours(None, None)
    session = f.session("s", "dr-a", rooms=("room-0",))
    busy = f.appointment("x", f.placed("visit", SLOT, 20, {"room": "room-0"}), order=None, patient=None)
    _, found = blockers(busy, sessions=(session,), **fields)
    assert [b.message for b in found] == ["Room room-0 is booked."]


def test_changeover_and_travel_are_bookings_too():
    tags = Changeover(before="wet", after=None, minutes=60)
    room = f.room(changeovers=(tags,))
    wet = f.service("wet", f.step("w", roles=(f.role("room", "room", tag="wet"),)))
    service = f.service("visit", f.step(roles=(f.role("room", "room"),)))
    busy = f.appointment("x", f.placed("w", f.at("08:00"), 30, {"room": "room-1"}), service="wet", order=None)
    got = named(busy, resources=(room,), services=(service, wet))
    assert got == [(BlockerKind.BOOKED, "changeover", "room-1")]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"start": f.at("09:02"), "policy": Policy(start_grid_min=5), "tick_min": 1}, "start-grid"),
        ({"now": f.at("09:05")}, "notice"),
        ({"orders": (f.order(earliest_start=f.at("10:00")),)}, "earliest-start"),
        ({"orders": (f.order(deadline=f.at("09:19")),)}, "deadline"),
        ({"orders": (f.order(target=TargetDate(day=date(2026, 3, 4))),)}, "target-window"),
        ({"policy": Policy(max_ahead_days=1), "start": f.at("2026-03-03 09:00")}, "horizon"),
        (
            {"orders": (f.order(conditions=(EXPIRED,)),)},
            "condition",
        ),
        (
            {
                "services": (f.service("visit", f.step(), eligibility=Eligibility(min_age=18)),),
                "patients": (f.patient(birth_date=date(2008, 3, 3)),),
            },
            "eligibility",
        ),
    ],
)  # fmt: skip
def test_rules_on_the_start(fields, code):
    assert named(**fields) == [(BlockerKind.RULE, code, None)]


@pytest.mark.parametrize(
    ("first", "stop"),
    [(-5, -4), (0, 0), (5, 3), (4029, 4030), (4032, 4033), (9000, 9001), (4029, None), (9000, None), (None, -300)],
)  # fmt: skip
def test_no_start_from_which_the_visit_would_lie_inside_the_planned_time(first, stop):
    problem = f.problem()
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    (found,) = why_not(occupancy, problem.orders[0], now=f.NOW, first=first, stop=stop)
    assert (found.kind, found.code) == (BlockerKind.RULE, "horizon")
    is_one_start = first is not None and stop == first + 1
    said = "This start is not allowed: the visit must"
    if not is_one_start:
        said = "No start is left: the visit must not begin before now, and must"
    planned = "the planned time, from Monday 2 March at 00:00 to Monday 16 March at 00:00"
    assert found.message == f"{said} lie inside {planned}."


def test_the_last_start_from_which_the_visit_ends_with_the_planned_time():
    assert named(start=f.at("2026-03-15 23:40")) == [(BlockerKind.NOT_AVAILABLE, "opening-hours", "dr-a")]


@pytest.mark.parametrize("priority", ["routine", "stat"])
def test_of_a_range_what_has_passed_is_not_looked_at(priority):
    """The deadline is over: no shorter notice would help."""
    orders = (f.order(deadline=f.at("2026-03-04 12:00"), priority=priority),)
    whole = {"start": f.at("00:00"), "until": f.at("2026-03-16 00:00")}
    got, found = blockers(now=f.at("2026-03-10 09:00"), orders=orders, **whole)
    assert got == [(BlockerKind.RULE, "deadline", None)]
    assert found[0].message == (
        "No start is allowed that would be free: it would end after the order's deadline on Tuesday 10 March at 09:00, "
        "the start that is nearest to being possible."
    )


@pytest.mark.parametrize(
    ("now", "until"), [("2026-03-10 09:00", "2026-03-10 08:55"), ("2026-04-01 08:00", "2026-03-16 00:00")]
)
def test_a_range_that_has_passed(now, until):
    got, _ = blockers(now=f.at(now), start=f.at("00:00"), until=f.at(until))
    assert got == [(BlockerKind.RULE, "horizon", None)]


def test_of_a_range_a_short_notice_is_told_of_what_is_to_come():
    late = {"now": f.at("2026-03-13 17:00"), "until": f.at("2026-03-13 18:00"), "policy": Policy(min_notice_min=120)}
    got, found = blockers(**late)
    assert got == [(BlockerKind.RULE, "notice", None)]
    assert "it is too short a notice on Friday 13 March at 17:00" in found[0].message


def test_an_order_that_has_its_visit_says_so_whatever_starts_were_asked_for():
    schedule = Schedule.of(f.problem(), [f.appointment()])
    occupancy = Occupancy.of(schedule, now=f.NOW)
    found = why_not(occupancy, schedule.problem.orders[0], now=f.NOW, first=9000)
    assert [b.code for b in found] == ["order-once"]


def test_a_step_outside_its_time_of_day():
    service = f.service("visit", f.step(start_window=f.period("10:00", "11:00")))
    assert named(services=(service,)) == [(BlockerKind.RULE, "time-of-day", None)]


@pytest.mark.parametrize(
    ("order", "code", "words"),
    [
        (f.order(status="on-hold"), "order-once", "it is on-hold"),
        (f.order(status="completed"), "order-once", "it is completed"),
        (f.order(conditions=(Condition(kind="consent"),)), "condition", "the consent is pending"),
        (
            f.order(prerequisites=(Prerequisite(order="ord-2"),)),
            "prerequisite",
            "order ord-2, which comes first, has no",
        ),
    ],
)
def test_what_makes_every_start_impossible(order, code, words):
    got, found = blockers(orders=(order, f.order("ord-2")))
    assert got == [(BlockerKind.RULE, code, None)]
    assert words in found[0].message


def test_a_series_without_its_first_visit():
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=7)))
    assert named(orders=(order,), occurrence=1) == [(BlockerKind.RULE, "series", None)]
    assert named(orders=(order,), occurrence=2) == [(BlockerKind.RULE, "order-once", None)]


def test_an_order_that_has_its_visit():
    got, found = blockers(f.appointment())
    assert got == [(BlockerKind.RULE, "order-once", None)]
    assert found[0].message == "Order ord-1 cannot be booked: it has a visit already."


def test_nobody_for_this_patient():
    got, found = blockers(resources=(f.practitioner(accepts_new=False),))
    assert got == [(BlockerKind.RULE, "capable", None)]
    assert found[0].message == "There is nobody and nothing that could be the doctor of step visit for this patient."


def test_somebody_asked_for_who_cannot():
    step = f.step(roles=(f.role("doctor", capabilities=("cut",)), f.role("helper")))
    services = (f.service("visit", f.step(roles=(f.role("doctor", capabilities=("cut",)),))), f.service("all", step))
    staff = (f.practitioner(capabilities=("cut",)), f.practitioner("dr-b"))
    problem = f.problem(resources=staff, services=services)
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    found = why_not(occupancy, problem.orders[0], now=f.NOW, practitioner="dr-b")
    assert [(b.code, b.message) for b in found] == [
        ("required-practitioner", "Order ord-1 cannot be booked: Dr dr-b cannot do any part of it.")
    ]


@settings(max_examples=5 * N_WORLDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(worlds(extra=6))
def test_there_are_obstacles_where_there_is_no_offer_and_they_name_no_patient(world):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    asked = {"now": world.now, "occurrence": world.occurrence}
    found = why_not(occupancy, world.order, **asked)
    assert bool(found) != bool(find(occupancy, world.order, k=1, **asked))
    resources = {r.id for r in world.problem.resources}
    for blocker in found:
        assert blocker.resource is None or blocker.resource in resources
        for patient in world.problem.patients:
            assert patient.id not in blocker.message
            assert patient.name not in blocker.message
        assert all(a.id not in blocker.message for a in world.schedule.appointments)


def test_each_is_kept_from_the_role_that_they_would_fill():
    """Dr B is there for the visit, and not for the time around it that a helper is needed for."""
    early = Offset(anchor="start", minutes=-20)
    step = f.step(roles=(f.role("doctor", any_of=("dr-a", "dr-b")), f.role("helper", any_of=("dr-b",), start=early)))
    staff = (f.practitioner(), f.practitioner("dr-b", hours=Hours(weekly=(f.weekly("08:50", "18:00"),))))
    got = named(resources=staff, services=(f.service("visit", step),))
    assert got == [(BlockerKind.NOT_AVAILABLE, "opening-hours", "dr-b")]
