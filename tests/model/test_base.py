from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from engine.model.base import Day, Fact, Instant, Minutes, WallTime, format_wall_time, parse_wall_time


class Thing(Fact):
    wall: WallTime = 0
    instant: Instant | None = None
    day: Day | None = None
    minutes: Minutes = 0


def instant_of(given):
    """As a fact keeps it."""
    instant = Thing(instant=given).instant
    assert instant is not None
    return instant


def message(**fields):
    with pytest.raises(ValidationError) as caught:
        Thing(**fields)
    [error] = caught.value.errors()
    return error["msg"]


# Facts


def test_a_fact_does_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Thing(), "minutes", 5)  # noqa: B010


def test_unknown_keys_are_faults():
    with pytest.raises(ValidationError, match="wal"):
        Thing(**{"wal": 0})


# Wall time


@pytest.mark.parametrize(
    ("given", "minutes"),
    [("00:00", 0), ("8:05", 485), ("08:05", 485), ("23:59", 1439), ("24:00", 1440), (0, 0), (1440, 1440)],
)
def test_times_of_day(given, minutes):
    assert parse_wall_time(given) == minutes
    assert Thing(wall=given).wall == minutes


@pytest.mark.parametrize(
    "given",
    [
        "24:01",
        "25:00",
        "12:60",
        "12",
        "12:5",
        "12:345",
        "-1:00",
        "",
        ":",
        "1²:00",
        "\u0660\u0668:\u0660\u0660",
        " 08:00",
        1441,
        -1,
        True,
        None,
        8.0,
    ],
)
def test_no_times_of_day(given):
    with pytest.raises(ValueError, match="expected a time of day"):
        parse_wall_time(given)
    assert "expected a time of day" in message(wall=given)


@given(st.integers(0, 1440))
def test_times_of_day_are_read_as_they_are_written(minutes):
    assert parse_wall_time(format_wall_time(minutes)) == minutes
    assert Thing.model_validate_json(Thing(wall=minutes).model_dump_json()).wall == minutes


def test_midnight_at_the_end_of_a_day_is_written_as_such():
    assert format_wall_time(1440) == "24:00"
    assert Thing(wall=1440).model_dump(mode="json")["wall"] == "24:00"


# Instants


@pytest.mark.parametrize("text", ["2026-03-02T08:00+01:00", "2026-03-02 08:00+01:00", "2026-03-02T07:00:00Z"])
def test_instants(text):
    assert Thing(instant=text).instant == datetime(2026, 3, 2, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("2026-03-02T08:00", "expected a time with its offset"),
        (datetime(2026, 3, 2, 8), "expected a time with its offset"),  # noqa: DTZ001
        ("2026-03-02T08:00:01+01:00", "expected whole minutes"),
        (datetime(2026, 3, 2, 8, 0, 0, 1, tzinfo=UTC), "expected whole minutes"),
        ("2026-03-02", "expected a date and time"),
        (date(2026, 3, 2), "found 2026-03-02, expected a date and time"),
        (1_700_000_000, "expected a date and time"),
        ("1700000000000", "expected a date and time"),
        (1.5, "expected a date and time"),
        ("yesterday evening", "expected a date and time"),
        ("0226-03-02T08:00+01:00", "expected a year from 1850"),
    ],
)
def test_no_instants(given, says):
    assert says in message(instant=given)


def test_instants_go_by_elapsed_time():
    """Two times of one ZoneInfo are compared and subtracted by their clock faces, which instants must not be."""
    zurich = ZoneInfo("Europe/Zurich")
    before, after = datetime(2026, 3, 29, 1, 30, tzinfo=zurich), datetime(2026, 3, 29, 3, 30, tzinfo=zurich)
    assert after - before == timedelta(hours=2)
    assert instant_of(after) - instant_of(before) == timedelta(hours=1)
    first, second = datetime(2026, 10, 25, 2, 30, tzinfo=zurich), datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=zurich)
    assert first == second
    assert instant_of(first) < instant_of(second)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2190, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_instants_are_read_as_they_are_written(naive, offset):
    instant = naive.replace(second=0, microsecond=0, tzinfo=timezone(timedelta(minutes=offset)))
    again = instant_of(Thing.model_validate_json(Thing(instant=instant).model_dump_json()).instant)
    assert instant_of(instant) == again == instant
    assert again.utcoffset() == instant.utcoffset()


# Days and durations


@pytest.mark.parametrize("given", ["2026-02-28", date(2026, 2, 28)])
def test_days(given):
    assert Thing(day=given).day == date(2026, 2, 28)
    assert Thing.model_validate_json(Thing(day=given).model_dump_json()).day == date(2026, 2, 28)


@pytest.mark.parametrize(
    "given", [20260228, "20260228", "2026-2-28", datetime(2026, 2, 28, tzinfo=UTC), "2026-02-28T00:00", True, ""]
)
def test_no_days(given):
    assert "expected a date such as" in message(day=given)


def test_days_that_do_not_exist():
    assert "date" in message(day="2026-02-29")
    assert "expected a year" in message(day="0202-03-02")


@pytest.mark.parametrize("given", [-1, 1.0, "5", True, 36_500 * 1440 + 1])
def test_no_durations(given):
    with pytest.raises(ValidationError):
        TypeAdapter(Minutes).validate_python(given)
