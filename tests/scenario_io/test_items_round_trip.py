"""Whatever a class of the model can hold survives being written and read, in every form of file."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.scenario_io.csvtext import read_table
from engine.scenario_io.faults import FaultLog, Place
from engine.scenario_io.files import columns_of
from engine.scenario_io.items import read_item
from engine.scenario_io.jsontext import parse_json
from engine.scenario_io.layout import PARTS, TABLE_KEYS
from engine.scenario_io.plain import plain
from engine.scenario_io.reading import _table_items
from engine.scenario_io.writing import _dump_yaml, _item_rows
from engine.scenario_io.yamltext import parse_yaml
from tests.scenario_io.drawn import drawn

ZONE = "Europe/Zurich"
CALM = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
LISTS = [key for key, part in PARTS.items() if part.is_list]
RECORDS = [*LISTS, "policy", "planning", "horizon"]


def read(raw: Any, annotation: Any) -> Any:
    log = FaultLog()
    item = read_item(raw, annotation, ZONE, Place("file", "", lambda _path: 1), log)
    assert log.found == []
    return item


@pytest.mark.parametrize("key", RECORDS)
@CALM
@given(data=st.data())
def test_an_item_in_json(key: str, data: st.DataObject):
    item = data.draw(drawn(PARTS[key].type))
    text = json.dumps(plain(item, None, ZONE), ensure_ascii=False)
    assert read(parse_json(text, "file").value, PARTS[key].type) == item


@pytest.mark.parametrize("key", RECORDS)
@CALM
@given(data=st.data())
def test_an_item_in_yaml(key: str, data: st.DataObject):
    item = data.draw(drawn(PARTS[key].type))
    file = io.StringIO()
    _dump_yaml(plain(item, None, ZONE), file)
    document = parse_yaml(file.getvalue(), "file")
    assert document.repeats == []
    assert read(document.value, PARTS[key].type) == item


@pytest.mark.parametrize("key", TABLE_KEYS)
@CALM
@given(data=st.data())
def test_items_in_a_table(key: str, data: st.DataObject):
    part = PARTS[key]
    items = data.draw(st.lists(drawn(part.type), min_size=1, max_size=3))
    text = "".join(_item_rows(items, part, ZONE))
    log = FaultLog()
    table = read_table(text.encode(), "file", *columns_of(key), log)
    back = [read_item(raw, part.type, ZONE, place, log) for raw, place, _ in _table_items(table, part.type, log)]
    assert log.found == []
    assert back == items
