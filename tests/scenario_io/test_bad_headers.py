"""What is wrong with a scenario's header, or with which file holds what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.scenario_io import load_scenario
from tests.scenario_io.folders import (
    BOOKED,
    HEADER,
    ORDERS,
    PATIENTS,
    RESERVATIONS,
    STEPS,
    WORLD,
    faults,
    faults_in,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_newer_version_is_the_only_fault(tmp_path: Path):
    text = WORLD.replace("slotwright: 1", "slotwright: 2").replace("sites:", "places:")
    said = "slotwright: is version 2 of the format, this Slotwright reads 1. Maybe update it."
    patients = PATIENTS.replace("name", "full_name")
    assert faults_in(tmp_path, **{"scenario.yaml": text, "patients.csv": patients}) == [f"scenario.yaml:1: {said}"]


@pytest.mark.parametrize("version", ["'1'", "0", "1.0", "true", "one", ""])
def test_a_version_that_is_none(tmp_path: Path, version: str):
    found = faults_in(tmp_path, **{"scenario.yaml": WORLD.replace("slotwright: 1", f"slotwright: {version}")})
    assert len(found) == 1
    assert found[0].startswith("scenario.yaml:1: slotwright: found ")
    assert found[0].endswith(", expected the version of the format: 1")


def test_what_every_scenario_must_say(tmp_path: Path):
    assert faults(put(tmp_path, {"scenario.yaml": "tick_min: 5\n"})) == [
        "scenario.yaml:1: 'horizon' is missing",
        "scenario.yaml:1: 'name' is missing",
        "scenario.yaml:1: 'slotwright' is missing, expected the version of the format: slotwright: 1",
        "scenario.yaml:1: 'time_zone' is missing",
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("name", "text"),
        ("time_zone", "text"),
        ("horizon", "a mapping with 'end' and 'start'"),
        ("tick_min", "a whole number"),
        ("policy", "a mapping"),
        ("schedule_version", "a whole number"),
    ],
)
def test_a_key_with_nothing_behind_it(tmp_path: Path, key: str, expected: str):
    lines = [line for line in WORLD.splitlines() if not line.startswith(f"{key}:")]
    text = "\n".join([*lines, f"{key}:"])
    said = f"{key}: found nothing, expected {expected}"
    assert faults_in(tmp_path, **{"scenario.yaml": text}) == [f"scenario.yaml:{len(lines) + 1}: {said}"]


def test_an_unknown_time_zone_is_one_fault(tmp_path: Path):
    text = WORLD.replace("time_zone: Europe/Zurich\n", "time_zone: Mars/Olympus\n", 1)
    said = "time_zone: found 'Mars/Olympus', expected the name of a time zone such as Europe/Zurich"
    assert faults_in(tmp_path, **{"scenario.yaml": text}) == [f"scenario.yaml:3: {said}"]


def test_a_horizon_that_ends_before_it_starts(tmp_path: Path):
    text = WORLD.replace("2026-11-02T00:00", "2026-01-02T00:00")
    said = "horizon: ends at 2026-01-02T00:00:00+01:00, which is not after its start 2026-03-02T00:00:00+01:00"
    assert faults_in(tmp_path, **{"scenario.yaml": text}) == [f"scenario.yaml:4: {said}"]


def test_a_broken_header_alone_is_one_fault(tmp_path: Path):
    found = faults(put(tmp_path, {"scenario.yaml": HEADER + "sites: ]\n"}))
    assert len(found) == 1
    assert found[0].startswith("scenario.yaml:5: cannot be read as YAML (")


def test_a_broken_file_is_one_fault_and_what_refers_into_it_passes(tmp_path: Path):
    head, _, services = WORLD.partition("services:\n")
    found = faults_in(tmp_path, **{"scenario.yaml": head, "services.yaml": services.replace("20", "[20")})
    assert len(found) == 1
    assert found[0].startswith("services.yaml:6: cannot be read as YAML (")


def test_a_link_that_leads_nowhere(tmp_path: Path):
    put(tmp_path, {"scenario.yaml": WORLD})
    (tmp_path / "orders.csv").symlink_to(tmp_path / "gone.csv")
    assert faults(tmp_path) == ["orders.csv: cannot be read (No such file or directory)"]


def test_a_key_in_the_header_and_in_a_table(tmp_path: Path):
    found = faults_in(tmp_path, **{"scenario.yaml": WORLD + "orders: []\n"})
    assert found[0] == "orders.csv: 'orders' is in scenario.yaml as well, expected one place"


def test_what_files_hold_does_not_rule_the_terminal(tmp_path: Path):
    sex = "\x1b[2Jfe\nmale\u202e"
    assert faults_in(tmp_path, patients_csv=f'id,name,sex\npat-1,A,\npat-2,B,"{sex}"\n') == [
        "patients.csv:3: sex: found '\\x1b[2Jfe\\nmale\\u202e', expected female, male, other or unknown. "
        "Maybe you meant 'female'."
    ]


@pytest.mark.parametrize("escape", ["\\ud83d", "\\uDE00", "\\ud83d\\ud83d\\ude00", "\\\\\\ud83dx"])
def test_half_of_a_character(tmp_path: Path, escape: str):
    path = tmp_path / "scenario.json"
    path.write_text('{"slotwright": 1,\n"name": "' + escape + '"}')
    half = "\\uDE00" if "DE00" in escape else "\\ud83d"
    assert faults(path) == [f"scenario.json:2: found {half}, which is half of a character"]


@pytest.mark.parametrize(("escape", "name"), [("\\ud83d\\ude00", "\U0001f600"), ("\\\\ud83d", "\\ud83d")])
def test_whole_characters_written_in_halves(tmp_path: Path, escape: str, name: str):
    path = tmp_path / "scenario.json"
    head = '{"slotwright": 1, "time_zone": "UTC", "horizon": {"start": "2026-03-02T00:00", "end": "2026-03-03T00:00"}, '
    path.write_text(head + f'"name": "{escape}"}}')
    assert load_scenario(path).problem.name == name


def test_more_than_a_table_of_appointments_can_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.scenario_io.booked.LARGEST", 1)
    monkeypatch.setattr("engine.scenario_io.booked_tables.LARGEST", 1)
    steps = STEPS + "app-1,consult,2026-03-03T08:00,2026-03-03T08:20,main\n"
    reservations = RESERVATIONS + "app-2,consult,doctor,dr-b,2026-03-02T08:20,2026-03-02T08:40\n"
    assert faults_in(tmp_path / "tables", steps_csv=steps, reservations_csv=reservations) == [
        "reservations.csv:3: appointment: found 2 rows that belong together, expected at most 1",
        "steps.csv:2: appointment: found 2 rows that belong together, expected at most 1",
    ]
    times = "start: 2026-03-02T08:00, end: 2026-03-02T08:20"
    step = f"{{step: consult, site: main, {times}}}"
    text = WORLD + f"appointments: [{{id: a, service: visit, steps: [{step}, {step}]}}]\n"
    assert faults(put(tmp_path / "document", {"scenario.yaml": text})) == [
        "scenario.yaml:19: appointments[0].steps: found 2 items, expected at most 1"
    ]


def test_a_list_that_is_none(tmp_path: Path):
    text = HEADER + "sites: main\nresources:\nservices: {}\n"
    assert faults(put(tmp_path, {"scenario.yaml": text})) == [
        "scenario.yaml:5: sites: found 'main', expected a list",
        "scenario.yaml:6: resources: found nothing, expected a list. Maybe write [] for an empty one.",
        "scenario.yaml:7: services: found a mapping, expected a list",
    ]


def test_a_key_in_two_places(tmp_path: Path):
    found = faults_in(tmp_path, **{"resources.yaml": "[]\n", "orders.yaml": "[]\n"})
    assert found == [
        "orders.yaml: 'orders' is in orders.csv as well, expected one place",
        "resources.yaml: 'resources' is in scenario.yaml as well, expected one place",
    ]


def test_a_file_that_is_none_of_a_scenario(tmp_path: Path):
    found = faults_in(tmp_path, **{"order.csv": ORDERS, "services.yml": "[]", "scenario.yml": HEADER})
    assert found == [
        "order.csv: is no file of a scenario. Maybe you meant 'orders.csv'.",
        "scenario.yml: is no file of a scenario. Maybe you meant 'scenario.yaml'.",
        "services.yml: is no file of a scenario. Maybe you meant 'services.yaml'.",
    ]


def test_steps_without_appointments(tmp_path: Path):
    assert faults(put(tmp_path, {"scenario.yaml": WORLD, "steps.csv": STEPS})) == [
        "steps.csv: there is no appointments.csv that it belongs to"
    ]


def test_appointments_without_steps(tmp_path: Path):
    files = {name: text for name, text in BOOKED.items() if name != "steps.csv"}
    assert faults(put(tmp_path, files)) == ["reservations.csv: there is no steps.csv that it belongs to"]
