"""What an offer does to the diary of its lead: where a gap begins and ends, and what opens a session."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.check import check
from engine.jobs.find_series import find_series
from engine.jobs.find_slots import find_slots
from engine.model.codes import RANKING_COSTS, PenaltyCode
from engine.model.hours import Hours
from engine.model.order import Occurrence
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from engine.model.service import Gap
from engine.model.session import FloatingBreak, Segment, SurgeryBlock
from engine.search import Occupancy, bits, find, finder
from engine.search.diary import idle_beside, session_at
from tests import factories as f
from tests.search.rows import rows

TIDY = Policy(weights={"idle-gap": 1, "opened-session": 20})
TICKS = 200


@pytest.fixture(params=["quick", "general"], autouse=True)
def _way(request):
    """Both ways to search."""
    if request.param == "quick":
        yield
        return
    with patch.object(finder, "find_plain", lambda *_, **__: None):
        yield


def clinic(*booked, **fields):
    """Dr A with visits of 20 minutes from these times on."""
    visits = [f.appointment(f"app-{i}", start=s, order=None, patient="pat-2") for i, s in enumerate(booked)]
    patients = f.patient(), f.patient("pat-2")
    return Schedule.of(f.problem(**{"days": 2, "policy": TIDY, "patients": patients, **fields}), visits)


def diary(schedule, start):
    """Idle minutes made useless and sessions opened by a visit at a start; None where there is none."""
    at = f.at(start)
    found = find_slots(schedule, "ord-1", now=f.NOW, start=at, end=at + timedelta(minutes=5), diverse=False)
    if not found.offers:
        return None
    (offer,) = found.offers
    assert offer.cost == offer.breakdown.total
    amounts = {t.code: t.amount for t in offer.breakdown.terms}
    return amounts.get(PenaltyCode.IDLE_GAP, 0), amounts.get(PenaltyCode.OPENED_SESSION, 0)


@pytest.mark.parametrize(
    ("start", "minutes"),
    [
        ("09:20", 0),  # right behind the neighbour
        ("09:25", 5),
        ("09:30", 10),
        ("09:35", 0),  # a quarter of an hour is of use
        ("09:45", 0),
        ("10:00", 10),  # ten minutes before 10:30
        ("10:05", 5),
        ("10:10", 0),
        ("08:40", 0),
        ("08:00", 0),
        ("08:10", 10),  # since opening
        ("08:35", 5),
        ("17:30", 10),  # until closing
        ("17:40", 0),
    ],
)
def test_a_gap_ends_at_bookings_and_opening_hours(start, minutes):
    assert diary(clinic("09:00", "10:30", "14:00"), start) == (minutes, 0)


def test_gaps_on_both_sides_add_up():
    assert diary(clinic("09:00", "09:50"), "09:25") == (10, 0)


@pytest.mark.parametrize(("useful", "minutes"), [(0, 0), (5, 0), (6, 5), (35, 5), (36, 40), (600, 40)])
def test_what_is_of_use_is_the_policys_to_say(useful, minutes):
    """Five minutes before 9:00, 35 from eight on."""
    policy = TIDY.model_copy(update={"useful_gap_min": useful})
    assert diary(clinic("09:00", policy=policy), "08:35") == (minutes, 0)


def test_a_gap_ends_where_a_session_does():
    """Open until 18:00, but for something else."""
    sessions = f.session("s", "dr-a", end="10:00"), f.session("t", "dr-a", start="10:00", end="11:00")
    for use in ("in-sessions", "when-open"):
        world = clinic("08:00", resources=(f.practitioner(use=use),), sessions=sessions)
        assert diary(world, "09:30") == (10, 0)
        assert diary(world, "10:10") == (10, 1)
        assert diary(world, "10:40") == (0, 1)


def test_a_gap_ends_where_an_own_surgery_block_begins():
    block = SurgeryBlock(id="b", day=f.MONDAY, theatre="room-1", period=f.period("10:00", "12:00"), practitioner="dr-a")
    world = clinic("08:00", resources=(f.practitioner(), f.room()), blocks=(block,))
    assert diary(world, "09:30") == (10, 0)
    assert diary(world, "10:00") == (0, 1)


def test_what_is_set_up_and_cleaned_up_is_not_idle():
    world = clinic("09:00", resources=(f.practitioner(setup_min=5, cleanup_min=10),))
    assert diary(world, "09:25") == (0, 0)
    assert diary(world, "09:30") == (5, 0)
    assert diary(world, "08:25") == (5, 0)  # cleaned up until 8:55


def test_a_gap_goes_on_over_midnight():
    night = Hours(weekly=(f.weekly("22:00", "24:00"), f.weekly("00:00", "06:00")))
    world = clinic("2026-03-03 00:10", resources=(f.practitioner(hours=night),), days=3)
    assert diary(world, "23:40") == (10, 1)
    assert diary(world, "23:30") == (0, 1)
    assert diary(world, "23:50") == (0, 1)


def test_a_night_session_is_one():
    night = f.session("s", "dr-a", start="22:00", end="06:00")
    hours = Hours(weekly=(f.weekly("00:00", "24:00"),))
    resources = (f.practitioner(hours=hours, use="in-sessions"),)
    world = clinic("22:00", resources=resources, sessions=(night,), days=3)
    assert diary(world, "2026-03-03 01:00") == (0, 0)
    assert diary(world, "2026-03-03 05:30") == (10, 0)


def test_nothing_beyond_the_horizon_is_idle():
    hours = Hours(weekly=(f.weekly("00:00", "24:00"),))
    world = clinic(resources=(f.practitioner(hours=hours),), days=1)
    assert diary(world, "23:30") == (10, 1)
    assert diary(world, "00:10") == (10, 1)


def test_time_that_some_visits_may_not_have_is_idle():
    segments = (
        Segment(start="08:00", end="09:00"),
        Segment(start="09:00", end="09:10", is_kept_for_urgent=True),
        Segment(start="09:10", end="10:00", services=("other",)),
    )
    session = f.session("s", "dr-a", end="10:00", segments=segments)
    services = f.service(), f.service("other")
    world = clinic("08:00", resources=(f.practitioner(use="in-sessions"),), sessions=(session,), services=services)
    assert diary(world, "08:40") == (0, 0)
    assert diary(world, "08:25") == (5, 0)
    assert diary(world, "08:50") is None


def test_a_break_that_floats_is_idle():
    lunch = FloatingBreak(minutes=10, start="09:00", end="10:00")
    session = f.session("s", "dr-a", end="10:00", breaks=(lunch,))
    world = clinic("08:00", resources=(f.practitioner(use="in-sessions"),), sessions=(session,))
    assert diary(world, "09:30") == (10, 0)


def test_where_one_more_may_come_anyway_there_is_no_end_to_a_gap():
    session = f.session("s", "dr-a", end="10:00", overbooking_lanes=1)
    world = clinic("09:00", resources=(f.practitioner(use="in-sessions"),), sessions=(session,))
    assert diary(world, "09:30") == (10, 0)  # until ten; before it, 9:00 may be taken twice
    assert diary(world, "09:25") == (0, 0)


def test_the_patients_time_ends_no_gap():
    booked = f.placed("visit", f.at("09:30"), 20, {"doctor": "dr-b"})
    own = f.appointment("own", booked, order=None)
    schedule = clinic("08:00", resources=(f.practitioner("dr-b"), f.practitioner()))
    world = schedule.changed(added=[own])
    asked = world.problem.order_by_id["ord-1"].model_copy(update={"required_practitioner": "dr-a"})
    world = world.changed(problem=world.problem.model_copy(update={"orders": (asked,)}))
    assert diary(world, "09:05") == (0, 0)


@pytest.mark.parametrize(("start", "opened"), [("08:00", 0), ("11:55", 0), ("12:00", 1), ("2026-03-03 09:00", 1)])
def test_outside_sessions_a_half_day_is_opened(start, opened):
    assert diary(clinic("09:00"), start)[1] == opened


def test_whoever_supervises_has_not_opened_the_session():
    watch = f.reservation("doctor", "dr-a", f.at("09:00"), f.at("09:20"), use="presence")
    booked = f.appointment("a", f.placed("visit", f.at("09:00"), 20, [watch]), order=None, patient="pat-2")
    world = clinic().changed(added=[booked])
    assert diary(world, "10:00")[1] == 1


def test_bundles_leave_diaries_aside():
    steps = f.step("one", 10), f.step("two", 20, gap=Gap(min_min=10, max_min=10))
    assert diary(clinic("09:50", services=(f.service("visit", *steps),)), "09:00") == (0, 0)


def test_the_visit_that_leaves_no_hole_is_offered_first():
    schedule = clinic("09:00", "10:00", policy=TIDY.model_copy(update={"useful_gap_min": 20}), days=1)
    offers = find_slots(schedule, "ord-1", now=f.NOW, k=3, start=f.at("08:55")).offers
    assert [(o.start, o.cost) for o in offers[:1]] == [(f.at("09:20"), 0)]
    early = find_slots(schedule, "ord-1", now=f.NOW, k=1, start=f.at("09:25"), end=f.at("09:40")).offers
    assert early[0].reason == "20 minutes beside it that nobody can use."
    assert early[0].cost == 20


def test_a_running_morning_comes_before_an_empty_one():
    """Dr A, who is named first, has not begun."""
    people = f.practitioner(), f.practitioner("dr-b")
    running = f.placed("visit", f.at("09:00"), 20, {"doctor": "dr-b"})
    booked = f.appointment("a", running, order=None, patient="pat-2")
    schedule = clinic(resources=people, days=1).changed(added=[booked])
    first, *_, last = find_slots(schedule, "ord-1", now=f.NOW, k=4).offers
    assert {u.resource for u in first.appointment.steps[0].reservations} == {"dr-b"}
    assert first.reason == "As soon as can be, and as wished."
    assert last.reason == "The first visit of its session."


def test_no_schedule_has_these_costs():
    schedule = clinic("09:00", days=1)
    for offer in find_slots(schedule, "ord-1", now=f.NOW, k=9, start=f.at("09:25")).offers:
        judged = check(schedule.changed(added=[offer.appointment]), now=f.NOW).breakdown
        terms = {t.code: t.cost for t in offer.breakdown.terms if t.code not in RANKING_COSTS}
        assert sum(terms.values()) == sum(t.cost for t in judged.terms)


def test_without_weights_they_are_neither_counted_nor_named():
    for policy in (Policy(), Policy(useful_gap_min=600)):
        offers = find_slots(clinic("09:00", policy=policy), "ord-1", now=f.NOW, k=9, diverse=False).offers
        assert not any(t.code in RANKING_COSTS for o in offers for t in o.breakdown.terms)


def test_of_two_costs_only_what_has_a_weight_is_named():
    policy = Policy(weights={"opened-session": 3})
    offers = find_slots(clinic("09:00", policy=policy), "ord-1", now=f.NOW, k=9, diverse=False).offers
    assert {t.code for o in offers for t in o.breakdown.terms} <= {"opened-session", "access-delay"}


def test_series_and_bare_searches_do_not_ask():
    order = f.order(series=(Occurrence(offset_days=0), Occurrence(offset_days=1)))
    schedule = clinic("09:00", orders=(order,))
    (best, *_) = find_series(schedule, "ord-1", now=f.NOW).offers
    assert not any(t.code in RANKING_COSTS for t in best.breakdown.terms)
    plain = clinic("09:00")
    occupancy = Occupancy.of(plain, now=f.NOW)
    found = find(occupancy, plain.problem.orders[0], now=f.NOW, k=30)
    assert not any(t.code in RANKING_COSTS for c in found for t in c.terms)


def gap_of(free, edges, at, by, useful, low, high):
    """How many ticks of a text of free ticks lie beside a tick, one by one."""
    n = 0
    while at + n * by not in edges:
        tick = at + n * by - (by < 0)
        if not (low <= tick < high and free[tick]):
            break
        n += 1
    return n if n < useful else 0


@given(
    rows(TICKS),
    st.sets(st.integers(0, TICKS - 1), max_size=5),
    st.integers(-3, TICKS + 3),
    st.integers(1, 20),
    st.integers(0, 40),
    st.sampled_from([(0, TICKS), (10, TICKS - 5)]),
)
def test_gaps_are_those_counted_tick_by_tick(free, edges, first, length, useful, within):
    row = bits.make(TICKS)
    for t in edges:
        bits.set_range(row, t, t + 1, TICKS)
    flags = np.zeros(TICKS, np.bool_)
    bits.to_bool(free, flags)
    stop = first + length
    expected = tuple(gap_of(flags, edges, at, by, useful, *within) for at, by in ((first, -1), (stop, 1)))
    assert idle_beside(free, row, first, stop, useful, *within) == expected


@given(st.sets(st.integers(0, TICKS - 1), max_size=5), st.integers(-3, TICKS + 3))
def test_a_session_lies_between_two_cuts(cuts, first):
    row = bits.make(TICKS)
    for t in cuts:
        bits.set_range(row, t, t + 1, TICKS)
    a, b = session_at(row, first, 5, TICKS - 5)
    assert 5 <= a <= min(max(first, 5), TICKS - 6) < b <= TICKS - 5
    assert not any(a < t < b for t in cuts)
    assert a == 5 or a in cuts
    assert b == TICKS - 5 or b in cuts
