"""Values of options, read so that a fault is one line: the option, what was found, what was expected."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from api.wording import count_of
from engine.scenario_io.values import found, one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from enum import StrEnum
    from typing import TypeVar

    Answer = TypeVar("Answer")
    Choice = TypeVar("Choice", bound=StrEnum)

__all__ = ["BadInputError", "choice", "number_option", "picked", "whole_number"]


class BadInputError(Exception):
    """Something that was given on the command line cannot be used; the message says what, and what was expected."""


def whole_number(option: str, least: int, most: int) -> Callable[[object], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(given: object) -> int:
        try:
            value = int(str(given))
        except ValueError:
            value = least - 1
        if least <= value <= most:
            return value
        raise _fault(option, given, f"a whole number from {least:,} to {most:,}")

    return read


def number_option(option: str, least: float, most: float, unit: str = "a number") -> Callable[[object], float]:
    """A reader of numbers from `least` to `most`; 0 as the least is not among them."""

    def read(given: object) -> float:
        try:
            value = float(str(given))
        except ValueError:
            value = math.nan
        if least <= value <= most and value:
            return value
        start = f"from {least:,} to" if least else "more than 0 and at most"
        raise _fault(option, given, f"{unit}, {start} {most:,}")

    return read


def choice(option: str, choices: type[Choice]) -> Callable[[object], Choice]:
    """A reader of one of some words."""

    def read(given: object) -> Choice:
        try:
            return choices(str(given))
        except ValueError:
            raise _fault(option, given, one_of([c.value for c in choices])) from None

    return read


def _fault(option: str, given: object, expected: str) -> BadInputError:
    return BadInputError(f"{option}: found {found(str(given))}, expected {expected}.")


def picked(answers: Sequence[Answer], rank: int, noun: str) -> Answer:
    """The answer of a rank, counted from 1.

    Raises
    ------
    BadInputError
        When there is none.
    """
    n = len(answers)
    if rank > n:
        raise BadInputError(f"There is no {noun} {rank}, there {'is' if n == 1 else 'are'} {count_of(n, noun)}.")
    return answers[rank - 1]
