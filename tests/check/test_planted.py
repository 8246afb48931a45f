"""Schedules made legally are found legal; and one thing made wrong in them is found, by its name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.check import check, check_change
from engine.model.codes import ConstraintCode
from tests.check.planted import Clinic, clinics

if TYPE_CHECKING:
    from engine.model.appointment import Appointment, PlacedStep

slow = settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def found(clinic: Clinic, visits: list[Appointment]) -> set[ConstraintCode]:
    return {v.code for v in check(clinic.schedule(visits), now=clinic.now).violations}


def changed(clinic: Clinic, visit: Appointment, **fields: object) -> list[Appointment]:
    """The clinic's visits with one of them changed."""
    return [v.model_copy(update=fields) if v is visit else v for v in clinic.visits]


def shifted(visit: Appointment, by: timedelta) -> tuple[PlacedStep, ...]:
    def later(thing, **fields):
        return thing.model_copy(update={"start": thing.start + by, "end": thing.end + by, **fields})

    return tuple(later(s, reservations=tuple(later(r) for r in s.reservations)) for s in visit.steps)


def one_visit(data: st.DataObject, clinic: Clinic, *services: str) -> Appointment:
    """A visit of the clinic that has reservations of its own."""
    visits = [v for v in clinic.visits if v.group is None and (not services or v.service in services)]
    assume(visits)
    return data.draw(st.sampled_from(visits))


@slow
@given(clinics())
def test_what_was_placed_legally_is_legal(clinic):
    schedule = clinic.schedule()
    report = check(schedule, now=clinic.now)
    assert report.violations == ()
    assert report == check(schedule, now=clinic.now)
    assert report == check(clinic.schedule(list(schedule.appointments)), now=clinic.now)
    assert check_change(schedule, schedule, now=clinic.now).breakdown.terms == ()
    assert check_change(schedule, schedule, now=clinic.world.horizon.end).is_clean


@slow
@given(clinics(), st.data())
def test_moved_one_tick_into_a_neighbour(clinic, data):
    tick = timedelta(minutes=clinic.world.tick_min)
    pairs = [
        (a, b, first.end - second.start)
        for a in clinic.visits
        for b in clinic.visits
        if a is not b
        for first in (r for s in a.steps for r in s.reservations)
        for second in (r for s in b.steps for r in s.reservations)
        if first.resource == second.resource and clinic.world.resource_by_id[first.resource].lanes == 1
    ]
    assume(pairs)
    _, second, gap = data.draw(st.sampled_from(pairs))
    codes = found(clinic, changed(clinic, second, steps=shifted(second, gap - tick)))
    assert ConstraintCode.CAPACITY in codes


@slow
@given(clinics(), st.data())
def test_booked_twice(clinic, data):
    visit = one_visit(data, clinic)
    again = visit.model_copy(update={"id": "again", "steps": shifted(visit, timedelta(days=14))})
    assert {ConstraintCode.ORDER_ONCE, ConstraintCode.HORIZON} <= found(clinic, [*clinic.visits, again])
    nobodys = visit.model_copy(update={"id": "again", "order": None, "patient": None})
    doctors = [r for s in visit.steps for r in s.reservations if r.role == "doctor"]
    expected = {ConstraintCode.CAPACITY} if doctors else set()
    assert expected <= found(clinic, [*clinic.visits, nobodys])
    with_patient = nobodys.model_copy(update={"patient": visit.patient})
    assert ConstraintCode.PATIENT_OVERLAP in found(clinic, [*clinic.visits, with_patient])
    cancelled = with_patient.model_copy(update={"status": "cancelled"})
    assert found(clinic, [*clinic.visits, cancelled]) == set()


@slow
@given(clinics(), st.data())
def test_a_reservation_lost_or_a_resource_of_another_kind(clinic, data):
    visit = one_visit(data, clinic)
    step = data.draw(st.sampled_from([s for s in visit.steps if s.reservations]))
    lost = data.draw(st.sampled_from(step.reservations))
    others = tuple(r for r in step.reservations if r is not lost)

    def with_uses(*uses):
        return tuple(s.model_copy(update={"reservations": uses}) if s is step else s for s in visit.steps)

    codes = found(clinic, changed(clinic, visit, steps=with_uses(*others)))
    assert ConstraintCode.ROLE_FILLED in codes
    assert codes <= {ConstraintCode.ROLE_FILLED, ConstraintCode.SAME_RESOURCE, ConstraintCode.FIXED_EQUIPMENT}
    kind = clinic.world.resource_by_id[lost.resource].kind
    wrong = next(r.id for r in clinic.world.resources if r.kind is not kind)
    codes = found(clinic, changed(clinic, visit, steps=with_uses(*others, lost.model_copy(update={"resource": wrong}))))
    assert ConstraintCode.CAPABLE in codes
    tick = timedelta(minutes=clinic.world.tick_min)
    short = lost.model_copy(update={"start": lost.start + tick})
    codes = found(clinic, changed(clinic, visit, steps=with_uses(*others, short)))
    assert codes in ({ConstraintCode.ROLE_FILLED}, {ConstraintCode.HELD_ACROSS})


