"""Use against open time by week, from the rows that search reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import UseRule
from engine.search import bits
from engine.search.bits import NONE, ONE, kernel
from engine.search.clock import MONDAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from engine.search.bits import Row
    from engine.search.calendars import Calendars
    from engine.search.counts import Counts
    from engine.search.occupancy import Occupancy

__all__ = ["INSIDE", "OPEN", "OUTSIDE", "use_by_week"]

OPEN, INSIDE, OUTSIDE = range(3)
"""Columns of `use_by_week`."""


def use_by_week(occupancy: Occupancy) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    """What is open and what is used of each resource, in ticks of one lane, by weeks from Monday to Sunday.

    Ticks of the horizon only: those of a week that it cuts off are not there. A supervisor counts as in use while they
    supervise anything.

    Yields
    ------
    tuple
        Row of the resource; day number of the Monday of its first week, by its site's clock; shape `(weeks, 3)`: open,
        used inside the open time, used outside it. More is used than is open where it is overbooked.
    """
    calendars = occupancy.calendars
    weeks: dict[str, NDArray[np.int64]] = {}
    for r, resource in enumerate(occupancy.problem.resources):
        clock = calendars.clock(resource.site)
        if clock.zone not in weeks:
            weeks[clock.zone] = (clock.day + MONDAY) // 7
        week = weeks[clock.zone]
        first = int(week[calendars.within[0]])
        found = np.zeros((int(week[calendars.within[1] - 1]) - first + 1, 3), np.int64)
        _tally(
            _working(calendars, r),
            occupancy.used[r],
            occupancy.present(r),
            week,
            first,
            *calendars.within,
            int(occupancy.lanes[r]),
            found,
        )
        yield r, 7 * first - MONDAY, found


def _working(calendars: Calendars, r: int) -> Row:
    """The ticks at which a resource works: open, and inside a session or block where only these can be booked."""
    if calendars.problem.resources[r].use is UseRule.WHEN_OPEN:
        row: Row = calendars.open[r]
        return row
    inside = bits.make(calendars.n_ticks)
    stretches = [s.inside for s in calendars.sessions(r)] + [b.inside for b in calendars.blocks.of(r)]
    for first, stop in stretches:
        bits.set_range(inside, first, stop, calendars.n_ticks)
    bits.and_(inside, calendars.open[r])
    return inside


@kernel
def _tally(
    working: Row,
    used: Counts,
    present: Counts,
    week: NDArray[np.int64],
    first_week: int,
    first: int,
    stop: int,
    lanes: int,
    out: NDArray[np.int64],
) -> None:
    """Add the ticks `[first, stop)` up by week, as `use_by_week` has them."""
    for t in range(first, stop):
        n = int(used[t])
        if present.size and present[t] > 0:
            n += 1
        w = week[t] - first_week
        if (working[t >> 6] >> np.uint64(t & 63)) & ONE != NONE:
            out[w, 0] += lanes
            out[w, 1] += n
        else:
            out[w, 2] += n
