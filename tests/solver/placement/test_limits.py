"""What bins can take: only the time that a draw can fall in counts for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.model.hours import Hours
from engine.model.schedule import Schedule
from engine.search.occupancy import Occupancy
from engine.solver.placement.guide import Guide
from engine.solver.placement.limits import widened
from engine.solver.placement.plan import Plan
from engine.solver.placement.room import Room
from engine.solver.placement.tasks import tasks_for_orders
from tests.factories import (
    NOW,
    appointment,
    at,
    order,
    patient,
    placed,
    practitioner,
    problem,
    service,
    session,
    site,
    step,
    weekly,
)

MORNING = Hours(weekly=(weekly("08:00", "12:00"),))


@given(st.integers(0, 2**40), st.integers(0, 20))
def test_stretches_cover_what_they_cover_tick_by_tick(ticks: int, n: int) -> None:
    covered = {t + i for t in range(41) if ticks >> t & 1 for i in range(n)}
    assert widened(ticks, n) == sum(1 << t for t in covered)


def test_what_is_free_is_counted_by_stretches_and_lanes() -> None:
    world = problem(sites=(site(hours=MORNING),), resources=(practitioner("dr-a"), practitioner("dr-b", lanes=2)))
    taken = [appointment(f"app-{r}", placed("visit", at("09:00"), 20, {"doctor": r})) for r in ("dr-a", "dr-b")]
    room = Room(Occupancy.of(Schedule.of(world, taken), now=NOW), now=NOW)
    start, stop = room.span(0, 0, 12)
    nine = 9 * 12 - start + int(room.bounds[0])
    mask = room.free(0, start, stop)
    assert not mask >> nine & 0b1111
    assert mask.bit_count() == 48 - 4
    # Of 12 and 32 ticks, visits of 5 ticks fill 10 and 30; two lanes are counted tick by tick.
    assert room.capacity(0, mask, start, stop, (5,)) == 40
    assert room.capacity(1, room.free(1, start, stop), start, stop, (5,)) == 2 * 48 - 4
    assert room.capacity(0, mask & ((1 << nine) - 1), start, stop, (5,)) == 10


def bounds_and_plan(world: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Both bounds, and what inserting one after the other comes to."""
    empty = Schedule.of(world)
    tasks = tasks_for_orders(empty, world.orders, now=NOW)
    guide = Guide(world, Occupancy.of(empty, now=NOW), tasks, now=NOW)
    plan = Plan(world, Occupancy.of(empty, now=NOW), tasks, now=NOW)
    for t in range(len(plan)):
        plan.insert(t)
    ask: dict[str, Any] = {"refused": (), "time_limit_s": 60.0, "is_cancelled": lambda: False}
    left_out = guide.solve(left_out_limit=None, **ask)
    return (left_out, guide.solve(left_out_limit=plan.left_out_cost, **ask)), plan.cost


def crowd(n: int, **fields: Any) -> dict[str, Any]:
    names = [str(i) for i in range(n)]
    return {
        "patients": tuple(patient(f"pat-{i}") for i in names),
        "orders": tuple(order(f"ord-{i}", patient=f"pat-{i}", **fields) for i in names),
        "days": 1,
    }


def test_time_kept_for_urgent_orders_is_no_room_for_routine_ones() -> None:
    # Of four hours the last three are kept until Monday noon, so one of the three routine visits has a place.
    kept = {"from": "09:00", "to": "12:00", "is_kept_for_urgent": True, "release": {"days_before": 0, "at": "12:00"}}
    morning = session("am", "dr-a", segments=({"from": "08:00", "to": "09:00"}, kept))
    world = problem(
        resources=(practitioner(use="in-sessions"),),
        services=(service("visit", step("visit", 60)),),
        sessions=(morning,),
        **crowd(3),
    )
    assert bounds_and_plan(world) == ((4_000, 0), (4_000, 0))


def test_whoever_comes_later_in_the_day_is_later() -> None:
    # Four visits of an hour, all due at eight: they end one, two, three and four hours late, at 20 an hour for each.
    world = problem(
        sites=(site(hours=MORNING),),
        resources=(practitioner(),),
        services=(service("visit", step("visit", 60)),),
        **crowd(4, priority="urgent", due=at("08:00")),
    )
    (left_out, waiting), (_, cost) = bounds_and_plan(world)
    each = cost // (1 + 2 + 3 + 4)
    assert (left_out, cost) == (0, 10 * each)
    assert waiting == cost


def test_a_kind_of_visit_is_held_to_the_sessions_that_admit_it() -> None:
    # Long visits fit into the second session alone, whatever else is free.
    world = problem(
        resources=(practitioner(use="in-sessions"),),
        services=(service("short", step("visit", 20)), service("long", step("visit", 60))),
        sessions=(
            session(
                "am",
                "dr-a",
                start="08:00",
                end="11:00",
                segments=({"from": "08:00", "to": "11:00", "services": ("short",)},),
            ),
            session("pm", "dr-a", start="13:00", end="15:00"),
        ),
        **crowd(3, service="long"),
    )
    assert bounds_and_plan(world)[0][0] == 2_000


def test_a_due_date_long_ago_changes_no_bound_into_more_than_the_plan() -> None:
    world = problem(
        sites=(site(hours=MORNING),),
        resources=(practitioner(),),
        **crowd(6, due=at("08:00") - timedelta(days=30)),
    )
    (left_out, waiting), plan = bounds_and_plan(world)
    assert (left_out, waiting) <= plan
    assert waiting > 0.9 * plan[1]
