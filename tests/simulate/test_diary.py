"""The diary books what is legal, as long as there is room, and nothing else. The judge has the last word."""

from datetime import timedelta

import pytest

from engine.check import check
from engine.model.order import TargetDate
from engine.model.resource import Changeover, Privilege
from engine.model.schedule import Schedule
from engine.model.service import Eligibility, Gap, HeldResource, NeedRule, RoleUse, SameResource
from engine.model.session import ClassQuota, FloatingBreak, Pool, Release, Segment, SurgeryBlock
from engine.simulate.diary import Diary
from engine.simulate.dice import Dice
from tests.factories import (
    MONDAY,
    NOW,
    at,
    equipment,
    order,
    patient,
    period,
    practitioner,
    problem,
    role,
    room,
    service,
    session,
    site,
    step,
)


def booked(world, count=40, *, first_patient=1, days=1, fields=lambda i: {}, of_patient=lambda i: {}, gap_share=0.0):
    """As many of `count` patients as the diary gets into the first days, judged."""
    patients = tuple(patient(f"pat-{i}", **of_patient(i)) for i in range(first_patient, first_patient + count))
    orders = tuple(order(f"ord-{i}", patient=p.id, **fields(i)) for i, p in enumerate(patients, start=first_patient))
    world = world.changed(patients=patients, orders=orders)
    diary = Diary(world, Dice(1), gap_share=gap_share)
    masks = [mask for _, mask in diary.days("main")[:days]]
    found = [diary.book(o, p, masks) for o, p in zip(orders, patients, strict=True)]
    visits = [visit.model_copy(update={"booked_at": NOW}) for visit in found if visit is not None]
    report = check(Schedule.of(world, visits), now=NOW)
    assert report.violations == ()
    return visits


def clinic(*segments, **fields):
    """A world of one physician with one session from 08:00 to 12:00."""
    return problem(
        (practitioner(use="in-sessions"), *fields.pop("resources", ())),
        (service(),),
        sessions=(session("s", "dr-a", segments=segments, **fields),),
    )


def _segment(start, end, service):
    return Segment(start=start, end=end, services=(service,))


def test_a_session_is_filled_to_its_last_minute():
    visits = booked(clinic())
    assert len(visits) == 12  # four hours of twenty minutes
    assert max(v.end for v in visits) == at("12:00")


def test_nobody_is_booked_twice():
    world = clinic()
    visits = booked(world, of_patient=lambda i: {})
    assert len({v.patient for v in visits}) == len(visits)


def test_now_and_then_something_stays_free():
    assert len(booked(clinic(), count=9, gap_share=1.0)) < 9


def test_time_for_other_services_is_left_alone():
    other = service("other")
    world = problem(
        (practitioner(use="in-sessions"),),
        (service(), other),
        sessions=(
            session(
                "s",
                "dr-a",
                segments=(
                    Segment(start=480, end=600, services=("visit",)),
                    Segment(start=600, end=720, services=("other",)),
                ),
            ),
        ),
    )
    assert len(booked(world)) == 6


def test_time_kept_for_urgent_orders_takes_urgent_ones_only():
    kept = Segment(start=660, end=720, is_kept_for_urgent=True, release=Release(days_before=0, at=0))
    world = clinic(Segment(start=480, end=660), kept)
    assert len(booked(world)) == 9
    assert len(booked(world, fields=lambda i: {"priority": "urgent"})) == 12


def test_quotas_of_segments_and_classes_hold():
    assert len(booked(clinic(Segment(start=480, end=720, quota=5)))) == 5
    wards = ClassQuota(patient_class="inpatient", quota=2)
    visits = booked(clinic(class_quotas=(wards,)), count=12, fields=lambda i: {"patient_class": "inpatient"})
    assert len(visits) == 2


def test_a_break_can_be_taken():
    pause = FloatingBreak(minutes=60, start=540, end=660)
    assert len(booked(clinic(breaks=(pause,)))) == 9


def test_a_session_names_its_room():
    step_in_room = step(roles=(role("doctor"), role("room", "room")))
    world = problem(
        (practitioner(use="in-sessions"), room("room-1"), room("room-2")),
        (service("visit", step_in_room),),
        sessions=(session("s", "dr-a", rooms=("room-2",)),),
    )
    assert {v.steps[0].reservations[1].resource for v in booked(world)} == {"room-2"}


def test_a_pools_session_is_each_ones():
    world = problem(
        tuple(practitioner(i, use="in-sessions", capabilities=("draw",)) for i in ("a", "b")),
        (service("visit", step(roles=(role("doctor", capabilities=("draw",)),))),),
        sessions=(session("s", Pool(kind="practitioner", capabilities=("draw",))),),
    )
    assert len(booked(world)) == 24


