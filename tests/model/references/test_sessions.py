"""Dated sessions and surgery blocks; what they share with templates' entries is tested here as well."""

from __future__ import annotations

from datetime import date

import pytest

from engine.model.session import SurgeryBlock
from tests.factories import MONDAY, equipment, practitioner, room, service, session, site
from tests.model.references.expect import broken, faults_in, horizon, legal

SITES = (site(), site("east"))
RESOURCES = [practitioner(), practitioner("dr-b", other_sites=("east",)), room(), room("far", site="east"), equipment()]
FORWARD = date(2026, 3, 29)
"""The clocks of Zurich go from 02:00 to 03:00."""
BACK = date(2026, 10, 25)
"""The clocks of Zurich go from 03:00 to 02:00."""


def with_sessions(*sessions):
    return {"sessions": sessions, "resources": RESOURCES, "sites": SITES}


def with_session(owner="dr-a", **fields):
    return with_sessions(session("one", owner, **fields))


def block(id="one", day=MONDAY, start="08:00", end="12:00", **fields):
    whole = {"id": id, "day": day, "theatre": "room-1", "practitioner": "dr-a", "period": {"from": start, "to": end}}
    return SurgeryBlock(**{**whole, **fields})


def with_blocks(*blocks):
    return {"blocks": blocks, "resources": RESOURCES, "sites": SITES}


# Owner, site, rooms


@pytest.mark.parametrize("owner", ["dr-a", "room-1", "scanner", {"kind": "room", "capabilities": ["consulting"]}])
def test_any_resource_or_pool_has_sessions(owner):
    legal(**with_session(owner))


def test_an_owner_exists():
    broken("sessions[0].owner", "found 'dr-x', expected the id of a resource", **with_session("dr-x"))
    broken("sessions[0].owner.capabilities[1]", "again", **with_session({"kind": "room", "capabilities": ["a", "a"]}))


def test_a_session_is_where_its_owner_works():
    legal(**with_session("dr-b", site="east"))
    broken("sessions[0].site", "expected 'main', where 'dr-a' works", **with_session("dr-a", site="east"))
    broken("sessions[0].site", "expected 'main', where 'scanner' is", **with_session("scanner", site="east"))
    broken("sessions[0].site", "found 'mian'", **with_session("dr-a", site="mian"))


def test_its_rooms_are_rooms_of_its_site():
    legal(**with_session(rooms=["room-1"]))
    broken("sessions[0].rooms[0]", "which is a piece of equipment; expected a room", **with_session(rooms=["scanner"]))
    broken("sessions[0].rooms[0]", "found 'room-2'", **with_session(rooms=["room-2"]))
    broken("sessions[0].rooms[0]", "at site 'east', expected a room at site 'main'", **with_session(rooms=["far"]))
    broken("sessions[0].rooms[1]", "again", **with_session(rooms=["room-1", "room-1"]))


def test_class_quotas_come_once():
    quota = {"patient_class": "inpatient", "quota": 3}
    legal(**with_session(class_quotas=[quota, {"patient_class": "outpatient", "quota": 3}]))
    broken(
        "sessions[0].class_quotas[1]", "'inpatient' again", **with_session(class_quotas=[quota, {**quota, "quota": 1}])
    )


# Segments and breaks


def segments(*times, **fields):
    return {"segments": [{"from": a, "to": b, **fields} for a, b in (text.split("-") for text in times)]}


@pytest.mark.parametrize("times", [["08:00-12:00"], ["08:00-09:00", "09:00-12:00"], ["09:00-10:00", "11:00-11:05"]])
def test_segments_that_fit(times):
    legal(**with_session(**segments(*times)))


@pytest.mark.parametrize(
    ("times", "place", "says"),
    [
        (["07:59-09:00"], "[0].from", "within 08:00 to 12:00"),
        (["11:00-12:01"], "[0].to", "within 08:00 to 12:00"),
        (["09:00-09:00"], "[0].to", "after 09:00"),
        (["10:00-09:00"], "[0].to", "after 10:00"),
        (["13:00-14:00"], "[0].from", "within"),
        (["08:00-10:00", "09:59-11:00"], "[1].from", "no earlier than 10:00"),
        (["10:00-11:00", "08:00-09:00"], "[1].from", "no earlier than 11:00"),
    ],
)
def test_segments_that_do_not_fit(times, place, says):
    broken(f"sessions[0].segments{place}", says, "expected", **with_session(**segments(*times)))


@pytest.mark.parametrize("times", [["22:00-24:00", "00:00-06:00"], ["22:00-00:00", "24:00-06:00"], ["23:00-05:00"]])
def test_segments_over_midnight(times):
    legal(**with_session(start="22:00", end="06:00", **segments(*times)))


