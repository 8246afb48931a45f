"""`slotwright scenario info` and `slotwright scenario new`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from engine.scenario_io import load_scenario, save_scenario
from tests import factories as f
from tests.cli import worlds

if TYPE_CHECKING:
    from pathlib import Path

SMALL = ("hospital_network", "--scale", "0.05", "--weeks", "1")


def test_info_counts_what_there_is(run, booked: Path) -> None:
    result = run("scenario", "info", booked)
    assert result.exit_code == 0
    for words in ("Lake clinic", "2 practitioner, 2 room", "1 urgent, 7 routine", "3 booked", "ev-1", "2 contracts"):
        assert words in result.stdout


def test_info_as_json(run, booked: Path) -> None:
    answer = json.loads(run("scenario", "info", booked, "--json").stdout)
    assert answer["resources"] == {"practitioner": 2, "room": 2, "equipment": 0, "bed": 0}
    assert answer["orders"] == {"urgent": 1, "routine": 7}
    assert answer["appointments"] == {"booked": 3}
    assert answer["horizon"] == {"start": "2026-03-02T00:00+01:00", "end": "2026-03-16T00:00+01:00"}
    assert answer["events"] == ["ev-1"]


def test_an_empty_clinic_is_valid(run, saved) -> None:
    path = saved(worlds.clinic(orders=(), patients=(), planning=None))
    result = run("scenario", "info", path)
    assert result.exit_code == 0
    assert "Orders           none" in result.stdout


def test_a_folder_and_a_file_hold_the_same(run, booked: Path, tmp_path: Path) -> None:
    save_scenario(load_scenario(booked), tmp_path / "folder")
    one, other = (json.loads(run("scenario", "info", path, "--json").stdout) for path in (booked, tmp_path / "folder"))
    assert one == other


def test_a_duration_that_is_rounded_up_is_noted(run, saved) -> None:
    services = (f.service("visit", f.step(minutes=12)),)
    problem = f.problem(services=services)
    result = run("scenario", "info", saved(worlds.scenario_of(problem)))
    assert "Note: " in result.stdout


def test_a_world_is_made_from_a_seed(run, tmp_path: Path) -> None:
    result = run("scenario", "new", *SMALL, "--out", tmp_path / "one", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["scenario"] == "Hospital network"
    again = run("scenario", "new", *SMALL, "--seed", "1", "--out", tmp_path / "two.json")
    assert again.exit_code == 0
    other = run("scenario", "new", *SMALL, "--seed", "2", "--out", tmp_path / "three.json")
    assert other.exit_code == 0
    one, two, three = (load_scenario(tmp_path / name) for name in ("one", "two.json", "three.json"))
    assert one == two
    assert one != three


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("hospital_netwrk", "--out", "x"), "hospital_netwrk"),
        (("hospital_network",), "--out"),
        (("hospital_network", "--out", "x", "--scale", "0"), "--scale: found '0'"),
        (("hospital_network", "--out", "x.yaml"), "a .json file, or a folder"),
    ],
)
def test_bad_input(run, options, message: str) -> None:
    result = run("scenario", "new", *options)
    assert result.exit_code == 2
    assert message in result.stderr


def test_an_existing_scenario_is_left_alone_unless_forced(run, booked: Path) -> None:
    before = booked.read_bytes()
    assert run("scenario", "new", *SMALL, "--out", booked).exit_code == 2
    assert booked.read_bytes() == before
    assert run("scenario", "new", *SMALL, "--out", booked, "--force").exit_code == 0
    assert load_scenario(booked).problem.name == "Hospital network"
