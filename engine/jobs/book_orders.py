"""Book a queue of orders: a visit for as many as fit, without conflict, most urgent first, and why the rest wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.jobs.answer import proposal, solve_result
from engine.jobs.leftover import REASONS_SHARE, why_left_out
from engine.model.arguments import check_instant, check_kind, listed
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.budget import Budget
from engine.solver.interrupt import ctrl_c_cancels
from engine.solver.params import SolveParams
from engine.solver.placement.solve import solve_placement
from engine.solver.placement.tasks import tasks_for_orders
from engine.solver.run import NO_CONTROL, Control

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.model.ids import OrderId
    from engine.model.result import SolveResult

__all__ = ["book_orders"]


def book_orders(
    schedule: Schedule,
    *,
    now: datetime,
    orders: Iterable[OrderId] | None = None,
    params: SolveParams = SolveParams(),
    control: Control = NO_CONTROL,
) -> SolveResult:
    """Propose visits for orders that have none; nothing that is booked is touched.

    Parameters
    ----------
    orders
        Which; None: every active order without a visit.
    params
        The first plan is finished whatever the limit; a tenth of it is kept for the reasons of what is left over.
    control
        A cancelled job, also by Ctrl-C, gives the best plan so far.

    Returns
    -------
    SolveResult
        One proposal, and the schedule with it accepted. Each order left over is in the proposal's `left_over` with its
        reason. The stages are `left out` and `waiting and wishes`, each with a bound that no schedule can beat.

    Raises
    ------
    WrongArgumentError
        When an argument is of a wrong kind: a time without a zone, one order instead of a list of ids.
    UnknownIdError
        When an order does not exist.
    """
    check_kind("schedule", schedule, Schedule)
    check_instant("now", now)
    check_kind("params", params, SolveParams)
    check_kind("control", control, Control)
    if orders is not None:
        orders = listed("orders", orders, str, "an order's id")
    with ctrl_c_cancels(control) as stoppable:
        return _book(schedule, orders, now, params, stoppable)


def _book(
    schedule: Schedule, orders: Iterable[OrderId] | None, now: datetime, params: SolveParams, control: Control
) -> SolveResult:
    budget = Budget(params)
    problem = schedule.problem
    wanted = problem.orders if orders is None else [problem.order(o) for o in dict.fromkeys(orders)]
    tasks = tasks_for_orders(schedule, wanted, now=now)
    occupancy = Occupancy.of(schedule, now=now)
    outcome = solve_placement(
        problem, occupancy, tasks, now=now, params=budget.part(1 - REASONS_SHARE), control=control
    )
    booked = [p.appointment for p in outcome.places if p is not None]
    left_out = why_left_out(schedule, outcome, now=now, params=params, is_cancelled=control.is_cancelled)
    plan = proposal(
        schedule,
        problem,
        number=1,
        title=f"Book {len(booked)} of {len(tasks)} visits",
        changes=[(None, visit) for visit in booked],
        left_over=[left.words for left in left_out],
        terms=outcome.terms,
        now=now,
    )
    return solve_result(schedule, problem, [plan], outcome, params, runtime_s=budget.elapsed_s)
