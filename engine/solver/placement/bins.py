"""The linear program over bins: a true lower bound for booking, and the guide of its heuristics.

A *bin* is a stretch of working time of a resource, or of a pool of them, with its free ticks. An *item* is a step of an
order; a *column* puts an item into a bin at the least cost that any start in it could have. Whatever the order of
visits inside the bins, no schedule can be cheaper than

    minimise    sum cost[c] x[c] + sum left_out_cost[o] u[o] + excess_cost v
    subject to  sum of x over the columns of item i  +  u[order of i]  =  1      for every item i
                sum of use x over the columns in bin b  <=  capacity[b]          for every bin b
                sum of left_out_use[o] u[o]  <=  left_out_room + v
                x, u, v >= 0

which is solved by column generation (Gilmore and Gomory 1961): a restricted program with few columns is solved with
GLOP, its duals price all columns at once in numpy, and those that could pay are added. The duals' Lagrangian bound
(Geoffrion 1974) is valid at every round, so that a time limit costs tightness, never truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from ortools.linear_solver.pywraplp import Solver

from engine.errors import ModelBuildError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from ortools.linear_solver.pywraplp import Variable

__all__ = ["BinProgram", "BinSolution", "solve_bins"]

_COLUMNS_PER_ROUND = 4
"""Columns that a round adds per item: fewer need more rounds, more make each round dearer."""
_TOLERANCE = 1e-6
_ROUND_OFF = 1e-4


@dataclass(frozen=True)
class BinProgram:
    """The data of the program.

    Parameters
    ----------
    item_order
        Order of each item, shape (items,).
    left_out_cost
        Cost of leaving each order out, shape (orders,).
    left_out_use, left_out_room, excess_cost
        What leaving each order out takes of an allowance, shape (orders,), the allowance, and what a unit beyond it
        costs. The bound is for schedules that keep within the allowance.
    column_item, column_cost
        Of each column, shape (columns,); columns of one item stand together, in the order of the items.
    column_bin, column_use
        Bins that a column uses and how many ticks of each, shape (columns, uses); bin -1 pads.
    capacity
        Free ticks (times lanes) of each bin, shape (bins,).
    """

    item_order: NDArray[np.int64]
    left_out_cost: NDArray[np.float64]
    left_out_use: NDArray[np.float64]
    left_out_room: float
    excess_cost: float
    column_item: NDArray[np.int64]
    column_cost: NDArray[np.float64]
    column_bin: NDArray[np.int64]
    column_use: NDArray[np.float64]
    capacity: NDArray[np.float64]

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.item_order)


@dataclass(frozen=True)
class BinSolution:
    """What the program says.

    Parameters
    ----------
    bound
        No schedule costs less; rounded up, since all costs are whole numbers.
    share
        Of each column in the solution, 0 to 1.
    price
        What one more tick of each bin would save, >= 0: the shadow value of the bin.
    left_out
        Share of each order that is left out, 0 to 1.
    is_optimal
        Whether no column could pay any more; else the time limit came first.
    """

    bound: int
    share: NDArray[np.float64]
    price: NDArray[np.float64]
    left_out: NDArray[np.float64]
    is_optimal: bool
    rounds: int
    runtime_s: float


def solve_bins(
    program: BinProgram, *, time_limit_s: float = math.inf, is_cancelled: Callable[[], bool] = lambda: False
) -> BinSolution:
    """Solve the program, or as much of it as the limit allows.

    Parameters
    ----------
    program
        The data.
    time_limit_s
        After which no new round begins.
    is_cancelled
        Asked before each round.

    Returns
    -------
    BinSolution
        With a valid bound, also when the limit was reached.

    Raises
    ------
    ModelBuildError
        When GLOP cannot be had.
    """
    begun = perf_counter()
    master = _Master(program)
    master.add(_cheapest(program, program.column_cost))
    bound, rounds, is_optimal = 0.0, 0, False
    share, left_out = np.zeros(len(program.column_cost)), np.ones(len(program.left_out_cost))
    price = np.zeros(len(program.capacity))
    while (duals := master.solve()) is not None:
        rounds += 1
        worth, price, allowance_price = duals
        share, left_out = master.shares(), master.left_out()
        reduced = program.column_cost + _used_value(program, price)
        bound = max(bound, _lagrangian_bound(program, reduced, price, allowance_price))
        paying = _cheapest(program, reduced - worth[program.column_item])
        paying = paying[(reduced - worth[program.column_item])[paying] < -_TOLERANCE]
        # All costs are whole, so nothing is gained once the bound and the program's value round to the same number.
        is_optimal = not len(paying) or math.ceil(bound - _ROUND_OFF) >= math.ceil(master.value() - _ROUND_OFF)
        if is_optimal or perf_counter() - begun > time_limit_s or is_cancelled():
            break
        master.add(paying)
    return BinSolution(
        bound=math.ceil(bound - _ROUND_OFF),
        share=share,
        price=price,
        left_out=left_out,
        is_optimal=is_optimal,
        rounds=rounds,
        runtime_s=perf_counter() - begun,
    )


class _Master:
    """The restricted program, grown column by column; GLOP starts each round from the last basis."""

    def __init__(self, program: BinProgram) -> None:
        solver = Solver.CreateSolver("GLOP")
        if solver is None:
            raise ModelBuildError("GLOP, the linear solver of OR-Tools, cannot be had.")
        self._program = program
        self._solver = solver
        self._objective = solver.Objective()
        self._objective.SetMinimization()
        self._items = [solver.Constraint(1.0, 1.0) for _ in range(program.n_items)]
        self._bins = [solver.Constraint(-math.inf, float(c)) for c in program.capacity]
        self._variables: dict[int, Variable] = {}
        self._left_out = [solver.NumVar(0.0, math.inf, "") for _ in program.left_out_cost]
        self._allowance = solver.Constraint(-math.inf, program.left_out_room)
        excess = solver.NumVar(0.0, math.inf, "")
        self._objective.SetCoefficient(excess, program.excess_cost)
        self._allowance.SetCoefficient(excess, -1.0)
        each = zip(self._left_out, program.left_out_cost.tolist(), program.left_out_use.tolist(), strict=True)
        for variable, cost, use in each:
            self._objective.SetCoefficient(variable, cost)
            self._allowance.SetCoefficient(variable, use)
        for item, order in enumerate(program.item_order):
            self._items[item].SetCoefficient(self._left_out[order], 1.0)

    def add(self, columns: NDArray[np.int64]) -> None:
        p = self._program
        for c in columns.tolist():
            if c in self._variables:
                continue
            variable = self._solver.NumVar(0.0, math.inf, "")
            self._variables[c] = variable
            self._objective.SetCoefficient(variable, float(p.column_cost[c]))
            self._items[int(p.column_item[c])].SetCoefficient(variable, 1.0)
            uses: dict[int, float] = {}
            for b, use in zip(p.column_bin[c].tolist(), p.column_use[c].tolist(), strict=True):
                uses[b] = uses.get(b, 0.0) + use  # two roles may draw on one bin
            for b, use in uses.items():
                if b >= 0:
                    self._bins[b].SetCoefficient(variable, use)

    def solve(self) -> tuple[NDArray[np.float64], NDArray[np.float64], float] | None:
        """Worth of items, prices of bins and of the allowance; None when GLOP loses its way, also from scratch."""
        status = self._solver.Solve()
        if status != Solver.OPTIMAL:  # the last basis can be a bad start
            self._solver.Reset()
            status = self._solver.Solve()
        if status != Solver.OPTIMAL:
            return None
        worth = np.array([c.dual_value() for c in self._items])
        price = np.maximum(0.0, [-c.dual_value() for c in self._bins])
        return worth, price, max(0.0, -self._allowance.dual_value())

    def value(self) -> float:
        """Objective of the restricted program."""
        return float(self._objective.Value())

    def shares(self) -> NDArray[np.float64]:
        """Of every column, those left out of the restricted program included."""
        share = np.zeros(len(self._program.column_cost))
        for c, variable in self._variables.items():
            share[c] = variable.solution_value()
        return share

    def left_out(self) -> NDArray[np.float64]:
        """Share of each order left out."""
        return np.array([v.solution_value() for v in self._left_out])


def _used_value(program: BinProgram, price: NDArray[np.float64]) -> NDArray[np.float64]:
    padded = np.append(price, 0.0)  # bin -1 costs nothing
    value: NDArray[np.float64] = (padded[program.column_bin] * program.column_use).sum(axis=1)
    return value


def _lagrangian_bound(
    program: BinProgram, reduced: NDArray[np.float64], price: NDArray[np.float64], allowance_price: float
) -> float:
    """Each order takes its cheapest columns at these prices, or stays out; what there is to share is paid back."""
    least = np.full(program.n_items, np.inf)
    np.minimum.at(least, program.column_item, reduced)
    placed = np.zeros(len(program.left_out_cost))
    np.add.at(placed, program.item_order, least)
    out = program.left_out_cost + allowance_price * program.left_out_use
    allowance = allowance_price * program.left_out_room if allowance_price else 0.0
    return float(np.minimum(placed, out).sum() - price @ program.capacity - allowance)


def _cheapest(program: BinProgram, value: NDArray[np.float64]) -> NDArray[np.int64]:
    """The few columns of least `value` of each item."""
    by_value = np.lexsort((value, program.column_item))
    item = program.column_item[by_value]
    starts = np.flatnonzero(np.r_[True, item[1:] != item[:-1]]) if len(item) else np.zeros(0, np.int64)
    position = np.arange(len(item)) - np.repeat(starts, np.diff(np.r_[starts, len(item)]))
    chosen: NDArray[np.int64] = by_value[position < _COLUMNS_PER_ROUND]
    return chosen
