"""The JSON Schema: checked in as generated, and agreeing with what the loader takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.scenario_io.document import checked_bytes, decoded
from engine.scenario_io.faults import FaultLog
from engine.scenario_io.files import open_scenario
from engine.scenario_io.layout import PARTS, VERSION_KEY
from engine.scenario_io.plain import plain
from engine.scenario_io.reading import _Reading
from engine.scenario_io.schema import scenario_schema
from engine.scenario_io.writing import save_scenario
from engine.scenario_io.yamltext import parse_yaml
from scenarios.schema import SCHEMA_FILE, schema_text
from tests.scenario_io.drawn import drawn
from tests.scenario_io.folders import BOOKED, HEADER, put
from tests.scenario_io.rich import rich_scenario

if TYPE_CHECKING:
    from pathlib import Path

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
FOLDERS = sorted(file.parent for file in SCHEMA_FILE.parent.glob("*/scenario.yaml"))
HEAD = {
    "slotwright": 1,
    "name": "x",
    "time_zone": "UTC",
    "horizon": {"start": "2026-03-02T00:00", "end": "2026-03-03T00:00"},
}


def whole(folder: Path) -> dict[str, Any]:
    """A folder's parts put together, as plain values."""
    log = FaultLog()
    source = open_scenario(folder, log)
    reading = _Reading(source, log)
    made: dict[str, Any] = {VERSION_KEY: 1}
    for key, section in source.sections.items():
        made[key] = section.value
    for key in set(source.tables) & {"patients", "orders", "sessions", "blocks", "events"}:
        made[key] = [raw for raw, _, _ in reading.raw_items(PARTS[key])]
    assert log.found == []
    return made


def test_the_file_is_the_one_that_the_model_gives():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "Maybe run `make schema`."


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(scenario_schema())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_our_scenarios_keep_to_it(folder: Path):
    assert [error.message for error in VALIDATOR.iter_errors(whole(folder))] == []


def test_what_is_written_keeps_to_it(tmp_path: Path):
    save_scenario(rich_scenario(), tmp_path / "file.json")
    document = json.loads((tmp_path / "file.json").read_text(encoding="utf-8"))
    assert {"appointments", "groups", "events", "left_over", "schedule_version"} <= document.keys()
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []


def test_the_examples_of_the_reference_keep_to_it(tmp_path: Path):
    page = (SCHEMA_FILE.parent.parent / "docs" / "reference" / "scenario-files.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    put(tmp_path, {"scenario.yaml": example})
    assert list(VALIDATOR.iter_errors(parse_yaml(decoded(checked_bytes(tmp_path / "scenario.yaml")), "x").value)) == []


def test_tables_put_together_keep_to_it(tmp_path: Path):
    assert list(VALIDATOR.iter_errors(whole(put(tmp_path, BOOKED)))) == []


@pytest.mark.parametrize("key", [key for key, part in PARTS.items() if part.is_list])
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_a_class_can_hold_keeps_to_it(key: str, data: st.DataObject):
    item = plain(data.draw(drawn(PARTS[key].type)), None, "UTC")
    assert [error.message for error in VALIDATOR.iter_errors({**HEAD, key: [item]})] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"polcy": {}},
        {"slotwright": 2},
        {"tick_min": 0},
        {"tick_min": "5"},
        {"tick_min": 5.5},
        {"name": 5},
        {"horizon": {"start": "2026-03-02", "end": "2026-03-03T00:00"}},
        {"policy": {"discharge_at": "24:01"}},
        {"policy": {"weights": {"tardyness": 1}}},
        {"policy": {"weights": {"tardiness": 10**10}}},
        {"resources": [{"id": "a", "name": "A", "site": "main"}]},
        {"resources": [{"kind": "rom", "id": "a", "name": "A", "site": "main"}]},
        {"sites": [{"id": "a", "name": "A", "time_zone": "UTC", "hours": {"weekly": [{"days": ["mon"], "start": "08:00",
                                                                                       "end": "09:00"}]}}]},
        {"patients": [{"id": "a", "name": "A", "birth_date": "1950"}]},
        {"orders": None},
    ],
)  # fmt: skip
def test_what_the_loader_refuses_the_schema_refuses(wrong: dict[str, Any]):
    assert list(VALIDATOR.iter_errors(HEAD)) == []
    assert list(VALIDATOR.iter_errors({**HEAD, **wrong})) != []


def test_the_shortest_scenario_keeps_to_it(tmp_path: Path):
    assert list(VALIDATOR.iter_errors(whole(put(tmp_path, {"scenario.yaml": HEADER})))) == []
