"""Opening hours: weekly periods of wall-clock time with exceptions, and the instants at which they say open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from engine.model.base import Fact, Instant
from engine.model.calendar import LocalPeriod, Weekday, instant_at

__all__ = [
    "ExceptionKind",
    "Hours",
    "HoursException",
    "WeeklyPeriod",
    "merge_intervals",
    "open_intervals",
    "subtract_intervals",
]


class WeeklyPeriod(LocalPeriod):
    """A period that comes back every week on the given days."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _days_once(self) -> Self:
        if len(set(self.days)) != len(self.days):
            raise ValueError(f"names a day twice: {', '.join(self.days)}")
        return self


class ExceptionKind(StrEnum):
    """Why hours are other than usual. All but `EXTRA` take time away."""

    LEAVE = "leave"
    MEETING = "meeting"
    CLOSURE = "closure"
    MAINTENANCE = "maintenance"
    EXTRA = "extra"


class HoursException(Fact):
    """A stretch in which a resource or site is closed although its weekly hours say open, or (`extra`) the reverse.

    Closing exceptions win over extra ones.
    """

    kind: ExceptionKind
    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")
    note: str = ""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end.isoformat()}, which is not after its start {self.start.isoformat()}")
        return self


class Hours(Fact):
    """Weekly opening hours in wall-clock time, and the exceptions to them."""

    weekly: tuple[WeeklyPeriod, ...] = ()
    exceptions: tuple[HoursException, ...] = ()


def open_intervals(hours: Hours, start: datetime, end: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    """The stretches of `[start, end)` in which `hours` say open.

    Returns
    -------
    list of (datetime, datetime)
        Half-open, in UTC, ascending, disjoint and not touching.
    """
    if end <= start:
        return []
    stretches: list[tuple[datetime, datetime]] = []
    day = start.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)  # a night that began on the day before reaches in
    while instant_at(day, 0, zone) < end:
        weekday = Weekday.of(day)
        stretches.extend(period.on(day, zone) for period in hours.weekly if weekday in period.days)
        day += timedelta(days=1)
    extra = [(e.start, e.end) for e in hours.exceptions if e.kind is ExceptionKind.EXTRA]
    closed = [(e.start, e.end) for e in hours.exceptions if e.kind is not ExceptionKind.EXTRA]
    opened = subtract_intervals(merge_intervals(stretches + extra), closed)
    clipped = ((max(a, start).astimezone(UTC), min(b, end).astimezone(UTC)) for a, b in opened)
    return [(a, b) for a, b in clipped if a < b]


def merge_intervals(stretches: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The union, ascending, with overlapping and touching stretches joined and empty ones dropped."""
    merged: list[tuple[datetime, datetime]] = []
    for a, b in sorted(stretches):
        if a >= b:
            continue
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], b))
        else:
            merged.append((a, b))
    return merged


def subtract_intervals(
    stretches: list[tuple[datetime, datetime]], taken: list[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """What is left of `stretches` (ascending, disjoint) once `taken` is removed."""
    left: list[tuple[datetime, datetime]] = []
    holes = merge_intervals(taken)
    next_hole = 0
    for a, b in stretches:
        at = a
        while next_hole < len(holes) and holes[next_hole][1] <= a:
            next_hole += 1
        i = next_hole
        while i < len(holes) and holes[i][0] < b:
            if holes[i][0] > at:
                left.append((at, holes[i][0]))
            at = holes[i][1]
            i += 1
        if at < b:
            left.append((at, b))
    return left
