"""Bad input as a whole: every fault in one go, by file and line, in words that say what was found and expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.scenario_io import load_scenario
from tests.scenario_io.folders import (
    HEADER,
    PATIENTS,
    WORLD,
    faults,
    faults_in,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path


TWENTY_FAULTS = {
    "scenario.yaml": """\
slotwright: 1
name: Twenty faults
time_zone: Europe/Zurich
horizon: {start: 2026-03-02T00:00, end: 2026-04-13T00:00}
polcy: {}
sites:
- id: main
  name: Main
  time_zone: Europe/Zuerich
- {id: annex, name: Annex, time_zone: Europe/Zurich}
resources:
- {kind: practitioner, id: dr-a, name: Dr A, site: annex, use: when-open}
- {kind: practitioner, id: dr-a, name: Dr A again, site: annex}
- {kind: rom, id: room-1, name: Room 1, site: annex}
- {kind: room, id: 12, name: Room 12, site: annex}
- {kind: room, id: room-3, name: Room 3, site: anex}
- kind: practitioner
  id: dr-b
  name: Dr B
  site: annex
  hours:
    exceptions:
    - {kind: leave, from: 2026-03-29T02:30, to: 2026-03-30T08:00}
    - {kind: leave, from: 2026-04-02, to: 2026-04-03T08:00}
services:
- id: visit
  name: Visit
  steps:
  - id: consult
    duration: abc
    roles:
    - {id: doctor, kind: practitioner, cleanup: 5}
- id: xray
  name: X-ray
  steps:
  - {id: shot, duration: 10, roles: [{id: doctor, kind: practitioner, any_of: [dr-z]}]}
sessions:
- {id: s1, owner: dr-a, site: annex, day: 2026-02-30, period: {from: 08:00, to: 12:00}}
templates:
- {id: week, name: Week, effective_from: 2026-03-03}
""",
    "patients.csv": """\
id,name,birth_date,sex
pat-1,"Smith, Ann",1950-02-03,female
pat-2,Jones,1950-13-03,femal
""",
    "orders.csv": """\
id,patient,service,priority,prerequisites,due
ord-1,pat-1,xray,routine,"[{""order"": ""ord-2""}]",
ord-2,pat-2,xray,urgnt,"[{""order"": ""ord-1""}]",
ord-3,pat-9,xray,routine,,2026-03-06
ord-4,pat-1,xray
""",
}


def test_twenty_faults_give_twenty_messages(tmp_path: Path):
    assert faults(put(tmp_path, TWENTY_FAULTS)) == [
        "orders.csv:3: prerequisites[0].order: found a circle of prerequisites ('ord-1' after 'ord-2' after 'ord-1'), "
        "expected an order that waits for no other",
        "orders.csv:3: priority: found 'urgnt', expected stat, asap, urgent or routine. Maybe you meant 'urgent'.",
        "orders.csv:4: due: found a date without a time, expected a date and time such as 2026-03-02T08:00",
        "orders.csv:4: patient: found 'pat-9', expected the id of a patient. Maybe you meant 'pat-2'.",
        "orders.csv:5: found 3 cells, expected 6 as in the header. Maybe the file is cut off.",
        "patients.csv:3: birth_date: found '1950-13-03', which is no date of the calendar",
        "patients.csv:3: sex: found 'femal', expected female, male, other or unknown. Maybe you meant 'female'.",
        "scenario.yaml:5: unknown key 'polcy'. Maybe you meant 'policy'.",
        "scenario.yaml:9: sites[0].time_zone: found 'Europe/Zuerich', expected the name of a time zone such as "
        "Europe/Zurich",
        "scenario.yaml:13: resources[1].id: found 'dr-a', which scenario.yaml:12 has already; expected an id of its "
        "own",
        "scenario.yaml:14: resources[2].kind: found 'rom', expected practitioner, room, equipment or bed. "
        "Maybe you meant 'room'.",
        "scenario.yaml:15: resources[3].id: found 12, expected text. Maybe write it in quotes: '12'.",
        "scenario.yaml:16: resources[4].site: found 'anex', expected the id of a site. Maybe you meant 'annex'.",
        "scenario.yaml:23: resources[5].hours.exceptions[0].from: found '2026-03-29T02:30', which does not exist in "
        "Europe/Zurich: the clocks go forward over it",
        "scenario.yaml:24: resources[5].hours.exceptions[1].from: found a date without a time, expected a date and "
        "time such as 2026-03-02T08:00",
        "scenario.yaml:30: services[0].steps[0].duration: found 'abc', expected minutes as a whole number",
        "scenario.yaml:32: services[0].steps[0].roles[0]: unknown key 'cleanup'. Maybe you meant 'cleanup_min'.",
        "scenario.yaml:36: services[1].steps[0].roles[0].any_of[0]: found 'dr-z', expected the id of a practitioner. "
        "Maybe you meant 'dr-a'.",
        "scenario.yaml:38: sessions[0].day: found '2026-02-30', which is no date of the calendar",
        "scenario.yaml:40: templates[0]: starts on 2026-03-03, a Tuesday; a cycle begins on a Monday",
    ]


def test_nothing_is_written_while_reading(tmp_path: Path):
    folder = put(tmp_path / "bad", TWENTY_FAULTS)
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in tmp_path.rglob("*.*")}
    faults(folder)
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in tmp_path.rglob("*.*")} == before


def test_references_to_what_has_a_fault_of_its_own_pass(tmp_path: Path):
    text = WORLD.replace("id: dr-a, name: Dr A,", "id: dr-a, name: '',").replace("duration: 20", "duration: x")
    found = faults_in(tmp_path, **{"scenario.yaml": text, "patients.csv": PATIENTS.replace("Ann Smith", "")})
    assert found == [
        "patients.csv:2: 'name' is missing",
        "scenario.yaml:8: resources[0].name: found '', expected at least 1 character",
        "scenario.yaml:16: services[0].steps[0].duration: found 'x', expected minutes as a whole number",
    ]


def test_faults_are_sorted_by_file_and_line(tmp_path: Path):
    found = faults(put(tmp_path, TWENTY_FAULTS))
    places = [(place.split(":")[0], int(place.split(":")[1])) for place in found]
    assert places == sorted(places)


def test_thousands_of_faults_are_all_listed(tmp_path: Path):
    patients = "id,name,sex\n" + "".join(f"pat-{n},P,x\n" for n in range(1, 3001))
    found = faults_in(tmp_path, patients_csv=patients)
    assert len(found) == 3000
    assert found[-1] == "patients.csv:3001: sex: found 'x', expected female, male, other or unknown."


def test_the_error_says_how_many_and_lists_them(tmp_path: Path):
    put(tmp_path, {"scenario.yaml": HEADER + "polcy: {}\nsite: []\n"})
    with pytest.raises(Exception, match=r"^2 faults found:\n  scenario.yaml:5: .*\n  scenario.yaml:6: ") as caught:
        load_scenario(tmp_path)
    assert type(caught.value).__name__ == "ScenarioFormatError"
