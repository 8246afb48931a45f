"""Costs of a move: both sides of each promise's edge."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.model.appointment import Promise
from engine.model.codes import PenaltyCode
from engine.solver.placement.movement import is_within_promise, movement_terms
from tests.factories import NOW, appointment, at, problem

LONG_BEFORE = NOW - timedelta(days=30)


def codes(start: str, resources: set[str] | None = None, now: Any = LONG_BEFORE, **fields: Any) -> set[PenaltyCode]:
    terms = movement_terms(problem(), appointment(**fields), at(start), resources or {"dr-a"}, now=now)
    return {t.code for t in terms}


def told(time: str, practitioner: str | None = None, start: str = "09:00") -> dict[str, Promise]:
    return {"promise": Promise(time=time, start=at(start), practitioner=practitioner)}


def test_staying_costs_nothing_even_on_short_notice() -> None:
    assert codes("09:00", now=at("08:59"), times_moved=3) == set()


@pytest.mark.parametrize(
    ("promise", "start", "code"),
    [
        ("time", "09:05", PenaltyCode.MOVED_TIME),
        ("time", "2026-03-03 09:00", PenaltyCode.MOVED_DAY),
        ("half-day", "11:55", None),
        ("half-day", "12:00", PenaltyCode.MOVED_TIME),
        ("half-day", "2026-03-03 09:00", PenaltyCode.MOVED_DAY),
        ("day", "17:00", None),
        ("day", "2026-03-03 00:00", PenaltyCode.MOVED_DAY),
    ],
)
def test_time_is_judged_by_what_was_told(promise: str, start: str, code: PenaltyCode | None) -> None:
    assert codes(start, **told(promise)) == ({code} if code else set())


def test_without_a_record_the_old_time_counts_as_told() -> None:
    assert codes("09:05") == {PenaltyCode.MOVED_TIME}


def test_the_promise_counts_not_where_the_visit_stands_now() -> None:
    assert codes("10:00", **told("time", start="10:00")) == set()


def test_a_name_matters_only_where_one_was_told() -> None:
    assert codes("09:00", {"dr-b"}) == set()
    assert codes("09:00", {"dr-b"}, **told("time", "dr-a")) == {PenaltyCode.CHANGED_NAMED}
    assert codes("09:00", {"dr-a", "room-1"}, **told("time", "dr-a")) == set()


def test_notice_is_short_from_just_under_two_days() -> None:
    edge = at("09:00") - timedelta(days=2)
    assert PenaltyCode.SHORT_NOTICE not in codes("10:00", now=edge)
    assert PenaltyCode.SHORT_NOTICE in codes("10:00", now=edge + timedelta(minutes=1))


def test_each_earlier_move_counts_again() -> None:
    terms = movement_terms(problem(), appointment(times_moved=2), at("10:00"), {"dr-a"}, now=LONG_BEFORE)
    assert {t.code: t.amount for t in terms} == {PenaltyCode.MOVED_TIME: 1, PenaltyCode.MOVED_AGAIN: 2}
    assert sum(t.cost for t in terms) == 10 + 2 * 20


def test_days_are_the_sites_own() -> None:
    late = appointment(start="2026-03-02 23:30")
    assert is_within_promise(problem(), late.model_copy(update=told("day", start="23:30")), at("2026-03-02 00:00"))
    assert not is_within_promise(problem(), late.model_copy(update=told("day", start="23:30")), at("2026-03-03 00:00"))
