"""Writing scenarios: without loss, whole or not at all, and never over what is not ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.problem import Problem
from engine.model.schedule import Schedule
from engine.scenario_io import Scenario, load_scenario, save_scenario
from engine.scenario_io.plain import plain
from scenarios.schema import SCHEMA_FILE
from tests.factories import problem
from tests.scenario_io.rich import rich_scenario

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = sorted(file.parent for file in SCHEMA_FILE.parent.glob("*/scenario.yaml"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("target", ["folder", "file.json"])
def test_what_is_written_is_read_back(tmp_path: Path, target: str):
    scenario = rich_scenario()
    save_scenario(scenario, tmp_path / target)
    back = load_scenario(tmp_path / target)
    assert back == scenario
    assert back.path == tmp_path / target
    assert names_in(tmp_path) == [target]


@pytest.mark.parametrize("target", ["folder", "file.json"])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_our_scenarios_survive(tmp_path: Path, folder: Path, target: str):
    scenario = load_scenario(folder)
    save_scenario(scenario, tmp_path / target)
    assert load_scenario(tmp_path / target) == scenario


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(note=TEXTS, name=TEXTS.filter(bool), zone=st.sampled_from(["UTC", "Asia/Kathmandu", "America/New_York"]))
def test_any_text_in_any_zone_comes_back(tmp_path: Path, note: str, name: str, zone: str):
    scenario = rich_scenario(note, name, zone)
    for target in (tmp_path / "folder", tmp_path / "file.json"):
        save_scenario(scenario, target, overwrite=True)
        assert load_scenario(target) == scenario


def test_writing_again_gives_the_same_bytes(tmp_path: Path):
    save_scenario(rich_scenario(), tmp_path / "one")
    save_scenario(load_scenario(tmp_path / "one"), tmp_path / "two")
    assert names_in(tmp_path / "one") == names_in(tmp_path / "two")
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_the_files_of_a_folder(tmp_path: Path):
    save_scenario(rich_scenario(), tmp_path / "rich")
    assert names_in(tmp_path / "rich") == [
        "appointments.csv", "events.csv", "groups.yaml", "left_over.yaml", "orders.csv", "patients.csv",
        "reservations.csv", "resources.yaml", "scenario.yaml", "services.yaml", "sessions.csv", "steps.csv",
    ]  # fmt: skip
    assert (tmp_path / "rich" / "sessions.csv").read_text() == (
        "id,day,owner,site,period,rooms\n"
        "s1,2026-03-02,dr-b,main,08:00-12:00,\n"
        "s2,2026-03-03,dr-b,main,08:00-12:00,room-1\n"
    )
    head = (tmp_path / "rich" / "scenario.yaml").read_text().splitlines()[:4]
    assert head == [
        "slotwright: 1",
        "name: home world",
        "time_zone: Europe/Zurich",
        "horizon: {start: '2026-03-02T00:00+01:00', end: '2026-03-16T00:00+01:00'}",
    ]


def test_an_empty_clinic_is_one_short_file(tmp_path: Path):
    world = problem()
    world = Problem(name="empty", time_zone=world.time_zone, horizon=world.horizon)
    save_scenario(Scenario(world, Schedule(world)), tmp_path / "empty")
    assert names_in(tmp_path / "empty") == ["scenario.yaml"]
    assert load_scenario(tmp_path / "empty").problem == world


def test_folders_above_are_made(tmp_path: Path):
    save_scenario(rich_scenario(), tmp_path / "a" / "b")
    save_scenario(rich_scenario(), tmp_path / "c" / "d.json")
    assert load_scenario(tmp_path / "a" / "b") == load_scenario(tmp_path / "c" / "d.json")


@pytest.mark.parametrize("target", ["folder", "file.json"])
def test_nothing_is_overwritten_unless_told(tmp_path: Path, target: str):
    save_scenario(rich_scenario("old"), tmp_path / target)
    with pytest.raises(FileExistsError, match=r"exists already\. Maybe choose another name"):
        save_scenario(rich_scenario("new"), tmp_path / target)
    assert load_scenario(tmp_path / target) == rich_scenario("old")
    save_scenario(rich_scenario("new"), tmp_path / target, overwrite=True)
    assert load_scenario(tmp_path / target) == rich_scenario("new")
    assert names_in(tmp_path) == [target]


def test_an_empty_folder_is_taken(tmp_path: Path):
    (tmp_path / "out").mkdir()
    save_scenario(rich_scenario(), tmp_path / "out")
    assert load_scenario(tmp_path / "out") == rich_scenario()


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path):
    folder = tmp_path / "home"
    save_scenario(rich_scenario("old"), folder)
    (folder / "thesis.tex").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"holds 'thesis\.tex', which is no file of a scenario, and is left"):
        save_scenario(rich_scenario("new"), folder, overwrite=True)
    assert (folder / "thesis.tex").read_text() == "years of work"
    (tmp_path / "plain").write_text("a file")
    with pytest.raises(FileExistsError, match="is no folder"):
        save_scenario(rich_scenario("new"), tmp_path / "plain", overwrite=True)


@pytest.mark.parametrize("target", ["folder", "file.json"])
@pytest.mark.parametrize("is_there", [False, True])
def test_an_interruption_leaves_nothing_half_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, is_there: bool
):
    if is_there:
        save_scenario(rich_scenario("old"), tmp_path / target)
    before = names_in(tmp_path)

    def interrupted(value: Any, *rest: Any) -> Any:
        if getattr(value, "id", None) == "app-1" or (isinstance(value, tuple) and len(value) > 2):
            raise KeyboardInterrupt
        return plain(value, *rest)

    monkeypatch.setattr("engine.scenario_io.writing.plain", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_scenario(rich_scenario("new"), tmp_path / target, overwrite=True)
    assert names_in(tmp_path) == before
    if is_there:
        assert load_scenario(tmp_path / target) == rich_scenario("old")


def test_an_interruption_between_two_renames_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    save_scenario(rich_scenario("old"), tmp_path / "folder")
    rename = type(tmp_path).rename
    calls: list[str] = []

    def second_fails(self: Path, to: Path) -> Path:
        calls.append(self.name)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, to)

    monkeypatch.setattr(type(tmp_path), "rename", second_fails)
    with pytest.raises(KeyboardInterrupt):
        save_scenario(rich_scenario("new"), tmp_path / "folder", overwrite=True)
    assert names_in(tmp_path) == ["folder"]
    assert load_scenario(tmp_path / "folder") == rich_scenario("old")


def test_a_character_that_no_text_file_holds(tmp_path: Path):
    with pytest.raises(ValueError, match=r"in row 2 of patients\.csv holds a NUL character"):
        save_scenario(rich_scenario("a\0b"), tmp_path / "folder")
    assert names_in(tmp_path) == []
    save_scenario(rich_scenario("a\0b"), tmp_path / "file.json")
    assert load_scenario(tmp_path / "file.json") == rich_scenario("a\0b")


@pytest.mark.parametrize("name", ["one.yaml", "one.yml", "orders.csv"])
def test_files_that_are_read_only(tmp_path: Path, name: str):
    with pytest.raises(ValueError, match=r"is no folder and no \.json file"):
        save_scenario(rich_scenario(), tmp_path / name)
    assert names_in(tmp_path) == []


def test_others_may_read_what_is_written(tmp_path: Path):
    save_scenario(rich_scenario(), tmp_path / "folder")
    save_scenario(rich_scenario(), tmp_path / "file.json")
    (tmp_path / "usual").mkdir()
    (tmp_path / "usual.txt").touch()
    assert (tmp_path / "folder").stat().st_mode == (tmp_path / "usual").stat().st_mode
    assert (tmp_path / "file.json").stat().st_mode == (tmp_path / "usual.txt").stat().st_mode


def test_a_json_file_has_an_item_a_line(tmp_path: Path):
    save_scenario(rich_scenario(), tmp_path / "file.json")
    lines = (tmp_path / "file.json").read_text().splitlines()
    assert lines[:3] == ["{", '"slotwright": 1,', '"name": "home world",']
    assert sum(line.startswith('  {"id": "app-') for line in lines) == 4


def test_the_path_is_no_part_of_what_is_compared():
    scenario = rich_scenario()
    assert replace(scenario, path=None) == scenario
