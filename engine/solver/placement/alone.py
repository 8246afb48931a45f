"""What search says of each task as if no other had to be placed: a floor for what it can have beside the others.

Other visits only ever take time away, so that no plan starts a visit where it could not start alone, nor for less. What
one task's place allows another (a prerequisite, the first visit of a series) is left out of the question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.search import scan
from engine.search.candidates import find_candidates
from engine.search.query import Query

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import OrderId
    from engine.model.order import Order
    from engine.search.occupancy import Occupancy
    from engine.solver.placement.tasks import Task

__all__ = ["Alone", "alone"]


@dataclass(frozen=True)
class Alone:
    """Starts of a task's visit. Ticks are those of the occupancy's grid.

    Parameters
    ----------
    ticks
        Every start that there may be, ascending, shape (starts,); perhaps some that there is not.
    costs
        What a visit that starts then costs at least, whoever takes part and whatever was promised, shape (starts,).
    least
        Ticks from its start to its end, at least.
    days
        The first and the last local day (days since 1970-01-01) of a start, by whichever clock.
    """

    ticks: NDArray[np.int64]
    costs: NDArray[np.int64]
    least: int
    days: tuple[int, int]

    @property
    def is_hopeless(self) -> bool:
        """Whether the task is left out for certain."""
        return not len(self.ticks)

    def within(
        self, first: NDArray[np.int64], last: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Of ranges `[first, last]`: whether there is a start inside, the first and the last, and the least cost.

        The last three say nothing of a range without a start.
        """
        low = np.searchsorted(self.ticks, first)
        stop = np.searchsorted(self.ticks, last, side="right")
        has_start = stop > low
        ticks, costs = np.append(self.ticks, 0), np.append(self.costs, 0)
        bounds = np.stack([np.where(has_start, low, 0), np.where(has_start, stop, 0)], axis=1).ravel()
        least = np.minimum.reduceat(costs, bounds)[::2] if len(bounds) else costs[:0]
        return has_start, ticks[np.where(has_start, low, 0)], ticks[np.where(has_start, stop - 1, 0)], least


def alone(occupancy: Occupancy, task: Task, *, now: datetime, placed: Collection[OrderId]) -> Alone | None:
    """Where a task could start if it were the only one.

    Parameters
    ----------
    occupancy
        Free before any task is placed.
    placed
        Orders that have tasks among those to be placed.

    Returns
    -------
    Alone or None
        None where search cannot say: the visit depends on one that has no place yet, or is a seat in a group.
    """
    order = task.order
    if task.occurrence and not _has_first(occupancy, order):
        return None
    if occupancy.problem.service(order.service).group_size > 1:
        return None
    if any(p.order in placed for p in order.prerequisites):
        own = tuple(p for p in order.prerequisites if p.order not in placed)
        order = order.model_copy(update={"prerequisites": own})
    occupancy.at(now)
    occupancy.starts.make_room()
    first = None if task.not_before is None else occupancy.calendars.grid.ceil(task.not_before)
    with Query(occupancy, order, now=now, first=first, occurrence=task.occurrence) as query:
        return _starts(query)


def _has_first(occupancy: Occupancy, order: Order) -> bool:
    return any(a.occurrence == 0 for a in occupancy.bookings.of_order(order.id))


def _starts(query: Query) -> Alone:
    none = np.zeros(0, np.int64)
    if query.missing or any(not s.variants for s in query.steps):
        return Alone(none, none, 1, (0, -1))
    ticks = scan.iterate_set(find_candidates(query), 0, query.occupancy.n_ticks)
    if not len(ticks):
        return Alone(none, none, 1, (0, -1))
    costs, floors = query.costs, []
    days: list[int] = []
    for site in dict.fromkeys(v.site for v in query.first_variants):
        floors.append(costs.of_starts(ticks, site))
        days += query.calendars.clock(site).day[ticks[[0, -1]]].tolist()
    least = query.least_between(0, len(query.steps) - 1)
    found: NDArray[np.int64] = np.min(floors, axis=0) + costs.of_ends(ticks + least)
    return Alone(ticks, found, least, (min(days), max(days)))
