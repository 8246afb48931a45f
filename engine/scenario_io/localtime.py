"""Instants and dates as people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.model.calendar import is_gap

__all__ = ["INSTANT_PATTERN", "format_instant", "read_date", "read_instant"]

INSTANT_PATTERN = (
    "([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]0+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
"""Date, time, and perhaps an offset."""
_INSTANT = re.compile(INSTANT_PATTERN)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_EXPECTED = "expected a date and time such as 2026-03-02T08:00"
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


@lru_cache(maxsize=65_536)
def read_instant(text: str, zone: str) -> datetime:
    """The instant that is meant by local time in `zone`, or by a time with its offset.

    "24:00" is the midnight at the end of the day.

    Returns
    -------
    datetime
        With a fixed offset, so that arithmetic on it is elapsed time.

    Raises
    ------
    ValueError
        With what was found and what was expected: for a local time that a clock change skips or doubles, too.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        what = "a date without a time" if _DATE.fullmatch(text) else f"'{_short(text)}'"
        raise ValueError(f"found {what}, {_EXPECTED}")
    year, month, day, hour, minute, second = (int(group or 0) for group in match.groups()[:6])
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(f"found the year {year}, expected {_FIRST_YEAR} to {_LAST_YEAR}")
    if second:
        raise ValueError(f"found '{text}', expected whole minutes")
    is_midnight = (hour, minute) == (24, 0)
    try:
        local = datetime(year, month, day, 0 if is_midnight else hour, minute)  # noqa: DTZ001  # the zone comes below
    except ValueError:
        raise ValueError(f"found '{text}', which is no date and time of the calendar") from None
    local += timedelta(days=is_midnight)
    offset = match.group(7)
    return _with_offset(local, offset, text) if offset else _in_zone(local, zone, text)


def _with_offset(local: datetime, offset: str, text: str) -> datetime:
    if offset == "Z":
        return local.replace(tzinfo=UTC)
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 15 or minutes > 59:
        raise ValueError(f"found '{text}', expected an offset from -15:59 to +15:59")
    east = timedelta(hours=hours, minutes=minutes)
    return local.replace(tzinfo=timezone(east if offset[0] == "+" else -east))


def _in_zone(local: datetime, zone: str, text: str) -> datetime:
    minute = local.hour * 60 + local.minute
    if is_gap(local.date(), minute, zone):
        raise ValueError(f"found '{text}', which does not exist in {zone}: the clocks go forward over it")
    first, second = (local.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    if first != second:
        early, late = (
            local.replace(tzinfo=timezone(offset)).isoformat(timespec="minutes") for offset in (first, second)
        )
        raise ValueError(f"found '{text}', which comes twice in {zone}; write which one is meant: {early} or {late}")
    if first % timedelta(minutes=1):
        raise ValueError(f"found '{text}', before {zone} had standard time; write its offset")
    return local.replace(tzinfo=timezone(first))


def read_date(text: str) -> date:
    """A local date.

    Raises
    ------
    ValueError
        When it is none.
    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"found '{text}', which is no date of the calendar") from None
    raise ValueError(f"found '{_short(text)}', expected a date such as 2026-03-02")


def format_instant(instant: datetime, zone: str) -> str:
    """An instant as local time of `zone` with its offset; in UTC where the offset has seconds (of old)."""
    local = instant.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    if offset % timedelta(minutes=1):
        local = instant.astimezone(UTC)
    return local.isoformat(timespec="minutes")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
