"""What counts in a schedule, and what cannot be judged."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.check import check
from engine.check.book import Book
from engine.errors import UnknownIdError
from engine.model.codes import ConstraintCode
from engine.model.schedule import Schedule
from tests.check.judged import MINUTE, codes, group, judge, visit
from tests.factories import NOW, appointment, at, placed, problem, service, step


def test_an_empty_schedule_breaks_nothing_and_leaves_its_orders_unplaced():
    report = judge(problem())
    assert report.violations == ()
    assert [t.subjects for t in report.breakdown.terms] == [("ord-1",)]
    assert judge(problem(orders=())).breakdown.total == 0


def test_the_home_worlds_visit_is_legal():
    assert judge(problem(), appointment()).is_clean


def test_violations_come_in_the_order_of_the_codes():
    wrong = visit("a", "07:57", minutes=10), visit("b", "08:03", minutes=10)
    found = [v.code for v in judge(problem(), *wrong).violations]
    assert found == sorted(found, key=list(ConstraintCode).index)
    assert len(found) == 6  # both too short and off the grid, one before opening, and they overlap


@pytest.mark.parametrize("wrong", [
    {"service": "other"}, {"order": "other"}, {"patient": "other"}, {"site": "other"}, {"using": {"doctor": "other"}},
])  # fmt: skip
def test_a_name_that_the_problem_does_not_know_cannot_be_judged(wrong):
    stranger = visit(**wrong)
    with pytest.raises(UnknownIdError, match="'other'"):
        judge(problem(), stranger)
    assert codes(problem(), stranger.model_copy(update={"status": "cancelled"})) == []


def test_now_counts_in_whole_minutes():
    schedule = Schedule.of(problem(), [visit(status="pending", expires_at=NOW)])
    for late, n in ((-MINUTE, 1), (-timedelta(seconds=1), 1), (timedelta(0), 0), (timedelta(seconds=59), 0)):
        assert len(Book.of(schedule, NOW + late).visits) == n


def test_a_visit_of_an_unknown_step_or_role_is_judged_as_far_as_it_goes():
    strange = appointment("a", placed("other", at("19:00"), 20, {"doctor": "dr-a"}), order=None, patient=None)
    assert codes(problem(), strange) == [ConstraintCode.STEPS_COMPLETE, ConstraintCode.OPENING_HOURS]
    odd = visit(start="19:00", using={"nobody": "dr-a"})
    assert codes(problem(), odd) == [ConstraintCode.ROLE_FILLED, ConstraintCode.OPENING_HOURS]


def test_a_group_counts_while_somebody_has_a_seat():
    world = problem(services=[service("class", step("visit", 20), group_size=3)], orders=())
    occurrence = group("g", placed("visit", at("19:00"), 20, {"doctor": "dr-a"}))
    seat = visit(start="19:00", service="class", group="g", using={})
    assert codes(world, groups=(occurrence,)) == []
    assert codes(world, seat, groups=(occurrence,)) == [ConstraintCode.OPENING_HOURS]
    for gone in ({"status": "cancelled"}, {"status": "pending", "expires_at": NOW}):
        assert codes(world, seat.model_copy(update=gone), groups=(occurrence,)) == []


def test_a_groups_booking_time_is_the_earliest_of_its_seats():
    world = problem(services=[service("class", step("visit", 20), group_size=3)], orders=())
    occurrence = group("g", placed("visit", at("09:00"), 20, {"doctor": "dr-a"}))
    times = (at("2026-02-05 09:00"), at("2026-02-03 09:00"), None)
    seats = [visit(f"s{i}", service="class", group="g", using={}, booked_at=t) for i, t in enumerate(times)]
    (found,) = Book.of(Schedule.of(world, seats, groups=(occurrence,)), NOW).groups
    assert found.booked == min(v.booked for v in found.seats)
    assert [v.id for v in found.seats] == ["s0", "s1", "s2"]


def test_the_answer_does_not_depend_on_the_order_of_the_rows_nor_on_how_they_came():
    world = problem(orders=())
    visits = [visit(f"v{i}", at("09:00") + i * 15 * MINUTE) for i in range(5)]
    forward, backward = judge(world, *visits), judge(world, *reversed(visits))
    assert {(v.code, frozenset(v.subjects)) for v in forward.violations} == {
        (v.code, frozenset(v.subjects)) for v in backward.violations
    }
    moved = Schedule.of(world, visits).changed(removed=["v2"], added=[visits[2]])
    assert {v.message for v in check(moved, now=NOW).violations} == {v.message for v in forward.violations}
