from __future__ import annotations

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.model.shorthand import Duration, Offset, RoleRef
from tests.factories import step

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


# References to roles

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
