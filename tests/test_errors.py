from __future__ import annotations

import inspect
import pickle

import pytest

from engine import errors
from engine.errors import Fault, InvalidProblemError, UnknownIdError, UnsupportedRuleError, nearest

FAULTS = (Fault("orders[0]", "is wrong"), Fault("tick_min", "found 7"))
KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.EngineError)]
SPECIAL = (errors._FaultsError, UnknownIdError, UnsupportedRuleError)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not issubclass(kind, SPECIAL)])
def test_the_docstring_is_the_default_message(kind):
    assert str(kind()) == kind.__doc__
    assert str(kind("Something else.")) == "Something else."


def test_all_faults_are_told():
    assert str(InvalidProblemError(FAULTS)) == "2 faults found:\n  orders[0]: is wrong\n  tick_min: found 7"
    assert str(InvalidProblemError(FAULTS[:1])).startswith("1 fault found:\n")


def test_an_unknown_id():
    assert (
        str(UnknownIdError("room", "romo-1", ["room-1", "x"])) == "There is no room 'romo-1'. Maybe you meant 'room-1'."
    )
    assert str(UnknownIdError("room", "xyz", ["room-1"])) == "There is no room 'xyz'."


@pytest.mark.parametrize(
    "error",
    [InvalidProblemError(FAULTS), UnknownIdError("room", "romo", ["room"]), UnsupportedRuleError(["tie"], "Search")],
)
def test_errors_can_be_sent_to_another_process(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.__dict__ == error.__dict__


def test_faults_are_values():
    assert Fault("a", "b") == Fault("a", "b") != Fault("a", "c")
    assert len({Fault("a", "b"), Fault("a", "b")}) == 1
    assert repr(Fault("a", "b")) == "Fault('a', 'b')"
    assert Fault("a", "b") != "a: b"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("mian", "main"),
        ("dr-mayer", "dr-meyer"),
        ("Room-1", "room-1"),
        ("", None),
        ("zzzz", None),
        ("pat-0123", "pat-00123"),
    ],
)
def test_the_nearest_name(given, expected):
    assert nearest(given, ["main", "dr-meyer", "room-1", "room-2", "pat-00123", "pat-99999"]) == expected


def test_the_nearest_of_many():
    many = [f"session-{i:06d}" for i in range(20_000)]
    assert nearest("sesion-012345", many) == "session-012345"
    assert nearest("x", []) is None
