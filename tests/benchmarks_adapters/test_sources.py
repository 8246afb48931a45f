"""Where public instances are looked for, and what is said where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.adapters import ROOT_VARIABLE, PublicInstancesMissingError, instances_root, nuclear_medicine
from benchmarks.adapters import operating_room as rooms


def test_the_variable_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))

    assert instances_root() == tmp_path
    assert rooms.SOURCE.path == tmp_path / "operating-room-booking"


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_the_folder_is_beside_the_repository(monkeypatch, value):
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(ROOT_VARIABLE, value)
    repository = Path(__file__).resolve().parents[2]

    assert instances_root() == (repository.parent / "shared" / "benchmarks").resolve()


def test_an_absent_folder_says_what_was_not_run_and_where_the_data_is(monkeypatch, tmp_path):
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    source = nuclear_medicine.SOURCE

    with pytest.raises(PublicInstancesMissingError) as error:
        source.require("the reference costs")

    said = str(error.value)
    assert said == source.absence("the reference costs")
    assert said.startswith("Not run: the reference costs.")
    assert str(tmp_path / "nuclear-medicine-rescheduling") in said
    assert "https://github.com/MarcoMochi/HC2024NMR" in said
    assert "5866d0e6b3c045b01662044f7b796eb8ae9e94ce" in said
    assert ROOT_VARIABLE in said


def test_a_folder_that_exists_is_returned(monkeypatch, tmp_path):
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    assert not rooms.SOURCE.is_present
    (tmp_path / rooms.SOURCE.folder).mkdir()

    assert rooms.SOURCE.is_present
    assert rooms.SOURCE.require("anything") == tmp_path / "operating-room-booking"
