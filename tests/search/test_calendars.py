"""When resources could work: opening hours, sessions in layers, kept-back time, blocks, all by the tick."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.hours import Hours, HoursException, open_intervals
from engine.model.policy import Policy
from engine.model.resource import Privilege
from engine.model.session import Pool, Release, Segment, SurgeryBlock
from engine.search import scan
from engine.search.calendars import Calendars
from tests import factories as f


def calendars(resources=(), days=1, **fields):
    return Calendars(f.problem(resources, days=days, **fields))


def times(made, row):
    """Stretches of a row as local clock times."""
    found, start = [], None
    for tick in range(made.n_ticks + 1):
        if scan.is_set(row, tick) if tick < made.n_ticks else False:
            start = tick if start is None else start
        elif start is not None:
            found.append((start, tick))
            start = None
    zone = f.at("00:00").tzinfo
    return [tuple(made.grid.instant(t).astimezone(zone).strftime("%H:%M") for t in run) for run in found]


def layers(made, r=0, service="visit", site="main", is_in_person=True):
    return [(times(made, x.row), x.rooms) for x in made.layers(r, service, site, is_in_person=is_in_person)]


@given(
    st.lists(
        st.tuples(st.integers(0, 1435), st.integers(1, 600), st.sampled_from(["extra", "closure", "leave"])), max_size=4
    ),
    st.sampled_from([1, 5, 15]),
)
def test_a_tick_is_open_when_all_of_it_is(exceptions, tick_min):
    midnight = f.at("00:00")
    hours = Hours(
        weekly=(f.weekly("08:00", "12:00"),),
        exceptions=tuple(
            HoursException(kind=k, start=midnight + timedelta(minutes=a), end=midnight + timedelta(minutes=a + n))
            for a, n, k in exceptions
        ),
    )
    made = calendars((f.practitioner(hours=hours),), tick_min=tick_min, policy=Policy(start_grid_min=tick_min))
    problem = made.problem
    opened = open_intervals(problem.hours_of(problem.resources[0]), made.grid.start, made.grid.end, f.ZONE)
    for tick in range(made.n_ticks):
        a, b = made.grid.instant(tick), made.grid.instant(tick + 1)
        assert scan.is_set(made.open[0], tick) == any(c <= a and b <= d for c, d in opened), tick


def test_a_day_ends_at_midnight_and_not_a_minute_before():
    site = f.site(hours=Hours(weekly=(f.weekly("20:00", "24:00"),)))
    made = calendars(sites=(site,), days=2)
    assert times(made, made.open[0]) == [("20:00", "00:00")] * 2
    assert scan.popcount(made.open[0]) == 2 * 4 * 12


def test_two_sessions_that_touch_are_in_two_layers():
    who = f.practitioner(use="in-sessions")
    sessions = (f.session("a", "dr-a", start="08:00", end="10:00"), f.session("b", "dr-a", start="10:00", end="12:00"))
    assert layers(calendars((who,), sessions=sessions)) == [([("08:00", "10:00")], None), ([("10:00", "12:00")], None)]


def test_sessions_apart_share_a_layer_and_rooms_divide_them():
    who = f.practitioner(use="in-sessions")
    room = f.room()
    spans = [("08:00", "09:00"), ("09:30", "10:00"), ("10:30", "11:00")]
    sessions = [f.session(f"s{i}", "dr-a", start=a, end=b) for i, (a, b) in enumerate(spans)]
    sessions[1] = sessions[1].model_copy(update={"rooms": ("room-1",)})
    made = calendars((who, room), sessions=tuple(sessions))
    assert layers(made) == [
        ([("08:00", "09:00"), ("10:30", "11:00")], None),
        ([("09:30", "10:00")], frozenset({"room-1"})),
    ]
    assert made.nature(0).names_rooms
    assert not made.nature(1).names_rooms


def test_segments_that_touch_are_one_stretch_for_a_service_of_both():
    parts = (
        Segment(start="08:00", end="09:00", services=("visit",)),
        Segment(start="09:00", end="10:00"),
        Segment(start="10:00", end="11:00", services=("other",)),
    )
    who, session = f.practitioner(use="in-sessions"), f.session("a", "dr-a", segments=parts)
    made = calendars((who,), services=(f.service(), f.service("other")), sessions=(session,))
    assert layers(made) == [([("08:00", "10:00")], None)]
    assert layers(made, service="other") == [([("09:00", "11:00")], None)]


def test_who_works_when_open_is_bound_by_sessions_only_where_there_are_some():
    who = f.practitioner()
    segment = Segment(start="09:00", end="10:00", services=("other",))
    session = f.session("a", "dr-a", start="09:00", end="11:00", segments=(segment,))
    made = calendars((who,), services=(f.service(), f.service("other")), sessions=(session,))
    outside = times(made, made.layers(0, "visit", "main", is_in_person=True)[0].row)
    assert ("11:00", outside[-1][1]) == outside[-1]
    assert outside[0][1] == "09:00"
    assert len(outside) == 2


def test_a_session_at_another_site_admits_nobody_here():
    sites = (f.site(), f.site("east"))
    who = f.practitioner(use="in-sessions", other_sites=("east",))
    made = calendars((who,), sites=sites, sessions=(f.session("a", "dr-a", site="east"),))
    assert layers(made) == []
    assert layers(made, site="east") == [([("08:00", "12:00")], None)]
    assert not made.nature(0).is_told_where


def test_a_session_of_a_pool_is_a_session_of_each():
    who = [f.practitioner(i, use="in-sessions", capabilities=("eye",)) for i in ("a", "b")]
    session = f.session("s", Pool(kind="practitioner", capabilities=("eye",)))
    made = calendars((*who, f.practitioner("c", use="in-sessions")), sessions=(session,))
    assert [bool(made.layers(r, "visit", "main", is_in_person=True)) for r in range(3)] == [True, True, False]


def test_a_night_session_belongs_to_the_day_it_starts():
    who = f.practitioner(use="in-sessions")
    made = calendars((who,), days=2, sessions=(f.session("n", "dr-a", start="22:00", end="06:00"),))
    assert layers(made) == [([("22:00", "06:00")], None)]


@pytest.mark.parametrize(("now", "is_kept"), [("2026-03-01 17:59", True), ("2026-03-01 18:00", False)])
def test_kept_back_time_is_free_from_its_release_on(now, is_kept):
    part = Segment(start="09:00", end="09:30", is_kept_for_urgent=True, release=Release(days_before=1, at="18:00"))
    made = calendars(sessions=(f.session("a", "dr-a", segments=(part,)),))
    _, row = made.kept(0, f.at(now))
    assert (row is not None) == is_kept
    if row is not None:
        assert times(made, row) == [("09:00", "09:30")]
        tick = made.grid.exact(f.at("09:00"))
        assert made.kept_until(0, tick, tick + 1, f.at(now)) == int(f.at("2026-03-01 18:00").timestamp()) // 60
    assert made.kept(0, f.at("2026-02-01 08:00"))[1] is not None


def test_each_kept_part_has_its_own_release():
    parts = (
        Segment(start="08:00", end="08:30", is_kept_for_urgent=True, release=Release(days_before=1, at="18:00")),
        Segment(start="09:00", end="09:30", is_kept_for_urgent=True),
    )
    made = calendars(sessions=(f.session("a", "dr-a", segments=parts),))
    first, both = made.kept(0, f.at("2026-03-01 12:00"))
    assert times(made, both) == [("08:00", "08:30"), ("09:00", "09:30")]
    later, one = made.kept(0, f.at("2026-03-01 20:00"))
    assert times(made, one) == [("09:00", "09:30")]
    assert first < later


def block(id="b", **fields):
    return SurgeryBlock(
        **{"id": id, "day": f.MONDAY, "theatre": "room-1", "period": f.period("08:00", "10:00"), **fields}
    )


def test_a_block_is_free_for_its_owner_and_after_its_release():
    staff = [f.practitioner("own", specialties=("bone",)), f.practitioner("other")]
    room = f.room()
    blocks = (block(specialty="bone", release=Release(days_before=1, at="18:00")), block("c", practitioner="other",
              period=f.period("10:00", "11:00")))  # fmt: skip
    made = calendars((*staff, room), blocks=blocks)
    r, before = 2, f.at("2026-03-01 17:59")

    def taken(owners, now):
        row = made.blocks.free(r, owners, now)
        return [t for t in ("07:55", "08:00", "09:55", "10:00", "10:55", "11:00")
                if not scan.is_set(row, made.grid.exact(f.at(t)))]  # fmt: skip

    assert taken([], before) == ["08:00", "09:55", "10:00", "10:55"]
    assert taken([staff[0]], before) == ["10:00", "10:55"]
    assert taken(staff, before) == []
    assert taken([], f.at("2026-03-01 18:00")) == ["10:00", "10:55"]
    assert made.blocks.is_theatre(r)
    assert not made.blocks.is_theatre(0)


def test_a_surgeon_is_where_the_own_block_is():
    sites = (f.site(), f.site("east"))
    surgeon = f.practitioner(use="in-sessions", other_sites=("east",))
    theatre = f.room(site="east")
    made = calendars((surgeon, theatre), sites=sites, blocks=(block(practitioner="dr-a"),))
    assert layers(made, site="east") == [([("08:00", "10:00")], None)]
    assert layers(made) == []
    a, b, c = (made.grid.exact(f.at(t)) for t in ("08:00", "10:00", "10:05"))
    assert made.is_at(0, a, b, "east")
    assert not made.is_at(0, a, b, "main")
    assert made.is_at(0, a, c, "main")
    assert made.nature(0).is_told_where


def test_a_privilege_is_in_force_on_its_days():
    dates = {"valid_from": date(2026, 3, 3), "valid_until": date(2026, 3, 4)}
    who = f.practitioner(privileges=(Privilege(capability="cut", **dates),))
    made = calendars((who,), days=3)
    row = made.privileged(0, ("cut",), "main")
    assert times(made, row) == [("00:00", "00:00")]
    assert scan.popcount(row) == 24 * 12
    assert made.privileged(0, (), "main") is None
    both = f.practitioner(capabilities=("cut",), privileges=(Privilege(capability="cut", **dates),))
    assert calendars((both,)).privileged(0, ("cut",), "main") is None


def test_the_grid_reaches_as_far_as_a_buffer_does():
    prepared = f.step(roles=(f.role("doctor", start="start-30", setup_min=10, end="end+5", cleanup_min=20),))
    made = calendars((f.practitioner(setup_min=15),), services=(f.service("visit", prepared),))
    assert made.margin * 5 >= 30 + 10 + 15
    assert made.grid.instant(made.within[0]) == f.at("00:00")
    assert made.within[1] + made.margin == made.n_ticks
