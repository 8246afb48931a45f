"""Distance that reservations do not show: rows of ticks agree with the rule asked use by use."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.resource import Changeover, Travel
from engine.model.schedule import Schedule
from engine.model.service import RoleUse
from engine.model.timegrid import epoch_minute
from engine.search import Occupancy, morphology, scan
from engine.search.facts import changeover_min, needs_spacing
from engine.search.uses import Use
from tests import factories as f

TAGS = st.sampled_from([None, "wet", "other"])


def occupancy_of(resource, *booked, **fields):
    service = f.service("visit", f.step(roles=(f.role("a", "room", tag="wet", cleanup_min=10), f.role("b", "room"))))
    problem = f.problem((f.practitioner(), resource), (service,), days=1, **fields)
    return Occupancy.of(Schedule.of(problem, booked), now=f.NOW)


def used(i, start, minutes, role):
    at = f.at("08:00") + timedelta(minutes=start)
    return f.appointment(f"x{i}", f.placed("visit", at, minutes, {role: "room-1"}), order=None, patient=None)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 6), st.sampled_from("ab")), max_size=5),
    st.lists(st.tuples(TAGS, TAGS, st.sampled_from([0, 7, 25])), max_size=3, unique_by=lambda c: c[:2]),
    st.sampled_from(["add", "overlap"]),
    TAGS,
    st.integers(1, 4),
)
def test_the_row_and_the_rule_agree(bookings, changeovers, buffers, tag, length):
    """Where uses do not overlap each other the row is exact; where they do, it never leaves too little."""
    pairs = tuple(Changeover(before=a, after=b, minutes=m) for a, b, m in changeovers)
    room = f.room(changeovers=pairs, buffers=buffers, setup_min=5)
    occupancy = occupancy_of(room, *(used(i, 5 * s, 5 * n, r) for i, (s, n, r) in enumerate(bookings)))
    row = occupancy.spacing.window_free(1, 0, 10, tag)
    if row is None:
        assert not needs_spacing(room)
        return
    taken = sorted((5 * s, 5 * (s + n)) for s, n, _ in bookings)
    is_apart = all(b <= c for (_, b), (c, _) in pairwise(taken))
    starts = morphology.eroded_window(row, 0, length, occupancy.n_ticks)
    eight = epoch_minute(f.at("08:00"))
    for t in range(-20, 90):
        tick = occupancy.grid.exact(f.at("08:00")) + t
        window = (eight + 5 * t, eight + 5 * (t + length))
        if any(a + eight < window[1] and window[0] < b + eight for a, b in taken):
            continue  # that is for `capacity`
        own = Use(*window, *window, "main", RoleUse.EXCLUSIVE, 0, 10, tag)
        is_kept = occupancy.spacing.keeps_distance(1, [own])
        if is_apart:
            assert scan.is_set(starts, tick) == is_kept, t
        elif is_kept:
            assert scan.is_set(starts, tick), t


def test_the_longer_of_clean_up_set_up_and_changeover_counts():
    room = f.room(buffers="overlap", setup_min=10, cleanup_min=20, changeovers=(Changeover(before="wet", minutes=45),))
    assert changeover_min(room, 5, None, 0, None) == 25
    assert changeover_min(room, 0, None, 15, None) == 25
    assert changeover_min(room, 5, "wet", 0, None) == 45
    assert changeover_min(room, 5, "unheard-of", 0, None) == 25
    adding = f.room(setup_min=10, cleanup_min=20, changeovers=room.changeovers)
    assert changeover_min(adding, 5, "wet", 0, None) == 45
    assert changeover_min(adding, 5, None, 0, None) == 0


def test_lanes_are_not_told_apart():
    room = f.room(buffers="overlap", cleanup_min=20, lanes=2)
    assert occupancy_of(room, used(0, 0, 20, "a")).spacing.window_free(1, 0, 0, None) is None


def test_the_way_from_one_site_to_the_other_takes_its_time_in_each_direction():
    there = Travel(origin="main", destination="east", minutes=20)
    back = Travel(origin="east", destination="main", minutes=35)
    staff = (f.practitioner(other_sites=("east",)),)
    away = f.appointment(
        "x", f.placed("visit", f.at("10:00"), 30, {"doctor": "dr-a"}, site="east"), order=None, patient=None
    )
    problem = f.problem(staff, sites=(f.site(), f.site("east")), travel=(there, back), days=1)
    occupancy = Occupancy.of(Schedule.of(problem, [away]), now=f.NOW)
    row = occupancy.spacing.travel_free(0, "main")
    clear = [t for t in range(occupancy.n_ticks) if not scan.is_set(row, t)]
    assert occupancy.grid.instant(clear[0]) == f.at("09:40")
    assert occupancy.grid.instant(clear[-1] + 1) == f.at("11:05")
    assert occupancy.spacing.travel_free(0, "east") is None
    occupancy.cancel("x")
    assert scan.popcount(occupancy.spacing.travel_free(0, "main")) == occupancy.n_ticks
