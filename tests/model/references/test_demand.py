from __future__ import annotations

import pytest

from tests.factories import equipment, order, patient, practitioner, role, room, service, session, step
from tests.model.references.expect import broken, faults_in, legal


def world(*roles, resources=(), orders=(), **fields):
    """One service whose one step has these roles, and an order for it."""
    one_step = step("visit", roles=roles, **fields)
    return {
        "services": [service("visit", one_step)],
        "resources": [practitioner(), *resources],
        "orders": orders or [order()],
    }


SCANNER = role("scanner", "equipment", capabilities=("mri",))
PLACE = "services[0].steps[0].roles[0]"
WHY = "because of order 'ord-1' for service 'visit'"


def test_a_role_nobody_can_fill():
    legal(**world(SCANNER, resources=[equipment(capabilities=("mri", "ct"))]))
    says = "found 0 of kind equipment with mri for role 'scanner', expected 1 or more"
    broken(PLACE, says, WHY, **world(SCANNER, resources=[equipment(capabilities=("ct",))]))


@pytest.mark.parametrize("status", ["draft", "on-hold", "revoked", "completed", "entered-in-error"])
def test_only_active_orders_need_somebody(status):
    legal(**world(SCANNER, orders=[order(status=status)]))


def test_a_service_that_nobody_ordered_may_stay_empty():
    fields = world(role("doctor"))
    legal(**{**fields, "services": [*fields["services"], service("scan", step(roles=[SCANNER]))]})


def test_orders_are_counted():
    many = [order(f"o{i}") for i in range(5)]
    broken(PLACE, "because of orders 'o0', 'o1', 'o2' and 2 more", **world(SCANNER, orders=many))


def test_a_role_that_too_few_can_fill():
    two = role("doctors", count=2)
    legal(**world(two, resources=[practitioner("dr-b")]))
    broken(PLACE, "found 1 of kind practitioner", "expected 2", **world(two))


def test_capabilities_may_be_held_by_privilege():
    able = practitioner("dr-b", privileges=[{"capability": "echo", "valid_until": "2020-01-01"}])
    legal(**world(role("doctor", capabilities=("echo",)), resources=[able]))


def test_supervision():
    supervisor = role("doctor", use="presence", capabilities=("s",))
    legal(**world(supervisor, resources=[practitioner("dr-b", capabilities=("s",))]))
    broken(
        PLACE,
        "may supervise",
        **world(supervisor, resources=[practitioner("dr-b", capabilities=("s",), presence_limit=0)]),
    )


@pytest.mark.parametrize("fields", [{"lanes": 3}, {"lanes": 2, "overflow_lanes": 1}])
def test_units_are_lanes_of_one_resource(fields):
    chairs = role("chairs", "room", units=3)
    legal(**world(chairs, resources=[room(**fields)]))
    broken(PLACE, "and 3 lanes", **world(chairs, resources=[room(lanes=2), room("room-2", lanes=2)]))


def test_units_may_need_overbooking():
    chairs = world(role("chairs", "room", units=3), resources=[room(lanes=2)])
    legal(**chairs, sessions=[session("s", "room-1", overbooking_lanes=1)])
    broken(PLACE, **chairs, sessions=[session("s", "room-1")])


def test_a_modality_without_the_role_will_do():
    in_person = role("room", "room", modalities=("in-person",))
    legal(**world(in_person, modalities=("in-person", "video")))
    broken(PLACE, **world(in_person))


def test_a_resource_that_does_not_exist_is_one_fault():
    broken(f"{PLACE}.any_of[0]", "found 'scanner-2'", **world(role("scanner", "equipment", any_of=("scanner-2",))))


def test_named_resources_must_be_able():
    named = role("doctor", capabilities=("echo",), any_of=("dr-a",))
    broken(PLACE, "with echo among 'dr-a'", **world(named))


def test_held_roles():
    held = {"role": role("chair", "room"), "first": "a", "last": "b"}
    fields = {"services": [service("visit", step("a"), step("b"), held=[held])]}
    legal(**fields, resources=[practitioner(), room()])
    broken("services[0].held[0].role", "of kind room", WHY, **fields)


