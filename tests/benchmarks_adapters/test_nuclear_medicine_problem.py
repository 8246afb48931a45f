"""A disturbed nuclear-medicine day in our words: the same rules, the events, and the way back.

The plan of an instance becomes visits, so any plan can be put to `check` by making it the plan of an instance; both
judges must then say the same of it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.adapters import parse_facts
from benchmarks.adapters.nuclear_medicine import (
    CHAIR,
    SCAN,
    SOURCE,
    UPTAKE,
    Instance,
    Patient,
    Protocol,
    Visit,
    current_plan,
    from_facts,
    read_instance,
)
from benchmarks.adapters.nuclear_medicine_problem import day_of, plan_of
from benchmarks.adapters.nuclear_medicine_rules import Rule, cost, violations
from engine.check import check, check_change
from engine.jobs.reschedule import reschedule
from engine.model.codes import ConstraintCode
from engine.model.event import OrderEvent, OrderEventKind
from engine.model.schedule import Schedule
from engine.solver.params import SolveParams

PARAMS = SolveParams(is_deterministic=True, deterministic_limit=0.1, workers=1)

# Protocol 10 sits in a chair, 20 does not. Patient 1 has chair 1 in slots 3 to 8 and tomograph 1 in slots 9 to 11;
# patient 2 has tomograph 2 in slots 23 to 29 (its scan, 27 to 30, ends one slot early).
DAY = """
    chair(1..2, 1). chair(3, 2). tomograph(1, 1). tomograph(2, 2). required_chair(10).
    exam(10,0,2). exam(10,1,2). exam(10,2,4). exam(10,3,3).
    exam(20,0,3). exam(20,1,3). exam(20,2,1). exam(20,3,4).
    x(1,"d",1,10,0). x(1,"d",3,10,1). x(1,"d",5,10,2). x(1,"d",9,10,3).
    x(2,"d",20,20,0). x(2,"d",23,20,1). x(2,"d",26,20,2). x(2,"d",27,20,3).
    chair(1,1,"d",3). chair(1,1,"d",8). tomograph(1,1,"d",9). tomograph(1,1,"d",11).
    tomograph(2,2,"d",23). tomograph(2,2,"d",29).
