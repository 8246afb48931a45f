"""YAML by the rules of 1.2, with lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.scenario_io import yamltext
from engine.scenario_io.faults import UnreadableFileError
from engine.scenario_io.jsontext import parse_json
from engine.scenario_io.yamltext import core_scalar, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("NULL", None), ("nUll", "nUll"),
        ("true", True), ("FALSE", False), ("yes", "yes"), ("no", "no"), ("on", "on"), ("Off", "Off"), ("y", "y"),
        ("0", 0), ("-12", -12), ("+12", 12), ("012", 12), ("0o14", 12), ("0xfF", 255), ("-0x1", "-0x1"), ("0b1", "0b1"),
        ("1_000", "1_000"), ("10:00", "10:00"), ("190:20:30", "190:20:30"), ("2026-03-02", "2026-03-02"),
        ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-2", -0.015), ("e3", "e3"), ("1.2.3", "1.2.3"),
        (".inf", ".inf"), ("-.INF", "-.INF"), (".nan", ".nan"), ("0x", "0x"), ("0o8", "0o8"), ("+", "+"), (".", "."),
        ("٣", "٣"), ("1٣", "1٣"), ("-", "-"), ("=", "="), ("<<", "<<"),
    ],
)  # fmt: skip
def test_plain_scalars_of_the_core_schema(text: str, value: Any):
    found = core_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("style", ["'12'", '"12"', "|-\n  12", ">-\n  12"])
def test_what_is_quoted_or_a_block_is_text(style: str):
    assert parse_yaml(f"key: {style}\n", "file").value == {"key": "12"}


def test_lines_of_everything():
    text = "# a comment\na: 1\n\nb:\n- x\n-\n  c: &n {d: 1,\n       e: 2}\nf: [*n, g]\n'h': |\n  two\n  lines\ni: 3\n"
    document = parse_yaml(text, "file")
    held = {"d": 1, "e": 2}
    assert document.value == {"a": 1, "b": ["x", {"c": held}], "f": [held, "g"], "h": "two\nlines\n", "i": 3}
    lines = {
        ("a",): 2, ("b",): 4, ("b", 0): 5, ("b", 1, "c"): 7, ("b", 1, "c", "e"): 8, ("f",): 9, ("f", 0): 9,
        ("f", 0, "e"): 8, ("h",): 10, ("i",): 13, ("b", 1, "c", "missing"): 7, ("nowhere",): 2, (): 2,
    }  # fmt: skip
    assert {path: document.line_of(path) for path in lines} == lines


def test_keys_are_text():
    assert parse_yaml("{12: a, true: b, null: c, on: d, 2026-03-02: e, '': f}", "file").value == {
        "12": "a", "true": "b", "null": "c", "on": "d", "2026-03-02": "e", "": "f",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["? [a]\n: b\n", "{[a]: b}", "? {a: b}\n: c\n", "a: &x y\n*x : z\n"])
def test_keys_that_are_no_text(text: str):
    with pytest.raises(UnreadableFileError, match="as a key, expected text"):
        parse_yaml(text, "file")


def test_the_parser_written_in_python_gives_the_same(monkeypatch: pytest.MonkeyPatch):
    text = "a: [1, {b: 'c'}]\nd:\n- e\n- &f 2\n- *f\n"
    fast = parse_yaml(text, "file")
    monkeypatch.setattr(yamltext, "_LOADER", yaml.SafeLoader)
    slow = parse_yaml(text, "file")
    assert slow.value == fast.value == {"a": [1, {"b": "c"}], "d": ["e", 2, 2]}
    assert slow.line_of(("d", 1)) == fast.line_of(("d", 1)) == 4


@pytest.mark.parametrize(
    "text",
    [
        "a: 'b",
        "a: [b",
        "a: b: c",
        "a: @b",
        "\x01",
        "a: \x07",
    ],
)
def test_what_is_no_yaml(text: str):
    with pytest.raises(UnreadableFileError):
        parse_yaml(text, "file")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(value=JSON, indent=st.sampled_from([None, 1, "\t"]))
def test_json_comes_back_with_the_line_of_every_value(value: Any, indent: Any):
    text = json.dumps(value, indent=indent)
    document = parse_json(text, "file")
    assert document.value == value
    lines = text.split("\n")

    def check(value: Any, path: tuple[Any, ...]) -> None:
        line = lines[document.line_of(path) - 1]
        if path and isinstance(path[-1], str):
            assert json.dumps(path[-1]) in line
        elif not isinstance(value, (dict, list)):
            assert json.dumps(value) in line
        children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in children:
            check(inner, (*path, key))

    check(value, ())
