"""Floors on the rest of a visit: the kernels and their slow reference agree, and what is too dear is not tried."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.hours import Hours
from engine.model.policy import Policy
from engine.model.schedule import Schedule
from engine.model.service import Gap, HeldResource, SameResource
from engine.model.shorthand import RoleRef
from engine.search import Occupancy, ahead, find, reference
from engine.search.filling import Filling
from tests import factories as f
from tests.search.rows import far_offsets, n_ticks_values, rows

NONE = 10**9
NO_LIMIT = np.zeros(0, np.int64)


@given(st.data(), st.integers(-5, 5), st.integers(-5, 60))
def test_least_within(data, low, width):
    values = np.array(data.draw(st.lists(st.sampled_from([0, 1, 2, 3, 50, NONE]), max_size=60)), np.int64)
    ticks = np.arange(len(values))
    last_of_day = np.minimum(ticks // data.draw(st.integers(1, 20)) * 7 + 6, len(values) - 1)
    limits = st.sampled_from([NO_LIMIT, np.sort(last_of_day)])
    after, until = data.draw(limits), data.draw(limits)
    args = values, low, low + width, after, until, NONE
    assert ahead.least_within(*args).tolist() == reference.least_within(*args).tolist()


@given(st.data(), far_offsets, far_offsets, st.integers(0, 3), st.integers(-1, 300), st.integers(-1, 12))
def test_next_within(data, start, stop, per_tick, until, most):
    row = data.draw(rows(data.draw(n_ticks_values)))
    costs = st.lists(st.integers(0, 9), min_size=64 * len(row), max_size=64 * len(row))
    floors = np.array(data.draw(st.one_of(st.just([]), costs)), np.int64)
    got, expected = np.array([NONE]), np.array([NONE])
    args = row, start, stop, floors, per_tick, 3, until, most
    assert ahead.next_within(*args, got) == reference.next_within(*args, expected)
    assert got.tolist() == expected.tolist()


def count_ways(monkeypatch):
    """Counts how often somebody asks who could do a step at a start."""
    asked = []
    ways = Filling.ways

    def counted(self, draft, *args, **kwargs):
        asked.append(draft.starts)
        return ways(self, draft, *args, **kwargs)

    monkeypatch.setattr(Filling, "ways", counted)
    return asked


def first(problem, k=1):
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    return find(occupancy, problem.orders[0], now=f.NOW, k=k)


@pytest.mark.parametrize("weights", [{"patient-wait": 1}, {"patient-wait": 0}])
def test_later_steps_are_tried_cheapest_first(monkeypatch, weights):
    """The scanner is there from 14:00. Of three hundred first steps before it, in four weeks, only a few are asked."""
    steps = (f.step("talk", 20), f.step("scan", 20, roles=(f.role("scan", "equipment"),), gap=Gap(max_min=720)))
    late = f.equipment(hours=Hours(weekly=(f.weekly("14:00", "18:00"),)))
    problem = f.problem(
        days=28,
        resources=(f.practitioner(), late),
        services=(f.service("visit", *steps),),
        policy=Policy(weights=weights),
    )
    asked = count_ways(monkeypatch)
    (found,) = first(problem)
    local = [problem.grid.instant(s.start) + timedelta(hours=1) for s in found.steps]
    assert [f"{t:%H:%M}" for t in local] == (["13:40", "14:00"] if weights["patient-wait"] else ["08:00", "14:00"])
    assert len(asked) <= 4


def test_what_is_held_over_an_endless_wait_ends_the_search(monkeypatch):
    """The chair is free until noon and the second step only from 14:00 on: no first step is followed week by week."""
    steps = (f.step("drip", 20, roles=()), f.step("watch", 20))
    held = HeldResource(role=f.role("chair", "equipment"), first="drip", last="watch")
    resources = (
        f.practitioner(hours=Hours(weekly=(f.weekly("14:00", "18:00"),))),
        f.equipment("chair", hours=Hours(weekly=(f.weekly("08:00", "12:00"),))),
    )
    problem = f.problem(days=28, resources=resources, services=(f.service("visit", *steps, held=(held,)),))
    asked = count_ways(monkeypatch)
    assert first(problem) == []
    assert all(len(starts) == 1 for starts in asked)


def test_who_is_bound_by_one_step_decides_where_the_next_is_looked_for(monkeypatch):
    """Whoever comes first does step one early and has no time again until tomorrow: only Dr Z is asked further."""
    steps = (
        f.step("one", 20, roles=(f.role("doctor"),)),
        f.step("two", 20, roles=(f.role("doctor"), f.role("room", "room")), gap=Gap(min_min=60, max_min=7 * 24 * 60)),
    )
    same = SameResource(roles=(RoleRef(step="one", role="doctor"), RoleRef(step="two", role="doctor")))
    early = Hours(weekly=(f.weekly("08:00", "08:30"),))
    problem = f.problem(
        days=28,
        resources=(*(f.practitioner(f"dr-{i}", hours=early) for i in range(8)), f.practitioner("dr-z"), f.room()),
        services=(f.service("visit", *steps, same=(same,)),),
        policy=Policy(weights={"patient-wait": 1, "tardiness": 10}),
        orders=(f.order(due=f.at("10:00")),),
    )
    asked = count_ways(monkeypatch)
    (found,) = first(problem)
    assert {u[1] for s in found.steps for u in s.uses if u[0] == "doctor"} == {"dr-z"}
    assert len(asked) <= 40
