from __future__ import annotations

from datetime import date

import pytest

from engine.model.requirement import capabilities_on, could_fill, duration_min, required_steps, roles_in
from engine.model.service import Modality
from tests.factories import equipment, order, patient, practitioner, problem, role, room, service, step

VISIT = service()


def minutes(steps):
    return [s.duration.minutes for s in steps]


def ids(steps):
    return [[r.id for r in s.roles] for s in steps]


# Durations


def test_the_default_duration():
    assert duration_min(step(minutes=20), (), []) == 20
    assert duration_min(step(minutes=20), ["unknown"], [practitioner()]) == 20


def test_durations_of_those_who_do_it():
    by = step(duration={"minutes": 20, "by_practitioner": {"dr-a": 15, "dr-b": 30}, "by_equipment": {"scanner": 25}})
    assert duration_min(by, (), [practitioner()]) == 15
    assert duration_min(by, (), [practitioner(), equipment()]) == 25
    assert duration_min(by, (), [practitioner(), practitioner("dr-b"), equipment()]) == 30
    assert duration_min(by, (), [practitioner("dr-c")]) == 20


def test_modifiers_add_up():
    by = step(duration={"minutes": 20, "by_practitioner": {"dr-a": 15}, "by_modifier": {"new": 20, "return": -30}})
    assert duration_min(by, ["new"], []) == 40
    assert duration_min(by, ["new"], [practitioner()]) == 35
    assert duration_min(by, ["new", "return"], []) == 10
    assert duration_min(by, ["return"], []) == 1


def test_a_stay_has_no_minutes():
    with pytest.raises(ValueError, match="'ward' is a stay of 2 nights"):
        duration_min(step("ward", nights=2), (), [])


# Series


def test_an_occurrence_has_its_own_duration():
    three = service("visit", step("a", 10), step("b", 30), step("c", 30))
    series = order(series=[{"offset_days": 0}, {"offset_days": 7, "duration_min": 5}])
    world = problem(services=[three], orders=[series])
    assert required_steps(world, three, None, series, 0) == three.steps
    changed = required_steps(world, three, None, series, 1)
    assert minutes(changed) == [10, 5, 30]
    assert required_steps(world, three, None, series, 2) == three.steps  # an occurrence there is not
    assert required_steps(world, three, None, None) == three.steps


def test_an_own_duration_replaces_every_other():
    by = step(duration={"minutes": 20, "by_practitioner": {"dr-a": 15}, "by_modifier": {"new": 5}})
    series = order(series=[{"offset_days": 0, "duration_min": 45}])
    [changed] = required_steps(problem(), service("visit", by), None, series)
    assert duration_min(changed, ["new"], [practitioner()]) == 45


def test_an_own_duration_of_a_stay_changes_nothing():
    stay = service("visit", step("stay", nights=2))
    series = order(series=[{"offset_days": 0, "duration_min": 45}])
    assert required_steps(problem(), stay, None, series) == stay.steps


# Needs


def with_rules(*rules):
    return problem(needs=rules, resources=[practitioner(), room(), equipment()])


HOIST = {"need": "hoist", "adds_min": 10, "roles": [role("hoist", "equipment")]}


def test_a_need_adds_minutes_and_roles():
    world = with_rules(HOIST)
    [changed] = required_steps(world, VISIT, patient(needs=["hoist"]), None)
    assert minutes([changed]) == [30]
    assert ids([changed]) == [["doctor", "hoist"]]
    assert required_steps(world, VISIT, patient(needs=["isolation"]), None) == VISIT.steps
    assert required_steps(world, VISIT, None, None) == VISIT.steps


def test_a_need_adds_its_minutes_whoever_does_it():
    by = step(duration={"minutes": 20, "by_practitioner": {"dr-a": 15}, "by_equipment": {"scanner": 25}})
    [changed] = required_steps(with_rules(HOIST), service("visit", by), patient(needs=["hoist"]), None)
    assert duration_min(changed, (), [practitioner()]) == 25
    assert duration_min(changed, (), [equipment()]) == 35


def test_needs_add_up():
    world = with_rules(HOIST, {"need": "isolation", "adds_min": 5, "roles": [role("cleaner")]})
    [changed] = required_steps(world, VISIT, patient(needs=["isolation", "hoist"]), None)
    assert minutes([changed]) == [35]
    assert ids([changed]) == [["doctor", "hoist", "cleaner"]]


