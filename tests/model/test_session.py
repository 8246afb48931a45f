from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from engine.model.session import FloatingBreak, Pool, Release, Segment, SurgeryBlock, is_in_pool
from tests.factories import MONDAY, ZONE, at, equipment, practitioner, room, session


def test_bounds():
    assert session("s", "dr-a").bounds(ZONE) == (at("08:00"), at("12:00"))
    assert session("s", "dr-a", start="22:00", end="06:00").bounds(ZONE) == (at("22:00"), at("2026-03-03 06:00"))
    assert session("s", "dr-a", start="22:00", end="24:00").bounds(ZONE) == (at("22:00"), at("2026-03-03 00:00"))


def test_bounds_are_of_the_sites_clock():
    start, _ = session("s", "dr-a").bounds("Asia/Kathmandu")
    assert start == at("2026-03-02 08:00", "Asia/Kathmandu")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("22:00", "23:00", ("2026-03-02 22:00", "2026-03-02 23:00")),
        ("23:00", "24:00", ("2026-03-02 23:00", "2026-03-03 00:00")),
        ("23:00", "00:00", ("2026-03-02 23:00", "2026-03-03 00:00")),
        ("00:00", "02:00", ("2026-03-03 00:00", "2026-03-03 02:00")),
        ("23:30", "00:30", ("2026-03-02 23:30", "2026-03-03 00:30")),
    ],
)
def test_parts_of_a_night_session(start, end, expected):
    night = session("s", "dr-a", start="22:00", end="06:00")
    for part in (Segment(start=start, end=end), FloatingBreak(minutes=5, start=start, end=end)):
        assert night.part_bounds(part, ZONE) == tuple(at(text) for text in expected)


def test_parts_of_a_session_that_ends_at_midnight():
    late = session("s", "dr-a", start="18:00", end="24:00")
    assert late.part_bounds(Segment(start="20:00", end="24:00"), ZONE) == (at("20:00"), at("2026-03-03 00:00"))


def test_parts_that_touch_on_the_clock_touch_when_the_clocks_change():
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        whole = session("s", "dr-a", day=day, start="00:00", end="12:00")
        first, second = Segment(start="00:00", end="02:30"), Segment(start="02:30", end="12:00")
        assert whole.part_bounds(first, ZONE)[1] == whole.part_bounds(second, ZONE)[0]
        assert whole.part_bounds(first, ZONE)[0] == whole.bounds(ZONE)[0]
        assert whole.part_bounds(second, ZONE)[1] == whole.bounds(ZONE)[1]


@pytest.mark.parametrize(
    ("days", "time", "expected"),
    [(0, "00:00", "2026-03-02 00:00"), (1, "12:00", "2026-03-01 12:00"), (0, "24:00", "2026-03-03 00:00")],
)
def test_release(days, time, expected):
    assert Release(days_before=days, at=time).instant(MONDAY, ZONE) == at(expected)


def test_release_counts_local_days():
    """Three days of 24, 23 and 24 hours before."""
    assert Release(days_before=3).instant(date(2026, 3, 31), ZONE) == at("2026-03-28 00:00")


def test_only_kept_time_is_released():
    Segment(start="08:00", end="09:00", is_kept_for_urgent=True, release={"days_before": 1})
    with pytest.raises(ValidationError, match="has a release, but is not kept for urgent orders"):
        Segment(start="08:00", end="09:00", release={"days_before": 1})


def test_a_block_has_one_owner():
    block = {"id": "b", "day": MONDAY, "theatre": "t", "period": {"from": "22:00", "to": "02:00"}}
    assert SurgeryBlock(**block, specialty="eyes").bounds(ZONE) == (at("22:00"), at("2026-03-03 02:00"))
    SurgeryBlock(**block, practitioner="dr-a")
    for owners in ({}, {"specialty": "eyes", "practitioner": "dr-a"}):
        with pytest.raises(ValidationError, match="expected one owner"):
            SurgeryBlock(**block, **owners)


def test_pools():
    pool = Pool(kind="equipment", capabilities=("mri",))
    assert is_in_pool(equipment(capabilities=("mri", "3t")), pool, "main")
    assert not is_in_pool(equipment(capabilities=("ct",)), pool, "main")
    assert not is_in_pool(equipment(capabilities=("mri",)), pool, "east")
    assert not is_in_pool(room(capabilities=("mri",)), pool, "main")
    assert is_in_pool(room(), Pool(kind="room"), "main")


def test_pools_know_no_privileges():
    doctor = practitioner(privileges=[{"capability": "echo"}])
    assert not is_in_pool(doctor, Pool(kind="practitioner", capabilities=("echo",)), "main")
