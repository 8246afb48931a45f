"""Wall-clock times that a change of clocks skips."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.base import DAY_MIN, format_wall_time
from engine.model.calendar import instant_at, is_gap
from engine.model.references.shapes import shown

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.model.calendar import LocalPeriod
    from engine.model.references.findings import Findings
    from engine.model.session import FloatingBreak, Segment, Session

__all__ = ["add_part_faults", "add_skipped_faults", "is_skipped"]


def add_skipped_faults(f: Findings, period: LocalPeriod, day: date, zone: str, place: str) -> bool:
    """Note a fault, and say so, when the clock never shows the start or the end of a period that begins on `day`.

    A period that lies wholly in the time that is skipped has no length at all; that is one fault.
    """
    start, end = period.on(day, zone)
    if start >= end:
        f.add(place, f"found {shown(period)} on {day}, expected a time that exists: {_change(zone)}")
        return True
    before = len(f.faults)
    if is_skipped(day, period.start, zone):
        f.add(f"{place}.from", _message(period.start, day, zone))
    end_day = day + timedelta(days=1) if period.crosses_midnight else day
    if is_skipped(end_day, period.end, zone, is_end=True):
        f.add(f"{place}.to", _message(period.end, end_day, zone))
    return len(f.faults) > before


def add_part_faults(f: Findings, session: Session, zone: str, place: str) -> None:
    """Note segments and breaks of a session whose start or end the clock never shows on its day."""
    parts: list[tuple[str, Segment | FloatingBreak]] = [
        *((f"segments[{i}]", segment) for i, segment in enumerate(session.segments)),
        *((f"breaks[{i}]", pause) for i, pause in enumerate(session.breaks)),
    ]
    for name, part in parts:
        for key, minute in (("from", part.start), ("to", part.end)):
            is_next = session.period.crosses_midnight and minute < session.period.start
            day = session.day + timedelta(days=is_next)
            if is_skipped(day, minute, zone, is_end=key == "to"):
                f.add(f"{place}.{name}.{key}", _message(minute, day, zone))


def is_skipped(day: date, minute: int, zone: str, *, is_end: bool = False) -> bool:
    """Whether a clock change skips a wall-clock time, so that it means nothing on that day.

    The first minute that is skipped still means something as an end, and so does midnight as either: the change.
    """
    if minute % DAY_MIN == 0 or not _is_short(day, zone) or not is_gap(day, minute, zone):
        return False
    return not is_end or is_gap(day, minute - 1, zone)


@lru_cache(maxsize=16_384)  # few days are short, and every session of a day asks
def _is_short(day: date, zone: str) -> bool:
    """Whether the clocks go forward on a local day, or at one of its ends."""
    tz = ZoneInfo(zone)
    before = instant_at(day, 0, zone) - timedelta(minutes=1)
    after = instant_at(day + timedelta(days=1), 0, zone)
    return _offset(before, tz) < _offset(after, tz)


def _offset(instant: datetime, tz: ZoneInfo) -> timedelta:
    return instant.astimezone(tz).utcoffset() or timedelta(0)


def _message(minute: int, day: date, zone: str) -> str:
    return f"found {format_wall_time(minute)} on {day}, expected a time that exists: {_change(zone)}"


def _change(zone: str) -> str:
    return f"the clocks of {zone} go forward over it"
