"""`slotwright find --why-not` and `--what-would-help`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.model.schedule import Schedule
from engine.scenario_io import Scenario, save_scenario
from tests import factories as f

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """One doctor whose only session is booked, and an order due at noon."""
    problem = f.problem(
        resources=(f.practitioner(use="in-sessions"),),
        sessions=(f.session("s", "dr-a", start="08:00", end="09:00"),),
        patients=(f.patient(), f.patient("pat-2")),
        orders=(f.order(due=f.at("12:00")),),
    )
    busy = f.appointment("x", f.placed("visit", f.at("08:00"), 60, {"doctor": "dr-a"}), order=None, patient="pat-2")
    path = tmp_path / "full.json"
    save_scenario(Scenario(problem, Schedule.of(problem, [busy])), path)
    return path


def test_one_start_that_is_not_offered(run, full: Path) -> None:
    result = run("find", full, "--order", "ord-1", "--why-not", "2026-03-02 08:20")
    assert result.exit_code == 1
    assert "Dr dr-a is booked." in result.stdout
    assert "Maybe ask without --why-not which starts are free." in result.stdout


def test_one_start_in_json(run, full: Path) -> None:
    result = run("find", full, "--order", "ord-1", "--why-not", "2026-03-02 08:20", "--json")
    (obstacle,) = json.loads(result.stdout)["obstacles"]
    assert (obstacle["kind"], obstacle["rule"], obstacle["resources"]) == ("booked", "capacity", ["dr-a"])


def test_a_start_at_which_nothing_stands_in_the_way(run, booked: Path) -> None:
    result = run("find", booked, "--order", "ord-4", "--why-not", "2026-03-02 08:00")
    assert result.exit_code == 0
    assert "Mon 2 Mar 2026 08:00–08:20" in result.stdout
    assert "Nothing stands in the way of this start." in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--why-not", "2026-03-02 08:21"), "expected a multiple of 5 minutes"),
        (("--why-not", "2027-03-02 08:20"), "outside of the time that is planned"),
        (("--why-not", "2026-03-02 08:20", "--from", "2026-03-02"), "--why-not does not go with --from"),
        (("--what-would-help", "--until", "2026-03-04"), "--what-would-help does not go with --until"),
    ],
)
def test_what_does_not_go_together(run, full: Path, options: tuple[str, ...], message: str) -> None:
    result = run("find", full, "--order", "ord-1", *options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_where_there_is_no_offer_the_question_that_helps_is_named(run, full: Path) -> None:
    result = run("find", full, "--order", "ord-1")
    assert "Maybe ask with --what-would-help" in result.stdout


def test_what_would_help(run, full: Path) -> None:
    result = run("find", full, "--order", "ord-1", "--what-would-help")
    said = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "1. If the session of Dr dr-a on Monday 2 March ran until 09:30 (30 minutes longer)" in said
    assert "2. If Dr dr-a had one more session on Monday 2 March at 09:00 (until 09:30)" in said
    assert "Maybe ask" not in said


def test_what_would_help_in_json(run, full: Path) -> None:
    found = json.loads(run("find", full, "--order", "ord-1", "--what-would-help", "--json").stdout)["help"]
    assert (found["in_time"], found["limit"]) == (None, "2026-03-02T12:00+01:00")
    assert [(h["kind"], h["size"], h["resource"]) for h in found["helps"]] == [
        ("a longer session", 30, "dr-a"),
        ("one more session", 90, "dr-a"),
    ]
    assert found["helps"][0]["start"] == "2026-03-02T09:00+01:00"


def test_nothing_needs_to_change(run, booked: Path) -> None:
    result = run("find", booked, "--order", "ord-4", "--what-would-help")
    assert result.exit_code == 0
    assert "Nothing needs to change: Mon 2 Mar 2026 08:00 is free, and in time" in result.stdout


def test_a_stretch_without_an_offer_in_time_says_nothing_of_the_rest(run, full: Path) -> None:
    """What would help is not asked beside --from, and without it there may be an offer in time."""
    said = run("find", full, "--order", "ord-1", "--from", "2026-03-03", "--until", "2026-03-03").stdout
    assert "Maybe ask without --from and --until, or with --what-would-help in place of them." in said
    assert "No offer is in time" not in said
