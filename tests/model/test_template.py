from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.model.calendar import Weekday
from engine.model.template import Recurrence, Template, publish

MONDAY = date(2026, 3, 2)


def entry(id="e", **on):
    return {"id": id, "owner": "dr-a", "site": "main", "period": {"from": "08:00", "to": "12:00"}, "on": on}


def template(*sessions, **fields):
    return Template(**{"id": "t", "name": "T", "effective_from": MONDAY, "sessions": sessions, **fields})


def days(*, first=MONDAY, until=date(2026, 4, 1), fields=None, **on):
    """Days of one entry as month-day."""
    sessions, _ = publish(template(entry(**on), **(fields or {})), first, until)
    return [f"{s.day:%m-%d}" for s in sessions]


def test_a_weekday():
    assert days(day="tue") == ["03-03", "03-10", "03-17", "03-24", "03-31"]
    assert days(day="mon") == ["03-02", "03-09", "03-16", "03-23", "03-30"]


def test_weeks_of_the_cycle():
    cycle = {"cycle_weeks": 3}
    assert days(fields=cycle, day="sun", weeks=[1]) == ["03-08", "03-29"]
    assert days(fields=cycle, day="sun", weeks=[2, 3]) == ["03-15", "03-22"]
    assert days(fields=cycle, day="sun") == ["03-08", "03-15", "03-22", "03-29"]


def test_the_cycle_counts_from_the_effective_date_over_new_year():
    fields = {"cycle_weeks": 2, "effective_from": date(2026, 12, 21)}
    found = days(fields=fields, first=date(2026, 12, 1), until=date(2027, 2, 1), day="mon", weeks=[2])
    assert found == ["12-28", "01-11", "01-25"]


def test_it_holds_from_and_before_its_dates():
    fields = {"effective_from": date(2026, 3, 9), "effective_until": date(2026, 3, 23)}
    assert days(fields=fields, day="mon") == ["03-09", "03-16"]
    assert days(fields={**fields, "effective_until": date(2026, 3, 24)}, day="mon") == ["03-09", "03-16", "03-23"]


def test_only_the_days_asked_for():
    assert days(first=date(2026, 3, 9), until=date(2026, 3, 16), day="mon") == ["03-09"]
    assert days(first=MONDAY, until=MONDAY, day="mon") == []
    assert days(first=date(2026, 4, 1), until=MONDAY, day="mon") == []


def monthly(nth, day, **fields):
    return days(**fields, monthly={"nth": nth, "day": day})


def test_the_nth_weekday_of_a_month():
    year = {"first": date(2026, 3, 1), "until": date(2026, 7, 1)}
    assert monthly(1, "mon", **year) == ["03-02", "04-06", "05-04", "06-01"]
    assert monthly(1, "sun", **year) == ["04-05", "05-03", "06-07"]  # 1 March is before the effective date
    assert monthly(4, "tue", **year) == ["03-24", "04-28", "05-26", "06-23"]
    assert monthly(-1, "tue", **year) == ["03-31", "04-28", "05-26", "06-30"]


def test_a_fifth_monday_is_rare():
    year = {"first": date(2026, 3, 1), "until": date(2027, 1, 1)}
    assert monthly(5, "mon", **year) == ["03-30", "06-29", "08-31", "11-30"]


def test_the_last_weekday_of_december():
    assert monthly(-1, "thu", first=date(2026, 12, 1), until=date(2027, 1, 8)) == ["12-31"]


def test_29_february():
    fields = {"effective_from": date(2027, 12, 27)}
    leap = {"fields": fields, "first": date(2028, 2, 1), "until": date(2028, 3, 8)}
    assert days(day="tue", **leap) == ["02-01", "02-08", "02-15", "02-22", "02-29", "03-07"]
    assert monthly(5, "tue", **leap) == ["02-29"]
    assert monthly(-1, "tue", **leap) == ["02-29"]


@given(st.integers(1, 5), st.sampled_from(Weekday), st.integers(0, 400))
def test_nth_weekdays_against_counting(nth, day, offset):
    first = MONDAY + timedelta(days=offset)
    sessions, _ = publish(template(entry(monthly={"nth": nth, "day": day})), first, first + timedelta(days=100))
    expected = []
    for n in range(100):
        d = first + timedelta(days=n)
        same = [d.replace(day=k) for k in range(1, d.day + 1) if d.replace(day=k).weekday() == day.number]
        if d.weekday() == day.number and len(same) == nth:
            expected.append(d)
    assert [s.day for s in sessions] == expected


def test_what_is_published():
    on = {"day": "mon"}
    shape = {"period": {"from": "22:00", "to": "06:00"}, "on": on, "is_pinned": True}
    session = {
        "id": "s",
        "owner": {"kind": "room", "capabilities": ["a"]},
        "site": "main",
        "activity": "clinic",
        "rooms": ["r"],
        "segments": [{"from": "22:00", "to": "24:00", "services": ["visit"], "quota": 3}],
        "class_quotas": [{"patient_class": "inpatient", "quota": 1}],
        "overbooking_lanes": 1,
        "breaks": [{"minutes": 10, "from": "23:00", "to": "01:00"}],
        **shape,
    }
    block = {"id": "b", "theatre": "t", "specialty": "eyes", "release": {"days_before": 7}, "services": ["x"], **shape}
    whole = template(session, blocks=[block])
    [dated], [dated_block] = publish(whole, MONDAY, MONDAY + timedelta(days=1))
    assert (dated.id, dated.day) == ("s@2026-03-02", MONDAY)
    assert (dated_block.id, dated_block.day) == ("b@2026-03-02", MONDAY)
    left_out = {"id", "on", "is_pinned"}
    assert dated.model_dump(exclude={"id", "day"}) == whole.sessions[0].model_dump(exclude=left_out)
    assert dated_block.model_dump(exclude={"id", "day"}) == whole.blocks[0].model_dump(exclude=left_out)


def test_publishing_again_gives_the_same():
    whole = template(entry(day="mon"), entry("f", day="tue", weeks=[1]))
    assert publish(whole, MONDAY, date(2026, 5, 1)) == publish(whole, MONDAY, date(2026, 5, 1))
    piecewise = [publish(whole, date(2026, 3, d), date(2026, 3, d + 10))[0] for d in (2, 12)]
    assert piecewise[0] + piecewise[1] == publish(whole, MONDAY, date(2026, 3, 22))[0]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"effective_from": date(2026, 3, 3)}, "a Tuesday; a cycle begins on a Monday"),
        ({"effective_until": MONDAY}, "not after its start"),
        ({"cycle_weeks": 0}, "greater than or equal to 1"),
    ],
)
def test_no_templates(fields, says):
    with pytest.raises(ValidationError, match=says):
        template(**fields)


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ({}, "either a weekday of the cycle or an nth weekday"),
        ({"day": "mon", "monthly": {"nth": 1, "day": "mon"}}, "either a weekday"),
        ({"monthly": {"nth": 1, "day": "mon"}, "weeks": [1]}, "has no weeks of the cycle"),
        ({"monthly": {"nth": 0, "day": "mon"}}, "expected 1 to 5, or -1 for the last"),
        ({"monthly": {"nth": -2, "day": "mon"}}, "greater than or equal to -1"),
        ({"day": "mon", "weeks": [0]}, "greater than or equal to 1"),
    ],
)
def test_no_recurrences(on, says):
    with pytest.raises(ValidationError, match=says):
        Recurrence(**on)
