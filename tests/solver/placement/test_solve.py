"""Placement: every plan is legal, its costs are the judge's, its bounds are bounds, and it stops when told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from engine.check import check
from engine.model.calendar import Interval
from engine.model.codes import PenaltyCode
from engine.model.hours import Hours
from engine.model.result import Progress, SolveStatus
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.params import SolveParams
from engine.solver.placement.guide import Guide
from engine.solver.placement.improve import improve
from engine.solver.placement.plan import Plan
from engine.solver.placement.solve import LEFT_OUT, WAITING, PlacementOutcome, solve_placement
from engine.solver.placement.tasks import tasks_for_orders
from engine.solver.run import Control
from tests.factories import NOW, at, order, patient, practitioner, problem, service, site, step, weekly
from tests.solver.placement.worlds import queues

if TYPE_CHECKING:
    from engine.model.problem import Problem

FEW_ROUNDS = SolveParams(is_deterministic=True, deterministic_limit=0.2, workers=1)


def solve(world: Problem, params: SolveParams = FEW_ROUNDS, control: Control | None = None) -> PlacementOutcome:
    empty = Schedule.of(world)
    tasks = tasks_for_orders(empty, world.orders, now=NOW)
    occupancy = Occupancy.of(empty, now=NOW)
    return solve_placement(world, occupancy, tasks, now=NOW, params=params, control=control or Control())


def never() -> bool:
    return False


def booked(world: Problem, outcome: PlacementOutcome) -> Schedule:
    return Schedule.of(world, [p.appointment for p in outcome.places if p is not None])


@settings(max_examples=25)
@given(queues())
def test_every_plan_is_legal_and_costs_what_the_judge_says(world: Problem) -> None:
    outcome = solve(world)
    report = check(booked(world, outcome), now=NOW)
    assert report.is_clean, report.violations
    assert sum(t.cost for t in outcome.terms) == report.breakdown.total
    assert [s.name for s in outcome.stages] == [LEFT_OUT, WAITING]
    left_out = sum(t.cost for t in report.breakdown.terms if t.code is PenaltyCode.UNPLACED)
    assert [s.objective for s in outcome.stages] == [left_out, report.breakdown.total - left_out]


@settings(max_examples=20)
@given(queues())
def test_bounds_hold_for_the_best_plan_that_can_be_found(world: Problem) -> None:
    empty = Schedule.of(world)
    tasks = tasks_for_orders(empty, world.orders, now=NOW)
    guide = Guide(world, Occupancy.of(empty, now=NOW), tasks, now=NOW)
    plan = Plan(world, Occupancy.of(empty, now=NOW), tasks, now=NOW)
    for t in range(len(plan)):
        plan.insert(t)
    rounds = iter(range(30))
    improve(plan, seed=1, go_on=lambda: next(rounds, None) is not None)
    ask = {"refused": (), "time_limit_s": 60.0, "is_cancelled": never}
    assert guide.solve(left_out_limit=None, **ask) <= plan.left_out_cost
    assert guide.solve(left_out_limit=plan.left_out_cost, **ask) <= plan.soft_cost


@settings(max_examples=25)
@given(queues())
def test_same_seed_same_plan(world: Problem) -> None:
    first, second = solve(world), solve(world)
    assert booked(world, first).appointments == booked(world, second).appointments
    assert [s.bound for s in first.stages] == [s.bound for s in second.stages]


def crowd(n_orders: int, minutes: int = 60) -> Problem:
    """Orders for one practitioner on one morning of four hours; the last is urgent."""
    return problem(
        sites=(site(hours=Hours(weekly=(weekly("08:00", "12:00"),))),),
        resources=(practitioner(),),
        services=(service("visit", step("visit", minutes)),),
        days=1,
        patients=tuple(patient(f"pat-{n}") for n in range(n_orders)),
        orders=tuple(
            order(
                f"ord-{n}",
                patient=f"pat-{n}",
                priority="urgent" if n == n_orders - 1 else "routine",
            )
            for n in range(n_orders)
        ),
    )


def test_the_most_urgent_are_placed_when_not_all_fit() -> None:
    # Four hours hold four visits; of five orders the urgent one must be among the four.
    outcome = solve(crowd(5))
    placed = {p.appointment.order for p in outcome.places if p is not None}
    assert len(placed) == 4
    assert "ord-4" in placed
    assert outcome.status is SolveStatus.OPTIMAL  # the bound says that one routine order must stay out
    assert outcome.stages[0].objective == 2_000


def test_a_day_that_just_holds_all_is_filled_without_a_hole() -> None:
    outcome = solve(crowd(4))
    assert all(p is not None for p in outcome.places)
    assert outcome.status is SolveStatus.OPTIMAL


@pytest.mark.parametrize(("day", "places"), [("2026-03-29", 5), ("2026-10-25", 7)])
def test_a_night_of_clock_change_is_an_hour_shorter_or_longer(day: str, places: int) -> None:
    # From midnight to six by the wall clock; orders of an hour, more than fit.
    start = at(f"{day} 00:00")
    world = problem(
        horizon=Interval(start=start, end=at(f"{day} 12:00")),
        sites=(site(hours=Hours(weekly=(weekly("00:00", "06:00", days=("sun",)),))),),
        resources=(practitioner(),),
        services=(service("visit", step("visit", 60)),),
        patients=tuple(patient(f"pat-{n}") for n in range(9)),
        orders=tuple(order(f"ord-{n}", patient=f"pat-{n}", ordered_at=start) for n in range(9)),
    )
    outcome = solve(world)
    assert check(booked(world, outcome), now=NOW).is_clean
    assert sum(p is not None for p in outcome.places) == places
    assert outcome.status is SolveStatus.OPTIMAL


def test_a_horizon_of_one_tick_holds_a_visit_of_one_tick() -> None:
    world = problem(
        horizon=Interval(start=at("08:00"), end=at("08:05")),
        services=(service("visit", step("visit", 5)),),
        patients=(patient("pat-1"), patient("pat-2")),
        orders=(order("ord-1"), order("ord-2", patient="pat-2")),
    )
    outcome = solve(world)
    assert check(booked(world, outcome), now=NOW).is_clean
    assert [p is not None for p in outcome.places] == [True, False]
    assert outcome.status is SolveStatus.OPTIMAL


def test_nothing_to_do_is_proven_at_once() -> None:
    outcome = solve(problem(orders=()))
    assert outcome.status is SolveStatus.OPTIMAL
    assert outcome.places == ()


def test_progress_comes_in_order_and_bounds_stay_below() -> None:
    seen: list[Progress] = []
    solve(crowd(6), control=Control(on_progress=seen.append))
    assert seen
    assert [p.elapsed_s for p in seen] == sorted(p.elapsed_s for p in seen)
    assert all(p.bound is not None and p.objective is not None and p.bound <= p.objective for p in seen)


def test_the_first_plan_is_finished_whatever_the_limit() -> None:
    outcome = solve(crowd(4), SolveParams(time_limit_s=1e-9))
    assert all(p is not None for p in outcome.places)


def test_cancelled_before_it_begins_leaves_everything_out() -> None:
    outcome = solve(crowd(4), control=Control(is_cancelled=lambda: True))
    assert outcome.status is SolveStatus.CANCELLED
    assert all(p is None for p in outcome.places)
    assert sum(t.cost for t in outcome.terms) == 3 * 2_000 + 20_000


def test_cancelled_on_the_way_keeps_what_it_has() -> None:
    answers = iter([False] * 2 + [True] * 1_000)
    outcome = solve(crowd(4), control=Control(is_cancelled=lambda: next(answers)))
    assert outcome.status is SolveStatus.CANCELLED
    assert any(p is not None for p in outcome.places)


def test_ctrl_c_keeps_the_best_plan_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(Guide, "solve", interrupted)
    world = crowd(6, minutes=50)  # four hours hold four visits of 50 minutes
    outcome = solve(world)
    assert outcome.status is SolveStatus.CANCELLED
    assert check(booked(world, outcome), now=NOW).is_clean
    assert sum(p is not None for p in outcome.places) == 4


def test_a_prerequisite_is_placed_first_whatever_the_priority() -> None:
    world = problem(
        patients=(patient("pat-1"),),
        orders=(
            order("after", priority="urgent", prerequisites=({"order": "before", "min_min": 60},)),
            order("before"),
        ),
    )
    outcome = solve(world)
    schedule = booked(world, outcome)
    assert check(schedule, now=NOW).is_clean
    starts = {a.order: a.start for a in schedule.appointments}
    assert starts["after"] >= starts["before"]


def test_what_search_refuses_is_left_out_with_its_words() -> None:
    group = service("group", step("talk"), group_size=4)
    outcome = solve(problem(services=(service(), group), orders=(order("ord-1", service="group"),)))
    assert outcome.places == (None,)
    assert "group visits" in outcome.refused[0]