def test_held_roles_of_a_modality():
    def world_of(modalities, of_role):
        held = {"role": role("chair", "room", modalities=of_role), "first": "a", "last": "b"}
        return {"services": [service("visit", step("a", modalities=modalities), step("b"), held=[held])]}

    legal(**world_of(["in-person", "video"], ["in-person"]))
    broken("services[0].held[0].role", "of kind room", **world_of(["in-person"], ["in-person", "video"]))


# Needs


def with_need(rule, **fields):
    rules = [{"need": "hoist", "roles": [role("hoist", "equipment")], **rule}]
    return {"needs": rules, "patients": [patient(needs=["hoist"])], **fields}


def test_roles_that_needs_add():
    legal(**with_need({}), resources=[practitioner(), equipment()])
    broken("needs[0].roles[0]", "of kind equipment", "order 'ord-1', whose patients need 'hoist'", **with_need({}))
    legal(**with_need({}) | {"patients": [patient(needs=["isolation"])]})
    legal(**with_need({}), orders=[order(status="completed")])


def test_roles_that_needs_add_only_to_others():
    scan = service("scan", step(roles=[]))
    legal(**with_need({"services": ["scan"]}), services=[service(), scan])
    legal(**with_need({"modalities": ["video"]}))
    legal(**with_need({}), services=[service("visit", step(is_patient_present=False))])
    either = [service("visit", step(modalities=["in-person", "video"]))]
    legal(**with_need({"modalities": ["in-person"]}), services=either)
    broken("needs[0].roles[0]", **with_need({}), services=either)


# Required practitioners


def test_a_required_practitioner_who_can_do_nothing():
    able = practitioner("dr-b", capabilities=("echo",))
    echo = role("doctor", capabilities=("echo",))
    legal(**world(echo, resources=[able], orders=[order(required_practitioner="dr-b")]))
    broken(
        "orders[0].required_practitioner",
        "found 'dr-a', expected a practitioner who can fill a role of service 'visit'. Maybe 'dr-b'.",
        **world(echo, resources=[able], orders=[order(required_practitioner="dr-a")]),
    )
    legal(**world(echo, resources=[able], orders=[order(required_practitioner="dr-a", status="completed")]))
    twice = [order(id, required_practitioner="dr-a") for id in ("a", "b")]
    faults = faults_in(**world(echo, resources=[able], orders=twice))
    assert [fault.place for fault in faults] == [f"orders[{i}].required_practitioner" for i in (0, 1)]


def test_a_required_practitioner_nobody_could_be():
    broken(
        "orders[0].required_practitioner",
        "who can fill a role of service 'visit'.",
        **world(role("room", "room"), resources=[room()], orders=[order(required_practitioner="dr-a")]),
    )


def test_a_required_practitioner_is_one():
    wrong = order(required_practitioner="room-1")
    broken("orders[0].required_practitioner", "which is a room", **world(role("d"), resources=[room()], orders=[wrong]))


def test_orders_without_a_need_are_left_out():
    """Beside orders whose patient does not exist, which is another fault."""
    faults = faults_in(**with_need({}), orders=[order(patient="pat-9"), order("ord-2")])
    assert [fault.place for fault in faults] == ["orders[0].patient", "needs[0].roles[0]"]
    assert "because of order 'ord-2'" in faults[1].message


def test_needs_of_other_patients_do_not_count():
    two = [patient(), patient("pat-2", needs=["other"])]
    legal(**with_need({}) | {"patients": two}, orders=[order(), order("ord-2", patient="pat-2")])


def test_a_required_practitioner_may_be_one_whom_a_need_adds():
    interpreter = practitioner("int-fr", capabilities=("fr",))
    echo = world(
        role("doctor", any_of=("dr-a",)), resources=[interpreter], orders=[order(required_practitioner="int-fr")]
    )
    broken("orders[0].required_practitioner", **echo)
    legal(**echo, needs=[{"need": "fr", "roles": [role("interpreter", capabilities=("fr",))]}])
