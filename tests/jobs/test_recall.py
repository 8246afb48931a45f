"""The recall list: orders for a time that nothing is planned for yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.check import check
from engine.jobs.book_offer import book_offer
from engine.jobs.find_slots import find_slots
from engine.model.hours import Hours, HoursException
from engine.model.order import Condition, ConditionKind, Occurrence, TargetDate
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from tests import factories as f

LAST = date(2026, 3, 15)
"""Of the home world, a Sunday; the last day with opening hours is the Friday before."""


def found(order, *booked, now=f.NOW, **world):
    return find_slots(Schedule.of(f.problem(orders=(order,), **world), booked), order.id, now=now, diverse=False)


def target(day: date, before: int = 0, after: int = 0):
    return f.order(target=TargetDate(day=day, before_days=before, after_days=after))


@pytest.mark.parametrize(("before", "is_planned"), [(3, True), (2, False), (1, False)])
def test_a_target_is_for_the_recall_list_when_its_first_day_is_behind_what_is_planned(before, is_planned):
    result = found(target(LAST + timedelta(1), before=before))  # 13 March is the Friday, the last open day
    assert bool(result.offers) == is_planned
    assert (result.recall is None) == is_planned


def test_whoever_looks_again_on_the_day_named_finds_the_day_planned():
    entry = found(target(date(2026, 4, 15), before=2, after=2)).recall
    assert (entry.first_day, entry.last_day) == (date(2026, 4, 13), date(2026, 4, 17))
    assert entry.bookable_until == LAST
    days_ahead = LAST - f.NOW.date()
    assert entry.look_again + days_ahead == date(2026, 4, 13)


def test_a_tolerance_that_is_planned_in_part_waits_for_its_last_day_when_it_is_full():
    order = target(date(2026, 3, 16), before=3, after=1)
    leave = HoursException(kind="leave", start=f.at("2026-03-13 00:00"), end=f.at("2026-03-14 00:00"))
    full = f.practitioner(hours=Hours(exceptions=(leave,)))
    result = found(order, resources=(full,))
    assert result.offers == ()
    assert not result.recall.is_ahead
    assert result.recall.look_again + (LAST - f.NOW.date()) == date(2026, 3, 17)
    assert result.reasons[0].resource == "dr-a"


def test_an_earliest_start_behind_the_plan():
    entry = found(f.order(earliest_start=f.at("2026-03-16 00:00"))).recall
    assert (entry.first_day, entry.last_day, entry.rule) == (date(2026, 3, 16), None, "earliest-start")
    assert "is for 2026-03-16 or later, and" in entry.message
    assert found(f.order(earliest_start=f.at("2026-03-13 17:40"))).offers
    late = found(f.order(earliest_start=f.at("2026-03-13 17:45")))
    assert late.offers == ()
    assert late.recall is None  # its day is planned: looking again helps nobody


def test_as_far_ahead_as_the_policy_allows():
    near = Policy(max_ahead_days=5)
    assert found(target(date(2026, 3, 6)), policy=near).offers
    entry = found(target(date(2026, 3, 9)), policy=near).recall
    assert entry.look_again == date(2026, 3, 4)
    later = found(target(date(2026, 3, 9)), policy=near, now=f.at("2026-03-04 08:00"))
    assert later.offers


def test_a_later_visit_of_a_series_counts_from_the_first():
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=21, before_days=2, after_days=2)))
    result = find_slots(Schedule.of(f.problem(orders=(order,)), [f.appointment()]), "ord-1", now=f.NOW, occurrence=1)
    assert result.recall is not None
    assert (result.recall.first_day, result.recall.last_day) == (date(2026, 3, 21), date(2026, 3, 25))
    assert result.recall.rule == "series"
    assert result.recall.occurrence == 1


def test_an_order_that_cannot_be_booked_for_another_reason_is_not_recalled():
    far = target(date(2026, 6, 1))
    assert found(far, f.appointment(start="09:00")).recall is None
    waiting = far.model_copy(update={"conditions": (Condition(kind=ConditionKind.REFERRAL),)})
    assert found(waiting).recall is None


def test_no_entry_where_there_is_an_offer_or_no_time_asked_for():
    assert found(f.order()).recall is None
    assert found(f.order(deadline=f.at("2026-03-02 08:00"))).recall is None


@pytest.mark.parametrize("first", [date(2026, 3, 4), date(2026, 3, 6)])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 0), (0, 1), (2, 2)])
def test_a_target_is_kept_on_both_sides_to_the_day(first, before, after):
    """Offers on every open day of the tolerance, none outside, and the judge agrees about both edges."""
    order = target(first, before, after)
    schedule = Schedule.of(f.problem(orders=(order,)))
    days = {first + timedelta(n) for n in range(-before, after + 1)}
    offers = find_slots(schedule, "ord-1", now=f.NOW, k=1_000, diverse=False)
    assert {o.start.date() for o in offers.offers} == {d for d in days if d.weekday() < 5}
    assert [o.cost for o in offers.offers] == sorted(o.cost for o in offers.offers)
    assert min(offers.offers, key=lambda o: o.cost).start.date() == first or first.weekday() > 4
    for offer in offers.offers[:: max(1, len(offers.offers) // 12)]:
        booked, _ = book_offer(schedule, offers, offer)
        assert check(booked, now=f.NOW).is_clean
    for day in (min(days) - timedelta(1), max(days) + timedelta(1)):
        visit = f.appointment(start=f"{day} 09:00")
        rules = {v.code for v in check(Schedule.of(schedule.problem, [visit]), now=f.NOW).violations}
        assert "target-window" in rules
