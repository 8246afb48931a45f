from __future__ import annotations

import jsonschema
import pytest
from pydantic import ValidationError

from engine.model.service import Gap, HeldResource, Role, Service, Step
from engine.model.shorthand import RoleRef
from tests.factories import role


def test_a_step_lasts_minutes_or_nights():
    assert Step(id="a", nights=2).duration is None
    for fields in ({}, {"duration": 20, "nights": 2}):
        with pytest.raises(ValidationError, match="either a duration or a number of nights"):
            Step(id="a", **fields)


def test_gaps():
    assert Gap(min_min=5, max_min=5).max_min == 5
    with pytest.raises(ValidationError, match=r"the longest gap \(4 min\) is shorter than the shortest \(5 min\)"):
        Gap(min_min=5, max_min=4)


# Roles


@pytest.mark.parametrize(
    ("start", "end", "window"),
    [
        ("start", "end", (0, 60)),
        ("start-15", "start", (-15, 0)),
        ("end-10", "end+5", (50, 65)),
        ("start+20", "start+30", (20, 30)),
        ("end", "start", (60, 0)),
    ],
)
def test_windows(start, end, window):
    assert role("doctor", start=start, end=end).window_min(60) == window


def test_a_role_is_written_with_from_and_until():
    written = role("doctor", start="start+5", end="end-5").model_dump(mode="json", by_alias=True)
    assert (written["from"], written["until"]) == ("start+5", "end-5")
    assert Role.model_validate(written) == role("doctor", start="start+5", end="end-5")


def test_by_default_a_role_is_needed_for_its_whole_step():
    assert role("doctor").window_min(20) == (0, 20)


@pytest.mark.parametrize("fields", [{"any_of": ()}, {"count": 0}, {"units": 0}, {"modalities": ()}, {"setup_min": -1}])
def test_no_roles(fields):
    with pytest.raises(ValidationError):
        role("doctor", **fields)


def test_a_service_as_people_write_it():
    written = {
        "id": "infusion",
        "name": "Infusion",
        "steps": [
            {"id": "start", "duration": 10, "roles": [{"id": "nurse", "kind": "practitioner", "until": "start+5"}]},
            {"id": "run", "duration": {"minutes": 60}, "gap": {"max_min": 5}, "roles": []},
        ],
        "held": [{"role": {"id": "chair", "kind": "room"}, "first": "start", "last": "run"}],
        "same": [{"roles": ["start.nurse", "start.chair"]}],
    }
    jsonschema.validate(written, Service.model_json_schema())
    infusion = Service.model_validate(written)
    assert infusion.steps[0].roles[0].window_min(10) == (0, 5)
    assert infusion.held == (HeldResource(role=role("chair", "room"), first="start", last="run"),)
    assert infusion.same[0].roles[1] == RoleRef(step="start", role="chair")
    assert Service.model_validate_json(infusion.model_dump_json()) == infusion
