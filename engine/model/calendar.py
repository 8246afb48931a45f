"""Clock time: half-open intervals of instants, periods of wall-clock time, and what one says in terms of the other.

Wall-clock time is what a clock on the wall of the site shows; an instant is a point of time, the same everywhere.
Everything here is half-open: `[start, end)`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from engine.model.base import DAY_MIN, Fact, Instant, WallTime, format_wall_time

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Interval",
    "LocalPeriod",
    "Weekday",
    "ZoneName",
    "instant_at",
    "is_gap",
    "local_day_bounds",
    "local_days",
]


class Weekday(StrEnum):
    """Days of the week, Monday first, as ISO 8601 counts them."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as `date.weekday` has it."""
        return _WEEKDAYS.index(self)

    @classmethod
    def of(cls, day: date) -> Weekday:
        """The weekday of a date."""
        return _WEEKDAYS[day.weekday()]


_WEEKDAYS = tuple(Weekday)


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"found '{name}', expected the name of a time zone such as Europe/Zurich")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""A name of the IANA time zone database."""


class Interval(Fact):
    """A half-open stretch of time `[start, end)` between two instants."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"ends at {self.end.isoformat()}, which is not after its start {self.start.isoformat()}")
        return self

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant; touching does not count."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Interval) -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


class LocalPeriod(Fact):
    """A period of wall-clock time. One that ends at or before its start ends on the next day (22:00 to 06:00)."""

    start: WallTime = Field(alias="from")
    end: WallTime = Field(alias="to")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.start == self.end or self.start == DAY_MIN or self.end == 0:
            raise ValueError(
                f"runs from {format_wall_time(self.start)} to {format_wall_time(self.end)}; "
                "write a whole day as 00:00 to 24:00, and midnight at its end as 24:00"
            )
        return self

    @property
    def crosses_midnight(self) -> bool:
        """Whether it ends on the day after the one it starts on."""
        return self.end < self.start

    @property
    def length_min(self) -> int:
        """Wall-clock minutes from start to end."""
        return self.end - self.start + (DAY_MIN if self.crosses_midnight else 0)

    def on(self, day: date, zone: str) -> tuple[datetime, datetime]:
        """The instants `[start, end)`, in UTC, of this period when it starts on `day` in `zone`.

        A start or end inside the hour that a clock change skips is taken at the change, so a period that lies wholly
        in it is empty. In the hour that comes twice both are the first occurrence, so that a period that ends when
        the next begins touches it and does not overlap it.
        """
        end_day = day + timedelta(days=1) if self.crosses_midnight else day
        return instant_at(day, self.start, zone), instant_at(end_day, self.end, zone)

    def holds(self, minute_of_day: int) -> bool:
        """Whether a wall-clock time of day, in minutes since midnight, lies inside."""
        if self.crosses_midnight:
            return minute_of_day >= self.start or minute_of_day < self.end
        return self.start <= minute_of_day < self.end


def is_gap(day: date, minute: int, zone: str) -> bool:
    """Whether a wall-clock time does not exist on that day, because a clock change skips it."""
    tz = ZoneInfo(zone)
    naive = datetime.combine(day, time()) + timedelta(minutes=minute)
    there = naive.replace(tzinfo=tz).astimezone(UTC)
    return there.astimezone(tz).replace(tzinfo=None) != naive


@lru_cache(maxsize=65_536)  # the same few wall-clock times of a day are asked for by every resource of a site
def instant_at(day: date, minute: int, zone: str, *, is_late: bool = False) -> datetime:
    """The instant, in UTC, at which the wall clock of `zone` shows `minute` minutes after midnight of `day`.

    Parameters
    ----------
    day, minute
        Local date and minutes since local midnight by the wall clock, 0 to 1440.
    zone
        IANA name.
    is_late
        Which of two to take where the time comes twice: the second instead of the first.

    Returns
    -------
    datetime
        Aware, in UTC. A time that a clock change skips yields the instant of the change.
    """
    tz = ZoneInfo(zone)
    naive = datetime.combine(day, time()) + timedelta(minutes=minute)
    first = naive.replace(tzinfo=tz, fold=0).astimezone(UTC)
    second = naive.replace(tzinfo=tz, fold=1).astimezone(UTC)
    if first == second:
        return first
    if second > first:  # the time comes twice
        return second if is_late else first
    # The time is skipped: `second` uses the later offset and lies before the change, `first` behind it.
    low, high = second, first
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=int((high - low).total_seconds()) // 120)
        if middle.astimezone(tz).replace(tzinfo=None) < naive:
            low = middle
        else:
            high = middle
    return high


def local_day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """First and past-the-last instant of a local day: 23, 24 or 25 hours apart."""
    return instant_at(day, 0, zone), instant_at(day + timedelta(days=1), 0, zone)


def local_days(start: datetime, end: datetime, zone: str) -> Iterator[date]:
    """Every local date that `[start, end)` touches; none when it is empty."""
    if end <= start:
        return
    day = start.astimezone(ZoneInfo(zone)).date()
    first, last = local_day_bounds(day, zone)
    while first < end:
        if first < last:  # a few islands once skipped a whole day when they crossed the date line
            yield day
        day += timedelta(days=1)
        first, last = local_day_bounds(day, zone)
