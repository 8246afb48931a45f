"""Use: booked time against open time, by resource and week."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from engine.errors import WrongArgumentError
from engine.jobs.measure_use import WeekUse, measure_use
from engine.model.calendar import Interval
from engine.model.hours import Hours, HoursException, open_intervals
from engine.model.resource import ResourceKind, UseRule
from engine.model.schedule import Schedule
from engine.model.service import RoleUse
from engine.model.session import Pool, SurgeryBlock
from engine.search import Occupancy
from tests import factories as f
from tests.search.worlds import N_WORLDS
from tests.strategies import worlds

NEXT_MONDAY = f.MONDAY + timedelta(days=7)
WHOLE = 5 * 600


def schedule(*booked, **fields):
    return Schedule.of(f.problem(**fields), booked)


def visit(start, minutes, who="dr-a", id="app-1", **fields):
    return f.appointment(
        id, f.placed("visit", f.at(start), minutes, {"doctor": who}), **{"patient": None, "order": None, **fields}
    )


def weeks(found, who="dr-a"):
    return [(u.open_min, u.booked_min, u.outside_min) for u in found if u.resource == who]


def test_a_week_of_a_practitioner():
    found = measure_use(schedule(visit("09:00", 30)), now=f.NOW)
    assert found == (WeekUse("dr-a", f.MONDAY, WHOLE, 30, 0), WeekUse("dr-a", NEXT_MONDAY, WHOLE, 0, 0))
    assert [u.percent for u in found] == [1, 0]


def test_what_lies_outside_is_shown_apart():
    assert weeks(measure_use(schedule(visit("17:45", 30)), now=f.NOW))[0] == (WHOLE, 15, 15)


def test_who_works_in_sessions_is_open_in_these_while_the_house_is():
    mine = f.session("s", "dr-a", start="16:00", end="19:00")
    given = schedule(visit("15:45", 30), resources=(f.practitioner(use="in-sessions"),), sessions=(mine,))
    assert weeks(measure_use(given, now=f.NOW))[0] == (120, 15, 15)


def test_a_session_of_a_pool_is_open_time_of_each():
    pool = f.session("a", Pool(kind="practitioner"), start="08:00", end="10:00")
    two = pool, f.session("b", "dr-a", start="10:00", end="11:00")
    given = schedule(resources=(f.practitioner(use="in-sessions"),), sessions=two)
    assert weeks(measure_use(given, now=f.NOW)) == [(180, 0, 0), (0, 0, 0)]


def test_a_surgeons_block_is_open_time_of_surgeon_and_theatre():
    block = SurgeryBlock(id="b", theatre="room-1", day=f.MONDAY, period=f.period("08:00", "12:00"), practitioner="dr-a")
    given = schedule(
        resources=(f.practitioner(use="in-sessions"), f.room(use="in-sessions")), blocks=(block,), orders=()
    )
    found = measure_use(given, now=f.NOW)
    assert weeks(found)[0] == weeks(found, "room-1")[0] == (240, 0, 0)


def test_a_resource_without_sessions_is_never_open():
    given = schedule(visit("09:00", 30), resources=(f.practitioner(use="in-sessions"),))
    found = measure_use(given, now=f.NOW)
    assert weeks(found) == [(0, 0, 30), (0, 0, 0)]
    assert [u.percent for u in found] == [None, None]


def test_a_closed_week():
    closed = HoursException(start=f.at("2026-03-09 00:00"), end=f.at("2026-03-16 00:00"), kind="closure")
    given = schedule(sites=(f.site(hours=Hours(weekly=(f.weekly(),), exceptions=(closed,))),))
    found = measure_use(given, now=f.NOW)
    assert weeks(found) == [(WHOLE, 0, 0), (0, 0, 0)]
    assert found[1].percent is None


def test_an_empty_clinic_has_nothing_booked():
    assert all(u.booked_min == u.outside_min == 0 for u in measure_use(schedule(), now=f.NOW))


def test_lanes_are_counted_one_by_one():
    ward = f.room("ward", lanes=3)
    stay = f.appointment(
        "stay",
        f.placed("visit", f.at("09:00"), 60, [f.reservation("bed", "ward", f.at("09:00"), f.at("10:00"), units=2)]),
        patient=None,
        order=None,
    )
    assert weeks(measure_use(schedule(stay, resources=(f.practitioner(), ward)), now=f.NOW), "ward")[0] == (
        3 * WHOLE,
        120,
        0,
    )


def test_overbooking_is_more_than_a_hundred_percent():
    session = f.session("s", "dr-a", end="10:00", overbooking_lanes=1)
    booked = visit("08:00", 120, id="a"), visit("08:00", 60, id="b")
    given = schedule(*booked, resources=(f.practitioner(use="in-sessions"),), sessions=(session,))
    assert measure_use(given, now=f.NOW)[0] == WeekUse("dr-a", f.MONDAY, 120, 180, 0)
    assert measure_use(given, now=f.NOW)[0].percent == 150


def test_a_supervisor_of_several_is_in_use_once():
    both = [
        f.appointment(
            f"app-{i}",
            f.placed(
                "visit",
                f.at("09:00"),
                30,
                [f.reservation("chief", "dr-a", f.at("09:00"), f.at("09:30"), use="presence")],
            ),
            patient=None,
            order=None,
        )
        for i in range(2)
    ]
    chief = f.practitioner(presence_limit=2)
    assert weeks(measure_use(schedule(*both, resources=(chief,)), now=f.NOW))[0] == (WHOLE, 30, 0)


def test_a_hold_counts_until_it_expires():
    hold = visit("09:00", 30, status="pending", expires_at=f.at("08:00"))
    given = schedule(hold)
    occupancy = Occupancy.of(given, now=f.NOW)
    for now, booked in ((f.NOW, 30), (f.at("08:00"), 0), (f.NOW, 30)):
        assert weeks(measure_use(given, now=now, occupancy=occupancy))[0] == (WHOLE, booked, 0)
        assert measure_use(given, now=now) == measure_use(given, now=now, occupancy=occupancy)


@pytest.mark.parametrize(("sunday", "hours"), [("2026-03-29", 167), ("2026-10-25", 169), ("2026-03-15", 168)])
def test_weeks_of_a_change_of_clocks(sunday, hours):
    """Day and night, the week has as many hours as it lasts; a night over its end is cut there."""
    day = date.fromisoformat(sunday)
    monday = day - timedelta(days=6)
    begin = f.at(f"{monday} 00:00")
    site = f.site(hours=Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),)))
    given = schedule(
        visit(f"{day} 22:00", 240),
        sites=(site,),
        horizon=Interval(start=begin, end=f.at(f"{day + timedelta(days=8)} 00:00")),
    )
    assert weeks(measure_use(given, now=begin)) == [(60 * hours, 120, 0), (60 * 168, 120, 0)]


def test_weeks_are_those_of_the_resources_site():
    """Sunday evening in Zurich is Monday in Tokyo; the horizon cuts off what is before and after it."""
    every_hour = Hours(weekly=(f.weekly("00:00", "24:00", days=(*f.WORKDAYS, "sat", "sun")),))
    tokyo = f.site("tokyo", time_zone="Asia/Tokyo", hours=every_hour)
    given = schedule(
        sites=(f.site(), tokyo),
        resources=(f.practitioner(), f.room("far", site="tokyo")),
        horizon=Interval(start=f.at("2026-03-08 15:00"), end=f.at("2026-03-09 15:00")),
    )
    found = measure_use(given, now=f.NOW)
    assert [(u.monday, u.open_min) for u in found if u.resource == "far"] == [(f.MONDAY, 60), (NEXT_MONDAY, 23 * 60)]


def test_wrong_arguments_are_told():
    with pytest.raises(WrongArgumentError, match="schedule"):
        measure_use(f.problem(), now=f.NOW)
    with pytest.raises(WrongArgumentError, match="occupancy"):
        measure_use(schedule(), now=f.NOW, occupancy=f.problem())


def by_the_minute(world, resource, monday):
    """Minute by minute, from the model's own calendars."""
    problem = world.problem
    zone = ZoneInfo(problem.zone_of(resource.site))
    tick = timedelta(minutes=problem.tick_min)
    hours = open_intervals(
        problem.hours_of(resource), problem.horizon.start, problem.horizon.end, problem.zone_of(resource.site)
    )
    working = [s.bounds(problem.zone_of(s.site)) for s in problem.sessions_by_resource.get(resource.id, ())]
    for block in problem.blocks:
        owners = {block.practitioner, block.theatre}
        if block.specialty is not None and block.specialty in getattr(resource, "specialties", ()):
            owners.add(resource.id)
        if resource.id in owners:
            working.append(block.bounds(problem.zone_of(problem.resource(block.theatre).site)))
    uses = [
        v
        for a in world.schedule.appointments
        if a.blocks_at(world.now)
        for s in a.steps
        for v in s.reservations
        if v.resource == resource.id
    ]
    open_min = booked = outside = 0
    at = problem.horizon.start
    while at < problem.horizon.end:
        local = at.astimezone(zone).date()
        if local - timedelta(days=local.weekday()) == monday:
            is_open = any(a <= at and at + tick <= b for a, b in hours)
            if resource.use is UseRule.IN_SESSIONS:
                is_open &= any(a <= at and at + tick <= b for a, b in working)
            here = [v for v in uses if v.start < at + tick and at < v.end]
            n = sum(v.units for v in here if v.use is RoleUse.EXCLUSIVE) + any(v.use is RoleUse.PRESENCE for v in here)
            open_min += problem.tick_min * resource.lanes * is_open
            booked += problem.tick_min * n * is_open
            outside += problem.tick_min * n * (not is_open)
        at += tick
    return open_min, booked, outside


@pytest.mark.parametrize("feature", ["blocks", "lanes", "night", "overbooking", "presence", "session-rooms", "zones"])
def test_against_brute_force(feature):
    @settings(max_examples=max(5, N_WORLDS // 4))
    @given(worlds(feature))
    def agree(world):
        found = measure_use(world.schedule, now=world.now)
        assert {u.resource for u in found} == {r.id for r in world.problem.resources}
        for u in found:
            resource = world.problem.resource(u.resource)
            if resource.kind is not ResourceKind.EQUIPMENT:
                assert (u.open_min, u.booked_min, u.outside_min) == by_the_minute(world, resource, u.monday), u

    agree()
