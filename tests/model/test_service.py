from __future__ import annotations

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.model.service import Duration, Gap, HeldResource, Offset, Role, RoleRef, Service, Step
from tests.factories import role, step

offsets = st.builds(Offset, anchor=st.sampled_from(["start", "end"]), minutes=st.integers(-99_999, 99_999))


@pytest.mark.parametrize(
    ("text", "anchor", "minutes"),
    [
        ("start", "start", 0),
        ("end+10", "end", 10),
        ("start-15", "start", -15),
        (" end - 5 ", "end", -5),
        ("end+0", "end", 0),
    ],
)
def test_offsets(text, anchor, minutes):
    assert Offset.model_validate(text) == Offset(anchor=anchor, minutes=minutes)
    jsonschema.validate(text, Offset.model_json_schema())
    assert Offset.model_json_schema(mode="serialization") == {"type": "string"}


@pytest.mark.parametrize(
    "text", ["", "begin", "start+", "start+1.5", "start+100000", "start 5", "+5", "start+5m", "end\n+"]
)
def test_no_offsets(text):
    with pytest.raises(ValidationError, match=r"expected such as start, start-15 or end\+10"):
        Offset.model_validate(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(text, Offset.model_json_schema())


@pytest.mark.parametrize("given_value", [5, None, {"anchor": "middle"}, {"anchor": "start", "minutes": 100_000}])
def test_no_offsets_at_all(given_value):
    with pytest.raises(ValidationError):
        Offset.model_validate(given_value)


@given(offsets)
def test_offsets_are_read_as_they_are_written(offset):
    assert Offset.model_validate(str(offset)) == offset
    assert Offset.model_validate_json(offset.model_dump_json()) == offset
    jsonschema.validate(str(offset), Offset.model_json_schema())


def test_offsets_as_text():
    assert [str(Offset.model_validate(t)) for t in ("start", "end+0", "start-15", "end + 10")] == [
        "start",
        "end",
        "start-15",
        "end+10",
    ]


# Durations


def test_a_duration_may_be_a_number():
    assert Duration.model_validate(20) == Duration(minutes=20)
    assert step(minutes=20).duration == Duration(minutes=20)
    jsonschema.validate(20, Duration.model_json_schema())
    jsonschema.validate({"minutes": 20, "by_modifier": {"new": 20}}, Duration.model_json_schema())


@pytest.mark.parametrize("wrong", [0, -5, True, "20", 20.5, {"minutes": 0}])
def test_no_durations(wrong):
    with pytest.raises(ValidationError):
        Duration.model_validate(wrong)
    if wrong is not True:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, Duration.model_json_schema())


def test_facts_do_not_share_their_default_mappings():
    one, other = Duration(minutes=1), Duration(minutes=1)
    assert one.by_practitioner is not other.by_practitioner


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


names = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)


@given(names.filter(lambda n: "." not in n), names)
def test_references_to_roles_are_read_as_they_are_written(step_id, role_id):
    ref = RoleRef(step=step_id, role=role_id)
    assert RoleRef.model_validate_json(ref.model_dump_json()) == ref
    assert RoleRef.model_validate(f"{step_id}.{role_id}") == ref
    jsonschema.validate(ref.model_dump(mode="json"), RoleRef.model_json_schema())


@pytest.mark.parametrize("text", ["", "visit", "visit.", ".doctor", "."])
def test_no_references_to_roles(text):
    with pytest.raises(ValidationError, match=r"expected STEP\.ROLE"):
        RoleRef.model_validate(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(text, RoleRef.model_json_schema())


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
