"""What search says of a task alone is a floor: no plan starts a visit elsewhere, nor for less."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.placement.alone import Alone, alone
from engine.solver.placement.guide import Guide
from engine.solver.placement.improve import improve
from engine.solver.placement.plan import Plan
from engine.solver.placement.tasks import tasks_for_orders
from tests.factories import NOW, at, order, patient, practitioner, problem, service, step
from tests.solver.placement.worlds import crowds, queues

if TYPE_CHECKING:
    from datetime import datetime

    from engine.model.problem import Problem
    from tests.strategies import World


def guided(world: Problem, now: datetime, seed: int) -> tuple[Plan, Guide, list[Alone | None]]:
    """A plan that is good, and what the program knew before it was made."""
    empty = Schedule.of(world)
    tasks = tasks_for_orders(empty, world.orders, now=now)
    occupancy = Occupancy.of(empty, now=now)
    placed = {t.order.id for t in tasks}
    known = [alone(occupancy, t, now=now, placed=placed) for t in tasks]
    guide = Guide(world, occupancy, tasks, now=now)
    plan = Plan(world, occupancy, tasks, now=now)
    for t in range(len(plan)):
        plan.insert(t)
    rounds = iter(range(20))
    improve(plan, seed=seed, go_on=lambda: next(rounds, None) is not None)
    return plan, guide, known


def check_floors(world: Problem, now: datetime, seed: int) -> None:
    plan, guide, known = guided(world, now, seed)
    margin = Occupancy.of(Schedule.of(world), now=now).calendars.margin
    for t, place in enumerate(plan.places):
        floor = known[t]
        if place is None or floor is None:
            continue
        start = world.grid.exact(place.appointment.start) + margin
        (at_start,) = np.flatnonzero(floor.ticks == start)
        assert floor.costs[at_start] <= sum(term.cost for term in place.visiting)
        assert world.grid.exact(place.appointment.end) + margin - start >= floor.least
    ask: dict[str, Any] = {"refused": plan.refused, "time_limit_s": 60.0, "is_cancelled": lambda: False}
    assert guide.solve(left_out_limit=None, **ask) <= plan.left_out_cost
    assert guide.solve(left_out_limit=plan.left_out_cost, **ask) <= plan.soft_cost


@settings(max_examples=25)
@given(queues(), st.integers(0, 3))
def test_floors_hold_for_every_plan_of_a_queue(world: Problem, seed: int) -> None:
    check_floors(world, NOW, seed)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(crowds(extra=6), st.integers(0, 3))
def test_floors_hold_whatever_the_world_is_about(world: World, seed: int) -> None:
    check_floors(world.problem, world.now, seed)


def bounds(world: Problem) -> tuple[int, int]:
    plan, guide, _ = guided(world, NOW, 0)
    ask: dict[str, Any] = {"refused": plan.refused, "time_limit_s": 60.0, "is_cancelled": lambda: False}
    return guide.solve(left_out_limit=None, **ask), guide.solve(left_out_limit=plan.left_out_cost, **ask)


def days(n: int, **fields: Any) -> Problem:
    """A practitioner who is there for some days, orders as told."""
    return problem(resources=(practitioner(),), days=n, patients=(patient(), patient("pat-2")), **fields)


def test_an_order_that_cannot_be_at_all_is_left_out_for_certain() -> None:
    pending = order(conditions=({"kind": "authorisation", "status": "pending", "blocks": "booking"},))
    assert bounds(days(1, orders=(pending,)))[0] == 2_000


def test_what_comes_after_such_an_order_is_left_out_too() -> None:
    pending = order(conditions=({"kind": "authorisation", "status": "pending", "blocks": "booking"},))
    follower = order("ord-2", prerequisites=({"order": "ord-1"},))
    assert bounds(days(1, orders=(pending, follower)))[0] == 4_000


def test_what_comes_after_another_order_waits_for_its_soonest_end() -> None:
    # The second may begin a day after the first, so it waits two days more than without: nothing earlier than Tuesday.
    first = order("ord-1", earliest_start=at("2026-03-03 08:00"))
    second = order("ord-2", earliest_start=at("2026-03-02 08:00"), prerequisites=({"order": "ord-1", "min_min": 1440},))
    plan, _, _ = guided(days(5, orders=(first, second)), NOW, 0)
    assert bounds(days(5, orders=(first, second))) == plan.cost
    assert plan.soft_cost == 2


def test_a_later_visit_of_a_series_outside_the_planned_time_is_left_out_for_certain() -> None:
    weekly = order(series=({"offset_days": 0}, {"offset_days": 7}))
    assert bounds(days(14, orders=(weekly,)))[0] == 0
    assert bounds(days(5, orders=(weekly,)))[0] == 2_000


def test_a_target_date_is_known_to_the_bound() -> None:
    # Two visits of four hours on the one day that both orders allow, of which it holds one before and one after noon.
    world = problem(
        resources=(practitioner(),),
        services=(service("visit", step("visit", 6 * 60)),),
        days=5,
        patients=(patient(), patient("pat-2")),
        orders=tuple(
            order(f"ord-{n}", patient=p, target={"day": date(2026, 3, 4)}) for n, p in enumerate(("pat-1", "pat-2"))
        ),
    )
    assert bounds(world)[0] == 2_000


def test_ranges_without_a_start_are_told_apart() -> None:
    known = Alone(np.array([3, 5, 9]), np.array([7, 4, 6]), 1, (0, 0))
    has_start, first, last, least = known.within(np.array([0, 4, 6, 10]), np.array([5, 5, 8, 12]))
    assert has_start.tolist() == [True, True, False, False]
    assert first[:2].tolist() == [3, 5]
    assert last[:2].tolist() == [5, 5]
    assert least[:2].tolist() == [4, 4]
