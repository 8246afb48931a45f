"""Readers, judges and baselines on the public instances, where they are on this machine.

The expected costs were got by running the published encodings and a CP-SAT model; they are not published numbers.
"""

from __future__ import annotations

import sys

import pytest

from benchmarks.adapters import nuclear_medicine as nuclear
from benchmarks.adapters import nuclear_medicine_rules as nuclear_rules
from benchmarks.adapters import operating_room as rooms
from benchmarks.adapters import read_facts
from benchmarks.baselines import nuclear_medicine as nuclear_baseline
from benchmarks.baselines import operating_room as rooms_baseline

SOURCES = (nuclear.SOURCE, rooms.SOURCE)
needs_nuclear = pytest.mark.public_instances(nuclear.SOURCE)
needs_rooms = pytest.mark.public_instances(rooms.SOURCE)

NUCLEAR_COSTS = {
    "low/input_0_1": (0, 0, 0, 0),
    "low/input_0_2": (0, 34, 5, 1),
    "low/input_0_3": (0, 12, 11, 0),
    "low/input_1_0": (0, 0, 0, 0),
    "low/input_1_1": (0, 11, 0, 0),
    "low/input_2_0": (0, 0, 0, 0),
    "low/input_3_0": (0, 14, 0, 0),
    "low/input_3_3": (0, 24, 4, 1),
    "medium/input_0_2": (0, 32, 6, 0),
    "medium/input_1_1": (0, 0, 0, 0),
    "medium/input_2_0": (0, 3, 0, 0),
    "medium/input_3_0": (0, 0, 0, 0),
}
ROOMS_COSTS = {
    "Bordighera/input0": (0, 14, 14, 13),
    "Bordighera/input1": (0, 14, 28, 13),
    "Bordighera/input4": (0, 14, 28, 13),
    "Sanremo/input0": (0, 16, 19, 49),
    "Sanremo/input2": (0, 16, 19, 47),
    "Sanremo/input3": (0, 16, 19, 45),
    "Sanremo/input8": (0, 16, 19, 53),
}


def test_absent_public_instances_are_reported(capfd):
    """Passes either way; where data is absent it says on standard error what was not run and where the data is."""
    for source in SOURCES:
        if not source.is_present:
            with capfd.disabled():
                sys.stderr.write(f"\n{source.absence(f'the tests on public instances of the {source.title}')}\n")


@needs_rooms
def test_every_operating_room_file_is_read():
    paths = sorted(rooms.SOURCE.path.rglob("*.lp"))
    assert paths
    for path in paths:
        instance = rooms.read_instance(path)
        constants = read_facts(path).constants
        count = [sum(case.priority == priority for case in instance.cases.values()) for priority in rooms.PRIORITIES]
        # The file states how many cases of each priority it holds.
        assert count == [constants[f"totRegsP{priority}"] for priority in rooms.PRIORITIES], path
        # Nothing is assigned: only the cases of priority 1 (and those that are given) break a rule.
        broken = {violation.rule for violation in rooms.violations(instance, {})}
        assert broken <= {rooms.Rule.PRIORITY_ONE, rooms.Rule.GIVEN}, path


@needs_rooms
@pytest.mark.parametrize("respect_specialty", [False, True])
@pytest.mark.parametrize("name", ROOMS_COSTS)
def test_the_least_number_of_unassigned_cases(name, respect_specialty):
    instance = rooms.read_instance(rooms.SOURCE.path / "OPT1" / f"{name}.lp")

    answer = rooms_baseline.solve(instance, limit_s=60, respect_specialty=respect_specialty)

    assert answer.assignment is not None
    assert answer.is_optimal
    assert rooms.violations(instance, answer.assignment, respect_specialty=respect_specialty) == []
    assert rooms.cost(instance, answer.assignment) == ROOMS_COSTS[name]


@needs_nuclear
def test_every_nuclear_medicine_file_is_read_and_was_legal_before_it_was_disturbed():
    paths = sorted(nuclear.SOURCE.path.rglob("*.lp"))
    assert paths
    for path in paths:
        instance = nuclear.read_instance(path)
        plan = nuclear.current_plan(instance)
        broken = {violation.rule for violation in nuclear_rules.violations(instance, plan)}
        # Emergencies have no visit yet, and longer phases push the next one; nothing else is wrong.
        assert broken <= {nuclear_rules.Rule.UNPLANNED, nuclear_rules.Rule.ORDER}, path
        assert nuclear_rules.cost(instance, plan) == (0, 0, 0, 0), path


@needs_nuclear
def test_spans_are_the_slots_that_the_file_lists():
    for path in sorted(nuclear.SOURCE.path.rglob("*.lp")):
        facts, instance = read_facts(path), nuclear.read_instance(path)
        for key, visit in nuclear.current_plan(instance).items():
            patient = instance.patients[key]
            for kind, span in (("chair", patient.chair_span(visit)), ("tomograph", patient.tomograph_span(visit))):
                listed = [fact.integer(3) for fact in facts.named(kind, 4) if fact.integer(1) == key]
                assert sorted(listed) == list(span), (path, key, kind)


@needs_nuclear
@pytest.mark.parametrize("name", NUCLEAR_COSTS)
def test_the_least_cost_of_a_disturbed_day(name):
    instance = nuclear.read_instance(nuclear.SOURCE.path / f"{name}.lp")

    answer = nuclear_baseline.solve(instance, limit_s=60)

    assert answer.plan is not None
    assert answer.proven_stages == 4
    assert nuclear_rules.violations(instance, answer.plan) == []
    assert nuclear_rules.cost(instance, answer.plan) == NUCLEAR_COSTS[name]
