"""Why not, held to its promise: with all obstacles taken away a visit is possible, with any one of them kept it is not.

The taking away is done by editing the problem (`taken_away`), and the asking by `find`.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.model.schedule import Schedule
from engine.model.session import ClassQuota
from engine.search import Occupancy, find, why_not
from engine.search.inquiry import Inquiry
from engine.search.obstacles import EASE
from engine.search.standing import Standing
from tests import factories as f
from tests.search.taken_away import SETTLED_FIRST, taken_away
from tests.search.worlds import N_WORLDS
from tests.strategies import worlds

thorough = settings(
    max_examples=4 * N_WORLDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def is_possible(world, first, stop):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    asked = {"now": world.now, "occurrence": world.occurrence}
    return bool(find(occupancy, world.order, k=1, first=first, stop=stop, **asked))


def is_outside(found):
    """Whether it is the planned time that is too short, which nothing could be done about."""
    return found[-1].code == "horizon" and "the planned time, from " in found[-1].message


def verify(world, first, stop):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    before = occupancy.free.copy(), occupancy.used.copy(), occupancy.calendars.open.copy()
    found = why_not(occupancy, world.order, now=world.now, first=first, stop=stop, occurrence=world.occurrence)
    after = occupancy.free, occupancy.used, occupancy.calendars.open
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert bool(found) != is_possible(world, first, stop)
    if not found or SETTLED_FIRST & {b.code for b in found} or is_outside(found):
        return
    grid = world.problem.grid
    codes = {b.code for b in found}
    assume("notice" not in codes or stop - first > 1 or grid.instant(first) >= world.now)
    assume("series" not in codes or world.order.series)
    assume("series" not in codes or any(a.order == "ord-1" for a in world.schedule.appointments))
    assume(not ("patient-available" in codes and any(o.separations for o in world.problem.orders)))
    # No session that there could be is as long as a stay.
    stays = any(step.nights is not None for step in world.problem.service(world.order.service).steps)
    assume(not (stays and any(b.kind == "no session for this service" for b in found)))
    assert is_possible(taken_away(world, found), first, stop), found
    for kept in found:
        assert not is_possible(taken_away(world, [b for b in found if b is not kept]), first, stop), (kept, found)


@thorough
@given(worlds(extra=4), st.data())
def test_of_one_start(world, data):
    first = data.draw(st.integers(0, world.problem.grid.n_ticks - 1))
    opening = world.problem.grid.exact(world.problem.horizon.start) + 8 * 60 // world.problem.tick_min
    near = data.draw(st.integers(opening, opening + 10))
    start = data.draw(st.sampled_from([near, near, near, first]))
    verify(world, start, start + 1)


@thorough
@given(worlds(extra=3), st.data())
def test_both_ways_give_explanations_of_equal_weight(world, data):
    opening = 8 * 60 // world.problem.tick_min
    first = data.draw(st.integers(opening, opening + 10))
    occupancy = Occupancy.of(world.schedule, now=world.now)
    asked = {"now": world.now, "first": first, "stop": first + 1, "occurrence": world.occurrence}
    quick = why_not(occupancy, world.order, **asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Standing, "about", classmethod(lambda *_, **__: None))
        slow = why_not(occupancy, world.order, **asked)
    assert weight(quick) == weight(slow)


@thorough
@given(worlds(extra=4), st.data())
def test_what_the_first_step_takes_at_least_changes_no_explanation(world, data):
    opening = 8 * 60 // world.problem.tick_min
    first = data.draw(st.integers(opening, opening + 10))
    occupancy = Occupancy.of(world.schedule, now=world.now)
    asked = {"now": world.now, "first": first, "stop": first + 1, "occurrence": world.occurrence}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Standing, "about", classmethod(lambda *_, **__: None))
        quick = why_not(occupancy, world.order, **asked)
        patch.setattr(Inquiry, "_at_least", lambda *_: ((),))
        slow = why_not(occupancy, world.order, **asked)
    assert weight(quick) == weight(slow)


def weight(blockers):
    return len(blockers), sum(EASE.index(b.kind) for b in blockers)


@thorough
@given(worlds(extra=4))
def test_of_the_whole_horizon(world):
    verify(world, 0, world.problem.grid.n_ticks)


def test_a_quota_that_is_full_of_what_is_booked_is_no_obstacle_of_its_own():
    """Without the booking the session has room, and its quota too."""
    session = f.session("s", "dr-a", class_quotas=(ClassQuota(patient_class="outpatient", quota=1),))
    problem = f.problem(sessions=(session,))
    busy = f.appointment("x", f.placed("visit", f.at("09:00"), 20, {"doctor": "dr-a"}), order=None)
    busy = busy.model_copy(update={"patient": None})
    occupancy = Occupancy.of(Schedule.of(problem, [busy]), now=f.at("07:00"))
    first = problem.grid.exact(f.at("09:00"))
    found = why_not(occupancy, problem.orders[0], now=f.at("07:00"), first=first, stop=first + 1)
    assert [b.kind for b in found] == ["booked"]
