"""What a visit costs at least when a step of it starts in a column of the program over bins."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from engine.model.calendar import Weekday
from engine.model.codes import PenaltyCode
from engine.model.resource import Practitioner
from engine.model.timegrid import epoch_minute
from engine.solver.placement.movement import movement_terms, promise_of, promised_stretches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray

    from engine.model.ids import ResourceId
    from engine.model.problem import Problem
    from engine.model.timegrid import TimeGrid
    from engine.solver.placement.options import StepOptions
    from engine.solver.placement.tasks import Task

__all__ = ["Floors"]

_HOUR_MIN = 60
_TARDY_EVERY_MIN = 60
_TARDY_MIN = 3 * 24 * 60
"""For so long after an order is due its columns are divided so often: it costs by the hour."""
_EPOCH_ORDINAL = 719_163
"""`date(1970, 1, 1).toordinal()`."""
_MONDAY = 3
"""1970-01-01 was a Thursday."""


class Floors:
    """Floors of costs: no visit in a column costs less.

    Parameters
    ----------
    grid
        Whose ticks the columns are in.
    zones
        By whose clocks their days count.
    """

    def __init__(self, problem: Problem, grid: TimeGrid, zones: Sequence[str], *, now: datetime) -> None:
        self._problem, self._grid, self._now = problem, grid, now
        self._zones = [ZoneInfo(z) for z in zones]
        self._row_by_id = {r.id: i for i, r in enumerate(problem.resources)}

    def cuts(self, task: Task) -> tuple[int, ...]:
        """Ticks at which to divide a task's columns, since what it costs changes inside a day."""
        found = set(self._movement_cuts(task))
        if task.order.due is not None:
            due, every = self._grid.floor(task.order.due), self._grid.ticks(_TARDY_EVERY_MIN)
            found.update(range(due, due + self._grid.ticks(_TARDY_MIN), every))
        return tuple(sorted(found))

    def _movement_cuts(self, task: Task) -> tuple[int, ...]:
        if task.visit is None:
            return ()
        kept, day = promised_stretches(self._problem, task.visit)
        return tuple(sorted({self._grid.ceil(t) for t in (*kept, *day)}))

    def of_start(self, task: Task, options: StepOptions, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """What a visit whose first step is in these columns costs at least for the time of its start.

        Parameters
        ----------
        options, rows
            The columns of its first step, and which of them.
        """
        order, policy = task.order, self._problem.policy
        factor = policy.priority.of(order.priority)
        day = options.day[rows]
        since = order.earliest_start or order.ordered_at or self._problem.horizon.start
        days_waited = np.maximum(0, day - self._local_days(since)[options.zone[rows]])
        cost: NDArray[np.float64] = days_waited * float(factor * policy.weight(PenaltyCode.ACCESS_DELAY))
        if order.target is not None and task.occurrence == 0:
            off = np.abs(day - _day_number(order.target.day))
            cost += off * float(factor * policy.weight(PenaltyCode.TARGET_DISTANCE))
        if order.preference.weekdays:
            wished = [list(Weekday).index(w) for w in order.preference.weekdays]
            is_other_day = ~np.isin((day + _MONDAY) % 7, wished)
            cost += is_other_day * float(policy.weight(PenaltyCode.NOT_PREFERRED_TIME))
        return cost

    def of_change(
        self, task: Task, options: StepOptions, rows: NDArray[np.int64], *, is_only: bool
    ) -> NDArray[np.float64]:
        """What it costs at least who takes part, and that a visit moves to where its first step is in these columns.

        Parameters
        ----------
        options, rows
            The columns of its first step, made with the task's cuts, and which of them.
        is_only
            Whether the visit has no other step.
        """
        order, policy = task.order, self._problem.policy
        cost = np.zeros(len(rows))
        # Who takes part is known where one practitioner does the only step; else anybody might, at no cost.
        who = options.resource[rows] if is_only and options.is_sole else None
        preferred = order.preferred_practitioner or self._problem.patient(order.patient).preferred_practitioner
        if preferred is not None:
            weight = float(policy.weight(PenaltyCode.NOT_PREFERRED_PRACTITIONER))
            cost += self._is_another(preferred, who, len(rows)) * weight
        if task.visit is not None:
            cost += self._of_move(task, options.first[rows], options.last[rows], who)
        return cost

    def of_end(self, task: Task, ends: NDArray[np.int64]) -> NDArray[np.float64]:
        """What it costs when a visit ends at these ticks."""
        order, policy = task.order, self._problem.policy
        if order.due is None:
            return np.zeros(len(ends))
        late_min = self._grid.start_minute + ends * self._grid.tick_min - epoch_minute(order.due)
        hours = np.maximum(0, -(-late_min // _HOUR_MIN)).astype(float)
        late: NDArray[np.float64] = hours * float(
            policy.priority.of(order.priority) * policy.weight(PenaltyCode.TARDINESS)
        )
        return late

    def _of_move(
        self, task: Task, first: NDArray[np.int64], last: NDArray[np.int64], who: NDArray[np.int64] | None
    ) -> NDArray[np.float64]:
        visit = task.visit
        if visit is None:
            return np.zeros(len(first))
        named = promise_of(visit).practitioner
        is_unnamed = np.zeros(len(first), np.bool_) if named is None else self._is_another(named, who, len(first))
        stretch = np.searchsorted(self._movement_cuts(task), first, side="right")
        cost = np.zeros(len(first))
        for kind in set(zip(stretch.tolist(), is_unnamed.tolist(), strict=True)):
            of_kind = (stretch == kind[0]) & (is_unnamed == kind[1])
            start = self._grid.instant(int(first[of_kind][0]))
            with_named = () if named is None or kind[1] else (named,)
            cost[of_kind] = sum(t.cost for t in movement_terms(self._problem, visit, start, with_named, now=self._now))
        own = {r.resource for s in visit.steps for r in s.reservations}
        if movement_terms(self._problem, visit, visit.start, own, now=self._now):
            before = self._grid.floor(visit.start)  # to stay costs nothing, even where something else was promised
            cost[(first <= before) & (before <= last)] = 0.0
        return cost

    def _is_another(self, wanted: ResourceId, who: NDArray[np.int64] | None, n: int) -> NDArray[np.bool_]:
        """Whether a practitioner is certainly not in a visit; `who` is, and no other; None: not known."""
        row = self._row_by_id[wanted]
        if who is None or not isinstance(self._problem.resources[row], Practitioner):
            return np.zeros(n, np.bool_)
        found: NDArray[np.bool_] = who != row
        return found

    def _local_days(self, instant: datetime) -> NDArray[np.int64]:
        """The local day of an instant by each zone's clock, shape (zones,)."""
        return np.array([_day_number(instant.astimezone(z).date()) for z in self._zones], np.int64)


def _day_number(day: date) -> int:
    return day.toordinal() - _EPOCH_ORDINAL