def test_two_of_three_nurses_are_two_nurses():
    world = problem(
        tuple(practitioner(f"nurse-{n}") for n in range(3)), (service("visit", step(roles=(role("nurses", count=2),))),)
    )
    visits = booked(world)
    assert len(visits) == 30  # ten hours, and never two pairs at once
    assert all(len({r.resource for r in v.steps[0].reservations}) == 2 for v in visits)


def test_lanes_and_presence_are_counted():
    supervised = step(
        roles=(role("chair", "room", capabilities=("chairs",)), role("nurse", use="presence")), minutes=300
    )
    world = problem(
        (practitioner("nurse", presence_limit=3), room("suite", lanes=4, capabilities=("chairs",))),
        (service("visit", supervised),),
    )
    visits = booked(world)
    assert len(visits) == 6
    assert {r.use for v in visits for r in v.steps[0].reservations} == set(RoleUse)


def test_fixed_equipment_brings_its_room():
    scan = step(roles=(role("scanner", "equipment"), role("room", "room")))
    world = problem(
        (equipment(fixed_in="room-2", cleanup_min=10), room("room-1"), room("room-2")), (service("visit", scan),)
    )
    visits = booked(world)
    assert len(visits) == 20  # thirty minutes with the clean-up
    assert {v.steps[0].reservations[1].resource for v in visits} == {"room-2"}


def test_a_theatre_takes_its_owner_only():
    operation = step(
        roles=(role("surgeon", capabilities=("cuts",)), role("theatre", "room", capabilities=("theatre",))), minutes=60
    )
    surgeons = tuple(practitioner(i, use="in-sessions", capabilities=("cuts",)) for i in ("owner", "other"))
    block = SurgeryBlock(id="b", theatre="theatre", day=MONDAY, period=period("08:00", "12:00"), practitioner="owner")
    world = problem(
        (*surgeons, room("theatre", use="in-sessions", capabilities=("theatre",))),
        (service("visit", operation),),
        sessions=(session("s", "other"),),
        blocks=(block,),
    )
    visits = booked(world)
    assert len(visits) == 4
    assert {v.steps[0].reservations[0].resource for v in visits} == {"owner"}


def test_a_privilege_that_ran_out_is_none():
    resources = (
        practitioner("ended", privileges=(Privilege(capability="scan", valid_until=MONDAY),)),
        practitioner("valid", privileges=(Privilege(capability="scan"),)),
    )
    world = problem(resources, (service("visit", step(roles=(role("doctor", capabilities=("scan",)),))),))
    assert {v.steps[0].reservations[0].resource for v in booked(world, count=10)} == {"valid"}


def test_limits_and_closed_lists_are_kept():
    world = problem((practitioner(limits=({"kind": "weight-kg", "maximum": 150},)),))
    assert len(booked(world, count=4, of_patient=lambda i: {"measures": {"weight-kg": 140 + 5 * i}})) == 2
    world = problem((practitioner(accepts_new=False),))
    assert len(booked(world, count=4, of_patient=lambda i: {"known_to": ("dr-a",) if i > 2 else ()})) == 2


def test_a_practitioner_who_must_or_should_be_there_is():
    world = problem((practitioner("dr-a"), practitioner("dr-b")))
    visits = booked(world, count=60, fields=lambda i: {"required_practitioner": "dr-b"})
    assert len(visits) == 30
    visits = booked(world, count=40, fields=lambda i: {"preferred_practitioner": "dr-b"})
    assert sum(v.steps[0].reservations[0].resource == "dr-b" for v in visits) == 30


def test_durations_follow_practitioner_equipment_and_modifiers():
    duration = {"minutes": 20, "by_practitioner": {"dr-b": 40}, "by_modifier": {"new": 20}}
    world = problem((practitioner("dr-a"), practitioner("dr-b")), (service("visit", step(duration=duration)),))
    visits = booked(world, count=60, fields=lambda i: {"modifiers": ("new",) if i % 2 else ()})
    lengths = {(v.steps[0].reservations[0].resource, v.end - v.start) for v in visits}
    assert lengths == {
        (who, timedelta(minutes=minutes)) for who, minutes in (("dr-a", 20), ("dr-a", 40), ("dr-b", 40), ("dr-b", 60))
    }


def test_needs_bring_people_and_minutes():
    lifting = NeedRule(need="hoist", adds_min=10, roles=(role("lifter", capabilities=("lifts",)),))
    world = problem(
        (practitioner("dr-a", capabilities=("sees",)), practitioner("porter", capabilities=("lifts",))),
        (service("visit", step(roles=(role("doctor", capabilities=("sees",)),))),),
        needs=(lifting,),
    )
    visits = booked(world, count=3, of_patient=lambda i: {"needs": ("hoist",)})
    assert all(v.end - v.start == timedelta(minutes=30) and len(v.steps[0].reservations) == 2 for v in visits)


