from __future__ import annotations

from tests.factories import practitioner, role, room, service, step
from tests.model.references.expect import broken, legal

SERVICES = [service(), service("scan")]


def rule(*roles, **fields):
    return {"need": "hoist", "roles": roles, **fields}


def world(*rules, services=SERVICES):
    return {"needs": rules, "services": services, "resources": [practitioner(), room()]}


HELPER = role("helper")


def test_a_rule_names_services_and_a_need():
    legal(**world(rule(HELPER, services=["visit", "scan"])))
    broken("needs[0].services[1]", "found 'scn'", "'scan'", **world(rule(HELPER, services=["visit", "scn"])))
    broken("needs[0].services[1]", "again", **world(rule(HELPER, services=["visit", "visit"])))
    broken("needs[0].need", "blank", **world(rule(HELPER, need="")))
    broken("needs[0].modalities[1]", "again", **world(rule(HELPER, modalities=["video", "video"])))


def test_its_roles_are_roles():
    broken("needs[0].roles[0].id", "stands for the patient", **world(rule(role("patient"))))
    broken("needs[0].roles[0].any_of[0]", "found 'dr-x'", **world(rule(role("helper", any_of=("dr-x",)))))
    broken("needs[0].roles[1].id", "roles[0] has already", **world(rule(HELPER, HELPER)))


def test_its_windows_have_time_in_every_step_they_are_added_to():
    services = [service(), service("short", step("visit", 5))]
    late = role("helper", start="start+5")
    broken("needs[0].roles[0].until", "in 5 min", **world(rule(late), services=services))
    legal(**world(rule(late, services=["visit"]), services=services))
    legal(**world(rule(late), services=[service(), service("short", step("visit", 5, is_patient_present=False))]))


def test_its_roles_do_not_clash_with_those_of_the_step():
    doctor = rule(role("doctor"))
    broken("needs[0].roles[0].id", "step 'visit' of service", **world(doctor))
    legal(**world(doctor, services=[service("visit", step(is_patient_present=False))]))
    legal(**world(rule(role("doctor"), modalities=["video"])))
    steps = step("a", roles=[]), step("b", roles=[])
    held = {"role": role("helper", "room"), "first": "a", "last": "b"}
    broken(
        "needs[0].roles[0].id",
        "holds from step 'a'",
        **world(rule(HELPER), services=[service("visit", *steps, held=[held])]),
    )


def test_its_roles_do_not_clash_with_those_of_other_needs():
    broken("needs[1].roles[0].id", "which need 'hoist' adds", **world(rule(HELPER), rule(HELPER, need="isolation")))
    legal(**world(rule(HELPER), rule(role("cleaner"), need="isolation")))
    legal(**world(rule(HELPER, services=["visit"]), rule(HELPER, need="isolation", services=["scan"])))
    broken("needs[1].roles[0].id", **world(rule(HELPER, services=["visit"]), rule(HELPER, services=["visit"])))
