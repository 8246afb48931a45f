"""Wall clocks: what the clock of a zone shows at an epoch minute, and how the judge writes times."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.base import DAY_MIN, format_wall_time
from engine.model.timegrid import from_epoch_minute

if TYPE_CHECKING:
    from datetime import date

__all__ = ["day_text", "local_day", "local_minute", "stretch_text", "time_text"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=1 << 18)  # a schedule has far fewer different starts than visits
def _shown(minute: int, zone: str) -> tuple[date, int]:
    local = from_epoch_minute(minute).astimezone(ZoneInfo(zone))
    return local.date(), local.hour * 60 + local.minute


def local_day(minute: int, zone: str) -> date:
    """The local date of an epoch minute."""
    return _shown(minute, zone)[0]


def local_minute(minute: int, zone: str) -> int:
    """Wall-clock minutes since local midnight, 0 to 1439, of an epoch minute."""
    return _shown(minute, zone)[1]


def day_text(day: date) -> str:
    """A date as a clerk reads it, in English whatever the machine's language: "Mon 2 Mar 2026"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def time_text(minute: int, zone: str) -> str:
    """An epoch minute as local date and time: "Mon 2 Mar 2026 09:00"."""
    day, shown = _shown(minute, zone)
    return f"{day_text(day)} {format_wall_time(shown)}"


def stretch_text(start: int, end: int, zone: str) -> str:
    """`[start, end)` in local time: "Mon 2 Mar 2026 09:00 to 09:20"; the end of a day is written 24:00."""
    (first, _), (last, shown) = _shown(start, zone), _shown(end, zone)
    if first == last:
        return f"{time_text(start, zone)} to {format_wall_time(shown)}"
    if shown == 0 and local_day(end - 1, zone) == first:
        return f"{time_text(start, zone)} to {format_wall_time(DAY_MIN)}"
    return f"{time_text(start, zone)} to {time_text(end, zone)}"
