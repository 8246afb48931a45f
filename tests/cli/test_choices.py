"""What a demonstration plays through is chosen by rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.choices import busiest_day, visit_to_cancel, visit_to_find_again
from engine.model.explanation import LeftOver
from engine.model.order import Prerequisite
from engine.model.schedule import Schedule
from tests import factories as f
from tests.cli import worlds

if TYPE_CHECKING:
    from engine.model.appointment import Appointment

NOW = f.at("2026-03-02 00:00")


def visit(n: int, start: str, doctor: str = "dr-a", **fields: object) -> Appointment:
    placed = f.placed("visit", f.at(start), 20, {"doctor": doctor, "room": "room-1"})
    return f.appointment(f"app-{n}", placed, **{"patient": f"pat-{n}", "order": f"ord-{n}", **fields})


def schedule(*visits: Appointment, left_over: tuple[LeftOver, ...] = (), **fields: object) -> Schedule:
    return Schedule.of(worlds.clinic_problem().changed(**fields), visits, left_over=left_over)


def test_the_next_visit_on_a_later_day_is_cancelled() -> None:
    found = visit_to_cancel(
        schedule(visit(1, "2026-03-02 09:00"), visit(2, "2026-03-04 09:00"), visit(3, "2026-03-03 09:00")), now=NOW
    )
    assert found is not None
    assert found.id == "app-3"


def test_rather_a_visit_of_the_service_that_orders_wait_for() -> None:
    blood = f.appointment(
        "app-8",
        f.placed("blood", f.at("2026-03-05 09:00"), 10, {"room": "room-1"}),
        patient="pat-8",
        order="ord-8",
        service="blood-and-visit",
    )
    waiting = (LeftOver(order="ord-8", reason="full"), LeftOver(order="gone", reason="full"))
    found = visit_to_cancel(schedule(visit(3, "2026-03-03 09:00"), blood, left_over=waiting), now=NOW)
    assert found == blood


def test_what_may_not_move_or_takes_no_time_is_not_cancelled() -> None:
    start = "2026-03-03 09:00"
    fixed = (
        visit(1, start, is_pinned=True),
        visit(2, start, status="cancelled"),
        visit(3, start, status="arrived"),
        visit(4, start, order=None),
    )
    assert visit_to_cancel(schedule(*fixed), now=NOW) is None


def test_the_busiest_physicians_day() -> None:
    found = busiest_day(
        schedule(
            visit(1, "2026-03-03 09:00"),
            visit(2, "2026-03-04 09:00", "dr-b"),
            visit(3, "2026-03-04 09:20", "dr-b"),
        ),
        now=NOW,
    )
    assert found == ("dr-b", f.at("2026-03-04 00:00"), f.at("2026-03-05 00:00"))


def test_a_day_with_a_visit_that_may_not_move_is_left_out() -> None:
    found = busiest_day(
        schedule(
            visit(1, "2026-03-03 09:00"),
            visit(2, "2026-03-03 09:20"),
            visit(3, "2026-03-03 09:40", is_pinned=True),
            visit(4, "2026-03-04 09:00"),
        ),
        now=NOW,
    )
    assert found == ("dr-a", f.at("2026-03-04 00:00"), f.at("2026-03-05 00:00"))


def test_days_far_ahead_or_today_are_left_out() -> None:
    assert busiest_day(schedule(visit(1, "2026-03-02 09:00"), visit(2, "2026-03-10 09:00")), now=NOW) is None


def test_a_nurse_is_nobody_to_wait_for_where_there_are_physicians() -> None:
    people = tuple(
        r.model_copy(update={"profession": "nurse"}) if r.id == "dr-a" else r for r in worlds.clinic_problem().resources
    )
    visits = (visit(1, "2026-03-03 09:00"), visit(2, "2026-03-03 09:20"), visit(3, "2026-03-04 09:00", "dr-b"))
    found = busiest_day(schedule(*visits, resources=people), now=NOW)
    assert found is not None
    assert found[0] == "dr-b"


def test_a_slot_is_found_again_for_the_order_with_most_steps() -> None:
    bundle = f.appointment(
        "app-8",
        f.placed("blood", f.at("2026-03-05 09:00"), 10, {"room": "room-1"}),
        f.placed("talk", f.at("2026-03-05 09:10"), 20, {"doctor": "dr-a", "room": "room-1"}),
        patient="pat-8",
        order="ord-8",
        service="blood-and-visit",
    )
    visits = (visit(1, "2026-03-03 09:00"), bundle)
    assert visit_to_find_again(schedule(*visits), visits, now=NOW) == bundle


def test_no_slot_is_looked_for_where_other_orders_depend_on_the_visit() -> None:
    problem = worlds.clinic_problem()
    after = problem.order("ord-2").model_copy(update={"prerequisites": (Prerequisite(order="ord-1"),)})
    orders = tuple(after if o.id == after.id else o for o in problem.orders)
    first, second = visit(1, "2026-03-03 09:00"), visit(2, "2026-03-03 09:20")
    booked = schedule(first, second, orders=orders)
    assert visit_to_find_again(booked, [first, second], now=NOW) is None
    assert visit_to_find_again(booked, [], now=NOW) is None
