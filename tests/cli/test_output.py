"""Writing answers whole or not at all."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from api.cli.common import BadInputError
from api.cli.output import (
    check_scenario_target,
    check_target,
    print_json,
    scenario_with,
    write_json,
    write_scenario,
    write_text,
)
from engine.scenario_io import load_scenario
from tests.cli import worlds


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"what": "Zürich"})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "what": "Zürich"\n}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path, monkeypatch) -> None:
    target = tmp_path / "a.json"
    target.write_text("before")

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_text(target, "after")
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_is_no_target_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is a folder"):
        check_target(tmp_path, force=True)


def test_what_exists_is_left_alone_unless_forced(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("mine")
    with pytest.raises(BadInputError, match=r"a\.json exists already"):
        check_target(target, force=False)
    check_target(target, force=True)
    assert target.read_text() == "mine"


def test_a_missing_folder_is_said_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no folder"):
        check_target(tmp_path / "nowhere" / "a.json", force=False)


def test_force_without_a_target_is_a_mistake() -> None:
    check_target(None, force=False)
    with pytest.raises(BadInputError, match="--force is given without --out"):
        check_target(None, force=True)


def test_json_on_standard_output_is_ascii(capsys) -> None:
    print_json({"what": "Zürich"})
    text = capsys.readouterr().out
    assert text.isascii()
    assert json.loads(text) == {"what": "Zürich"}


@pytest.mark.parametrize("name", ["out.json", "out"])
def test_a_scenario_is_read_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    given = worlds.booked_clinic()
    write_scenario(tmp_path / name, scenario_with(given, given.schedule), force=False)
    assert load_scenario(tmp_path / name) == given


def test_an_empty_folder_takes_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_scenario(tmp_path / "out", worlds.clinic(), force=False)
    assert load_scenario(tmp_path / "out") == worlds.clinic()


@pytest.mark.parametrize("name", ["out.yaml", "out.yml", "out.csv", "out.txt", "out.jsn"])
def test_a_scenario_is_a_json_file_or_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError, match=r"a \.json file, or a folder"):
        write_scenario(tmp_path / name, worlds.clinic(), force=False)
    assert not list(tmp_path.iterdir())


def test_a_folder_with_other_things_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInputError, match=r"thesis\.txt"):
        write_scenario(tmp_path / "out", worlds.clinic(), force=True)
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"
    with pytest.raises(BadInputError, match=r"thesis\.txt"):
        check_scenario_target(tmp_path / "out", force=True)


@pytest.mark.parametrize("check", [check_target, check_scenario_target])
@pytest.mark.parametrize("length", [300, 245])
def test_a_place_that_takes_nothing_is_said_before_the_work(check, tmp_path: Path, length: int) -> None:
    """The shorter name would do, but not with what is added to it while it is written."""
    target = tmp_path / f"{'x' * length}.json"
    with pytest.raises(BadInputError) as refused:
        check(target, force=True)
    assert str(refused.value) == f"{target}: cannot be written (File name too long)."


@pytest.mark.parametrize("check", [check_target, check_scenario_target])
def test_a_device_is_not_replaced(check) -> None:
    with pytest.raises(BadInputError, match=r"/dev/null is no \w+, and is left as it is"):
        check(Path("/dev/null"), force=True)


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "out.json").mkdir()
    with pytest.raises(BadInputError, match=r"out\.json is no file, and is left as it is"):
        check_scenario_target(tmp_path / "out.json", force=True)


def test_a_full_disk_is_said_of_the_file_that_was_wanted(tmp_path: Path, monkeypatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BadInputError, match=r"/a\.json: cannot be written \(No space left on device\)\.$"):
        write_text(tmp_path / "a.json", "text")
    assert list(tmp_path.iterdir()) == []
