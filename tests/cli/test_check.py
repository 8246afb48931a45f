"""`slotwright check`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli import worlds
from tests.factories import at

if TYPE_CHECKING:
    from pathlib import Path


def test_a_legal_schedule_is_clean(run, booked: Path) -> None:
    result = run("check", booked)
    assert result.exit_code == 0
    assert "3 appointments" in result.stdout
    assert "No rule is broken." in result.stdout


def test_a_broken_rule_is_named_and_ends_with_status_1(run, broken: Path) -> None:
    result = run("check", broken)
    assert result.exit_code == 1
    assert "capacity" in result.stdout
    assert "Dr. Ade is used 2 times at once" in result.stdout


def test_json_has_every_violation_and_the_costs(run, broken: Path) -> None:
    result = run("check", broken, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert answer["command"] == "check"
    assert answer["scenario"] == "Lake clinic"
    assert answer["now"] == "2026-03-02T00:00+01:00"
    assert answer["is_clean"] is False
    [violation] = answer["violations"]
    assert violation["rule"] == "capacity"
    assert set(violation["subjects"]) == {"app-1", "app-2", "dr-a"}
    assert violation["is_overridden"] is False
    assert answer["cost"] == sum(answer["costs"].values())
    assert answer["costs"]["unplaced"] == 6 * 2000


def test_costs_are_named_in_words(run, booked: Path) -> None:
    assert "Orders without a visit" in run("check", booked).stdout


def test_now_decides_which_holds_count(run, saved) -> None:
    given = worlds.broken_clinic()
    first, second = given.schedule.appointments
    hold = second.model_copy(update={"status": "pending", "expires_at": at("2026-03-02 10:00")})
    path = saved(worlds.scenario_of(given.problem, [first, hold]))
    assert run("check", path, "--now", "2026-03-02T09:59").exit_code == 1
    assert run("check", path, "--now", "2026-03-02T10:00").exit_code == 0


def test_an_unknown_template_is_named_with_the_nearest(run, saved) -> None:
    template = worlds.template_of("weekly")
    path = saved(worlds.clinic(templates=(template,)))
    result = run("check", path, "--template", "weekli")
    assert result.exit_code == 2
    assert result.stderr == "There is no template 'weekli'. Maybe you meant 'weekly'.\n"


def test_a_template_of_the_scenario_is_checked(run, saved) -> None:
    double = worlds.template_of("weekly", ("dr-a", "08:00"), ("dr-a", "09:00"))
    result = run("check", saved(worlds.clinic(templates=(double,))), "--template", "weekly")
    assert result.exit_code == 1
    assert "template-double" in result.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "template.json:1: cannot be read as JSON"),
        ("", "template.json: is empty"),
        ("[]", "template.json:1: found an empty list, expected a mapping"),
        ('{"template": {"id": "t"}}', "template.json:1: template: 'name' is missing"),
        ('{"template": null}', "template.json:1: template: found nothing, expected a mapping"),
    ],
)
def test_a_file_that_is_no_template_is_a_fault(run, clinic: Path, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "template.json"
    file.write_text(text)
    result = run("check", clinic, "--template", file)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
