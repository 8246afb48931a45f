"""The numbers behind the plots."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from api.report.figures import (
    OTHER,
    RoomUse,
    Week,
    busiest_week,
    load_by_practitioner,
    room_uses,
    waiting_days,
)
from engine.jobs.measure_use import WeekUse
from engine.model.schedule import Schedule
from tests import factories as f

if TYPE_CHECKING:
    from engine.model.appointment import Appointment

WEEK = Week(f.MONDAY, f.ZONE)


def visit(id: str, start: str, minutes: int = 30, service: str = "visit", **fields: object) -> Appointment:
    using = {"doctor": "dr-a", "room": "room-1"}
    return f.appointment(id, f.placed("visit", f.at(start), minutes, using), service=service, **fields)


def schedule(*visits: Appointment, **fields: object) -> Schedule:
    world = f.problem(
        **{
            "resources": (f.practitioner(), f.practitioner("dr-b", use="in-sessions"), f.room()),
            "services": (f.service(), f.service("scan")),
            **fields,
        }
    )
    return Schedule.of(world, visits)


def test_the_busiest_week_is_the_one_with_most_visits_from_now_on() -> None:
    both = schedule(visit("a", "2026-03-03 09:00"), visit("b", "2026-03-10 09:00"), visit("c", "2026-03-11 09:00"))
    assert busiest_week(both, now=f.NOW).monday == date(2026, 3, 9)
    assert busiest_week(schedule(visit("a", "2026-03-03 09:00")), now=f.NOW) == WEEK


def test_without_visits_the_busiest_week_is_the_present_one() -> None:
    assert busiest_week(schedule(), now=f.at("2026-03-11 09:00")).monday == date(2026, 3, 9)


def test_visits_that_take_no_time_do_not_count() -> None:
    gone = visit("a", "2026-03-03 09:00", status="cancelled")
    assert room_uses(schedule(gone), WEEK, now=f.NOW) == []
    assert waiting_days(schedule(gone), now=f.NOW) == {}


def test_a_use_of_a_room_is_in_hours_of_its_local_day() -> None:
    found = room_uses(schedule(visit("a", "2026-03-03 09:15")), WEEK, now=f.NOW)
    assert found == [RoomUse("Room room-1", date(2026, 3, 3), 9.25, 9.75, "Service visit")]


def test_a_use_over_midnight_is_cut_there() -> None:
    found = room_uses(schedule(visit("a", "2026-03-03 23:00", minutes=120)), WEEK, now=f.NOW)
    assert [(use.day.day, use.start_h, use.end_h) for use in found] == [(3, 23.0, 24.0), (4, 0.0, 1.0)]


def test_rare_services_are_put_together() -> None:
    both = schedule(
        visit("a", "2026-03-03 09:00"), visit("b", "2026-03-03 10:00"), visit("c", "2026-03-03 11:00", service="scan")
    )
    assert [use.service for use in room_uses(both, WEEK, now=f.NOW, n_services=1)] == ["Service visit"] * 2 + [OTHER]


def test_load_is_the_use_of_the_practitioners_who_are_there_in_the_week() -> None:
    both = schedule(visit("a", "2026-03-03 09:00"), visit("b", "2026-03-03 17:45"), visit("c", "2026-03-10 09:00"))
    # Five weekdays of ten hours; a quarter of an hour lies after closing time. dr-b has no session, and no time.
    assert load_by_practitioner(both, WEEK, now=f.NOW) == [("Dr dr-a", WeekUse("dr-a", f.MONDAY, 5 * 600, 45, 15))]


def test_who_works_in_sessions_is_there_in_these_only() -> None:
    mine = f.session("s", "dr-b", day=date(2026, 3, 3), start="17:00", end="19:00")
    found = load_by_practitioner(schedule(sessions=(mine,)), WEEK, now=f.NOW)
    # The clinic closes at 18:00.
    assert ("Dr dr-b", WeekUse("dr-b", f.MONDAY, 60, 0, 0)) in found


def test_waiting_counts_local_days_by_priority() -> None:
    orders = (
        f.order("ord-1", priority="urgent", ordered_at=f.at("2026-03-02 23:30")),
        f.order("ord-2", ordered_at=f.at("2026-03-02 08:00"), earliest_start=f.at("2026-03-04 00:00")),
    )
    both = schedule(visit("a", "2026-03-03 08:00"), visit("b", "2026-03-05 08:00", order="ord-2"), orders=orders)
    assert waiting_days(both, now=f.NOW) == {"urgent": [1], "routine": [1]}
    assert waiting_days(both, now=f.at("2026-03-04 00:00") + timedelta(minutes=1)) == {"routine": [1]}
