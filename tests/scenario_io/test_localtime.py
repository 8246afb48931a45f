"""Instants and dates as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.scenario_io.localtime import format_instant, read_date, read_instant

ZONES = ["UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
INSTANTS = st.integers(0, 60 * 24 * 366 * 70).map(lambda m: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=m))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:00", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-03-02 08:00", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-03-02T08:00:00", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-03-02T08:00:00.000", datetime(2026, 3, 2, 7, tzinfo=UTC)),
        ("2026-03-02T08:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00-05:00", datetime(2026, 3, 2, 13, tzinfo=UTC)),
        ("2026-03-02T08:00+0545", datetime(2026, 3, 2, 2, 15, tzinfo=UTC)),
        ("2026-03-02T24:00", datetime(2026, 3, 2, 23, tzinfo=UTC)),
        ("2026-03-29T01:59", datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        ("2026-03-29T03:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-10-25T02:30+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2026-10-25T03:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
    ],
)
def test_what_is_read(text: str, expected: datetime):
    assert read_instant(text, "Europe/Zurich") == expected


@pytest.mark.parametrize("minute", range(60))
def test_every_minute_that_is_skipped_or_doubled_is_refused(minute: int):
    with pytest.raises(ValueError, match="does not exist in Europe/Zurich"):
        read_instant(f"2026-03-29T02:{minute:02}", "Europe/Zurich")
    with pytest.raises(ValueError, match="comes twice in Europe/Zurich"):
        read_instant(f"2026-10-25T02:{minute:02}", "Europe/Zurich")


def test_a_day_that_was_skipped_whole():
    with pytest.raises(ValueError, match="does not exist in Pacific/Apia"):
        read_instant("2011-12-30T12:00", "Pacific/Apia")


def test_half_an_hour_that_comes_twice():
    with pytest.raises(ValueError, match="comes twice"):
        read_instant("2026-04-05T01:45", "Australia/Lord_Howe")
    assert read_instant("2026-04-05T02:00", "Australia/Lord_Howe") == datetime(2026, 4, 4, 15, 30, tzinfo=UTC)


def test_local_times_from_before_standard_time_need_an_offset():
    with pytest.raises(ValueError, match="before Asia/Kathmandu had standard time; write its offset"):
        read_instant("1910-01-01T08:00", "Asia/Kathmandu")
    long_ago = datetime(1910, 1, 1, 8, tzinfo=UTC)
    assert format_instant(long_ago, "Asia/Kathmandu") == "1910-01-01T08:00+00:00"


@given(instant=INSTANTS, zone=st.sampled_from(ZONES))
def test_what_is_written_is_read_back(instant: datetime, zone: str):
    text = format_instant(instant, zone)
    assert read_instant(text, "America/St_Johns") == instant


@given(instant=INSTANTS, zone=st.sampled_from(ZONES))
def test_local_time_without_its_offset_is_read_back_unless_it_comes_twice(instant: datetime, zone: str):
    local = instant.astimezone(ZoneInfo(zone))
    offsets = {local.replace(fold=fold).utcoffset() for fold in (0, 1)}
    text = f"{local:%Y-%m-%dT%H:%M}"
    if len(offsets) == 1:
        assert read_instant(text, zone) == instant
    else:
        with pytest.raises(ValueError, match="comes twice"):
            read_instant(text, zone)


def test_arithmetic_on_what_is_read_is_elapsed_time():
    start = read_instant("2026-03-29T01:30", "Europe/Zurich")
    assert format_instant(start + timedelta(hours=1), "Europe/Zurich") == "2026-03-29T03:30+02:00"


@pytest.mark.parametrize(
    "text", ["2026-3-2", "02.03.2026", "2026-02-29", "2026-03-02T00:00", "", "today", "²026-03-02"]
)
def test_dates_that_are_none(text: str):
    with pytest.raises(ValueError, match=r"^found "):
        read_date(text)


def test_dates():
    assert read_date("2028-02-29") == date(2028, 2, 29)
