"""From a document's plain values to values that the model's types take as they are.

Pydantic would be kinder than a scenario file should be: it takes "yes" for true, "12" for 12 and 1700000000 for a
date. What it must not decide is decided here, by the shape of the type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.scenario_io.localtime import read_date, read_instant
from engine.scenario_io.shapes import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from engine.scenario_io.faults import Path
    from engine.scenario_io.shapes import Shape

    Report = Callable[[Path, str], None]

__all__ = ["BIGGEST", "found", "one_of", "prepared", "whole_number_words"]

BIGGEST = 1_000_000_000
"""The largest whole number that a scenario may hold; sums of costs then stay exact in 64 bits."""


_MANY_CHOICES = 24


def prepared(raw: Any, shape: Shape | None, zone: str, report: Report, path: Path = ()) -> Any:
    """A document's value, with local times resolved, ready for the model.

    Parameters
    ----------
    raw
        Mappings, lists, text, numbers, truth values, None.
    shape
        What is expected; None where nothing is known, which the model then refuses.
    zone
        Of local times without an offset.
    report
        Called with the path and message of each fault; the value is then handed on as it was.
    """
    if raw is None or shape is None:
        return raw
    if isinstance(raw, dict) and shape.fields:
        return {key: prepared(value, shape.fields.get(key), zone, report, (*path, key)) for key, value in raw.items()}
    if isinstance(raw, dict) and shape.kind is Kind.MAPPING:
        return {key: prepared(value, shape.item, zone, report, (*path, key)) for key, value in raw.items()}
    if isinstance(raw, list) and shape.kind is Kind.LIST:
        return [prepared(value, shape.item, zone, report, (*path, i)) for i, value in enumerate(raw)]
    try:
        return _scalar(raw, shape.kind, zone, path)
    except ValueError as error:
        report(path, str(error))
        return raw


def _scalar(raw: Any, kind: Kind, zone: str, path: Path) -> Any:
    if isinstance(raw, (dict, list)):
        return raw  # a container where none belongs: the model says so
    if kind is Kind.TRUTH and not isinstance(raw, bool):
        raise ValueError(f"found {found(raw)}, expected true or false")
    if kind is Kind.INTEGER and type(raw) is not int:
        raise ValueError(f"found {found(raw)}, expected {whole_number_words(path)}")
    if kind is Kind.INSTANT:
        return read_instant(_as_text(raw, "a date and time such as 2026-03-02T08:00"), zone)
    if kind is Kind.DATE:
        return read_date(_as_text(raw, "a date such as 2026-03-02"))
    if kind is Kind.WALL_TIME:
        return _as_text(raw, "a time of day such as 08:00")
    if type(raw) is int and abs(raw) > BIGGEST:
        raise ValueError(f"found {found(raw)}, expected at most {BIGGEST:,}")
    return raw


def whole_number_words(path: Path) -> str:
    """What a whole number at a path is, as far as its key tells."""
    names = [key for key in path if isinstance(key, str)]
    last = names[-1] if names else ""
    holder = names[-2] if len(names) > 1 else ""
    is_minutes = last.endswith("_min") or last in ("minutes", "duration") or holder.startswith("by_")
    return "minutes as a whole number" if is_minutes else "a whole number"


def found(value: Any) -> str:
    """A value as a message names it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= 60 else f"'{value[:57]}...'"
    text = str(value)
    if text.removeprefix("-") == "inf":
        return "a number that is too large"
    return text if len(text) <= 30 else f"{text[:20]}... ({len(text)} digits)"


def one_of(choices: Collection[str]) -> str:
    """Choices as a message lists them."""
    if len(choices) > _MANY_CHOICES:
        return f"one of {len(choices)} words that the JSON Schema lists"
    return " or ".join(", ".join(choices).rsplit(", ", 1)) if choices else "another word"


def _as_text(raw: Any, expected: str) -> str:
    if isinstance(raw, str):
        return raw
    raise ValueError(f"found {found(raw)}, expected {expected}")
