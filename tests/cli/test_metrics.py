"""`slotwright metrics`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests import factories as f
from tests.cli import worlds

if TYPE_CHECKING:
    from pathlib import Path


def test_services_and_the_use_of_everybody(run, booked: Path) -> None:
    result = run("metrics", booked)
    assert result.exit_code == 0
    assert "Third next appointment" in result.stdout
    assert "Mon 2 Mar 2026 08:20" in result.stdout  # two physicians at 8, then the first again
    assert "Booked time, week of" in result.stdout
    assert "all practitioners (2)" in result.stdout
    assert "2 Mar" in result.stdout


def test_a_service_by_practitioner(run, booked: Path) -> None:
    result = run("metrics", booked, "--service", "visit", "--now", "2026-03-03T08:50")
    assert result.exit_code == 0
    dr_a, dr_b = (next(row for row in result.stdout.splitlines() if name in row) for name in ("Dr. Ade", "Dr. Brook"))
    assert "Tue 3 Mar 2026 10:40" in dr_a  # 8:50, 10:20 and 10:40
    assert "Tue 3 Mar 2026 09:30" in dr_b
    assert "Booked time" not in result.stdout


def test_json_has_both(run, booked: Path) -> None:
    result = run("metrics", booked, "--json", "--weeks", "1")
    answer = json.loads(result.stdout)
    assert answer["command"] == "metrics"
    visit, bundle = answer["access"]
    assert (visit["service"], visit["days"], visit["reason"]) == ("visit", 0, "")
    assert visit["openings"][0] == {"start": "2026-03-02T08:00+01:00", "site": "main", "practitioner": "dr-a"}
    assert [p["practitioner"] for p in visit["practitioners"]] == ["dr-a", "dr-b"]
    assert bundle["service"] == "blood-and-visit"
    assert answer["use"][0] == {
        "resource": "dr-a",
        "week": "2026-03-02",
        "open_min": 3000,
        "booked_min": 60,
        "outside_min": 0,
        "percent": 2,
    }
    assert {u["week"] for u in answer["use"]} == {"2026-03-02"}


def test_weeks_begin_with_that_of_now(run, booked: Path) -> None:
    answer = json.loads(run("metrics", booked, "--json", "--now", "2026-03-10T08:00").stdout)
    assert {u["week"] for u in answer["use"]} == {"2026-03-09"}


def test_overbooking_is_said(run, saved) -> None:
    session = f.session("s", "dr-a", day=f.at("2026-03-03 00:00").date(), start="09:00", end="09:30",
                        overbooking_lanes=1)  # fmt: skip
    given = worlds.broken_clinic()
    resources = (f.practitioner("dr-a", name="Dr. Ade", use="in-sessions"), *given.problem.resources[1:])
    problem = given.problem.changed(resources=resources, sessions=(session,))
    result = run("metrics", saved(worlds.scenario_of(problem, given.schedule.appointments)), "--weeks", "1")
    assert "133 %, overbooked" in result.stdout


def test_a_closed_clinic_is_no_fault(run, saved) -> None:
    resources = (f.practitioner(use="in-sessions"),)
    problem = f.problem(resources=resources, orders=())
    result = run("metrics", saved(worlds.scenario_of(problem)))
    assert result.exit_code == 0
    assert "none until Mon 16 Mar 2026 00:00" in result.stdout
    assert "Nothing is open in these weeks." in result.stdout


def test_an_unknown_service_is_named(run, clinic: Path) -> None:
    result = run("metrics", clinic, "--service", "vist")
    assert result.exit_code == 2
    assert result.stderr.startswith("There is no service 'vist'.")


def test_no_name_of_a_patient_appears(run, booked: Path) -> None:
    for arguments in ((), ("--json",), ("--service", "visit")):
        assert worlds.PATIENT_NAME not in run("metrics", booked, *arguments).stdout