@pytest.mark.parametrize(
    ("times", "place"),
    [
        (["21:00-23:00"], "[0].from"),
        (["05:00-06:30"], "[0].to"),
        (["01:00-23:00"], "[0].to"),
        (["00:00-01:00", "23:00-24:00"], "[1].from"),
    ],
)
def test_segments_over_midnight_that_do_not_fit(times, place):
    broken(f"sessions[0].segments{place}", **with_session(start="22:00", end="06:00", **segments(*times)))


def test_segments_name_services():
    legal(**with_session(**segments("08:00-09:00", services=["visit"])))
    broken(
        "sessions[0].segments[0].services[0]", "'visit'", **with_session(**segments("08:00-09:00", services=["vist"]))
    )
    twice = segments("08:00-09:00", services=["visit", "visit"])
    broken("sessions[0].segments[0].services[1]", "again", **with_session(**twice))


def test_breaks_fit():
    pause = {"minutes": 30, "from": "11:00", "to": "11:30"}
    legal(**with_session(breaks=[pause]))
    place = "sessions[0].breaks[0]"
    broken(
        f"{place}.minutes", "found 31, expected no more than the 30", **with_session(breaks=[{**pause, "minutes": 31}])
    )
    broken(f"{place}.from", "within", **with_session(breaks=[{**pause, "from": "07:00"}]))
    broken(f"{place}.to", "within", **with_session(breaks=[{**pause, "to": "12:30"}]))
    broken(f"{place}.to", "after 11:00", **with_session(breaks=[{**pause, "to": "11:00"}]))


# Overlaps


def test_sessions_of_one_owner_follow_each_other():
    morning, noon = session("am", "dr-a"), session("noon", "dr-a", start="12:00", end="13:00")
    legal(**with_sessions(noon, morning))
    late = session("late", "dr-a", start="11:55", end="13:00")
    broken(
        "sessions[0]",
        "session 'late' of 'dr-a' (2026-03-02 11:55 to 2026-03-02 13:00) overlaps 'am'",
        "expected one after the other",
        **with_sessions(late, morning),
    )
    legal(**with_sessions(morning, session("late", "dr-b", start="11:55")))
    legal(**with_sessions(morning, session("late", "dr-a", day=date(2026, 3, 3), start="11:55")))


def test_a_long_session_overlaps_all_that_are_inside_it():
    whole = session("day", "dr-a", start="08:00", end="18:00")
    inside = [session("a", "dr-a", start="09:00", end="10:00"), session("b", "dr-a", start="11:00", end="12:00")]
    faults = faults_in(**with_sessions(whole, *inside))
    assert [fault.place for fault in faults] == ["sessions[1]", "sessions[2]"]


def test_nights_reach_into_the_next_day():
    night = session("night", "dr-a", start="22:00", end="06:00")
    legal(**with_sessions(night, session("day", "dr-a", day=date(2026, 3, 3), start="06:00")))
    early = session("early", "dr-a", day=date(2026, 3, 3), start="05:55")
    broken("sessions[1]", "overlaps 'night'", **with_sessions(night, early))


def test_pools_may_have_sessions_side_by_side():
    pool = {"kind": "equipment"}
    legal(**with_sessions(session("a", pool), session("b", pool)))


def test_sessions_in_two_time_zones_are_compared_as_instants():
    zones = (site(), site("east", time_zone="Europe/London"))  # an hour behind Zurich
    here = session("here", "dr-b", start="08:00", end="09:00")
    there = session("there", "dr-b", start="08:00", end="09:00", site="east")
    legal(sessions=(here, there), resources=RESOURCES, sites=zones)
    clash = session("there", "dr-b", start="07:59", end="09:00", site="east")
    broken("sessions[1]", "overlaps 'here'", sessions=(here, clash), resources=RESOURCES, sites=zones)


def test_sessions_that_meet_in_the_hour_that_comes_twice():
    night = session("night", "dr-a", day=date(2026, 10, 24), start="22:00", end="02:30")
    legal(**with_sessions(night, session("morning", "dr-a", day=BACK, start="02:30", end="06:00")))


def test_blocks_of_one_theatre_follow_each_other():
    first = block()
    legal(**with_blocks(first, block("two", start="12:00", end="13:00", practitioner="dr-b")))
    broken(
        "blocks[1]", "surgery block 'two' of 'room-1'", **with_blocks(first, block("two", start="11:00", end="13:00"))
    )


# Blocks


def test_a_block_is_in_a_theatre_for_a_practitioner():
    legal(**with_blocks(block(services=["visit"])))
    broken("blocks[0].theatre", "found 'rom-1'", "'room-1'", **with_blocks(block(theatre="rom-1")))
    broken(
        "blocks[0].theatre", "which is a piece of equipment; expected a room", **with_blocks(block(theatre="scanner"))
    )
    broken(
        "blocks[0].practitioner", "which is a room; expected a practitioner", **with_blocks(block(practitioner="far"))
    )
    broken("blocks[0].practitioner", "found 'dr-c'", **with_blocks(block(practitioner="dr-c")))
    broken("blocks[0].services[0]", "found 'vist'", **with_blocks(block(services=["vist"])))
    broken("blocks[0].services[1]", "again", **with_blocks(block(services=["visit", "visit"])))
    broken("blocks[0].specialty", "blank", **with_blocks(block(practitioner=None, specialty=" ")))


