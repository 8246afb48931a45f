"""Cells of a table, to and from plain values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import LocalPeriod
from engine.model.ids import ResourceId
from engine.model.session import Pool
from engine.scenario_io.cells import cell_text, cell_value
from engine.scenario_io.shapes import shape_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    [";", "a;b", "[", "[]", " a", "a ", "", "{", '"', '"a"', "null", "\\", "\n", "\u2003"]
)


@pytest.mark.parametrize(
    ("cell", "annotation", "value"),
    [
        ("12", int, 12),
        ("-3", int, -3),
        ("true", bool, True),
        ("false", bool, False),
        ("12", str, "12"),
        (" a ", str, " a "),
        ("a;b", tuple[str, ...], ["a", "b"]),
        (" a ; b ", tuple[str, ...], ["a", "b"]),
        ("3;4", tuple[int, ...], [3, 4]),
        ("[]", tuple[str, ...], []),
        ("08:00-12:00", LocalPeriod, {"from": "08:00", "to": "12:00"}),
        ("08:00 - 12:00", LocalPeriod, {"from": "08:00", "to": "12:00"}),
        ("dr-a", ResourceId | Pool, "dr-a"),
        ('{"kind": "room"}', ResourceId | Pool, {"kind": "room"}),
    ],
)
def test_what_cells_say(cell: str, annotation: Any, value: Any):
    found = cell_value(cell, shape_of(annotation), "column")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("cell", "annotation", "said"),
    [
        ("1.0", int, "found '1.0', expected a whole number"),
        ("\u0661", int, "found '\u0661', expected a whole number"),
        ("1" * 21, int, f"found '{'1' * 21}', expected a whole number"),
        ("TRUE", bool, "found 'TRUE', expected true or false"),
        ("1;x", tuple[int, ...], "found 'x', expected a whole number"),
        ("08:00", LocalPeriod, "found '08:00', expected a period such as 08:00-12:00"),
        ("{", ResourceId | Pool, None),
        ('{"a": 1, "a": 2}', ResourceId | Pool, None),
        ('"\\ud800"', ResourceId | Pool, None),
        ("[" * 100_000, tuple[str, ...], None),
    ],
)
def test_cells_that_say_nothing(cell: str, annotation: Any, said: str | None):
    with pytest.raises(ValueError, match=r"^found ") as caught:
        cell_value(cell, shape_of(annotation), "column")
    assert said is None or str(caught.value) == said


@given(items=st.lists(TEXTS, min_size=1, max_size=4))
def test_lists_come_back(items: list[str]):
    shape = shape_of(tuple[str, ...])
    assert cell_value(cell_text(items, shape), shape, "column") == items


@given(text=TEXTS.filter(bool))
def test_texts_that_might_be_json_come_back(text: str):
    shape = shape_of(ResourceId | Pool)
    assert cell_value(cell_text(text, shape), shape, "column") == text


@pytest.mark.parametrize("value", [True, False, 0, -7])
def test_scalars_come_back(value: Any):
    shape = shape_of(type(value))
    found = cell_value(cell_text(value, shape), shape, "column")
    assert found == value
    assert type(found) is type(value)


def test_a_type_that_no_file_holds():
    with pytest.raises(TypeError, match="has no shape in scenario files"):
        shape_of(bytes)
