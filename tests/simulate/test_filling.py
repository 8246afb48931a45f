"""Orders of a week, and the visits booked before: as many as asked for, to whom they may be given, all legal."""

from collections import Counter

import pytest

from engine.check import check
from engine.model.order import Condition, Occurrence, OrderStatus, Priority, Separation
from engine.model.schedule import Schedule
from engine.model.service import Eligibility
from engine.simulate.demand import Demand, Item, Mix
from engine.simulate.dice import Dice
from engine.simulate.filling import Rates, fill
from engine.simulate.people import Population, draw_people
from tests.factories import MONDAY, practitioner, problem, role, service, step

POPULATION = Population(prefix="pat", telephone="+1 555 01## ####", languages=(("en", None, 1.0),))
PRIORITIES = ((Priority.STAT, 1.0), (Priority.URGENT, 24.0), (Priority.ROUTINE, 75.0))


def clinic():
    doctors = tuple(
        practitioner(i, capabilities=("sees",), accepts_new=i != "dr-c", use="when-open")
        for i in ("dr-a", "dr-b", "dr-c")
    )
    sees = (role("doctor", capabilities=("sees",)),)
    services = (
        service("visit", step(roles=sees)),
        service("first", step(roles=sees)),
        service("second", step(roles=sees)),
        service("grown-up", step(roles=sees), eligibility=Eligibility(min_age=18, sexes=("female",))),
        service("group", step(minutes=60, roles=sees), group_size=6),
    )
    return problem(doctors, services, days=28, patients=(), orders=())


def filled(*items, booked=(1.0, 0.5, 0.5, 0.5), weekly=100):
    world = clinic()
    dice = Dice(3)
    people = draw_people(dice, POPULATION, 200, MONDAY)
    mix = Mix(items, PRIORITIES, due_days={Priority.STAT: 0}, deadline_days={Priority.STAT: 0})
    made = fill(Demand(world, mix, people, dice, now=world.horizon.start), Rates(booked=booked), weekly)
    schedule = Schedule.of(made.problem, made.appointments, groups=made.groups)
    assert check(schedule, now=world.horizon.start).violations == ()
    return made


def waiting(made):
    booked = {a.order for a in made.appointments}
    return [o for o in made.problem.orders if o.id not in booked]


def test_a_week_has_exactly_its_orders_in_exactly_its_priorities():
    orders = waiting(filled(Item("visit", 30), Item("first", 10)))
    assert Counter(o.service for o in orders) == {"visit": 75, "first": 25}
    assert Counter(o.priority for o in orders) == {Priority.STAT: 1, Priority.URGENT: 24, Priority.ROUTINE: 75}
    assert all((o.due is not None) == (o.priority is Priority.STAT) for o in orders)
    assert all((o.deadline is not None) == (o.priority is Priority.STAT) for o in orders)


def test_what_is_routine_is_never_urgent():
    orders = waiting(filled(Item("visit", 10), Item("first", 30, is_routine=True)))
    assert {o.priority for o in orders if o.service == "first"} == {Priority.ROUTINE}


def test_own_priorities_win():
    orders = waiting(filled(Item("visit", 10, priorities=((Priority.ASAP, 1.0),))))
    assert {o.priority for o in orders} == {Priority.ASAP}


def test_calendars_are_booked_less_and_less():
    made = filled(Item("visit", 100), booked=(0.9, 0.6, 0.3, 0.1))
    weeks = Counter((a.start.date() - MONDAY).days // 7 for a in made.appointments)
    assert [weeks[n] for n in range(4)] == pytest.approx([90, 60, 30, 10], abs=2)


def test_what_was_cancelled_again_has_an_order_that_was_withdrawn():
    made = filled(Item("visit", 100))
    orders = made.problem.order_by_id
    cancelled = [a for a in made.appointments if a.status == "cancelled"]
    assert cancelled
    assert {orders[a.order].status for a in cancelled} == {OrderStatus.REVOKED}


def test_new_patients_know_nobody_and_others_know_whom_they_see():
    made = filled(Item("visit", 100, physicians="sees", new_share=0.4, named_share=0.3, wished_share=1.0))
    patients = made.problem.patient_by_id
    for order in waiting(made):
        named = order.required_practitioner or order.preferred_practitioner
        assert ("new" in order.modifiers) == (named is None)
        assert named is None or named in patients[order.patient].known_to
    visits = [a for a in made.appointments if a.status == "booked"]
    assert any(a.promise.practitioner for a in visits)


def test_services_are_given_to_those_who_may_have_them():
    made = filled(Item("grown-up", 50))
    patients = made.problem.patient_by_id
    assert {patients[o.patient].sex.value for o in made.problem.orders} == {"female"}
    assert all(patients[o.patient].birth_date.year <= 2008 for o in made.problem.orders)


def test_an_order_comes_after_another_of_the_same_patient():
    made = filled(Item("first", 50), Item("second", 20, after="first", after_share=1.0, after_min=60))
    orders = made.problem.order_by_id
    after = [o for o in made.problem.orders if o.prerequisites]
    assert after
    firsts = [o.prerequisites[0].order for o in after]
    assert len(set(firsts)) == len(firsts)
    assert all(orders[o.prerequisites[0].order].patient == o.patient for o in after)


def test_series_are_booked_visit_by_visit():
    series = (Occurrence(offset_days=0), Occurrence(offset_days=7, after_days=1))
    made = filled(Item("visit", 20, series=series, series_share=1.0), booked=(1.0,))
    visits = Counter(a.order for a in made.appointments if a.status == "booked")
    assert set(visits.values()) == {2}


def test_groups_meet_every_second_week_with_half_of_their_seats_taken():
    made = filled(Item("visit", 10), Item("group", 4, is_routine=True))
    assert [g.id for g in made.groups] == ["group-2", "group-4"]
    seats = Counter(a.group for a in made.appointments if a.group)
    assert all(2 <= taken <= 4 for taken in seats.values())


def test_booked_orders_have_nothing_that_could_have_kept_them_from_it():
    pending = Condition(kind="authorisation")
    made = filled(
        Item("visit", 50, conditions=((pending, 1.0),), separations=(Separation(minutes=60, service="first"),))
    )
    booked = {a.order for a in made.appointments}
    assert all(not o.conditions and not o.separations for o in made.problem.orders if o.id in booked)
    assert all(o.conditions == (pending,) for o in waiting(made))


def test_recalls_have_a_target_date_and_no_due_date():
    recalled = [o for o in waiting(filled(Item("visit", 50, recall_share=1.0))) if o.target]
    assert len(recalled) == 75
    assert all(o.due is None and o.target.day.weekday() < 5 for o in recalled)
