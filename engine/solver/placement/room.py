"""How much fits into a day of a resource, or of a pool of them: what is free, stretch by stretch.

Free time comes in stretches between what is booked, and one of 25 minutes holds one visit of 20 minutes and no more. So
a stretch counts for the most that visits of the lengths in question can fill of it, and visits of a length or more are
held against the stretches that are long enough. Both only tighten: a schedule keeps every one of these limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import UseRule
from engine.search import bits

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.search.occupancy import Occupancy

__all__ = ["Room", "fill"]


class Room:
    """Free time of resources by local day; days begin by the clock of the resource's site.

    Parameters
    ----------
    occupancy
        What is free before anything is placed.
    now
        Nothing before it counts.
    """

    def __init__(self, occupancy: Occupancy, *, now: datetime) -> None:
        self._occupancy = occupancy
        self._calendars = occupancy.calendars
        self._first = min(occupancy.n_ticks, max(0, self._calendars.grid.floor(now)))
        self._units: dict[int, NDArray[np.int64]] = {}
        self._stretches: dict[int, NDArray[np.int64]] = {}
        self._bounds: dict[int, tuple[int, NDArray[np.int64]]] = {}

    def days(self, r: int) -> tuple[int, NDArray[np.int64]]:
        """The first local day, and the ticks at which days begin, the first tick and the end included."""
        if r not in self._bounds:
            problem = self._occupancy.problem
            site = problem.sites[0].id if r < 0 else problem.resources[r].site
            days = self._calendars.clock(site).day
            self._bounds[r] = int(days[0]), np.concatenate([[0], np.flatnonzero(np.diff(days)) + 1, [len(days)]])
        return self._bounds[r]

    def capacity(self, pool: Sequence[int], day: int, lengths: Collection[int]) -> int:
        """Ticks, times lanes, that visits of these lengths can fill of a day; a visit counts for the day it starts on.

        Parameters
        ----------
        pool
            Rows of the resources.
        lengths
            In ticks, of all that may be placed; what is shorter than the least of them is no room.
        """
        return sum(self._capacity(r, day, tuple(sorted(lengths))) for r in pool)

    def _capacity(self, r: int, day: int, lengths: tuple[int, ...]) -> int:
        first_day, bounds = self.days(r)
        start, stop = int(bounds[day - first_day]), int(bounds[day - first_day + 1])
        over = lengths[-1] - 1  # a visit may reach so far over midnight, on either side
        if self._has_one_lane(r):
            found = self._runs(r)
            inside = np.minimum(found[:, 1], stop + over) - np.maximum(found[:, 0], start - over)
            return sum(fill(n, lengths) for n in inside[inside > 0].tolist())
        units = self._free_units(r)
        is_on_before, is_on_after = units[start - 1 : start].any(), units[stop : stop + 1].any()
        low = start - over if is_on_before else start
        high = stop + over if is_on_after else stop
        return int(units[max(0, low) : high].sum())

    def _has_one_lane(self, r: int) -> bool:
        return int(self._occupancy.lanes[r]) == 1 and not self._occupancy.spare(r).size

    def _runs(self, r: int) -> NDArray[np.int64]:
        """Free stretches `[first, stop)` of a resource with one lane, shape (stretches, 2)."""
        if r not in self._stretches:
            free = np.concatenate([[0], self._free_units(r) > 0, [0]]).astype(np.int64)
            edges = np.diff(free)
            self._stretches[r] = np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)
        return self._stretches[r]

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
            bits.clear_range(usable, 0, self._first)
            is_usable = np.zeros(n_ticks, np.bool_)
            bits.to_bool(usable, is_usable)
            spare = occupancy.spare(r)
            lanes = occupancy.lanes[r] + (spare if spare.size else 0)
            self._units[r] = np.maximum(0, lanes - occupancy.used[r].astype(np.int64)) * is_usable
        return self._units[r]


_REACHABLE: dict[tuple[int, ...], tuple[int, int]] = {}


def fill(room: int, lengths: Sequence[int]) -> int:
    """The most of `room` that a sum of `lengths`, each as often as wanted, can fill; all in ticks.

    >>> fill(25, (10, 20)), fill(25, (7,)), fill(5, (10,))
    (20, 21, 0)
    """
    key = tuple(lengths)
    reach, upto = _REACHABLE.get(key, (1, 0))
    if upto < room:
        upto = max(room, 288)
        reach = 1
        for length in key:
            step = length
            while step <= upto:  # doubling: once, twice, four times … as often
                reach |= reach << step
                step *= 2
        reach &= (1 << (upto + 1)) - 1
        _REACHABLE[key] = reach, upto
    return (reach & ((1 << (room + 1)) - 1)).bit_length() - 1
