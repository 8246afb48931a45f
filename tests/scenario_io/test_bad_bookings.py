"""Appointments, steps, reservations and groups that are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenario_io.folders import (
    APPOINTMENTS,
    ORDERS,
    RESERVATIONS,
    STEPS,
    WORLD,
    faults,
    faults_in,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_ids_that_appointments_name(tmp_path: Path):
    appointments = (
        "id,patient,service,order,group,promise\n"
        "app-1,pat-7,visit,ord-7,g,\n"
        'app-2,pat-2,vist,,,"{""start"": ""2026-03-02T08:00"", ""practitioner"": ""dr-x""}"\n'
    )
    steps = STEPS.replace("main", "mane", 1)
    reservations = RESERVATIONS.replace("dr-a", "dr-z", 1).replace("doctor", "docter", 1)
    found = faults_in(tmp_path, appointments_csv=appointments, steps_csv=steps, reservations_csv=reservations)
    assert found == [
        "appointments.csv:2: group: found 'g', expected the id of a group.",
        "appointments.csv:2: order: found 'ord-7', expected the id of an order. Maybe you meant 'ord-2'.",
        "appointments.csv:2: patient: found 'pat-7', expected the id of a patient. Maybe you meant 'pat-2'.",
        "appointments.csv:3: promise: found 'dr-x', expected the id of a resource. Maybe you meant 'dr-b'.",
        "appointments.csv:3: service: found 'vist', expected the id of a service. Maybe you meant 'visit'.",
        "reservations.csv:2: resource: found 'dr-z', expected the id of a resource. Maybe you meant 'dr-b'.",
        "reservations.csv:2: role: found 'docter', expected a role of service 'visit'. Maybe you meant 'doctor'.",
        "steps.csv:2: site: found 'mane', expected the id of a site. Maybe you meant 'main'.",
    ]


def test_steps_and_reservations_that_belong_nowhere(tmp_path: Path):
    steps = STEPS.replace("app-2", "app-3") + "app-1,scan,2026-03-02T09:00,2026-03-02T09:20,main\n"
    reservations = RESERVATIONS + "app-1,consult,doctor,dr-a,2026-03-02T08:00,2026-03-02T08:20\n"
    reservations = (
        reservations.replace("end\n", "end,nth\n").replace("08:20\n", "08:20,\n").replace("08:40\n", "08:40,\n")
    )
    reservations = reservations.removesuffix(",\n") + ",1\n"
    assert faults_in(tmp_path, steps_csv=steps, reservations_csv=reservations) == [
        "appointments.csv:3: id: found 'app-2', which has no step in steps.csv",
        "reservations.csv:3: step: found 'consult', expected a step that steps.csv has for appointment 'app-2'",
        "reservations.csv:4: step: found 'consult', number 1, expected a step that steps.csv has for appointment "
        "'app-1'",
        "steps.csv:3: appointment: found 'app-3', expected the id of an appointment in appointments.csv",
        "steps.csv:4: step: found 'scan', expected a step of service 'visit'.",
    ]


def test_cells_of_appointments_that_are_wrong(tmp_path: Path):
    appointments = (
        "id,patient,service,status,occurrence,is_pinned,times_moved,booked_at,expires_at,promise,overrides\n"
        "app-1,pat-1,visit,boked,x,yes,40000,2026-03-02,2026-03-02T08:00,{,[1]\n"
        "app-2,pat-2,visit,booked,,,,,2026-03-02T08:00,,\n"
        "app-2,pat-2,visit,,,,,,,,\n"
        ",pat-2,,,,,,,,,\n"
    )
    assert faults_in(tmp_path, appointments_csv=appointments) == [
        "appointments.csv:2: booked_at: found a date without a time, expected a date and time such as 2026-03-02T08:00",
        "appointments.csv:2: is_pinned: found 'yes', expected true or false",
        "appointments.csv:2: occurrence: found 'x', expected a whole number",
        "appointments.csv:2: overrides[0]: found 1, expected a mapping with 'at', 'by', 'reason', 'role' and 'rule'",
        "appointments.csv:2: promise: found '{', expected JSON: cannot be read as JSON (Expecting property name "
        "enclosed in double quotes at character 2)",
        "appointments.csv:2: status: found 'boked', expected proposed, pending, booked, arrived, checked-in, "
        "fulfilled, cancelled, noshow, entered-in-error or waitlist. Maybe you meant 'booked'.",
        "appointments.csv:2: times_moved: found '40000', expected 0 to 9,999",
        "appointments.csv:3: expires_at: has an expiry, which only a pending hold has",
        "appointments.csv:4: id: found 'app-2', which appointments.csv:3 has already; expected an id of its own",
        "appointments.csv:5: id: is empty, expected a value",
        "appointments.csv:5: service: is empty, expected a value",
    ]


def test_cells_of_steps_and_reservations_that_are_wrong(tmp_path: Path):
    steps = STEPS.replace("08:20,main", "08:00,main", 1).replace(",main", ",main,phone", 1)
    steps = steps.replace("site\n", "site,modality\n").replace("08:40,main", "08:40,main,")
    reservations = RESERVATIONS.replace("08:40", "08:10").replace("T08:00", "").replace("end\n", "end,units\n")
    reservations = reservations.replace("08:20\n", "08:20,0\n").replace("08:10\n", "08:10,2\n")
    assert faults_in(tmp_path, steps_csv=steps, reservations_csv=reservations) == [
        "reservations.csv:2: start: found a date without a time, expected a date and time such as 2026-03-02T08:00",
        "reservations.csv:2: units: found '0', expected 1 to 10,000",
        "reservations.csv:3: end: found '2026-03-02T08:10', expected a time after the start 2026-03-02T08:20",
        "steps.csv:2: end: found '2026-03-02T08:00', expected a time after the start 2026-03-02T08:00",
        "steps.csv:2: modality: found 'phone', expected in-person, video or telephone. Maybe you meant 'telephone'.",
    ]


def test_a_position_among_equal_steps_that_is_none(tmp_path: Path):
    reservations = RESERVATIONS.replace("end\n", "end,nth\n").replace("08:20\n", "08:20,first\n")
    reservations = reservations.replace("08:40\n", "08:40,\n")
    assert faults_in(tmp_path, reservations_csv=reservations) == [
        "reservations.csv:2: nth: found 'first', expected 0, 1, ..."
    ]


def test_an_occurrence_beyond_the_series(tmp_path: Path):
    appointments = APPOINTMENTS.replace("order\n", "order,occurrence\n").replace("ord-1\n", "ord-1,1\n")
    appointments = appointments.replace("ord-2\n", "ord-2,2\n")
    orders = ORDERS.replace("service\n", "service,series\n").replace("visit\nord-2", "visit,\nord-2")
    orders = orders.removesuffix("\n") + ',"[{""offset_days"": 0}, {""offset_days"": 7}]"\n'
    assert faults_in(tmp_path, appointments_csv=appointments, orders_csv=orders) == [
        "appointments.csv:2: occurrence: found 1, expected 0, because the order is no series",
        "appointments.csv:3: occurrence: found 2, expected 0 to 1",
    ]


def test_appointments_in_a_document(tmp_path: Path):
    times = "start: 2026-03-02T08:00, end: 2026-03-02T08:20"
    text = WORLD + (
        "appointments:\n"
        "- {id: a, service: visit, patient: pat-1, steps: []}\n"
        "- id: b\n"
        "  service: visit\n"
        "  steps:\n"
        f"  - {{step: scan, site: main, {times}}}\n"
        f"  - {{step: consult, site: mane, {times}, reservations: [\n"
        f"      {{role: doctor, resource: dr-a, {times}, units: 40000}}]}}\n"
        "- id: c\n"
        "  service: visit\n"
        "  steps:\n"
        f"  - {{step: scan, site: main, {times}}}\n"
        f"  - {{step: consult, site: mane, {times}, reservations: [\n"
        f"      {{role: nurse, resource: dr-x, {times}}}]}}\n"
        f"- {{id: c, service: visit, steps: [{{step: consult, site: main, {times}}}]}}\n"
        f"- {{id: ' d', service: visit, steps: [{{step: consult, site: main, {times}}}]}}\n"
        "groups:\n"
        f"- {{id: g, service: visit, seats: 3, steps: [{{step: talk, site: main, {times}}}]}}\n"
        "left_over:\n"
        "- {order: ord-9, reason: no time}\n"
    )
    assert faults(put(tmp_path, {"scenario.yaml": text})) == [
        "scenario.yaml:20: appointments[0].steps: found an empty list, expected at least 1 item",
        "scenario.yaml:26: appointments[1].steps[1].reservations[0].units: found 40000, expected at most 10000",
        "scenario.yaml:30: appointments[2].steps[0].step: found 'scan', expected a step of service 'visit'.",
        "scenario.yaml:31: appointments[2].steps[1].site: found 'mane', expected the id of a site. Maybe you meant "
        "'main'.",
        "scenario.yaml:32: appointments[2].steps[1].reservations[0].resource: found 'dr-x', expected the id of a "
        "resource. Maybe you meant 'dr-b'.",
        "scenario.yaml:32: appointments[2].steps[1].reservations[0].role: found 'nurse', expected a role of service "
        "'visit'.",
        "scenario.yaml:33: appointments[3].id: found 'c', which scenario.yaml:27 has already; expected an id of its "
        "own",
        "scenario.yaml:34: appointments[4].id: found ' d', expected 1 to 100 printable characters without blanks at "
        "the ends",
        "scenario.yaml:36: groups[0].steps[0].step: found 'talk', expected a step of service 'visit'.",
        "scenario.yaml:38: left_over[0].order: found 'ord-9', expected the id of an order.",
    ]
