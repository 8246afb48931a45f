"""What every command does with what it is given: faults, times, errors of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import api.cli.check
from api.cli.common import instant_option, now_of
from engine.errors import ModelBuildError
from tests.cli import worlds
from tests.factories import at

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("template", "find --order ord-1", "book", "reschedule", "check", "scenario info", "demo")


def faulty(path: Path) -> Path:
    """A scenario with four faults."""
    document = json.loads(path.read_text())
    document["colour"] = "green"
    document["tick_min"] = 0
    document["resources"][0]["site"] = "mian"
    document["orders"][1]["priority"] = "soon"
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_scenario_is_every_fault_on_a_line_and_status_2(run, clinic: Path, tmp_path: Path, command: str) -> None:
    out = ["--out", tmp_path / "demo"] if command == "demo" else []
    result = run(*command.split(), faulty(clinic), *out)
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert lines[0] == "4 faults found; nothing was done."
    assert len(lines) == 5
    assert all(line.startswith("scenario.json:") for line in lines[1:])
    assert [path.name for path in tmp_path.iterdir()] == ["scenario.json"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_scenario_is_said(run, tmp_path: Path, command: str) -> None:
    out = ["--out", tmp_path / "demo"] if command == "demo" else []
    result = run(*command.split(), tmp_path / "nowhere", *out)
    assert result.exit_code == 2
    assert "There is no scenario at" in result.stderr


def test_brackets_in_a_message_are_text(run, saved) -> None:
    path = saved(worlds.clinic())
    document = json.loads(path.read_text())
    document["resources"][0]["capabilities"] = 3
    path.write_text(json.dumps(document))
    assert "resources[0].capabilities" in run("check", path).stderr


def test_a_long_message_is_one_line(run, saved) -> None:
    path = saved(worlds.clinic())
    document = json.loads(path.read_text())
    document["name"] = "x" * 300
    path.write_text(json.dumps(document))
    assert len(run("check", path).stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (None, "2026-03-02 00:00"),
        ("2026-03-03T08:00", "2026-03-03 08:00"),
        ("2026-03-03T07:00Z", "2026-03-03 08:00"),
        ("2026-03-03", "2026-03-03 00:00"),
    ],
)
def test_now_is_local_time_or_has_its_offset(given: str | None, meant: str) -> None:
    assert now_of(worlds.clinic_problem(), given) == at(meant)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_moment_after_all_that_is_planned_is_refused(run, clinic: Path, tmp_path: Path, command: str) -> None:
    out = ["--out", tmp_path / "demo"] if command == "demo" else []
    result = run(*command.split(), clinic, "--now", "2030-01-01", *out)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("--now 2030-01-01 is after the time that is planned, which is Mon 2 Mar 2026 00:00")
    assert len(result.stderr.splitlines()) == 1


def test_a_date_alone_ends_with_its_day_where_a_stretch_ends() -> None:
    problem = worlds.clinic_problem()
    assert instant_option(problem, "--until", "2026-03-03", is_end=True) == at("2026-03-04 00:00")
    assert instant_option(problem, "--until", "2026-03-03T12:00", is_end=True) == at("2026-03-03 12:00")


@pytest.mark.parametrize("given", ["tomorrow", "2026-02-30", "2026-03-29T02:30", "2026-10-25T02:30", ""])
def test_a_time_that_does_not_exist_is_a_fault_of_its_option(run, clinic: Path, given: str) -> None:
    result = run("check", clinic, "--now", given)
    assert result.exit_code == 2
    assert result.stderr.startswith("--now: found ")
    assert len(result.stderr.splitlines()) == 1


def test_a_defect_is_reported_without_traceback_and_without_data(run, clinic: Path, monkeypatch) -> None:
    def fail(*_args, **_kwargs) -> None:
        raise KeyError(worlds.PATIENT_NAME)

    monkeypatch.setattr(api.cli.check, "check_schedule", fail)
    result = run("check", clinic)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert "Slotwright failed (KeyError in cli/test_common.py" in result.stderr
    assert "Traceback" not in result.stderr
    assert worlds.PATIENT_NAME not in result.stderr


def test_the_details_of_a_defect_come_when_asked_for(run, clinic: Path, monkeypatch) -> None:
    def fail(*_args, **_kwargs) -> None:
        raise KeyError("details")

    monkeypatch.setattr(api.cli.check, "check_schedule", fail)
    monkeypatch.setenv("SLOTWRIGHT_TRACEBACK", "1")
    result = run("check", clinic)
    assert result.exit_code == 3
    assert "KeyError: 'details'" in result.stderr


def test_a_refused_model_is_a_defect(run, clinic: Path, monkeypatch) -> None:
    def fail(*_args, **_kwargs) -> None:
        raise ModelBuildError

    monkeypatch.setattr(api.cli.check, "check_schedule", fail)
    result = run("check", clinic)
    assert result.exit_code == 3
    assert "defect of Slotwright" in result.stderr


def test_a_file_that_cannot_be_read_or_written_is_named(run, clinic: Path, monkeypatch) -> None:
    def refused(*_args, **_kwargs) -> None:
        raise PermissionError(13, "Permission denied", "there/template.json")

    monkeypatch.setattr(api.cli.check, "check_schedule", refused)
    result = run("check", clinic)
    assert result.exit_code == 2
    assert result.stderr == "there/template.json: Permission denied.\n"


def test_ctrl_c_outside_a_solve_is_status_130(run, clinic: Path, monkeypatch) -> None:
    def interrupted(*_args, **_kwargs) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api.cli.check, "check_schedule", interrupted)
    result = run("check", clinic)
    assert result.exit_code == 130
    assert result.stderr == "Stopped. Nothing was written.\n"


def test_escape_sequences_in_names_do_not_reach_the_terminal(run, saved) -> None:
    problem = worlds.clinic_problem(name="Evil \x1b[2J clinic")
    result = run("scenario", "info", saved(worlds.scenario_of(problem)))
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
