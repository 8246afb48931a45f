"""The guide: the linear program over bins for a set of tasks, its bounds, and where it would put each task."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from engine.model.codes import PenaltyCode
from engine.model.requirement import required_steps
from engine.model.resource import Practitioner
from engine.model.timegrid import epoch_minute
from engine.solver.placement.bins import BinProgram, solve_bins
from engine.solver.placement.movement import movement_terms, promise_of
from engine.solver.placement.options import Bins
from engine.solver.placement.plan import Window
from engine.solver.placement.tasks import left_out_term

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray

    from engine.model.problem import Problem
    from engine.search.occupancy import Occupancy
    from engine.solver.placement.bins import BinSolution
    from engine.solver.placement.options import StepOptions
    from engine.solver.placement.tasks import Task

__all__ = ["Guide"]

_WHOLE = 0.99
_EPOCH_ORDINAL = 719_163
"""`date(1970, 1, 1).toordinal()`."""


class Guide:
    """The program over bins for tasks in free time as it is when the guide is made.

    Parameters
    ----------
    occupancy
        Free before any task is placed.
    """

    def __init__(self, problem: Problem, occupancy: Occupancy, tasks: Sequence[Task], *, now: datetime) -> None:
        self._problem, self._tasks, self._now = problem, tasks, now
        self._margin = occupancy.calendars.margin
        self._grid = occupancy.calendars.grid
        self._bins = Bins(occupancy, now=now)
        self._item_order: list[int] = []
        self._columns: list[tuple[StepOptions, NDArray[np.int64]]] = []
        self._costs: list[NDArray[np.float64]] = []
        self._first_item: list[int] = []
        for t, task in enumerate(tasks):
            self._add(t, task)
        self._lengths = [len(rows) for _, rows in self._columns]
        self._draw()
        self._solution: BinSolution | None = None

    def solve(
        self,
        *,
        left_out_limit: int | None,
        refused: Collection[int],
        time_limit_s: float,
        is_cancelled: Callable[[], bool],
    ) -> int:
        """Solve one stage and return its bound.

        Parameters
        ----------
        left_out_limit
            None: the first stage, what must be left out. Else the second, the cost of plans that leave out no more.
        refused
            Tasks that are left out in any case.
        """
        left_out = np.array([left_out_term(self._problem, t).cost for t in self._tasks], float)
        given = int(sum(left_out[t] for t in refused))
        left_out[list(refused)] = 0.0
        lengths = self._lengths
        cost = np.concatenate([np.zeros(0), *self._costs]) * (left_out_limit is not None)
        # In the second stage a unit left out beyond the limit costs so much that every task would rather be placed.
        # Any price gives a bound (Lagrangian relaxation of the limit); a moderate one keeps the numbers in scale.
        price = 1
        if left_out_limit is not None and len(cost):
            price += math.ceil((cost / np.maximum(1.0, left_out)[np.repeat(self._item_order, lengths)]).max())
        self._solution = solve_bins(
            BinProgram(
                item_order=np.array(self._item_order, np.int64),
                left_out_cost=left_out * price,
                column_item=np.repeat(np.arange(len(lengths)), lengths),
                column_cost=cost,
                column_bin=self._column_bin,
                column_use=self._column_use,
                capacity=self._capacity,
            ),
            time_limit_s=time_limit_s,
            is_cancelled=is_cancelled,
        )
        self._offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        beyond = -given if left_out_limit is None else price * (left_out_limit - given)
        return max(0, self._solution.bound - beyond)

    def _draw(self) -> None:
        """What each column draws on: of every bin, the limits for its length and all shorter ones."""
        width = max((options.bins.shape[1] for options, _ in self._columns), default=1)
        bins = _stacked([o.bins[rows] for o, rows in self._columns], width, -1)
        length = _stacked([o.length[rows] for o, rows in self._columns], width, 0)
        use = _stacked([o.use[rows] for o, rows in self._columns], width, 0)
        limits = self._bins.limits()
        self._capacity = np.array([capacity for ls in limits for _, capacity in ls], float)
        begins = np.cumsum([0, *(len(ls) for ls in limits)])
        drawn = []
        for k in range(max((len(ls) for ls in limits), default=0)):
            # A bin without a k-th limit has one that nothing is long enough for; so has the pad, -1.
            least = np.array([ls[k][0] if k < len(ls) else np.iinfo(np.int64).max for ls in limits] + [1 << 62])
            drawn.append(np.where((bins >= 0) & (length >= least[bins]), begins[bins] + k, -1))
        self._column_bin = np.concatenate([bins[:, :0], *drawn], axis=1)
        self._column_use = np.tile(use, (1, len(drawn))).astype(float)

    def order(self) -> list[int]:
        """Tasks in the order to insert them: those that the program places whole first."""

        def is_split(t: int) -> bool:
            task = self._tasks[t]
            shares = self._shares(t)
            follows = bool(task.order.prerequisites) or task.occurrence > 0
            return follows or not shares.size or float(shares.max()) < _WHOLE

        return sorted(range(len(self._tasks)), key=lambda t: (is_split(t), t))

    def windows(self, t: int) -> list[Window]:
        """Where the program would put the first step of a task, the largest share first."""
        shares = self._shares(t)
        options, rows = self._columns[self._first_item[t]]
        windows = []
        for c in sorted(np.flatnonzero(shares > 1 - _WHOLE).tolist(), key=lambda c: (-shares[c], c)):
            o = rows[c]
            r = int(options.resource[o])
            resource = self._problem.resources[r] if r >= 0 else None
            windows.append(
                Window(
                    int(options.first[o]) - self._margin,
                    int(options.last[o]) + 1 - self._margin,
                    resource.id if isinstance(resource, Practitioner) else None,
                )
            )
        return windows

    def _shares(self, t: int) -> NDArray[np.float64]:
        if self._solution is None:
            return np.zeros(0)
        item = self._first_item[t]
        return self._solution.share[self._offsets[item] : self._offsets[item + 1]]

    def _add(self, t: int, task: Task) -> None:
        order, problem = task.order, self._problem
        patient = problem.patient_by_id.get(order.patient)
        steps = required_steps(problem, problem.service(order.service), patient, order, task.occurrence)
        is_ordered = problem.service(order.service).is_ordered
        self._first_item.append(len(self._columns))
        low, high = self._range(task)
        for s, step in enumerate(steps):
            options = self._bins.options(order, step)
            least = np.maximum(options.first, low)
            rows = np.flatnonzero(
                (options.last >= low) & (options.first <= high - options.duration) & (least <= options.last)
            )
            cost = np.zeros(len(rows))
            if s == 0 and (is_ordered or len(steps) == 1):
                cost += self._starting_cost(task, options, rows, is_only=len(steps) == 1)
            if s == len(steps) - 1 and (is_ordered or len(steps) == 1):
                cost += self._ending_cost(task, least[rows] + options.duration[rows])
            self._item_order.append(t)
            self._columns.append((options, rows))
            self._costs.append(cost)
            if is_ordered:
                shortest = int(options.duration.min(initial=1_000_000)) if len(options) else 0
                gap = steps[s + 1].gap.min_min if s + 1 < len(steps) else 0
                earliest = int(least[rows].min()) if len(rows) else low
                low = max(low, earliest + shortest + gap // problem.tick_min)

    def _range(self, task: Task) -> tuple[int, int]:
        """Ticks that bound the visit: no start before the first, no end after the second."""
        order, grid = task.order, self._grid
        starts = [self._now, *(t for t in (order.earliest_start, task.not_before) if t is not None)]
        low = max(grid.ceil(t) for t in starts)
        high = self._margin + self._problem.grid.n_ticks
        if order.deadline is not None:
            high = min(high, grid.floor(order.deadline))
        return low, high

    def _starting_cost(
        self, task: Task, options: StepOptions, rows: NDArray[np.int64], *, is_only: bool
    ) -> NDArray[np.float64]:
        order, problem, policy = task.order, self._problem, self._problem.policy
        factor = policy.priority.of(order.priority)
        day = options.day[rows]
        since = order.earliest_start or order.ordered_at or problem.horizon.start
        waited = np.maximum(0, day - self._local_day(since)[options.zone[rows]])
        cost: NDArray[np.float64] = waited * float(factor * policy.weight(PenaltyCode.ACCESS_DELAY))
        if order.target is not None:
            off = np.abs(day - _day_number(order.target.day))
            cost += off * float(factor * policy.weight(PenaltyCode.TARGET_DISTANCE))
        preferred = order.preferred_practitioner or problem.patient(order.patient).preferred_practitioner
        if is_only and options.is_sole and preferred is not None:
            wanted = next((i for i, r in enumerate(problem.resources) if r.id == preferred), -1)
            weight = float(policy.weight(PenaltyCode.NOT_PREFERRED_PRACTITIONER))
            cost += (options.resource[rows] != wanted) * weight
        if task.visit is not None:
            told = promise_of(task.visit)
            named = () if told.practitioner is None else (told.practitioner,)
            moving = movement_terms(problem, task.visit, told.start + timedelta(days=7), named, now=self._now)
            away = day != self._local_day(told.start)[options.zone[rows]]
            cost += away * float(sum(term.cost for term in moving))
        return cost

    def _local_day(self, instant: datetime) -> NDArray[np.int64]:
        """The local day of an instant by each zone's clock, shape (zones,)."""
        return np.array([_day_number(instant.astimezone(ZoneInfo(z)).date()) for z in self._bins.zones], np.int64)

    def _ending_cost(self, task: Task, end: NDArray[np.int64]) -> NDArray[np.float64]:
        order, policy = task.order, self._problem.policy
        if order.due is None:
            return np.zeros(len(end))
        late_min = self._grid.start_minute + end * self._problem.tick_min - epoch_minute(order.due)
        hours = np.maximum(0, -(-late_min // 60)).astype(float)
        factor = float(policy.priority.of(order.priority) * policy.weight(PenaltyCode.TARDINESS))
        late: NDArray[np.float64] = hours * factor
        return late


def _day_number(day: date) -> int:
    return day.toordinal() - _EPOCH_ORDINAL


def _stacked(parts: Sequence[NDArray[np.int64]], width: int, pad: int) -> NDArray[np.int64]:
    """Rows of several arrays below each other, padded to one width."""
    rows = [np.pad(p, ((0, 0), (0, width - p.shape[1])), constant_values=pad) for p in parts]
    return np.concatenate([np.full((0, width), pad, np.int64), *rows])
