"""The guide: the linear program over bins for a set of tasks, its bounds, and where it would put each task."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.model.requirement import required_steps
from engine.model.resource import Practitioner
from engine.solver.placement.alone import alone
from engine.solver.placement.bins import BinProgram, solve_bins
from engine.solver.placement.floors import Floors
from engine.solver.placement.options import Bins
from engine.solver.placement.place import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from engine.model.ids import OrderId
    from engine.model.problem import Problem
    from engine.model.service import Step
    from engine.search.occupancy import Occupancy
    from engine.solver.placement.alone import Alone
    from engine.solver.placement.bins import BinSolution
    from engine.solver.placement.options import StepOptions
    from engine.solver.placement.tasks import Task

__all__ = ["Guide"]

_WHOLE = 0.99
_CHUNK = 4096


class Guide:
    """The program over bins for tasks in free time as it is when the guide is made.

    Parameters
    ----------
    occupancy
        Free before any task is placed.
    go_on
        Asked before search is asked about each task alone; once false, the program knows less of the rest.
    """

    def __init__(
        self,
        problem: Problem,
        occupancy: Occupancy,
        tasks: Sequence[Task],
        *,
        now: datetime,
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._problem, self._tasks = problem, tasks
        self._margin = occupancy.calendars.margin
        self._grid = occupancy.calendars.grid
        self._bins = Bins(occupancy, now=now)
        self._floors = Floors(problem, self._grid, self._bins.zones, now=now)
        self._by_order: dict[OrderId, list[int]] = {}
        for t, task in enumerate(tasks):
            self._by_order.setdefault(task.order.id, []).append(t)
        self._alone = [alone(occupancy, t, now=now, placed=self._by_order) if go_on() else None for t in tasks]
        self._steps = [_steps_of(problem, task) for task in tasks]
        self._bins.narrow(
            (task.order, own[0], None if known is None else known.ticks)
            for task, own, known in zip(tasks, self._steps, self._alone, strict=True)
        )
        self._item_order: list[int] = []
        self._columns: list[tuple[StepOptions, NDArray[np.int64]]] = []
        self._costs: list[NDArray[np.float64]] = []
        self._first_item: list[int] = []
        for t, task in enumerate(tasks):
            self._add(t, task)
        self._lengths = [len(rows) for _, rows in self._columns]
        self._offsets = np.concatenate([[0], np.cumsum(self._lengths)]).astype(np.int64)
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
        left_out = np.array([t.left_out_cost(self._problem) for t in self._tasks], float)
        given = int(sum(left_out[t] for t in refused))
        left_out[list(refused)] = 0.0
        cost, nothing = np.concatenate([np.zeros(0), *self._costs]), np.zeros(len(left_out))
        is_first = left_out_limit is None
        self._solution = solve_bins(
            BinProgram(
                item_order=np.array(self._item_order, np.int64),
                left_out_cost=left_out if is_first else nothing,
                left_out_use=nothing if is_first else left_out,
                left_out_room=math.inf if left_out_limit is None else float(left_out_limit - given),
                excess_cost=self._excess_cost(cost, left_out),
                column_item=np.repeat(np.arange(len(self._lengths)), self._lengths),
                column_cost=np.zeros(len(cost)) if is_first else cost,
                column_bin=self._column_bin,
                column_use=self._column_use,
                capacity=self._capacity,
            ),
            time_limit_s=time_limit_s,
            is_cancelled=is_cancelled,
        )
        return max(0, self._solution.bound + (given if is_first else 0))

    @property
    def hopeless(self) -> frozenset[int]:
        """Tasks that are left out for certain: search has no place for them even alone."""
        return frozenset(t for t, known in enumerate(self._alone) if known is not None and known.is_hopeless)

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
        """The columns of a task's steps, with what each costs at least."""
        order, steps = task.order, self._steps[t]
        is_ordered = self._problem.service(order.service).is_ordered or len(steps) == 1
        self._first_item.append(len(self._columns))
        low, high = self._range(task)
        # What is known of the visit's start says nothing of a step that need not be the first.
        days, known = (self._days(task), self._alone[t]) if is_ordered else ((-math.inf, math.inf), None)
        spent = 0.0  # at most, on the end of the visit, in what search says of its start
        for s, step in enumerate(steps):
            options = self._bins.options(order, step, self._floors.cuts(task) if s == 0 else ())
            first, last = np.maximum(options.first, low), np.minimum(options.last, high - options.duration)
            may = (first <= last) & (days[0] <= options.day) & (options.day <= days[1] if s == 0 else True)
            if s == 0 and known is not None:
                inside, first, last, least = known.within(first, last)
                may &= inside
            rows = np.flatnonzero(may)
            cost = np.zeros(len(rows)) if s or known is None else least[rows].astype(float)
            if s == 0 and is_ordered:
                if known is None:
                    cost += self._floors.of_start(task, options, rows)
                cost += self._floors.of_change(task, options, rows, is_only=len(steps) == 1)
            ends = first[rows] + options.duration[rows]
            if s == 0 and known is not None:
                spent = float(self._floors.of_end(task, last[rows] + known.least).max(initial=0.0))
            if s == len(steps) - 1 and is_ordered:
                cost += np.maximum(0.0, self._floors.of_end(task, ends) - spent)
            self._item_order.append(t)
            self._columns.append((options, rows))
            self._costs.append(cost)
            if is_ordered and s + 1 < len(steps):
                low = int(ends.min(initial=high)) + steps[s + 1].gap.min_min // self._grid.tick_min

    def _range(self, task: Task) -> tuple[int, int]:
        """Ticks that bound the visit: no start before the first, no end after the second."""
        order, grid = task.order, self._grid
        low = max([self._bins.first, *(grid.ceil(t) for t in (order.earliest_start, task.not_before) if t is not None)])
        high = self._margin + self._problem.grid.n_ticks
        for before in order.prerequisites:
            known = self._first_of_all(before.order)
            if known is not None:
                soonest = high if known.is_hopeless else int(known.ticks[0]) + known.least
                low = max(low, soonest + before.min_min // grid.tick_min)
        return low, high if order.deadline is None else min(high, grid.floor(order.deadline))

    def _first_of_all(self, order: OrderId) -> Alone | None:
        """What is known of the first visit of an order that has none so far; None: nothing, or it has one."""
        own = self._by_order.get(order, ())
        has_visit = len(own) < max(1, len(self._problem.order(order).series))
        first = None if has_visit else next((t for t in own if self._tasks[t].occurrence == 0), None)
        return None if first is None else self._alone[first]

    def _days(self, task: Task) -> tuple[float, float]:
        """The local days that the first visit of a series leaves for another one's start."""
        firsts = [t for t in self._by_order[task.order.id] if self._tasks[t].occurrence == 0]
        known = self._alone[firsts[0]] if task.occurrence and firsts else None
        if known is None:
            return -math.inf, math.inf
        if known.is_hopeless:
            return math.inf, -math.inf
        offset = task.order.series[task.occurrence]
        first, last = known.days
        return first + offset.offset_days - offset.before_days, last + offset.offset_days + offset.after_days

    def _draw(self) -> None:
        """The limits that each column draws on, and how much of each."""
        self._capacity, table = self._bins.limits.made()
        width = max((options.draws.shape[1] for options, _ in self._columns), default=1)
        draws = _stacked([o.draws[rows] for o, rows in self._columns], width, -1)
        use = _stacked([o.use[rows] for o, rows in self._columns], width, 0)
        most = max(1, int((table >= 0).sum(axis=1)[draws].sum(axis=1).max(initial=0)))
        self._column_bin = np.full((len(draws), most), -1, np.int64)
        self._column_use = np.zeros((len(draws), most))
        for first in range(0, len(draws), _CHUNK):  # so that little of the padding is ever there
            part = slice(first, first + _CHUNK)
            limits = table[draws[part]].reshape(len(draws[part]), -1)
            uses = np.repeat(use[part], table.shape[1], axis=1)
            row, column = np.nonzero(limits >= 0)
            at = np.arange(len(row)) - np.searchsorted(row, row)
            self._column_bin[part][row, at] = limits[row, column]
            self._column_use[part][row, at] = uses[row, column]

    def _excess_cost(self, cost: NDArray[np.float64], left_out: NDArray[np.float64]) -> float:
        """A price of leaving out beyond the limit at which every task would rather be placed."""
        if not len(cost):
            return 1.0
        by_column = np.repeat(np.array(self._item_order), self._lengths)
        return 1.0 + math.ceil(float((cost / np.maximum(1.0, left_out)[by_column]).max()))


def _steps_of(problem: Problem, task: Task) -> tuple[Step, ...]:
    order = task.order
    patient = problem.patient_by_id.get(order.patient)
    return required_steps(problem, problem.service(order.service), patient, order, task.occurrence)


def _stacked(parts: Sequence[NDArray[np.int64]], width: int, pad: int) -> NDArray[np.int64]:
    """Rows of several arrays below each other, padded to one width."""
    rows = [np.pad(p, ((0, 0), (0, width - p.shape[1])), constant_values=pad) for p in parts]
    return np.concatenate([np.full((0, width), pad, np.int64), *rows])
