"""Ticks: the engine's integer time.

Outside the engine's arrays time is an aware datetime; inside, it is a tick: the number of `tick_min`-minute steps
since the horizon's start. A tick is elapsed time, so a day of clock change simply has more or fewer of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from engine.errors import OutsideHorizonError

__all__ = ["TimeGrid", "epoch_minute", "from_epoch_minute"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_minute(instant: datetime) -> int:
    """Whole minutes since 1970-01-01T00:00Z, rounded down."""
    since = instant - _EPOCH
    return since.days * 1440 + since.seconds // 60


def from_epoch_minute(minute: int) -> datetime:
    """The instant, in UTC, so many minutes after 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(minutes=int(minute))


@dataclass(frozen=True)
class TimeGrid:
    """Maps instants to ticks over a half-open horizon `[start, start + n_ticks * tick_min)`.

    Parameters
    ----------
    start
        First instant of the horizon.
    n_ticks
        Number of ticks in the horizon, at least one.
    tick_min
        Minutes per tick.
    """

    start: datetime
    n_ticks: int
    tick_min: int

    def __post_init__(self) -> None:
        # Adding minutes to a time of a ZoneInfo would move its clock face, not go by elapsed time.
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    @classmethod
    def over(cls, start: datetime, end: datetime, tick_min: int) -> TimeGrid:
        """The grid of the horizon `[start, end)`; a last incomplete tick is left out."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        return cls(start, max(0, (end - start) // timedelta(minutes=tick_min)), tick_min)

    @cached_property
    def start_minute(self) -> int:
        """Epoch minute of tick 0."""
        return epoch_minute(self.start)

    @cached_property
    def _tick(self) -> timedelta:
        return timedelta(minutes=self.tick_min)

    @property
    def end(self) -> datetime:
        """The first instant after the horizon."""
        return self.instant(self.n_ticks)

    def floor(self, instant: datetime) -> int:
        """The tick that holds `instant`; may lie outside the horizon."""
        return (instant - self.start) // self._tick

    def ceil(self, instant: datetime) -> int:
        """The first tick that starts at or after `instant`; may lie outside the horizon."""
        return -((self.start - instant) // self._tick)

    def exact(self, instant: datetime) -> int:
        """The tick that starts at `instant`.

        Raises
        ------
        OutsideHorizonError
            When no tick of the horizon, nor its end, starts then.
        """
        tick = self.floor(instant)
        if not 0 <= tick <= self.n_ticks or self.instant(tick) != instant:
            raise OutsideHorizonError(
                f"{instant.isoformat()} is not a tick of the horizon {self.start.isoformat()} to "
                f"{self.end.isoformat()} ({self.tick_min} min per tick)."
            )
        return tick

    def instant(self, tick: int) -> datetime:
        """The instant, in UTC, at which `tick` starts."""
        return self.start + timedelta(minutes=int(tick) * self.tick_min)

    def ticks(self, minutes: int) -> int:
        """A duration in ticks, rounded up."""
        return -(-minutes // self.tick_min)

    def clip(self, start: datetime, end: datetime, *, outward: bool) -> tuple[int, int]:
        """`[start, end)` as ticks `[first, stop)` inside the horizon.

        With `outward` every tick that the stretch touches counts (for time taken), without it only the ticks wholly
        inside (for time that is free). An empty result has `first >= stop`.
        """
        first, stop = (self.floor(start), self.ceil(end)) if outward else (self.ceil(start), self.floor(end))
        return max(0, first), min(self.n_ticks, stop)

    def local_date(self, tick: int, zone: str) -> date:
        """The local date on which `tick` starts."""
        return self.instant(tick).astimezone(ZoneInfo(zone)).date()