@slow
@given(clinics(), st.data())
def test_a_resource_of_another_site(clinic, data):
    visit = one_visit(data, clinic)
    step = data.draw(st.sampled_from([s for s in visit.steps if s.reservations]))
    use = data.draw(st.sampled_from(step.reservations))
    kind = clinic.world.resource_by_id[use.resource].kind
    away = [r.id for r in clinic.world.resources if r.kind is kind and r.site != step.site]
    assume(away)
    moved = tuple(r.model_copy(update={"resource": away[0]}) if r is use else r for r in step.reservations)
    steps = tuple(s.model_copy(update={"reservations": moved}) if s is step else s for s in visit.steps)
    assert ConstraintCode.ONE_SITE in found(clinic, changed(clinic, visit, steps=steps))


@slow
@given(clinics(), st.data())
def test_a_step_cut_short_or_lost(clinic, data):
    visit = one_visit(data, clinic)
    step = data.draw(st.sampled_from(visit.steps))
    cut = step.model_copy(update={"end": step.start + timedelta(minutes=4)})
    codes = found(clinic, changed(clinic, visit, steps=tuple(cut if s is step else s for s in visit.steps)))
    assert ConstraintCode.DURATION in codes
    if len(visit.steps) > 1:
        steps = tuple(s for s in visit.steps if s is not step)
        codes = found(clinic, changed(clinic, visit, steps=steps))
        assert ConstraintCode.STEPS_COMPLETE in codes


@slow
@given(clinics(), st.data())
def test_steps_that_change_places_or_drift_apart(clinic, data):
    visit = one_visit(data, clinic, "chain")
    one, two, three = visit.steps
    tick = timedelta(minutes=clinic.world.tick_min)

    def moved(step, by):
        return step.model_copy(
            update={
                "start": step.start + by,
                "end": step.end + by,
                "reservations": tuple(
                    r.model_copy(update={"start": r.start + by, "end": r.end + by}) for r in step.reservations
                ),
            }
        )

    early = changed(clinic, visit, steps=(one, moved(two, one.end - two.start - tick), three))
    assert ConstraintCode.STEP_ORDER in found(clinic, early)
    late = changed(clinic, visit, steps=(one, two, moved(three, tick)))
    assert ConstraintCode.STEP_GAP in found(clinic, late)
    swapped = three.model_copy(
        update={
            "reservations": tuple(
                r.model_copy(update={"resource": "dr-1" if r.resource != "dr-1" else "dr-0"})
                for r in three.reservations
            )
        }
    )
    assert ConstraintCode.SAME_RESOURCE in found(clinic, changed(clinic, visit, steps=(one, two, swapped)))


@slow
@given(clinics(), st.data())
def test_at_a_time_when_nobody_works_or_that_no_clock_strikes(clinic, data):
    visit = one_visit(data, clinic)
    at_noon = visit.model_copy(update={"steps": shifted(visit, timedelta(hours=8))})
    assert ConstraintCode.OPENING_HOURS in found(clinic, [v if v is not visit else at_noon for v in clinic.visits])
    for minute in (-1, 1):
        codes = found(clinic, changed(clinic, visit, steps=shifted(visit, timedelta(minutes=minute))))
        assert ConstraintCode.START_GRID in codes
    late = changed(clinic, visit, booked_at=visit.start - timedelta(minutes=59))
    assert found(clinic, late) == {ConstraintCode.NOTICE}


@slow
@given(clinics())
def test_a_seat_that_comes_too_late(clinic):
    seats = [v for v in clinic.visits if v.group is not None]
    assume(seats)
    late = tuple(s.model_copy(update={"start": s.start + timedelta(minutes=5)}) for s in seats[0].steps)
    assert ConstraintCode.GROUP_SIZE in found(clinic, changed(clinic, seats[0], steps=late))
    alone = seats[0].model_copy(update={"id": "more", "order": None, "patient": None})
    crowd = [*clinic.visits, alone, alone.model_copy(update={"id": "most"})]
    assert ConstraintCode.GROUP_SIZE in found(clinic, crowd)
