"""How much fits into a part of the time of a resource, or of a pool of them: what is free, stretch by stretch.

Free time comes in stretches between what is booked, and one of 25 minutes holds one visit of 20 minutes and no more. So
a stretch counts for the most that visits of the lengths in question can fill of it, and visits of a length or more are
held against the stretches that are long enough. Both only tighten: a schedule keeps every one of these limits.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import UseRule
from engine.model.timegrid import epoch_minute, from_epoch_minute
from engine.search import bits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.search.occupancy import Occupancy

__all__ = ["Room", "fill"]


class Room:
    """Free time of resources, part by part.

    A part is a stretch of time inside one local day of every zone that the problem's sites are in: a day, where there
    is one zone. What a visit takes counts for the part in which its step starts, also what reaches over its edges.

    Parameters
    ----------
    occupancy
        What is free before anything is placed.
    now
        Nothing starts before it; seconds are dropped.

    Attributes
    ----------
    zones
        Those of the sites.
    bounds
        Ticks at which parts begin, and the end, shape (parts + 1,).
    days
        Local day (days since 1970-01-01) of each part by each zone's clock, shape (zones, parts).
    """

    def __init__(self, occupancy: Occupancy, *, now: datetime) -> None:
        self._occupancy = occupancy
        self._calendars = calendars = occupancy.calendars
        low, high = calendars.within
        first = min(high, max(low, calendars.grid.ceil(from_epoch_minute(epoch_minute(now)))))
        site_by_zone = {s.time_zone: s.id for s in occupancy.problem.sites}
        self.zones = tuple(site_by_zone)
        days = np.array([calendars.clock(site).day for site in site_by_zone.values()])
        midnights = np.flatnonzero((np.diff(days[:, first:high], axis=1) != 0).any(axis=0)) + first + 1
        self.bounds: NDArray[np.int64] = np.unique(np.concatenate([[first], midnights, [high]]))
        self.days: NDArray[np.int64] = days[:, self.bounds[:-1]]
        self._units: dict[int, NDArray[np.int64]] = {}

    def span(self, part: int, low: int, high: int) -> tuple[int, int]:
        """Ticks `[start, stop)` outside which nothing is taken by visits whose steps start in a part.

        Parameters
        ----------
        low, high
            Ticks from a step's start, half-open, outside which none of them takes anything.
        """
        start = max(0, int(self.bounds[part]) + low)
        return start, max(start, min(self._calendars.n_ticks, int(self.bounds[part + 1]) - 1 + high))

    def free(self, r: int, start: int, stop: int) -> int:
        """The ticks of `[start, stop)` in which a resource has a lane free, as the bits of a number."""
        is_free = np.packbits(self._free_units(r)[start:stop] > 0, bitorder="little")
        return int.from_bytes(is_free.tobytes(), "little")

    def capacity(self, r: int, mask: int, start: int, stop: int, lengths: Sequence[int]) -> int:
        """Ticks, times lanes, of a resource that visits can fill inside a mask.

        Parameters
        ----------
        mask
            Ticks of `[start, stop)` in which a lane is free, as the bits of a number.
        lengths
            In ticks, ascending, of all that may be placed; what is shorter than the least of them is no room.
        """
        if self._has_one_lane(r):
            return sum(fill(n, lengths) for n in _runs(mask))
        content = np.frombuffer(mask.to_bytes((stop - start + 7) // 8, "little"), np.uint8)
        inside = np.unpackbits(content, count=stop - start, bitorder="little")
        return int(self._free_units(r)[start:stop] @ inside.astype(np.int64))

    def _has_one_lane(self, r: int) -> bool:
        return int(self._occupancy.lanes[r]) == 1 and not self._occupancy.spare(r).size

    def _free_units(self, r: int) -> NDArray[np.int64]:
        """Lanes free at each tick at which the resource could be used for anything at all."""
        if r not in self._units:
            occupancy, calendars, n_ticks = self._occupancy, self._calendars, self._calendars.n_ticks
            usable = calendars.open[r].copy()
            if occupancy.problem.resources[r].use is UseRule.IN_SESSIONS:
                inside = bits.make(n_ticks)
                for session in calendars.sessions(r):
                    bits.set_range(inside, *session.touched, n_ticks)
                for block in calendars.blocks.of(r):
                    bits.set_range(inside, *block.touched, n_ticks)
                bits.and_(usable, inside)
            is_usable = np.zeros(n_ticks, np.bool_)
            bits.to_bool(usable, is_usable)
            spare = occupancy.spare(r)
            lanes = occupancy.lanes[r] + (spare if spare.size else 0)
            self._units[r] = np.maximum(0, lanes - occupancy.used[r].astype(np.int64)) * is_usable
        return self._units[r]


def _runs(ticks: int) -> Iterator[int]:
    """The lengths of the stretches of set bits."""
    while ticks:
        ticks >>= (ticks & -ticks).bit_length() - 1
        n = (~ticks & (ticks + 1)).bit_length() - 1
        yield n
        ticks >>= n


def fill(room: int, lengths: Sequence[int]) -> int:
    """The most of `room` that a sum of `lengths`, each as often as wanted, can fill; all in ticks.

    >>> fill(25, (10, 20)), fill(25, (7,)), fill(5, (10,))
    (20, 21, 0)
    """
    sums = _sums(tuple(lengths), 1 << max(8, room.bit_length()))
    return (sums & ((1 << (room + 1)) - 1)).bit_length() - 1


@lru_cache(maxsize=4096)
def _sums(lengths: tuple[int, ...], upto: int) -> int:
    """Every sum of lengths up to a limit, as the bits of a number."""
    sums = 1
    for length in lengths:
        step = length
        while step <= upto:  # doubling: once, twice, four times … as often
            sums |= sums << step
            step *= 2
    return sums & ((1 << (upto + 1)) - 1)
