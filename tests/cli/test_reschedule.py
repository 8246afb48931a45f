"""`slotwright reschedule`."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from engine.check import check, check_change
from engine.model.appointment import AppointmentStatus
from engine.scenario_io import load_scenario
from tests import factories as f
from tests.cli import worlds

if TYPE_CHECKING:
    from pathlib import Path

FAST = ("--time-limit", "5", "--workers", "1")
TUESDAY = ("--absent", "dr-a", "--from", "2026-03-03", "--until", "2026-03-03")


def answer(run, path: Path, *options: object):
    result = run("reschedule", path, "--json", *FAST, *options)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_scenarios_events_are_answered_by_default(run, booked: Path) -> None:
    found = answer(run, booked)
    assert [event["id"] for event in found["events"]] == ["ev-1"]
    assert [move["appointment"] for move in found["proposals"][0]["cancelled"]] == ["app-2"]


def test_a_cancelled_appointment_can_be_named(run, booked: Path) -> None:
    found = answer(run, booked, "--cancel", "app-3")
    [event] = found["events"]
    assert (event["kind"], event["appointment"]) == ("cancellation", "app-3")
    assert found["proposals"][0]["cancelled"][0]["appointment"] == "app-3"


def test_who_gains_from_freed_time_is_proposed(run, saved) -> None:
    given = worlds.booked_clinic()
    # Nobody works but dr-a, and only while the three visits take place.
    physician = given.problem.resource("dr-a").model_copy(update={"use": "in-sessions"})
    rooms = tuple(r for r in given.problem.resources if r.kind == "room")
    hour = f.session("s", "dr-a", day=date(2026, 3, 3), start="09:20", end="10:20")
    problem = given.problem.changed(resources=(physician, *rooms), sessions=(hour,), planning=None)
    path = saved(worlds.scenario_of(problem, given.schedule.appointments, given.events))
    first, *fillings = answer(run, path)["proposals"]
    assert first["booked"] == []
    assert fillings
    for filling in fillings:
        [booked] = filling["booked"]
        assert booked["after"]["start"] == "2026-03-03T09:40+01:00"


def test_an_absence_moves_the_visits_and_lists_the_calls(run, booked: Path) -> None:
    result = run("reschedule", booked, *TUESDAY, *FAST)
    assert result.exit_code == 0
    assert "Proposal 1: " in result.stdout
    for app in ("app-1", "app-2", "app-3"):
        assert app in result.stdout


def test_a_call_has_the_telephone_and_never_the_name(run, saved) -> None:
    given = worlds.booked_clinic()
    alone = tuple(r for r in given.problem.resources if r.id != "dr-b")
    problem = given.problem.changed(resources=alone, planning=None)
    path = saved(worlds.scenario_of(problem, given.schedule.appointments))
    result = run("reschedule", path, *TUESDAY, *FAST)
    assert result.exit_code == 0
    assert "Telephone" in result.stdout
    assert worlds.TELEPHONE in result.stdout
    machine = run("reschedule", path, *TUESDAY, "--json", *FAST)
    assert json.loads(machine.stdout)["proposals"][0]["calls"] == 3
    for text in (result.stdout, result.stderr, machine.stdout):
        assert worlds.PATIENT_NAME not in text


def test_an_accepted_proposal_is_written_and_passes_the_check(run, booked: Path, tmp_path: Path) -> None:
    out = tmp_path / "repaired"
    result = run("reschedule", booked, *TUESDAY, "--accept", "1", "--out", out, *FAST)
    assert result.exit_code == 0
    assert "Proposal 1 accepted" in result.stderr
    before, after = load_scenario(booked), load_scenario(out)
    assert check(after.schedule, now=after.problem.horizon.start).is_clean
    assert check_change(before.schedule, after.schedule, now=before.problem.horizon.start).is_clean
    used = {r.resource for v in after.schedule.appointments for s in v.steps for r in s.reservations}
    assert "dr-a" not in used
    # What happened stays on record in the world; the event that nobody asked about is still to be answered.
    assert after.problem.resource("dr-a") != before.problem.resource("dr-a")
    assert after.events == before.events


def test_events_that_were_answered_leave_the_scenario(run, booked: Path, tmp_path: Path) -> None:
    out = tmp_path / "repaired.json"
    assert run("reschedule", booked, "--accept", "1", "--out", out, *FAST).exit_code == 0
    after = load_scenario(out)
    assert after.events == ()
    assert after.schedule.appointments.by_id("app-2").status is AppointmentStatus.CANCELLED


def test_when_nothing_has_to_change_that_is_an_answer(run, booked: Path, tmp_path: Path) -> None:
    quiet = ("--absent", "dr-b", "--from", "2026-03-05", "--until", "2026-03-05")
    result = run("reschedule", booked, *quiet, *FAST)
    assert result.exit_code == 0
    assert "nothing has to change" in result.stdout
    out = tmp_path / "noted.json"
    noted = run("reschedule", booked, *quiet, "--accept", "1", "--out", out, *FAST)
    assert noted.exit_code == 0
    assert noted.stderr == f"What happened is noted, no visit changes; written to {out}.\n"
    assert load_scenario(out).problem.resource("dr-b").hours is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--event", "ev-2"), "There is no event 'ev-2'. Maybe you meant 'ev-1'."),
        (("--cancel", "app-9"), "There is no appointment 'app-9'."),
        (("--absent", "dr-z", "--from", "2026-03-03", "--until", "2026-03-03"), "There is no resource 'dr-z'."),
        (("--absent", "dr-a"), "--absent, --from and --until go together"),
        (("--from", "2026-03-03"), "--absent, --from and --until go together"),
        (("--absent", "dr-a", "--from", "2026-03-03", "--until", "2026-03-02"), "--until 2026-03-02 is not after"),
        (
            ("--absent", "dr-a", "--from", "2027-03-03", "--until", "2027-03-04"),
            "--from 2027-03-03 is after the time that is planned, which is Mon 2 Mar 2026 00:00 to ",
        ),
        (
            ("--absent", "dr-a", "--from", "2025-03-03", "--until", "2025-03-04"),
            "--until 2025-03-04 is before the time that is planned, which is Mon 2 Mar 2026 00:00 to ",
        ),
        (
            ("--cancel", "app-1", "--now", "2026-03-03T09:40"),
            "--cancel: appointment app-1 was Tue 3 Mar 2026 09:20–09:40, which is past on Tue 3 Mar 2026 09:40,",
        ),
        (("--accept", "1"), "--accept and --out go together"),
        (("--out", "somewhere"), "--accept and --out go together"),
    ],
)
def test_options_that_cannot_be_used(run, booked: Path, options, message: str) -> None:
    result = run("reschedule", booked, *options, *FAST)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_proposal_that_is_not_there_cannot_be_accepted(run, booked: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    result = run("reschedule", booked, *TUESDAY, "--accept", "99", "--out", out, *FAST)
    assert result.exit_code == 2
    assert "There is no proposal 99" in result.stderr
    assert not out.exists()


def test_without_any_event_there_is_a_hint(run, clinic: Path) -> None:
    result = run("reschedule", clinic, *FAST)
    assert result.exit_code == 2
    assert "Maybe say what happened: --cancel" in result.stderr


@pytest.mark.parametrize("status", ["cancelled", "noshow", "entered-in-error", "waitlist", "proposed", "fulfilled"])
def test_a_visit_that_does_not_take_place_cannot_be_cancelled(run, saved, status: str) -> None:
    given = worlds.booked_clinic()
    visits = [v.model_copy(update={"status": status}) if v.id == "app-1" else v for v in given.schedule.appointments]
    result = run("reschedule", saved(worlds.scenario_of(given.problem, visits)), "--cancel", "app-1", *FAST)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"--cancel: appointment app-1 is marked '{status}', and cannot be cancelled.\n"
