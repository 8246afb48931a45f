"""Too few resources for a visit, whenever it is: known before any start is tried."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from engine.model.schedule import Schedule
from engine.model.service import HeldResource
from engine.model.shorthand import Offset
from engine.search import Occupancy, find
from engine.search.crowding import is_crowded
from engine.search.query import Query
from tests import factories as f
from tests.search.worlds import N_WORLDS, oracle
from tests.strategies import worlds

SECOND = f.role("second")


def crowded(step, **fields):
    problem = f.problem(services=(f.service("visit", *step, **fields.pop("service", {})),), **fields)
    occupancy = Occupancy.of(Schedule.of(problem), now=f.NOW)
    with Query(occupancy, problem.orders[0], now=f.NOW) as query:
        found = is_crowded(query)
        assert query.is_hopeful != found
    assert bool(find(occupancy, problem.orders[0], now=f.NOW, k=1)) != found
    return found


def test_two_roles_and_one_to_fill_them():
    assert crowded([f.step(roles=(f.role("doctor"), SECOND))])
    both = (f.practitioner(), f.practitioner("dr-b"))
    assert not crowded([f.step(roles=(f.role("doctor"), SECOND))], resources=both)
    assert crowded([f.step(roles=(f.role("doctor"), SECOND, f.role("third")))], resources=both)


def test_one_after_the_other_may_be_the_same():
    half = Offset(anchor="start", minutes=10)
    first, second = f.role("doctor", end=half), f.role("second", start=half)
    assert not crowded([f.step(minutes=20, roles=(first, second))])


@pytest.mark.parametrize(("lanes", "expected"), [(1, True), (2, False)])
def test_a_resource_with_lanes_may_fill_as_many(lanes, expected):
    roles = (f.role("here", "room"), f.role("there", "room"))
    assert crowded([f.step(roles=roles)], resources=(f.room(lanes=lanes),)) is expected


@pytest.mark.parametrize("n", [1, 2])
def test_held_across_a_step_that_needs_one_too(n):
    scan = f.role("scan", "equipment")
    held = HeldResource(role=f.role("kept", "equipment"), first="one", last="two")
    steps = [f.step("one", 10, (f.role("doctor"),)), f.step("two", 10, (scan,))]
    machines = tuple(f.equipment(f"scan-{i}") for i in range(n))
    found = crowded(steps, service={"held": (held,)}, resources=(f.practitioner(), *machines))
    assert found is (n == 1)


def test_whom_another_role_can_do_without_is_left_to_it():
    """The one with the skill is needed for it; the other role takes whoever is left."""
    resources = (f.practitioner(capabilities=("cut",)), f.practitioner("dr-b"))
    roles = (f.role("doctor"), f.role("surgeon", capabilities=("cut",)))
    assert not crowded([f.step(roles=roles)], resources=resources)
    two = (*roles, f.role("second-surgeon", capabilities=("cut",)))
    assert crowded([f.step(roles=two)], resources=(*resources, f.practitioner("dr-c")))


@settings(max_examples=5 * N_WORLDS, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(extra=4))
def test_where_it_is_so_no_visit_can_be(world):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    with Query(occupancy, world.order, now=world.now, occurrence=world.occurrence) as query:
        if is_crowded(query):
            assert next(oracle(world).visits(), None) is None
