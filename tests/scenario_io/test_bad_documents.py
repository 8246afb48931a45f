"""Keys and values that are wrong in YAML and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.scenario_io.folders import (
    HEADER,
    WORLD,
    faults,
    faults_in,
    put,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("id", "text"),
        ("kind", None),
        ("lanes", "a whole number"),
        ("setup_min", "minutes as a whole number"),
        ("use", "when-open or in-sessions"),
        ("capabilities", "a list"),
        ("accepts_new", "true or false"),
    ],
)
def test_keys_with_nothing_behind_them(tmp_path: Path, key: str, said: str | None):
    keys = {"kind": "practitioner", "id": "a", "name": "A", "site": "main"}
    item = ", ".join(f"{name}: {value}" for name, value in {**keys, key: ""}.items())
    text = HEADER + f"sites: [{{id: main, name: M, time_zone: UTC}}]\nresources:\n- {{{item}}}\n"
    found = faults(put(tmp_path, {"scenario.yaml": text}))
    if said is None:
        said = "practitioner, room, equipment or bed"
        assert found == [f"scenario.yaml:7: resources[0]: 'kind' is missing, expected {said}"]
    else:
        assert found == [f"scenario.yaml:7: resources[0].{key}: found nothing, expected {said}"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("- {from: , to: 09:00, days: [mon]}", "weekly[0].from: found nothing, expected a time of day such as 08:00"),
        ("- {from: 08:00, to: 09:00, days: [null]}", "weekly[0].days[0]: found nothing, expected mon, tue, wed, thu, "
         "fri, sat or sun"),
        ("- null", "weekly[0]: found nothing, expected a mapping with 'days', 'from' and 'to'"),
    ],
)  # fmt: skip
def test_nothing_inside(tmp_path: Path, given: str, said: str):
    text = HEADER + f"sites:\n- id: main\n  name: M\n  time_zone: UTC\n  hours:\n    weekly:\n    {given}\n"
    assert faults(put(tmp_path, {"scenario.yaml": text})) == [f"scenario.yaml:11: sites[0].hours.{said}"]


def test_keys_that_are_there_twice(tmp_path: Path):
    text = WORLD.replace("  name: Visit\n", "  name: Visit\n  name: Other\n") + "name: Again\n"
    assert faults_in(tmp_path, **{"scenario.yaml": text}) == [
        "scenario.yaml:14: the key 'name' is there twice in one mapping, first on line 13",
        "scenario.yaml:20: the key 'name' is there twice in one mapping, first on line 2",
    ]


def test_keys_that_are_there_twice_in_json(tmp_path: Path):
    path = tmp_path / "scenario.json"
    path.write_text(
        '{"slotwright": 1, "name": "x", "time_zone": "UTC",\n'
        '"horizon": {"start": "2026-03-02T00:00", "end": "2026-03-03T00:00",\n"end": "2026-03-04T00:00"},\n'
        '"n\\u0061me": "y"}'
    )
    assert faults(path) == [
        "scenario.json:3: the key 'end' is there twice in one mapping, first on line 2",
        "scenario.json:4: the key 'name' is there twice in one mapping, first on line 1",
    ]


def test_lines_of_faults_in_json(tmp_path: Path):
    path = tmp_path / "scenario.json"
    path.write_text(
        '{"slotwright": 1, "name": "x", "time_zone": "UTC",\n'
        '"horizon": {"start": "2026-03-02T00:00", "end": "2026-03-03T00:00"},\n'
        '"sites": [\n {"id": "main", "name": "{[,:\\"", "time_zone": "UTC"},\n {"id": "annex",\n  "name": 3,\n'
        '  "time_zone": "UTC", "tel": ""}\n]}'
    )
    assert faults(path) == [
        "scenario.json:6: sites[1].name: found 3, expected text. Maybe write it in quotes: '3'.",
        "scenario.json:7: sites[1]: unknown key 'tel'.",
    ]


def test_tags_and_merge_keys(tmp_path: Path):
    text = HEADER + "sites:\n- &main {id: main, name: !!str Main, time_zone: UTC}\n- {<<: *main, id: annex}\n"
    assert faults(put(tmp_path, {"scenario.yaml": text})) == [
        "scenario.yaml:6: found the tag 'tag:yaml.org,2002:str', expected none",
        "scenario.yaml:7: sites[1]: 'name' is missing",
        "scenario.yaml:7: sites[1]: 'time_zone' is missing",
        "scenario.yaml:7: sites[1]: unknown key '<<'.",
    ]


def test_a_tag_that_would_run_code_is_a_fault(tmp_path: Path):
    text = HEADER + "sites: !!python/object/apply:os.system ['true']\n"
    found = faults(put(tmp_path, {"scenario.yaml": text}))
    assert "scenario.yaml:5: found the tag 'tag:yaml.org,2002:python/object/apply:os.system', expected none" in found


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("tick_min: 5.0", "tick_min: found 5.0, expected a whole number"),
        ("tick_min: '5'", "tick_min: found '5', expected a whole number"),
        ("tick_min: 0", "tick_min: found 0, expected 1 or more"),
        ("tick_min: 7", "tick_min: found 7, expected minutes that divide a day of 1440, such as 5"),
        ("tick_min: 1e400", "tick_min: found a number that is too large, expected a whole number"),
        ("tick_min: .nan", "tick_min: found '.nan', expected a whole number"),
        (
            f"tick_min: 1{'0' * 30}",
            "tick_min: found 10000000000000000000... (31 digits), expected at most 1,000,000,000",
        ),
        (f"tick_min: {'9' * 5000}", "tick_min: found a number that is too large, expected a whole number"),
        ("policy: 5", "policy: found 5, expected a mapping"),
        ("policy: {discharge_at: 1100}", "policy.discharge_at: found 1100, expected a time of day such as 08:00"),
        (
            "policy: {discharge_at: '24:01'}",
            'policy.discharge_at: found \'24:01\', expected a time of day from "00:00" to "24:00"',
        ),
        ("policy: {weights: {tardyness: 3}}", "policy.weights: unknown key 'tardyness'. Maybe you meant 'tardiness'."),
        ("policy: {overridable_by: {capable: [x]}}", "policy: safety rules cannot be overridden: capable"),
        ("sites: [main]", "sites[0]: found 'main', expected a mapping with 'id', 'name' and 'time_zone'"),
        ("sites: [{id: a, name: '', time_zone: UTC}]", "sites[0].name: found '', expected at least 1 character"),
        ("sites: [{id: ' a', name: A, time_zone: UTC}]", None),
        (
            "ties: [{id: t, kind: same-day, orders: []}]",
            "ties[0].orders: found an empty list, expected at least 2 items",
        ),
        (
            "travel: [{origin: a, to: b, minutes: 5}]",
            "travel[0]: unknown key 'origin'. Maybe you meant 'from'.",
        ),
        ("patients: [{id: p, name: P, measures: {weight-kg: '80'}}]", None),
        ("patients: [{id: p, name: P, birth_date: 1950}]", None),
        ("groups: [{id: g, service: s, seats: 0, steps: []}]", None),
    ],
)
def test_values_that_are_wrong(tmp_path: Path, given: str, said: str | None):
    found = faults(put(tmp_path, {"scenario.yaml": HEADER + given + "\n"}))
    assert all(line.startswith("scenario.yaml:") for line in found)
    if said is not None:
        assert f"scenario.yaml:5: {said}" in found


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("duration: {minutes: 0}", "duration.minutes: found 0, expected more than 0"),
        ("duration: -5", "duration: found -5, expected more than 0"),
        ("duration: '20'", "duration: found '20', expected minutes as a whole number"),
        ("duration: 20.5", "duration: found 20.5, expected minutes as a whole number"),
        ("duration: true", "duration: found true, expected minutes as a whole number"),
        ("duration: [20]", "duration: found a list, expected minutes as a whole number"),
        ("nights: 2", ": expected either a duration or a number of nights"),
        ("is_patient_present: yes", "is_patient_present: found 'yes', expected true or false"),
        ("is_patient_present: 1", "is_patient_present: found 1, expected true or false"),
        ("name: 5", "name: found 5, expected text. Maybe write it in quotes: '5'."),
        (
            "modalities: [in-person, phone]",
            "modalities[1]: found 'phone', expected in-person, video or telephone. Maybe you meant 'telephone'.",
        ),
        ("modalities: in-person", "modalities: found 'in-person', expected a list"),
        ("modalities: []", "modalities: found an empty list, expected at least 1 item"),
        ("gap: {min: 5}", "gap: unknown key 'min'. Maybe you meant 'min_min'."),
        ("gap: {min_min: 9, max_min: 5}", "gap: the longest gap (5 min) is shorter than the shortest (9 min)"),
        ("start_window: {from: 08:00}", "start_window: 'to' is missing"),
        (
            "start_window: {from: 08:00, to: 09:00, start: 08:00}",
            "start_window: unknown key 'start'. Maybe you meant 'from'.",
        ),
    ],
)
def test_steps_that_are_wrong(tmp_path: Path, given: str, said: str):
    """The key stands on line 16, the step on line 15."""
    duration = "" if given.startswith("duration") else "    duration: 20\n"
    text = WORLD[: WORLD.index("    duration")] + f"    {given}\n{duration}"
    dot = "" if said.startswith(":") else "."
    found = faults(put(tmp_path, {"scenario.yaml": text}))
    assert len(found) == 1
    where, _, message = found[0].partition(": ")
    assert where in ("scenario.yaml:15", "scenario.yaml:16")
    assert message == f"services[0].steps[0]{dot}{said}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("from: 5", "from: found 5, expected such as start, start-15 or end+10"),
        ("until: later", "until: found 'later', expected such as start, start-15 or end+10"),
        ("count: 0", "count: found 0, expected 1 or more"),
        ("count: 51", "count: found 51, expected at most 50"),
        ("capabilities: laser", "capabilities: found 'laser', expected a list"),
        ("capabilities: [1]", "capabilities[0]: found 1, expected text. Maybe write it in quotes: '1'."),
        ("cleanup_min: 2000000000", "cleanup_min: found 2000000000, expected at most 1,000,000,000"),
    ],
)
def test_roles_that_are_wrong(tmp_path: Path, given: str, said: str):
    text = WORLD.replace("{id: doctor, kind: practitioner}", f"{{id: doctor, kind: practitioner, {given}}}")
    assert faults(put(tmp_path, {"scenario.yaml": text})) == [f"scenario.yaml:18: services[0].steps[0].roles[0].{said}"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("owner: [dr-a]", "owner: found a list, expected text or a mapping with 'kind'"),
        ("owner: {kind: doctor}", "owner.kind: found 'doctor', expected practitioner, room, equipment or bed."),
        ("owner: {capabilities: [x]}", "owner: 'kind' is missing"),
        ("owner: dr-x", "owner: found 'dr-x', expected the id of a resource. Maybe you meant 'dr-b'."),
    ],
)
def test_owners_of_sessions_that_are_wrong(tmp_path: Path, given: str, said: str):
    session = f"- {{id: s, site: main, day: 2026-03-02, period: {{from: 08:00, to: 12:00}}, {given}}}"
    found = faults(put(tmp_path, {"scenario.yaml": WORLD + f"sessions:\n{session}\n"}))
    assert found == [f"scenario.yaml:20: sessions[0].{said}"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2026-03-06", "found a date without a time, expected a date and time such as 2026-03-02T08:00"),
        ("2026-03-29T02:00", "found '2026-03-29T02:00', which does not exist in Europe/Zurich: the clocks go forward "
         "over it"),
        ("2026-10-25T02:30", "found '2026-10-25T02:30', which comes twice in Europe/Zurich; write which one is meant: "
         "2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00"),
        ("2026-02-29T08:00", "found '2026-02-29T08:00', which is no date and time of the calendar"),
        ("2026-03-06T24:30", "found '2026-03-06T24:30', which is no date and time of the calendar"),
        ("2026-03-06T08:00:30", "found '2026-03-06T08:00:30', expected whole minutes"),
        ("1772000000", "found '1772000000', expected a date and time such as 2026-03-02T08:00"),
        ("0001-01-01T00:00+10:00", "found the year 1, expected 1900 to 2199"),
        ("2026-03-06T08:00+25:00", "found '2026-03-06T08:00+25:00', expected an offset from -15:59 to +15:59"),
        ("6.3.2026 8:00", "found '6.3.2026 8:00', expected a date and time such as 2026-03-02T08:00"),
    ],
)  # fmt: skip
def test_instants_that_are_wrong(tmp_path: Path, given: str, said: str):
    orders = f"id,patient,service,due\nord-1,pat-1,visit,\nord-2,pat-2,visit,{given}\n"
    assert faults_in(tmp_path, orders_csv=orders) == [f"orders.csv:3: due: {said}"]
    document = WORLD + "patients: [{id: p, name: P}]\norders:\n- id: o\n  patient: p\n  service: visit\n"
    said_of_yaml = said.replace("'1772000000'", "1772000000")
    found = faults(put(tmp_path / "yaml", {"scenario.yaml": document + f"  due: {given}\n"}))
    assert found == [f"scenario.yaml:24: orders[0].due: {said_of_yaml}"]


def test_a_session_inside_the_hour_that_does_not_exist(tmp_path: Path):
    sessions = "id,day,owner,site,period\ns,2026-03-29,dr-a,main,02:15-02:45\n"
    found = faults_in(tmp_path, sessions_csv=sessions)
    assert found
    assert all(line.startswith("sessions.csv:2: period") for line in found)
