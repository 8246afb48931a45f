"""Facts drawn at random, every field of every class: valid by their types, though not against each other."""

from __future__ import annotations

import types
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from engine.model import (
    appointment,
    calendar,
    event,
    hours,
    order,
    planning,
    policy,
    service,
    session,
    shorthand,
    template,
)
from engine.model.calendar import _known_zone
from engine.model.codes import SAFETY_RULES
from engine.scenario_io.shapes import Kind, shape_of

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["yes", "no", "null", "12", "1e3", "0x1f", "08:00", "2026-03-02", "- a", "# b", "a: b", "'", '"', "a;b", "[x]", "{",
     "~", " a ", "\n", "\r\n", "a\tb", "", "=1+1", "\ufeff", "\x85", "\u2028", "*a", "&a", "!b", "?", "|", "%", "@",
     "`"]
)  # fmt: skip
INSTANTS = st.integers(0, 60 * 24 * 365).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    date: DAYS,
    datetime: INSTANTS,
}


def drawn(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of a type of the model."""
    return _values(annotation, ())


def _values(annotation: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if hasattr(annotation, "__supertype__"):  # an id or other name: never empty, as the check of references sees to
        return TEXT.filter(bool)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        if shape_of(annotation).kind is Kind.WALL_TIME:
            return st.integers(0, 1440)
        return _values(args[0], (*args[1:], *limits))
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    if annotation is int:
        least, most = _bounds(limits)
        return st.integers(least, most)
    if annotation is str:
        if _known_zone in [getattr(limit, "func", None) for limit in limits]:
            return st.sampled_from(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu"])
        least, most = _lengths(limits)
        return TEXT.filter(lambda text: least <= len(text) <= most)
    if origin is Literal:
        return st.sampled_from(args)
    if origin is tuple:
        least, most = _lengths(limits)
        return st.lists(drawn(args[0]), min_size=least, max_size=max(least, min(most, 2))).map(tuple)
    if origin is dict:
        return st.dictionaries(drawn(args[0]), drawn(args[1]), max_size=2)
    if origin in (Union, types.UnionType):
        return st.one_of([st.none() if arg is type(None) else drawn(arg) for arg in args])
    if issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    return _records(annotation)


def _bounds(limits: tuple[Any, ...]) -> tuple[int, int]:
    least, most = -1000, 1000
    for limit in _flat(limits):
        least = max(least, getattr(limit, "ge", least), getattr(limit, "gt", least - 1) + 1)
        most = min(most, getattr(limit, "le", most), getattr(limit, "lt", most + 1) - 1)
    return least, most


def _lengths(limits: tuple[Any, ...]) -> tuple[int, int]:
    least, most = 0, 100
    for limit in _flat(limits):
        least = max(least, getattr(limit, "min_length", None) or 0)
        most = min(most, getattr(limit, "max_length", None) or 100)
    return least, most


def _flat(limits: tuple[Any, ...]) -> list[Any]:
    return [inner for limit in limits for inner in (getattr(limit, "metadata", None) or [limit])]


@st.composite
def _records(draw: st.DrawFn, model: type[BaseModel]) -> BaseModel:
    """A record with some of its fields given and some left out; what its own rules forbid is drawn anew."""
    given: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if info.is_required() or draw(st.booleans()):
            wall = shape_of(model).fields[info.alias or name].kind is Kind.WALL_TIME
            given[name] = draw(st.integers(0, 1440) if wall else _values(info.annotation, tuple(info.metadata)))
    for rule, mend in _MENDS.items():
        if issubclass(model, rule):
            mend(given, draw)
    try:
        return model(**given)
    except ValidationError as error:
        raise AssertionError(f"{model.__name__} of {given} has a rule that is not known here: {error}") from error


def _in_order(first: str, last: str) -> Any:
    def mend(given: dict[str, Any], draw: st.DrawFn) -> None:
        if given[last] <= given[first]:
            given[last] = given[first] + timedelta(minutes=draw(st.integers(1, 10_000)))

    return mend


def _at_least(small: str, large: str) -> Any:
    def mend(given: dict[str, Any], _draw: st.DrawFn) -> None:
        if given.get(small) is not None and given.get(large) is not None and given[large] < given[small]:
            given[small], given[large] = given[large], given[small]

    return mend


def _one_of(*names: str, default: Any = None) -> Any:
    """Exactly one of the fields is given: the first that is, or else the first of all with a default."""

    def mend(given: dict[str, Any], _draw: st.DrawFn) -> None:
        there = [name for name in names if given.get(name) is not None] or [names[0]]
        for name in names:
            if name != there[0]:
                given.pop(name, None)
        if given.get(there[0]) is None:
            given[there[0]] = default

    return mend


def _period(given: dict[str, Any], draw: st.DrawFn) -> None:
    given["start"] = draw(st.integers(0, 1439))
    given["end"] = draw(st.integers(1, 1440).filter(lambda end: end != given["start"]))


def _segment(given: dict[str, Any], _draw: st.DrawFn) -> None:
    if given.get("release") is not None:
        given["is_kept_for_urgent"] = True


def _recurrence(given: dict[str, Any], draw: st.DrawFn) -> None:
    _one_of("day", "monthly", default=calendar.Weekday.MON)(given, draw)
    if "monthly" in given:
        given.pop("weeks", None)


def _template(given: dict[str, Any], _draw: st.DrawFn) -> None:
    first = given["effective_from"] - timedelta(days=given["effective_from"].weekday())
    given["effective_from"] = first
    until = given.get("effective_until")
    if until is not None and until <= first:
        given["effective_until"] = first + timedelta(days=1)


def _nth(given: dict[str, Any], _draw: st.DrawFn) -> None:
    given["nth"] = given["nth"] or -1


def _days_once(given: dict[str, Any], _draw: st.DrawFn) -> None:
    given["days"] = tuple(dict.fromkeys(given["days"]))


def _policy(given: dict[str, Any], _draw: st.DrawFn) -> None:
    named = given.get("overridable_by", {})
    given["overridable_by"] = {code: who for code, who in named.items() if code not in SAFETY_RULES}


def _appointment(given: dict[str, Any], _draw: st.DrawFn) -> None:
    if given.get("expires_at") is not None:
        given["status"] = appointment.AppointmentStatus.PENDING


_MENDS: dict[type[BaseModel], Any] = {
    calendar.Interval: _in_order("start", "end"),
    hours.HoursException: _in_order("start", "end"),
    calendar.LocalPeriod: _period,
    hours.WeeklyPeriod: _days_once,
    service.Gap: _at_least("min_min", "max_min"),
    service.Step: _one_of("duration", "nights", default=shorthand.Duration(minutes=10)),
    session.Segment: _segment,
    session.BlockShape: _one_of("practitioner", "specialty", default="surgery"),
    template.NthWeekday: _nth,
    template.Recurrence: _recurrence,
    template.Template: _template,
    planning.Contract: _at_least("minimum", "maximum"),
    planning.Cover: _one_of("specialty", "activity", default="surgery"),
    order.Prerequisite: _at_least("min_min", "max_min"),
    order.Separation: _one_of("order", "service", default="other"),
    appointment.Reservation: _in_order("start", "end"),
    appointment.PlacedStep: _in_order("start", "end"),
    appointment.Appointment: _appointment,
    event.ResourceUnavailable: _in_order("start", "end"),
    event.CapacityAdded: _in_order("start", "end"),
    policy.Policy: _policy,
}
"""For each class with rules of its own, how drawn fields are brought to keep them."""