@pytest.mark.parametrize("is_ordered", [True, False])
def test_steps_keep_gaps_spans_and_persons(is_ordered):
    first, second = (Gap(min_min=30, max_min=60), Gap(max_min=30)) if is_ordered else (Gap(), Gap())
    bundle = service(
        "visit",
        step("blood", 5, roles=(role("nurse", capabilities=("draws",)),)),
        step("scan", 30, roles=(role("doctor", capabilities=("sees",)),), gap=first),
        step("talk", 20, roles=(role("doctor", capabilities=("sees",)),), gap=second),
        is_ordered=is_ordered,
        is_same_day=True,
        max_span_min=150,
        same=(SameResource(roles=("scan.doctor", "talk.doctor")),),
    )
    doctors = tuple(practitioner(i, capabilities=("sees",)) for i in ("dr-a", "dr-b"))
    visits = booked(problem((*doctors, practitioner("nurse", capabilities=("draws",))), (bundle,)))
    assert len(visits) > 10


def test_what_is_held_across_is_not_taken_by_others():
    bundle = service(
        "visit",
        step("in", 10, roles=(role("nurse", capabilities=("nurses",)),)),
        step("out", 10, roles=(role("nurse", capabilities=("nurses",)),), gap=Gap(min_min=60, max_min=90)),
        held=(HeldResource(role=role("bay", "room"), first="in", last="out"),),
    )
    visits = booked(problem((practitioner("nurse", capabilities=("nurses",)), room("bay-1")), (bundle,)))
    assert len(visits) == 7  # eighty minutes each, in ten hours


def test_a_stay_ends_at_discharge_time_and_takes_a_bed_by_night():
    stay = service("visit", step("op", 60), step("stay", nights=2, roles=(role("bed", "bed"),), gap=Gap(max_min=60)))
    always = {"weekly": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00"}]}
    bed = {"kind": "bed", "id": "bed", "name": "Bed", "site": "main", "hours": always}
    visits = booked(problem((practitioner(), bed), (stay,)), days=2)
    assert [v.end for v in visits] == [at("2026-03-04 11:00")]


def test_a_changeover_is_waited_for():
    wards = room("wards", changeovers=(Changeover(before="septic", after="clean", minutes=40),))
    clean, septic = (service(t, step(minutes=20, roles=(role("room", "room", tag=t),))) for t in ("clean", "septic"))
    world = problem((wards,), (clean, septic), orders=())
    visits = booked(world, fields=lambda i: {"service": "septic" if i % 2 else "clean"})
    assert {v.service for v in visits} == {"clean", "septic"}


def test_times_of_day_early_arrival_and_the_patients_own_time():
    morning = service("visit", step(start_window=period("08:00", "09:00")), arrive_before_min=30)
    busy = ({"start": at("08:00"), "end": at("08:40")},)
    visits = booked(problem(services=(morning,)), count=2, of_patient=lambda i: {"unavailable": busy if i == 1 else ()})
    assert len(visits) == 1  # the other one would have to be there at 08:40 for 09:10
    assert visits[0].patient == "pat-2"


def test_target_dates_earliest_starts_and_the_start_grid():
    world = problem(sites=(site(start_grid_min=30),))
    tuesday = TargetDate(day=MONDAY + timedelta(days=1))
    assert booked(world, days=1, fields=lambda i: {"target": tuesday}) == []
    visits = booked(world, days=3, fields=lambda i: {"target": tuesday, "earliest_start": at("2026-03-03 16:10")})
    assert [v.start for v in visits] == [at("2026-03-03 16:30"), at("2026-03-03 17:00"), at("2026-03-03 17:30")]


def test_a_patient_is_at_one_site_a_day():
    world = problem(
        (practitioner("here"), practitioner("there", site="far")),
        sites=(site(), site("far")),
        patients=(patient(),),
        orders=(order("ord-1", required_site="main"), order("ord-2", required_site="far")),
    )
    diary = Diary(world, Dice(1))
    masks = [mask for _, mask in diary.days("main")[:2]]
    first, second = (diary.book(o, world.patients[0], masks) for o in world.orders)
    assert first is not None
    assert second is not None
    assert first.start.date() != second.start.date()


def test_a_visit_that_was_cancelled_again_takes_nothing():
    world = problem()
    diary = Diary(world, Dice(1), gap_share=0.0)
    masks = [mask for _, mask in diary.days("main")[:1]]
    first = diary.book(world.orders[0], world.patients[0], masks, is_kept=False)
    second = diary.book(world.orders[0], world.patients[0], masks)
    assert first is not None
    assert second is not None
    assert first.steps == second.steps


def test_eligibility_is_for_whoever_draws_the_orders():
    # The diary is told who comes; `Demand` asks who may.
    world = problem(services=(service(eligibility=Eligibility(min_age=18)),))
    assert len(booked(world, count=1)) == 1
