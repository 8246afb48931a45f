"""Wall-clock time of a zone, tick by tick: what a search asks the calendar, answered once for the whole horizon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from engine.model.calendar import instant_at
from engine.search import bits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.model.calendar import LocalPeriod
    from engine.model.timegrid import TimeGrid
    from engine.search.bits import Row

__all__ = ["LocalClock", "day_number"]

DAY_MIN = 1440
MONDAY = 3  # of day 0: 1970-01-01 was a Thursday
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_SAMPLE = timedelta(hours=6)


def day_number(day: date) -> int:
    """Days since 1970-01-01, as `LocalClock.day` counts them."""
    return day.toordinal() - _EPOCH_ORDINAL


class LocalClock:
    """The local date and time of day at which each tick of a horizon starts.

    Parameters
    ----------
    grid
        The horizon.
    zone
        IANA name.
    """

    def __init__(self, grid: TimeGrid, zone: str) -> None:
        self.grid = grid
        self.zone = zone
        self._rows: dict[tuple[object, ...], Row] = {}
        self._stays: dict[tuple[int, int], NDArray[np.int64]] = {}

    @cached_property
    def _wall(self) -> NDArray[np.int64]:
        """Wall-clock minutes since 1970-01-01T00:00 local, shape `(n_ticks,)`; steps back where the clock does."""
        grid = self.grid
        wall = grid.start_minute + np.arange(grid.n_ticks, dtype=np.int64) * grid.tick_min
        for first, stop, offset in self._offsets():
            wall[first:stop] += offset
        return wall

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """Number of the local day of each tick, shape `(n_ticks,)`; see `day_number`."""
        days: NDArray[np.int64] = self._wall // DAY_MIN
        return days

    @cached_property
    def minute_of_day(self) -> NDArray[np.int64]:
        """Minutes since local midnight by the wall clock, shape `(n_ticks,)`."""
        minutes: NDArray[np.int64] = self._wall % DAY_MIN
        return minutes

    @cached_property
    def day_ends(self) -> NDArray[np.int64] | None:
        """The last tick of each tick's local day; None in a zone whose clocks go back over midnight."""
        if np.any(self.day[1:] < self.day[:-1]):
            return None
        return np.searchsorted(self.day, self.day, side="right").astype(np.int64) - 1

    @cached_property
    def halves(self) -> NDArray[np.int64] | None:
        """First tick and day of each half-day (before 12:00, from 12:00 on), shape `(n + 1, 2)`, and a sentinel.

        None in a zone whose clocks go back over midnight or noon.
        """
        number = 2 * self.day + (self.minute_of_day >= DAY_MIN // 2)
        if np.any(number[1:] < number[:-1]):
            return None
        first = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
        found = np.empty((len(first) + 1, 2), np.int64)
        found[:-1, 0], found[:-1, 1] = first, number[first] // 2
        found[-1] = 1 << 60, number[-1] // 2
        return found

    @cached_property
    def day_starts(self) -> NDArray[np.int64]:
        """First tick of each local day, and the one after the last; not where `halves` is None."""
        return np.searchsorted(self.day, np.arange(self.day[0], self.day[-1] + 2))

    def first_tick(self, day: int) -> int:
        """The first tick of a local day or of those after it, by its number; where `halves` is not None."""
        i = day - int(self.day[0])
        return 0 if i <= 0 else int(self.day_starts[i]) if i < len(self.day_starts) else self.grid.n_ticks

    def wished(self, weekdays: tuple[int, ...], times: tuple[LocalPeriod, ...]) -> Row:
        """The ticks on these weekdays (0: Monday) and in these times of day; all of either where there are none.

        Not to be written to.
        """

        def holds() -> NDArray[np.bool_]:
            flags = np.ones(self.grid.n_ticks, np.bool_)
            if weekdays:
                flags &= np.isin((self.day + MONDAY) % 7, weekdays)
            if times:
                bits.to_bool(np.bitwise_or.reduce([self.within(p) for p in times]), either := flags.copy())
                flags &= either
            return flags

        return self._row(("wished", weekdays, *((p.start, p.end) for p in times)), holds)

    def stays(self, nights: int, discharge_at: int) -> NDArray[np.int64]:
        """Ticks from each tick to the end of a stay that begins then, so many local days later at `discharge_at`.

        Shape `(n_ticks,)`; the end may lie behind the grid. Not to be written to.
        """
        known = self._stays.get((nights, discharge_at))
        if known is not None:
            return known
        days, place = np.unique(self.day, return_inverse=True)
        dates = (date.fromordinal(int(day) + _EPOCH_ORDINAL + nights) for day in days)
        ends = np.array([self.grid.ceil(instant_at(d, discharge_at, self.zone)) for d in dates], np.int64)
        known = self._stays[nights, discharge_at] = ends[place] - np.arange(self.grid.n_ticks)
        return known

    def date_of(self, instant: datetime) -> date:
        """The local date of an instant, inside the horizon or not."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def day_of(self, instant: datetime) -> int:
        """Number of the local day of an instant, inside the horizon or not."""
        return day_number(self.date_of(instant))

    def on_grid(self, step_min: int) -> Row:
        """The ticks whose local time is a multiple of `step_min` minutes from midnight. Not to be written to."""
        return self._row(("grid", step_min), lambda: self.minute_of_day % step_min == 0)

    def within(self, period: LocalPeriod) -> Row:
        """The ticks whose local time of day lies in a period. Not to be written to."""
        minute = self.minute_of_day

        def holds() -> NDArray[np.bool_]:
            if period.crosses_midnight:
                return (minute >= period.start) | (minute < period.end)
            return (minute >= period.start) & (minute < period.end)

        return self._row(("time", period.start, period.end), holds)

    @property
    def same_day_as_next(self) -> Row:
        """The ticks that are not the last of their local day. Not to be written to."""
        return self._row(("corridor",), lambda: np.append(self.day[1:] == self.day[:-1], False)[: self.grid.n_ticks])

    def between_days(self, first: int | None, last: int | None) -> Row:
        """The ticks of the local days `first` to `last`, both included, None for no end; a new row."""
        keep = np.ones(self.grid.n_ticks, np.bool_)
        if first is not None:
            keep &= self.day >= first
        if last is not None:
            keep &= self.day <= last
        row = bits.make(self.grid.n_ticks)
        bits.from_bool(keep, row)
        return row

    def between_dates(self, first: date | None, last: date | None) -> Row:
        """The ticks of the local dates `first` to `last`, both included, None for no end; a new row."""
        return self.between_days(
            None if first is None else day_number(first), None if last is None else day_number(last)
        )

    def _row(self, key: tuple[object, ...], flags: object) -> Row:
        row = self._rows.get(key)
        if row is None:
            row = bits.make(self.grid.n_ticks)
            bits.from_bool(flags(), row)  # type: ignore[operator]
            self._rows[key] = row
        return row

    def _offsets(self) -> list[tuple[int, int, int]]:
        """Stretches of ticks `[first, stop)` with the minutes by which the zone is ahead of UTC."""
        grid, tz = self.grid, ZoneInfo(self.zone)

        def offset(tick: int) -> int:
            local = grid.instant(tick).astimezone(tz)
            return int((local.replace(tzinfo=UTC) - grid.instant(tick)) // timedelta(minutes=1))

        stride = max(1, _SAMPLE // timedelta(minutes=grid.tick_min))
        found: list[tuple[int, int, int]] = []
        first, current = 0, offset(0)
        for sample in [*range(stride, grid.n_ticks, stride), grid.n_ticks - 1]:
            after = offset(sample)
            if after == current:
                continue
            low, high = max(first, sample - stride), sample  # offset(low) is the old one, offset(high) the new
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == current else (low, middle)
            found.append((first, high, current))
            first, current = high, after
        return [*found, (first, grid.n_ticks, current)]
