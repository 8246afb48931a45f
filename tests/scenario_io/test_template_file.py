"""A template in a file of its own: every fault at once, with its line."""

from __future__ import annotations

import json

import pytest

from engine.errors import ScenarioFormatError
from engine.model.session import Pool
from engine.model.template import Template
from engine.scenario_io import load_template
from tests.check.templates import block, entry, nth, template, world

GIVEN = template(
    entry("a", weeks=(2,), rooms=("room-1",)),
    entry("b", Pool(kind="practitioner", capabilities=("nurse",)), on=nth(-1)),
    block("c", day="tue", services=("operation",)),
    cycle_weeks=2,
)
LINES = """{
  "template": {
    "id": "t", "nam": "t", "effective_from": "2026-03-02", "name": "t",
    "sessions": [
      {"id": "a", "owner": "dr-a", "site": "main", "on": {"day": "mon"}, "period": {"from": "08:00"}},
      {"id": "b", "owner": "dr-a", "site": "main", "on": {"day": "mo"}, "period": {"from": "08:00", "to": "12:00"}}
    ]
  }
}"""


def faults(path, problem):
    with pytest.raises(ScenarioFormatError) as caught:
        load_template(path, problem)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("is_inside", [True, False])
def test_what_was_written_is_read(tmp_path, is_inside):
    written = GIVEN.model_dump(mode="json", by_alias=True)
    (tmp_path / "t.json").write_text(json.dumps({"command": "template", "template": written} if is_inside else written))
    found = load_template(tmp_path / "t.json", world())
    assert isinstance(found, Template)
    assert found == GIVEN


def test_every_fault_is_told_with_its_line(tmp_path):
    (tmp_path / "t.json").write_text(LINES)
    assert faults(tmp_path / "t.json", world()) == [
        "t.json:3: template: unknown key 'nam'. Maybe you meant 'name'.",
        "t.json:5: template.sessions[0].period: 'to' is missing",
        "t.json:6: template.sessions[1].on.day: found 'mo', expected mon, tue, wed, thu, fri, sat or sun. Maybe you "
        "meant 'mon'.",
    ]


def test_it_is_held_against_the_problem(tmp_path):
    wrong = template(entry("a", "dr-z"), entry("a", "dr-b", weeks=(3,), rooms=("room-9",)), cycle_weeks=2)
    document = {"template": wrong.model_dump(mode="json", by_alias=True)}
    (tmp_path / "t.json").write_text(json.dumps(document))
    assert sorted(faults(tmp_path / "t.json", world())) == [
        "t.json:1: template.sessions[0].owner: found 'dr-z', expected the id of a resource. Maybe you meant 'dr-b'.",
        "t.json:1: template.sessions[1].id: found 'a', which template.sessions[0] has already; expected an id of its "
        "own",
        "t.json:1: template.sessions[1].on.weeks[0]: found 3, expected a week of the cycle, 1 to 2",
        "t.json:1: template.sessions[1].rooms[0]: found 'room-9', expected the id of a room. Maybe you meant 'room-2'.",
    ]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe", b'{"template": 1}', b"[]", b'{"template": {}, "template": 2}']
)
def test_no_template_at_all(tmp_path, data):
    (tmp_path / "t.json").write_bytes(data)
    assert faults(tmp_path / "t.json", world())
    assert faults(tmp_path / "missing.json", world()) == ["missing.json: cannot be read (No such file or directory)"]
