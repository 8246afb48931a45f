from __future__ import annotations

from engine.model.planning import Demand
from engine.model.problem import Problem
from engine.model.references import problem_faults
from tests.factories import order, patient, problem, service, session, site, step
from tests.model.references.expect import faults_in, legal


def unchecked(**fields):
    """The home world as the scenario loader makes it: without validation."""
    world = problem()
    return Problem.model_construct(**{name: fields.get(name, getattr(world, name)) for name in Problem.model_fields})


def test_an_empty_clinic_is_valid():
    nothing = problem().changed(sites=(), resources=(), services=(), patients=(), orders=())
    assert problem_faults(nothing) == []


def test_a_problem_that_was_not_validated():
    assert problem_faults(unchecked()) == []
    [fault] = problem_faults(unchecked(patients=()))
    assert str(fault) == "orders[0].patient: found 'pat-1', expected the id of a patient."


def test_what_could_not_be_read_still_exists():
    named = (order(required_practitioner="dr-a", required_site="main"),)
    kinds = {"patients": "patient", "services": "service", "resources": "resource", "sites": "site"}
    for name, kind in kinds.items():
        ids = frozenset(item.id for item in getattr(problem(), name))
        assert problem_faults(unchecked(**{name: (), "orders": named})) != []
        assert problem_faults(unchecked(**{name: (), "orders": named}), {kind: ids}) == []


def test_other_kinds_that_could_not_be_read():
    brief = {"periods": [{"id": "am", "days": ["mon"], "period": {"from": "08:00", "to": "12:00"}}]}
    world = problem(planning=brief, orders=(order(), order("ord-2")))
    tie = {"id": "t", "kind": "same-day", "orders": ["ord-1", "ord-2"]}
    assert world.planning is not None
    planning = world.planning.model_copy(update={"today": "now", "demand": (Demand(activity="clinic", sessions=1),)})
    fresh = unchecked(planning=planning, ties=world.changed(ties=[tie]).ties)
    assert [fault.place for fault in problem_faults(fresh)] == [
        "planning.demand[0].activity",
        "planning.today",
        "ties[0].orders[1]",
    ]
    known = {"order": frozenset({"ord-2"}), "template": frozenset({"now"}), "activity": frozenset({"clinic"})}
    assert problem_faults(fresh, known) == []


def test_all_faults_are_told_in_the_order_of_the_parts():
    faults = faults_in(
        tick_min=7,
        policy={"start_grid_min": 7},
        sites=(site(), site()),
        services=[service("visit", step(gap={"min_min": 1}))],
        sessions=[session("s", "dr-x")],
        patients=(patient(known_to=["dr-y"]),),
        orders=(order(patient="pat-2"), order("ord-2", prerequisites=[{"order": "ord-2"}])),
    )
    assert [fault.place for fault in faults] == [
        "sites[1].id",
        "tick_min",
        "services[0].steps[0].gap",
        "sessions[0].owner",
        "patients[0].known_to[0]",
        "orders[0].patient",
        "orders[1].prerequisites[0].order",
    ]


def test_hints_are_for_what_looks_alike():
    [fault] = faults_in(orders=(order(service="vissit"),))
    assert fault.message.endswith("Maybe you meant 'visit'.")
    [fault] = faults_in(orders=(order(service="xyz"),))
    assert "Maybe" not in fault.message


def test_thousands_of_faults_are_told_with_few_hints():
    patients = [patient(f"pat-{i:05d}") for i in range(2_000)]
    faults = faults_in(patients=patients, orders=[order(f"o{i}", patient=f"pat-{i:04d}") for i in range(2_000)])
    assert len(faults) == 2_000
    assert 0 < sum("Maybe" in fault.message for fault in faults) <= 100


def test_large_problems_are_valid():
    legal(
        patients=[patient(f"p{i}") for i in range(1_000)],
        orders=[order(f"o{i}", patient=f"p{i}") for i in range(1_000)],
    )
