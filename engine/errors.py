"""Errors of the engine.

Each class's docstring is its default message. Messages give names and values, then, where something can be done,
a sentence that starts with "Maybe". None of them knows HTTP.
"""

from __future__ import annotations

from difflib import get_close_matches
from heapq import nlargest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "EngineError",
    "Fault",
    "InvalidProblemError",
    "ModelBuildError",
    "OutsideHorizonError",
    "ScenarioFormatError",
    "SlotTakenError",
    "StaleScheduleError",
    "UnknownIdError",
    "UnsupportedRuleError",
    "WrongArgumentError",
    "nearest",
]


class EngineError(Exception):
    """Something in the scheduling engine failed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__ or "")


class Fault:
    """One thing that is wrong in what was given, and where.

    Parameters
    ----------
    place
        Where: a path inside the document (`services[2].steps[0]`), or `file.yaml:12` for a file.
    message
        What was found and what was expected.
    """

    __slots__ = ("message", "place")

    def __init__(self, place: str, message: str) -> None:
        self.place = place
        self.message = message

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    def __repr__(self) -> str:
        return f"Fault({self.place!r}, {self.message!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fault) and (self.place, self.message) == (other.place, other.message)

    def __hash__(self) -> int:
        return hash((self.place, self.message))


class _FaultsError(EngineError):
    """Several faults were found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        noun = "fault" if count == 1 else "faults"
        super().__init__("\n".join([f"{count} {noun} found:", *(f"  {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[type, tuple[tuple[Fault, ...]]]:
        return (type(self), (self.faults,))


class InvalidProblemError(_FaultsError):
    """The problem contradicts itself; `faults` lists everything that is wrong, each with its place."""


class ScenarioFormatError(_FaultsError):
    """A scenario file cannot be read; `faults` lists everything that is wrong, each with file and line."""


class UnknownIdError(EngineError):
    """An id was given that the problem does not contain."""

    def __init__(self, kind: str, given: str, known: Sequence[str] = ()) -> None:
        self.kind = kind
        self.given = given
        near = nearest(given, known)
        hint = f" Maybe you meant '{near}'." if near else ""
        super().__init__(f"There is no {kind} '{given}'.{hint}")

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are copied between processes by calling the class with `args`, which holds the message only.
        return (_revived, (type(self), str(self), self.__dict__))


class WrongArgumentError(EngineError):
    """A function was called with something that it cannot use."""


class OutsideHorizonError(EngineError):
    """A time lies outside the planning horizon."""


class StaleScheduleError(EngineError):
    """The schedule has changed since the proposal was made."""


class SlotTakenError(EngineError):
    """Something that the slot needs has been taken in the meantime."""


class UnsupportedRuleError(EngineError):
    """The question needs a rule that this part of the engine does not honour yet.

    An answer that ignored the rule could be refused at booking, so none is given.
    """

    def __init__(self, rules: Sequence[str], where: str) -> None:
        self.rules = tuple(rules)
        super().__init__(f"{where} cannot take account of {' and '.join(self.rules)} yet.")

    def __reduce__(self) -> tuple[object, ...]:
        return (_revived, (type(self), str(self), self.__dict__))


class ModelBuildError(EngineError):
    """The solver refused the model that was built; this is a defect of Slotwright, please report it."""


def nearest(given: str, known: Iterable[str]) -> str | None:
    """The one of `known` that looks most like `given`, if any looks alike.

    Only the twenty that share most of their beginning and end with it are compared letter by letter, so that a hint
    stays cheap among tens of thousands of ids.
    """
    alike = nlargest(20, known, key=lambda k: _shared(given, k) + _shared(given[::-1], k[::-1]))
    matches = get_close_matches(given, alike, n=1, cutoff=0.6)
    return matches[0] if matches else None


def _shared(one: str, other: str) -> int:
    """Length of the common beginning."""
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return i
    return min(len(one), len(other))


def _revived(kind: type[EngineError], message: str, attributes: dict[str, object]) -> EngineError:
    error = kind.__new__(kind)
    EngineError.__init__(error, message)
    error.__dict__.update(attributes)
    return error
