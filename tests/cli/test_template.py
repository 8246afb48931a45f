"""`slotwright template`."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from engine.check import check_template
from engine.model.result import SolveResult, SolveStatus
from engine.model.template import Template
from engine.scenario_io import load_scenario
from tests.cli import worlds

if TYPE_CHECKING:
    from pathlib import Path

FAST = ("--time-limit", "5", "--workers", "1")


def test_who_works_when_is_shown_by_owner_and_weekday(run, clinic: Path) -> None:
    result = run("template", clinic, *FAST)
    assert result.exit_code == 0
    assert "Lake clinic, weekly template: cost " in result.stdout
    for words in ("Every week", "Mon", "Tue", "Wed", "Dr. Ade", "Dr. Brook", "08:00 clinic", "Proof"):
        assert words in result.stdout


def test_json_is_the_template_and_it_passes_the_check(run, clinic: Path) -> None:
    result = run("template", clinic, "--json", *FAST)
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["status"] == "optimal"
    assert answer["gap"] == 0
    assert answer["objective"] == answer["cost"] == sum(answer["costs"].values())
    report = check_template(load_scenario(clinic).problem, Template.model_validate(answer["template"]))
    assert report.is_clean
    assert report.breakdown.total == answer["objective"]


def test_the_file_holds_the_same_and_can_be_checked(run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "template.json"
    result = run("template", clinic, "--out", out, *FAST)
    assert result.exit_code == 0
    assert f"Written to {out}." in result.stderr
    assert json.loads(out.read_text())["template"]["sessions"]
    assert run("check", clinic, "--template", out).exit_code == 0


def test_an_existing_file_is_left_alone_unless_forced(run, clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "template.json"
    out.write_text("mine")
    result = run("template", clinic, "--out", out, *FAST)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert result.stdout == ""
    assert out.read_text() == "mine"
    assert run("template", clinic, "--out", out, "--force", *FAST).exit_code == 0
    assert json.loads(out.read_text())["command"] == "template"


def test_rules_that_cannot_all_hold_are_named_with_status_1(run, saved, tmp_path: Path) -> None:
    path, out = saved(worlds.clinic(planning=worlds.impossible_brief())), tmp_path / "template.json"
    result = run("template", path, "--out", out, *FAST)
    assert result.exit_code == 1
    assert "the rules cannot all hold" in result.stdout
    assert "template-contract" in result.stdout
    assert not out.exists()
    answer = json.loads(run("template", path, "--json", *FAST).stdout)
    assert answer["status"] == "infeasible"
    assert answer["template"] is None
    assert answer["conflict"]["parts"]


def test_a_scenario_without_a_brief_is_bad_input(run, saved) -> None:
    result = run("template", saved(worlds.clinic(planning=None)), *FAST)
    assert result.exit_code == 2
    assert "planning" in result.stderr


def test_the_same_seed_gives_the_same_template(run, clinic: Path) -> None:
    options = ("--json", "--deterministic", "--seed", "7", *FAST)
    first, second = (json.loads(run("template", clinic, *options).stdout) for _ in range(2))
    assert first["template"] == second["template"]


@pytest.mark.parametrize("options", [("--json",), ()])
def test_ctrl_c_shows_what_was_found_and_writes_nothing(
    run, clinic: Path, tmp_path: Path, monkeypatch, options
) -> None:
    def job(problem, *, params, control) -> SolveResult:
        signal.raise_signal(signal.SIGINT)
        assert control.is_cancelled()
        return SolveResult(SolveStatus.CANCELLED, template=worlds.template_of("new"), objective=7, bound=5.0)

    monkeypatch.setattr("engine.jobs.generate_template.generate_template", job)
    out = tmp_path / "template.json"
    result = run("template", clinic, "--out", out, *options)
    assert result.exit_code == 130
    assert "Found so far: cost 7, at most 28.6 % could be saved. Nothing was written." in result.stderr
    assert not out.exists()
    if options:
        assert json.loads(result.stdout)["status"] == "cancelled"
