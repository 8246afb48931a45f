"""What every fact of the model has in common, and the value types that several of them use."""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

__all__ = [
    "DAY_MIN",
    "Count",
    "Day",
    "Days",
    "Fact",
    "Instant",
    "Minutes",
    "Name",
    "Percent",
    "PositiveMinutes",
    "Seconds",
    "WallTime",
    "format_wall_time",
    "parse_wall_time",
]

DAY_MIN = 24 * 60
"""Minutes of wall-clock time in a day; a day of clock change has more or fewer minutes of elapsed time."""

_WALL_TIME = re.compile(r"([0-9]{1,2}):([0-5][0-9])", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Fact(BaseModel):
    """Frozen base of everything in the model: unknown keys are faults, nothing changes after construction."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, ser_json_inf_nan="null", allow_inf_nan=False
    )


def parse_wall_time(value: Any) -> int:
    """Read a wall-clock time of day.

    Parameters
    ----------
    value
        "HH:MM" from "00:00" to "24:00", or minutes since local midnight.

    Returns
    -------
    int
        Minutes since local midnight, 0 to 1440.

    Raises
    ------
    ValueError
        When it is neither.
    """
    minutes = -1
    if isinstance(value, int) and not isinstance(value, bool):
        minutes = value
    elif isinstance(value, str) and (match := _WALL_TIME.fullmatch(value)):
        minutes = int(match[1]) * 60 + int(match[2])
    if 0 <= minutes <= DAY_MIN:
        return minutes
    raise ValueError(f'found {value!r}, expected a time of day from "00:00" to "24:00"')


def format_wall_time(minutes: int) -> str:
    """Write minutes since local midnight as "HH:MM"; the end of a day is "24:00"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _whole_minute_instant(value: datetime) -> datetime:
    _in_our_time(value)
    offset = value.utcoffset()
    if offset is None:
        raise ValueError(f"found {value.isoformat()}, expected a time with its offset, such as 2026-03-02T08:00+01:00")
    if value.second or value.microsecond:
        raise ValueError(f"found {value.isoformat()}, expected whole minutes")
    # Python compares and subtracts two times of one ZoneInfo by their clock faces, which is wrong across a change of
    # clocks; with fixed offsets it goes by elapsed time.
    return value.astimezone(timezone(offset))


def _only_text_or_datetime(value: Any) -> Any:
    # Pydantic would read a number, or text that looks like one, as seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and len(value) > 10 and _DATE.match(value)):
        return value
    raise ValueError(f"found {_shown(value)}, expected a date and time such as 2026-03-02T08:00+01:00")


def _only_text_or_date(value: Any) -> Any:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(f"found {_shown(value)}, expected a date such as 2026-03-02")


def _in_our_time(value: date) -> date:
    if not 1850 <= value.year < 2200:  # a slip of the keyboard; and counting on from it could leave the calendar
        raise ValueError(f"found {value.isoformat()}, expected a year from 1850 to 2199")
    return value


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else repr(value)


WallTime = Annotated[
    int,
    BeforeValidator(parse_wall_time),
    PlainSerializer(format_wall_time, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": "^(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)$", "description": "time of day, HH:MM"}
    ),
]
"""Minutes since local midnight, 0 to 1440; written "HH:MM"."""

Instant = Annotated[datetime, BeforeValidator(_only_text_or_datetime), AfterValidator(_whole_minute_instant)]
"""An aware datetime in whole minutes, with a fixed offset, so that comparing and subtracting go by elapsed time."""

Day = Annotated[date, BeforeValidator(_only_text_or_date), AfterValidator(_in_our_time)]
"""A local date; never a number, a timestamp or a date with a time."""

_MOST_DAYS = 36_500

Minutes = Annotated[int, Field(ge=0, le=_MOST_DAYS * DAY_MIN, strict=True)]
"""A duration in minutes, zero allowed, a hundred years at most."""

PositiveMinutes = Annotated[int, Field(gt=0, le=_MOST_DAYS * DAY_MIN, strict=True)]
"""A duration in minutes, at least one, a hundred years at most."""

Days = Annotated[int, Field(ge=0, le=_MOST_DAYS, strict=True)]
"""A number of days, zero allowed, a hundred years at most."""

Seconds = Annotated[float, Field(ge=0)]

Count = Annotated[int, Field(ge=0, strict=True)]

Percent = Annotated[int, Field(ge=0, le=100, strict=True)]

Name = Annotated[str, Field(min_length=1, max_length=200)]