def test_a_block_is_where_its_practitioner_works():
    legal(**with_blocks(block(theatre="far", practitioner="dr-b")))
    broken(
        "blocks[0].practitioner", "'far' is at site 'east'", "where 'dr-a' works", **with_blocks(block(theatre="far"))
    )


# Clocks


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (FORWARD, "03:00", "05:00"),
        (FORWARD, "01:00", "04:00"),
        (FORWARD, "01:00", "02:00"),  # the change itself, as an end
        (date(2026, 3, 28), "22:00", "02:00"),
        (date(2026, 3, 28), "22:00", "06:00"),
        (date(2026, 3, 28), "02:30", "04:00"),
        (BACK, "02:30", "02:45"),
        (BACK, "00:00", "24:00"),
    ],
)
def test_times_that_exist(day, start, end):
    legal(**with_session(day=day, start=start, end=end))
    legal(**with_blocks(block(day=day, start=start, end=end)))


@pytest.mark.parametrize(
    ("day", "start", "end", "where", "says"),
    [
        (FORWARD, "02:00", "05:00", "period.from", "found 02:00 on 2026-03-29"),
        (FORWARD, "02:59", "05:00", "period.from", "found 02:59 on 2026-03-29"),
        (FORWARD, "01:00", "02:30", "period.to", "found 02:30 on 2026-03-29"),
        (date(2026, 3, 28), "22:00", "02:30", "period.to", "found 02:30 on 2026-03-29"),
        (FORWARD, "02:10", "02:50", "period", "found 02:10 to 02:50 on 2026-03-29"),
        (FORWARD, "02:10", "03:00", "period", "found 02:10 to 03:00 on 2026-03-29"),
    ],
)
def test_times_that_do_not_exist(day, start, end, where, says):
    expected = "expected a time that exists: the clocks of Europe/Zurich go forward over it"
    broken(f"sessions[0].{where}", says, expected, **with_session(day=day, start=start, end=end))
    broken(f"blocks[0].{where}", says, expected, **with_blocks(block(day=day, start=start, end=end)))


def test_segments_and_breaks_at_times_that_do_not_exist():
    day = {"day": FORWARD, "start": "00:00", "end": "12:00"}
    legal(**with_session(**day, **segments("00:00-02:00", "03:00-12:00")))
    broken("sessions[0].segments[0].to", "found 02:30", **with_session(**day, **segments("00:00-02:30")))
    broken("sessions[0].segments[0].from", "found 02:30", **with_session(**day, **segments("02:30-04:00")))
    pause = {"minutes": 10, "from": "02:30", "to": "04:00"}
    broken("sessions[0].breaks[0].from", "found 02:30", **with_session(**day, breaks=[pause]))
    night = {"day": date(2026, 3, 28), "start": "22:00", "end": "06:00"}
    broken(
        "sessions[0].segments[0].from", "found 02:30 on 2026-03-29", **with_session(**night, **segments("02:30-04:00"))
    )


def test_midnight_that_does_not_exist_is_the_change():
    """In Santiago the clocks go from 24:00 on Saturday to 01:00 on Sunday, in 2026 on 6 September."""
    home = {"sites": (site(time_zone="America/Santiago"),), "resources": RESOURCES[:1], "tick_min": 5}
    home["horizon"] = horizon(zone="America/Santiago")
    sunday = date(2026, 9, 6)
    legal(sessions=(session("s", "dr-a", day=date(2026, 9, 5), start="08:00", end="24:00"),), **home)
    legal(sessions=(session("s", "dr-a", day=sunday, start="00:00", end="12:00"),), **home)
    broken("sessions[0].period.from", "00:30", sessions=(session("s", "dr-a", day=sunday, start="00:30"),), **home)


def test_half_an_hour_is_skipped_on_lord_howe_island():
    """In 2026 on 4 October from 02:00 to 02:30."""
    zone = "Australia/Lord_Howe"
    home = {"sites": (site(time_zone=zone),), "resources": RESOURCES[:1], "horizon": horizon(zone=zone)}
    day = date(2026, 10, 4)
    legal(sessions=(session("s", "dr-a", day=day, start="02:30"),), **home)
    broken("sessions[0].period.from", "found 02:25", sessions=(session("s", "dr-a", day=day, start="02:25"),), **home)


def test_services_of_sessions_may_be_any():
    legal(**with_session(**segments("08:00-09:00", services=["scan"])), services=[service(), service("scan")])