def test_a_need_and_an_own_duration_of_a_series_add_up():
    series = order(series=[{"offset_days": 0, "duration_min": 45}])
    [changed] = required_steps(with_rules(HOIST), VISIT, patient(needs=["hoist"]), series)
    assert minutes([changed]) == [55]


def test_a_need_applies_to_its_services_and_to_steps_with_the_patient():
    two = service("visit", step("a"), step("report", is_patient_present=False))
    world = with_rules({**HOIST, "services": ["visit"]})
    needy = patient(needs=["hoist"])
    assert ids(required_steps(world, two, needy, None)) == [["doctor", "hoist"], ["doctor"]]
    assert required_steps(world, service("scan"), needy, None) == service("scan").steps


def test_a_need_in_a_stay_adds_roles():
    [changed] = required_steps(with_rules(HOIST), service("visit", step(nights=1)), patient(needs=["hoist"]), None)
    assert (changed.nights, changed.duration, ids([changed])) == (1, None, [["doctor", "hoist"]])


@pytest.mark.parametrize(
    ("of_rule", "of_role", "needed_in"),
    [
        (None, None, {"in-person", "video"}),
        (["video"], None, {"video"}),
        (None, ["video"], {"video"}),
        (["in-person", "video"], ["video", "telephone"], {"video"}),
        (["in-person"], ["video"], set()),
    ],
)
def test_a_role_of_a_need_is_needed_in_the_modalities_of_both(of_rule, of_role, needed_in):
    rule = {"need": "fr", "roles": [role("interpreter", modalities=of_role)]}
    world = with_rules({**rule, "modalities": of_rule} if of_rule else rule)
    both = service("visit", step(modalities=["in-person", "video"]))
    [changed] = required_steps(world, both, patient(needs=["fr"]), None)
    found = {m.value for m in changed.modalities if any(r.id == "interpreter" for r in roles_in(changed, m))}
    assert found == needed_in


def test_a_need_of_another_modality_changes_nothing():
    world = with_rules({**HOIST, "modalities": ["video"]})
    assert required_steps(world, VISIT, patient(needs=["hoist"]), None) == VISIT.steps


def test_roles_of_a_modality():
    both = step(roles=[role("doctor"), role("room", "room", modalities=["in-person"])])
    assert [r.id for r in roles_in(both, Modality.IN_PERSON)] == ["doctor", "room"]
    assert [r.id for r in roles_in(both, Modality.VIDEO)] == ["doctor"]


# Who could


@pytest.mark.parametrize(
    ("fields", "is_able"),
    [
        ({}, True),
        ({"kind": "room"}, False),
        ({"capabilities": ("a",)}, True),
        ({"capabilities": ("a", "p")}, True),
        ({"capabilities": ("a", "b")}, False),
        ({"any_of": ("dr-a", "dr-b")}, True),
        ({"any_of": ("dr-b",)}, False),
        ({"use": "presence"}, True),
    ],
)
def test_who_could_fill_a_role(fields, is_able):
    doctor = practitioner(capabilities=("a",), privileges=[{"capability": "p", "valid_until": "2020-01-01"}])
    assert could_fill(doctor, role("r", **fields)) is is_able


def test_who_may_not_supervise():
    assert not could_fill(practitioner(presence_limit=0), role("r", use="presence"))
    assert could_fill(practitioner(presence_limit=0), role("r"))


def test_rooms_have_no_privileges():
    assert not could_fill(room(capabilities=("a",)), role("r", "room", capabilities=("b",)))
    assert capabilities_on(room(capabilities=("a",)), date(2026, 3, 2)) == {"a"}


@pytest.mark.parametrize(
    ("day", "held"),
    [
        ("2026-03-01", {"a"}),
        ("2026-03-02", {"a", "p", "q"}),
        ("2026-03-03", {"a", "p", "q"}),
        ("2026-03-04", {"a", "q"}),
    ],
)
def test_privileges_are_held_from_their_first_to_before_their_last_date(day, held):
    doctor = practitioner(
        capabilities=("a",),
        privileges=[
            {"capability": "p", "valid_from": "2026-03-02", "valid_until": "2026-03-04"},
            {"capability": "q", "valid_from": "2026-03-02"},
        ],
    )
    assert capabilities_on(doctor, date.fromisoformat(day)) == held
