"""Series. Every occurrence is checked against the others; fifth Mondays, 29 February, holidays."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.jobs.find_slots import find_slots
from engine.model.calendar import Interval
from engine.model.hours import Hours, HoursException
from engine.model.order import Occurrence
from engine.model.template import NthWeekday, Recurrence, Template, TemplateSession, publish
from tests import factories as f
from tests.traps.asking import offered, world


def weekly_series(n, **fields):
    return f.order(series=tuple(Occurrence(offset_days=7 * i, **fields) for i in range(n)))


def on(day, id="first", **fields):
    step = f.placed("visit", f.at(f"{day} 09:00"), 20, {"doctor": "dr-a"})
    return f.appointment(id, step, booked_at=f.NOW, **fields)


def days_of(schedule, occurrence, now=f.NOW):
    found = find_slots(schedule, "ord-1", now=now, k=5000, diverse=False, occurrence=occurrence).offers
    return sorted({o.start.astimezone(ZoneInfo(f.ZONE)).date() for o in found})


@pytest.mark.parametrize("occurrence", [1, 2])
def test_every_occurrence_is_checked_against_the_first(occurrence):
    schedule = world(on(f.MONDAY), orders=(weekly_series(3, before_days=1, after_days=1),), days=28)
    wanted = f.MONDAY + timedelta(days=7 * occurrence)
    assert days_of(schedule, occurrence) == [wanted, wanted + timedelta(days=1)]  # the Sunday is closed
    got = offered(schedule, day=wanted, occurrence=occurrence)
    assert (got[0], got[-1]) == ("08:00", "17:40")


def test_an_occurrence_that_is_booked_is_not_offered_again_and_the_first_comes_first():
    order = weekly_series(2)
    assert find_slots(world(on(f.MONDAY), orders=(order,)), "ord-1", now=f.NOW).offers == ()
    assert find_slots(world(orders=(order,)), "ord-1", now=f.NOW, occurrence=1).reasons[0].code == "series"


def test_an_occurrence_on_a_holiday_has_no_offer_without_tolerance():
    closed = HoursException(start=f.at("2026-03-09 00:00"), end=f.at("2026-03-10 00:00"), kind="closure")
    site = f.site(hours=Hours(weekly=(f.weekly(),), exceptions=(closed,)))
    holiday = f.MONDAY + timedelta(days=7)
    strict = world(on(f.MONDAY), orders=(weekly_series(2),), sites=(site,))
    assert offered(strict, day=holiday, occurrence=1, like=on(holiday, "like", occurrence=1)) == []
    found = find_slots(strict, "ord-1", now=f.NOW, occurrence=1)
    assert found.offers == ()
    assert {b.code for b in found.reasons} == {"opening-hours"}
    lenient = world(on(f.MONDAY), orders=(weekly_series(2, after_days=2),), sites=(site,))
    assert days_of(lenient, 1) == [holiday + timedelta(days=1), holiday + timedelta(days=2)]


def test_the_29th_of_february_is_a_day_like_others():
    begin = f.at("2028-02-21 00:00")
    horizon = Interval(start=begin, end=f.at("2028-03-20 00:00"))
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1), Occurrence(offset_days=8)))
    first = f.appointment("a", f.placed("visit", f.at("2028-02-28 09:00"), 20, {"doctor": "dr-a"}), booked_at=begin)
    schedule = world(first, orders=(order,), horizon=horizon)
    assert days_of(schedule, 1, now=begin) == [date(2028, 2, 29)]
    assert days_of(schedule, 2, now=begin) == [date(2028, 3, 7)]


def test_a_fifth_monday_is_only_in_the_months_that_have_one():
    """Sessions on the fifth Monday: 30 March, then none before 29 June."""
    shape = TemplateSession(
        id="clinic",
        owner="dr-a",
        site="main",
        period=f.period("08:00", "12:00"),
        on=Recurrence(monthly=NthWeekday(nth=5, day="mon")),
    )
    problem = f.problem(resources=(f.practitioner(use="in-sessions"),), days=150)
    template = Template(id="t", name="fifth Mondays", effective_from=f.MONDAY, sessions=(shape,))
    sessions, _ = publish(template, f.MONDAY, f.MONDAY + timedelta(days=150))
    schedule = world(resources=problem.resources, days=150, sessions=tuple(s for s in sessions if s.day >= f.MONDAY))
    assert days_of(schedule, 0) == [date(2026, 3, 30), date(2026, 6, 29)]
