"""The program over bins against the same program written out whole, and against every assignment there is."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ortools.linear_solver.pywraplp import Solver

from engine.solver.placement.bins import BinProgram, solve_bins


def program(
    item_order: list[int],
    unplaced: list[int],
    columns: list[tuple[int, int, list[tuple[int, int]]]],
    capacity: list[int],
    allowance: tuple[list[int], float, float] | None = None,
) -> BinProgram:
    """Columns are (item, cost, [(bin, use), ...]) and stand by item; the allowance is (uses, room, excess cost)."""
    taken, room, excess = ([0] * len(unplaced), math.inf, 1.0) if allowance is None else allowance
    width = max((len(uses) for _, _, uses in columns), default=1)
    bins = np.full((len(columns), width), -1, np.int64)
    use = np.zeros((len(columns), width))
    for c, (_, _, uses) in enumerate(columns):
        for k, (b, ticks) in enumerate(uses):
            bins[c, k], use[c, k] = b, ticks
    return BinProgram(
        item_order=np.array(item_order, np.int64),
        left_out_cost=np.array(unplaced, float),
        left_out_use=np.array(taken, float),
        left_out_room=room,
        excess_cost=excess,
        column_item=np.array([c[0] for c in columns], np.int64),
        column_cost=np.array([c[1] for c in columns], float),
        column_bin=bins,
        column_use=use,
        capacity=np.array(capacity, float),
    )


def whole_program_optimum(p: BinProgram) -> float:
    """The linear program with all its columns at once."""
    solver = Solver.CreateSolver("GLOP")
    assert solver is not None
    x = [solver.NumVar(0, math.inf, "") for _ in p.column_item]
    u = [solver.NumVar(0, math.inf, "") for _ in p.left_out_cost]
    v = solver.NumVar(0, math.inf, "")
    solver.Add(sum(w * float(use) for w, use in zip(u, p.left_out_use, strict=True)) <= p.left_out_room + v)
    for item, order in enumerate(p.item_order):
        solver.Add(sum(x[c] for c in range(len(x)) if p.column_item[c] == item) + u[order] == 1)
    for b, room in enumerate(p.capacity):
        used = [
            x[c] * float(p.column_use[c, k])
            for c in range(len(x))
            for k in range(p.column_bin.shape[1])
            if p.column_bin[c, k] == b
        ]
        if used:
            solver.Add(sum(used) <= float(room))
    costs = [y * float(cost) for y, cost in zip(x, p.column_cost, strict=True)]
    left = [w * float(cost) for w, cost in zip(u, p.left_out_cost, strict=True)]
    solver.Minimize(sum(costs) + sum(left) + v * p.excess_cost)
    assert solver.Solve() == Solver.OPTIMAL
    return float(solver.Objective().Value())


def cheapest_assignment(p: BinProgram) -> float:
    """The cheapest whole assignment within the allowance, by trying all of them; infinite where there is none."""
    choices = [
        [None, *[c for c in range(len(p.column_item)) if p.column_item[c] == item]] for item in range(len(p.item_order))
    ]
    best = math.inf
    for picked in itertools.product(*choices):
        left = {int(p.item_order[i]) for i, c in enumerate(picked) if c is None}
        if any(c is not None and int(p.item_order[i]) in left for i, c in enumerate(picked)):
            continue  # an order is placed with all its items or not at all
        used = np.zeros(len(p.capacity))
        for c in picked:
            for k in range(p.column_bin.shape[1]):
                if c is not None and p.column_bin[c, k] >= 0:
                    used[p.column_bin[c, k]] += p.column_use[c, k]
        if (used <= p.capacity).all() and sum(p.left_out_use[o] for o in left) <= p.left_out_room:
            cost = sum(p.column_cost[c] for c in picked if c is not None) + sum(p.left_out_cost[o] for o in left)
            best = min(best, cost)
    return best


@st.composite
def programs(draw: st.DrawFn) -> BinProgram:
    n_orders = draw(st.integers(1, 3))
    n_bins = draw(st.integers(1, 3))
    item_order = sorted(draw(st.lists(st.integers(0, n_orders - 1), min_size=1, max_size=4)))
    columns = [
        (item, draw(st.integers(0, 20)), [(b, draw(st.integers(1, 4))) for b in draw(some_bins(n_bins))])
        for item in range(len(item_order))
        for _ in range(draw(st.integers(0, 3)))
    ]
    capacity = [draw(st.integers(0, 6)) for _ in range(n_bins)]
    left_out = [draw(st.integers(0, 40)) if o in item_order else 0 for o in range(n_orders)]
    if draw(st.booleans()):
        return program(item_order, left_out, columns, capacity)
    allowance = left_out, float(draw(st.integers(0, 60))), float(draw(st.integers(1, 5)))
    return program(item_order, [0] * n_orders, columns, capacity, allowance)


def some_bins(n_bins: int) -> st.SearchStrategy[list[int]]:
    """Bins of a column, one of them perhaps twice."""
    return st.lists(st.integers(0, n_bins - 1), min_size=1, max_size=2).map(sorted)


@given(programs())
def test_bound_is_the_optimum_of_the_whole_program_rounded_up(p: BinProgram) -> None:
    solution = solve_bins(p)
    assert solution.is_optimal
    assert solution.bound == math.ceil(whole_program_optimum(p) - 1e-4)


@given(programs())
def test_no_assignment_is_cheaper_than_the_bound(p: BinProgram) -> None:
    assert solve_bins(p).bound <= cheapest_assignment(p)


@given(programs())
def test_bound_is_valid_after_the_first_round_already(p: BinProgram) -> None:
    assert solve_bins(p, time_limit_s=-1).bound <= math.ceil(whole_program_optimum(p) - 1e-4)


@given(programs())
def test_solution_fills_items_and_keeps_capacity(p: BinProgram) -> None:
    share = solve_bins(p).share
    placed = np.zeros(p.n_items)
    np.add.at(placed, p.column_item, share)
    used = np.zeros(len(p.capacity) + 1)
    np.add.at(used, p.column_bin, p.column_use * share[:, None])
    assert (placed <= 1 + 1e-6).all()
    assert (used[:-1] <= p.capacity + 1e-6).all()


def test_two_orders_that_share_a_full_bin() -> None:
    # Both want the early bin, which has room for one; the second waits at cost 3.
    p = program([0, 1], [100, 100], [(0, 0, [(0, 4)]), (0, 3, [(1, 4)]), (1, 0, [(0, 4)]), (1, 3, [(1, 4)])], [4, 9])
    solution = solve_bins(p)
    assert solution.bound == 3
    assert solution.price[0] == pytest.approx(0.75)  # a tick more in the early bin saves a quarter of 3
    assert solution.price[1] == 0


def test_an_order_stays_out_whole_when_one_of_its_items_has_no_place() -> None:
    p = program([0, 0], [50], [(0, 1, [(0, 1)])], [9])
    assert solve_bins(p).bound == 50


def test_more_columns_than_a_round_takes_are_priced_in() -> None:
    # Twelve equal orders fill the four cheapest bins; only pricing finds the dearer ones behind them.
    columns = [(o, b, [(b, 1)]) for o in range(12) for b in range(12)]
    p = program(list(range(12)), [1000] * 12, columns, [1] * 12)
    solution = solve_bins(p)
    assert solution.bound == sum(range(12))
    assert solution.rounds > 1


def test_nothing_to_place_costs_nothing() -> None:
    empty = program([], [], [], [])
    assert solve_bins(replace(empty, column_bin=np.zeros((0, 1), np.int64))).bound == 0


def test_cancelled_before_the_second_round_keeps_a_valid_bound() -> None:
    columns = [(o, b, [(b, 1)]) for o in range(12) for b in range(12)]
    p = program(list(range(12)), [1000] * 12, columns, [1] * 12)
    solution = solve_bins(p, is_cancelled=lambda: True)
    assert not solution.is_optimal
    assert 0 <= solution.bound <= sum(range(12))
