"""A problem is legal, or has exactly the one fault that a test is about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from engine.errors import InvalidProblemError
from engine.model.calendar import Interval
from tests.factories import at, problem

if TYPE_CHECKING:
    from engine.errors import Fault


def faults_in(**fields: Any) -> list[Fault]:
    """Faults of the home world with some fields replaced."""
    try:
        problem(**fields)
    except InvalidProblemError as error:
        return list(error.faults)
    return []


def legal(**fields: Any) -> None:
    assert faults_in(**fields) == []


def broken(place: str, *says: str, **fields: Any) -> None:
    """The world has one fault, at `place`, whose message has all of `says` in it."""
    faults = faults_in(**fields)
    assert [fault.place for fault in faults] == [place], [str(fault) for fault in faults]
    for words in says:
        assert words in faults[0].message


def horizon(start: str = "2026-03-02 00:00", days: int = 14, zone: str = "Europe/Zurich") -> Interval:
    first = at(start, zone)
    return Interval(start=first, end=first + timedelta(days=days))
