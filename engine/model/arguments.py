"""Wrong arguments of the public functions, told in plain words before anything is done with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from engine.errors import WrongArgumentError
from engine.model.base import Fact

__all__ = ["check_count", "check_id", "check_instant", "check_kind", "listed"]

_Item = TypeVar("_Item")

_MOST_LETTERS = 40


def check_kind(name: str, given: object, kind: type) -> None:
    """Refuse what is not of a class of ours; where it holds one of these under the argument's name, say so.

    Raises
    ------
    WrongArgumentError
        As all functions here.
    """
    if not isinstance(given, kind):
        held = isinstance(getattr(given, name, None), kind)
        hint = f" Maybe give its .{name}." if held else ""
        raise WrongArgumentError(f"{name}: found {_shown(given)}, expected a {kind.__name__}.{hint}")


def check_instant(name: str, given: object) -> None:
    """Refuse what is not a moment that everybody understands alike: a datetime with a time zone."""
    if not isinstance(given, datetime):
        raise WrongArgumentError(f"{name}: found {_shown(given)}, expected a datetime with a time zone.")
    if given.utcoffset() is None:
        raise WrongArgumentError(
            f"{name}: found {given.isoformat(' ')} without a time zone, expected a datetime with one. "
            "Maybe add tzinfo=ZoneInfo(problem.time_zone)."
        )


def check_count(name: str, given: object, least: int) -> None:
    """Refuse what is not a whole number from `least` on."""
    if not isinstance(given, int) or isinstance(given, bool) or given < least:
        raise WrongArgumentError(f"{name}: found {_shown(given)}, expected a whole number from {least} on.")


def check_id(name: str, given: object) -> None:
    """Refuse what is not an id, such as the thing itself that has the id."""
    if not isinstance(given, str):
        hint = " Maybe give its .id." if isinstance(getattr(given, "id", None), str) else ""
        raise WrongArgumentError(f"{name}: found {_shown(given)}, expected an id.{hint}")


def listed(name: str, given: Iterable[_Item], kind: type, what: str) -> tuple[_Item, ...]:
    """Several things as a tuple.

    Parameters
    ----------
    kind
        Of each.
    what
        One of them in words: "an event".
    """
    found: object = given
    is_one = isinstance(found, (str, bytes, kind))
    if is_one or isinstance(found, Fact) or not isinstance(found, Iterable):
        hint = " Maybe put it in a list." if is_one else ""
        raise WrongArgumentError(f"{name}: found {_shown(given)}, expected a list, each of it {what}.{hint}")
    items = tuple(given)
    for i, item in enumerate(items):
        if not isinstance(item, kind):
            hint = " Maybe give its .id." if kind is str and isinstance(getattr(item, "id", None), str) else ""
            raise WrongArgumentError(f"{name}[{i}]: found {_shown(item)}, expected {what}.{hint}")
    return items


def _shown(given: object) -> str:
    """A short value as it is; of everything else only what it is, for it may be large, or a patient's."""
    if given is None or isinstance(given, str | int | float):
        text = repr(given)
        return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]}..."
    return f"a value of type {type(given).__name__}"