"""


def day(extra: str = "") -> Instance:
    return from_facts(parse_facts(DAY + extra), "tiny")


def visit(*starts: int, tomograph: int = 1, chair: int | None = 1) -> Visit:
    return Visit(dict(enumerate(starts)), tomograph, chair)


def with_plan(instance: Instance, plan: dict[int, Visit]) -> Instance:
    """The instance as if this had been the plan; a new patient takes the protocol of patient 1."""
    protocol = instance.patients[min(instance.patients)].protocol
    known = {key: instance.patients.get(key, Patient(key, protocol)) for key in {*instance.patients, *plan}}
    patients = {key: replace(p, current=plan.get(key, p.current), wanted=None) for key, p in known.items()}
    return replace(instance, patients=patients)


def broken(instance: Instance, plan: dict[int, Visit], planned: Instance | None = None) -> set[ConstraintCode]:
    """The rules of ours that a plan breaks, `planned` being the instance with the plan that it changes."""
    changed = with_plan(instance, plan)
    world = day_of(planned or changed, extra_wait=None)
    schedule = Schedule.of(world.schedule.problem, day_of(changed).schedule.appointments)
    assert plan_of(changed, schedule, world.now) == current_plan(changed)
    return {violation.code for violation in check(schedule, now=world.now).violations}


def repair(instance: Instance, **options):
    """Our answer to a day, which both judges have found valid, and the result."""
    translated = day_of(instance, **options)
    result = reschedule(translated.schedule, translated.events, now=translated.now, params=PARAMS)
    assert result.schedule is not None
    assert check(result.schedule, now=translated.now).is_clean
    change = check_change(translated.schedule, result.schedule, now=translated.now, events=translated.events)
    assert change.is_clean
    answer = plan_of(instance, result.schedule, translated.now)
    assert violations(instance, answer) == []
    return answer, result


# --- rules


def test_the_plan_of_the_day_is_legal_and_comes_back_as_it_was():
    assert broken(day(), {}) == set()


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (visit(11, 13, 15, 19, chair=2), None),
        (visit(1, 3, 5, 12, chair=2), None),
        (visit(1, 3, 5, 11, chair=2), ConstraintCode.CAPACITY),  # in the tomograph until slot 11
        (visit(5, 9, 11, 15), None),
        (visit(5, 8, 10, 15), ConstraintCode.CAPACITY),  # in the chair until slot 8
        (visit(1, 3, 5, 9, chair=3, tomograph=2), None),
        (visit(1, 3, 5, 9, chair=3, tomograph=1), ConstraintCode.FIXED_EQUIPMENT),
        (visit(1, 3, 5, 9, chair=2, tomograph=2), ConstraintCode.FIXED_EQUIPMENT),
        (visit(17, 19, 21, 25, chair=3, tomograph=2), ConstraintCode.CAPACITY),  # patient 2 is there until slot 29
        (visit(22, 24, 26, 30, chair=3, tomograph=2), None),  # and no longer, one slot early
        (visit(20, 24, 25, 30, chair=2), ConstraintCode.STEP_ORDER),
        (visit(141, 143, 145, 150, chair=2), None),
        (visit(141, 143, 145, 151, chair=2), ConstraintCode.TIME_OF_DAY),
    ],
)
def test_a_second_patient_breaks_what_the_public_rules_forbid(other, code):
    instance = day()
    plan = {3: other}
    theirs = violations(with_plan(instance, plan), current_plan(with_plan(instance, plan)))

    ours = broken(instance, plan)
    assert code is None or code in ours
    assert bool(ours) == bool(theirs) == (code is not None)


def test_two_anamneses_at_a_time():
    two = {3: visit(1, 30, 32, 36)}
    assert broken(day(), two) == set()
    assert ConstraintCode.CAPACITY in broken(day(), {**two, 4: visit(2, 50, 52, 56)})
    assert broken(day(), {**two, 4: visit(3, 50, 52, 56)}) == set()


def test_a_limit_of_patients_on_each_tomograph():
    limited = day("limit(10, 1).")
    assert broken(limited, {3: visit(50, 52, 54, 58, chair=3, tomograph=2)}) == set()
    assert ConstraintCode.CAPACITY in broken(limited, {3: visit(50, 52, 54, 58)})
    assert ConstraintCode.CAPACITY in broken(limited, {3: visit(141, 143, 145, 150)})
    assert broken(day("limit(10, 2)."), {3: visit(50, 52, 54, 58)}) == set()


def test_no_phase_is_earlier_than_planned():
    late = day()
    late = with_plan(late, {1: visit(1, 3, 6, 12)})
    assert broken(late, {1: visit(1, 3, 6, 13)}, late) == set()
    assert broken(late, {1: visit(1, 3, 5, 12)}, late) == {ConstraintCode.TIME_OF_DAY}
    assert broken(late, {1: visit(1, 3, 6, 11)}, late) == {ConstraintCode.TIME_OF_DAY}


def test_an_uptake_of_no_slots_is_no_step():
    instance = day("exam(30,0,2). exam(30,1,3). exam(30,2,0). exam(30,3,4).")
    protocol = Protocol(30, (2, 3, 0, 4), needs_chair=False, limit=None)
    patient = Patient(7, protocol, current=visit(40, 42, 45, 46, chair=None))
    instance = replace(instance, patients={7: patient})
    translated = day_of(instance)

    assert [step.id for step in translated.schedule.problem.services[0].steps] == ["anamnesis", "chair", "scan"]
    assert check(translated.schedule, now=translated.now).is_clean
    assert plan_of(instance, translated.schedule, translated.now) == current_plan(instance)


# --- events


def test_events_are_longer_phases_and_emergencies():
    instance = day("new_reg(3, 9, 2, 10). exam_new(1, 0, 5). exam_new(2, 1, 3). exam_new(2, 3, 9).")
    orders = {(event.kind, event.order) for event in day_of(instance).events if isinstance(event, OrderEvent)}

    assert orders == {(OrderEventKind.AMENDED, "order-1"), (OrderEventKind.URGENT, "order-3")}
    assert [event.id for event in day_of(instance).events] == ["event-1", "event-3"]
    assert [event.id for event in day_of(instance, everybody=True).events] == ["event-1", "event-2", "event-3"]


def test_a_longer_phase_breaks_its_own_visit_alone():
    translated = day_of(day("exam_new(1, 1, 3)."))
    report = check(translated.schedule, now=translated.now)
    assert {(v.code, v.subjects[0]) for v in report.violations} == {(ConstraintCode.DURATION, "visit-1")}


@pytest.mark.parametrize(
    ("entry", "wanted", "protocol", "steps", "roles"),
    [
        (0, 50, 10, 4, {"desk", "room", "chair", "tomograph"}),
        (1, 50, 10, 3, {"room", "chair", "tomograph"}),
        (2, 50, 10, 2, {"room", "tomograph"}),
        (3, 50, 10, 1, {"room", "tomograph"}),
        (1, 50, 20, 3, {"room", "tomograph"}),
        (2, 50, 20, 2, {"room"}),
    ],
)
def test_an_emergency_takes_what_its_phases_need(entry, wanted, protocol, steps, roles):
    instance = day(f"new_reg(3, {wanted}, {entry}, {protocol}).")
    answer, result = repair(instance)

    booked = next(a for a in result.schedule.appointments if a.order == "order-3")
    assert len(booked.steps) == steps
    assert {r.role for s in booked.steps for r in s.reservations} == roles
    assert answer[3].starts[entry] == wanted
    assert cost(instance, answer) == (0, 0, 0, 0)


def test_an_emergency_that_takes_no_tomograph_still_counts_for_its_limit():
    instance = day("limit(20, 1). new_reg(3, 9, 3, 20). new_reg(4, 60, 0, 20).")
    # Patient 2 is the one of tomograph 2, so that only one of the two can be taken in.
    translated = day_of(instance)
    result = reschedule(translated.schedule, translated.events, now=translated.now, params=PARAMS)
    answer = plan_of(instance, result.schedule, translated.now)

    assert {violation.rule for violation in violations(instance, answer)} == {Rule.UNPLANNED}
    assert sorted(v.tomograph for v in answer.values() if v != answer[1]) == [1, 2]


# --- repair


def test_a_quiet_day_stays_as_it_is():
    answer, result = repair(day("exam_new(1, 3, 9)."))
    assert answer == current_plan(day())
    assert result.proposals == ()


def test_a_patient_whose_phase_takes_longer_is_moved_and_nobody_else():
    instance = day("exam_new(1, 1, 20).")
    answer, _ = repair(instance)

    assert answer[2] == current_plan(instance)[2]
    assert answer[1].starts[UPTAKE] - answer[1].starts[CHAIR] == 20
    assert answer[1].starts[SCAN] - answer[1].starts[UPTAKE] == 4


def test_a_patient_waits_no_longer_than_planned_unless_it_is_allowed():
    instance = day("exam_new(1, 1, 3).")
    chain = day_of(instance).schedule.problem.services[0]
    assert [step.gap.max_min for step in chain.steps] == [None, 0, 0, 0]
    loose = day_of(instance, extra_wait=6).schedule.problem.services[0]
    assert [step.gap.max_min for step in loose.steps] == [None, 30, 30, 30]
    free = day_of(instance, extra_wait=None).schedule.problem.services[0]
    assert [step.gap.max_min for step in free.steps] == [None] * 4


def test_everybody_may_be_moved_for_an_emergency():
    # The emergency wants the only tomograph while patient 2 is in it.
    instance = from_facts(
        parse_facts(
            """
            chair(1, 1). tomograph(1, 1). required_chair(10).
            exam(10,0,2). exam(10,1,2). exam(10,2,4). exam(10,3,6).
            x(1,"d",1,10,0). x(1,"d",3,10,1). x(1,"d",5,10,2). x(1,"d",9,10,3).
            chair(1,1,"d",3). chair(1,1,"d",8). tomograph(1,1,"d",9). tomograph(1,1,"d",14).
            new_reg(3, 10, 3, 10).
            """
        ),
        "tiny",
    )
    alone, _ = repair(instance)
    together, _ = repair(instance, everybody=True)

    assert cost(instance, alone) == (5, 0, 0, 0)
    assert cost(instance, together) == (0, 7, 0, 0)


# --- both judges on many days

PROTOCOLS = (
    Protocol(10, (2, 2, 4, 3), needs_chair=True, limit=None),
    Protocol(11, (1, 2, 1, 2), needs_chair=True, limit=1),
    Protocol(20, (1, 3, 1, 4), needs_chair=False, limit=None),
    Protocol(21, (2, 2, 0, 2), needs_chair=False, limit=2),
)
CHAIRS, TOMOGRAPHS = {1: 1, 2: 1, 3: 2}, {1: 1, 2: 2}


@st.composite
def days(draw: st.DrawFn) -> tuple[Instance, Instance]:
    """A day, and the same with another plan."""

    def drawn(protocol: Protocol) -> Visit:
        starts = [draw(st.integers(1, 12))]
        for phase in range(SCAN):
            wait = draw(st.sampled_from([0, 0, 0, 1, 4, -1]))
            starts.append(starts[-1] + max(1, protocol.lengths[phase] + wait))
        if not protocol.lengths[UPTAKE]:
            starts[UPTAKE] = starts[CHAIR] + protocol.lengths[CHAIR]
            starts[SCAN] = max(starts[UPTAKE:])
        chair = draw(st.sampled_from(sorted(CHAIRS))) if protocol.needs_chair else None
        return visit(*starts, tomograph=draw(st.sampled_from(sorted(TOMOGRAPHS))), chair=chair)

    protocols = draw(st.lists(st.sampled_from(PROTOCOLS), min_size=1, max_size=5))
    before = {key: Patient(key, protocol, current=drawn(protocol)) for key, protocol in enumerate(protocols)}
    instance = Instance("drawn", CHAIRS, TOMOGRAPHS, before)
    is_other = draw(st.booleans())
    return instance, with_plan(instance, {key: drawn(p.protocol) for key, p in before.items()} if is_other else {})


@given(days())
@settings(max_examples=200, deadline=None)
def test_both_judges_agree(drawn):
    before, after = drawn
    plan = current_plan(after)

    assert bool(broken(after, {}, before)) == bool(violations(before, plan))


# --- public data


@pytest.mark.public_instances(SOURCE)
def test_every_real_day_is_translated_and_comes_back():
    for path in sorted(SOURCE.path.rglob("*.lp")):
        instance = read_instance(path)
        translated = day_of(instance)
        report = check(translated.schedule, now=translated.now)
        late = {
            key for key, p in instance.patients.items() if any(p.length(f) > p.protocol.lengths[f] for f in range(SCAN))
        }

        assert plan_of(instance, translated.schedule, translated.now) == current_plan(instance), path
        assert {violation.subjects[0] for violation in report.violations} == {f"visit-{key}" for key in late}, path


@pytest.mark.public_instances(SOURCE)
@pytest.mark.parametrize(
    "name",
    ["low/input_0_2", "low/input_2_2", "medium/input_0_2", "medium/input_2_2", "medium/input_3_3", "high/input_0_2"],
)
def test_a_real_day_is_repaired(name):
    instance = read_instance(SOURCE.path / f"{name}.lp")

    answer, _ = repair(instance)

    assert set(answer) == set(instance.patients)


@pytest.mark.public_instances(SOURCE)
@pytest.mark.parametrize("name", ["low/input_2_2", "medium/input_3_3"])
def test_a_real_day_on_which_everybody_may_be_moved_delays_no_emergency(name):
    instance = read_instance(SOURCE.path / f"{name}.lp")

    answer, _ = repair(instance, everybody=True)

    assert cost(instance, answer).emergency_delay == 0
