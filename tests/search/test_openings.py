"""The next open appointments against brute force: every visit that a new patient could have."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings

from engine.check import check
from engine.model.order import Order
from engine.model.patient import ANYBODY
from engine.model.schedule import Schedule
from engine.search import Occupancy, candidate_to_appointment
from engine.search.openings import next_openings
from tests.search.oracle import Oracle
from tests.search.test_oracle import leads
from tests.search.worlds import N_WORLDS
from tests.strategies import worlds

ALONE = ("breaks", "buffers", "changeover", "fixed-equipment", "kept-back", "lanes", "night", "overbooking",
         "privileges", "quotas", "segments", "session-rooms", "sites", "zones")  # fmt: skip
"""Features of visits in one step, of which brute force says all there is to say of one practitioner."""
TOGETHER = ("fixed-equipment", "k-of-n", "lanes", "session-rooms")
"""Features in which lanes are all that visits take from each other."""


def somebody(world):
    return Order(id="", patient=ANYBODY.id, service=world.order.service)


def openings(world, n=3):
    occupancy = Occupancy.of(world.schedule, now=world.now)
    return next_openings(occupancy, world.order.service, now=world.now, n=n)


def greedily(world):
    """Starts that each lead could give one after the other, in ticks."""
    asked = Oracle(world.problem, list(world.schedule.appointments), somebody(world), world.now, 0)
    found: dict[str, list[int]] = {}
    through: dict[str, int] = {}
    for (visit,) in sorted(asked.visits(), key=lambda v: v[0].start):
        lead = next((u for u in visit.uses if leads(u.role)), None)
        if lead is not None and lead.start >= through.get(lead.resource.id, lead.start):
            mine = found.setdefault(lead.resource.id, [])
            if len(mine) < 3:
                mine.append((visit.start - asked.first) // asked.tick)
                through[lead.resource.id] = lead.end
    return found


@pytest.mark.parametrize("feature", ALONE)
def test_of_each_practitioner_one_after_the_other(feature):
    @settings(max_examples=N_WORLDS)
    @given(worlds(feature))
    def agree(world):
        found = {who: [v.start for v in visits] for who, visits in openings(world).by_lead.items() if visits}
        assert found == greedily(world)

    agree()


@pytest.mark.parametrize("feature", TOGETHER)
def test_together_they_could_all_be_booked(feature):
    """Each has the earliest start that is left, and the judge has nothing against all of them."""

    @settings(max_examples=N_WORLDS)
    @given(worlds(feature))
    def agree(world):
        booked = list(world.schedule.appointments)
        before = {str(v) for v in check(world.schedule, now=world.now).violations}
        for i, (visit, _) in enumerate(openings(world).together):
            asked = Oracle(world.problem, booked, somebody(world), world.now, 0)
            assert visit.start == min(asked.costs_by_start())
            made = candidate_to_appointment(world.problem, somebody(world), visit, id=f"new-{i}", now=world.now)
            booked.append(made.model_copy(update={"patient": None, "order": None}))
        after = {str(v) for v in check(Schedule.of(world.problem, booked), now=world.now).violations}
        assert after <= before

    agree()


@settings(max_examples=3 * N_WORLDS)
@given(worlds(extra=5))
def test_the_occupancy_is_left_as_it_was(world):
    assume(world.problem.service(world.order.service).group_size == 1)
    occupancy = Occupancy.of(world.schedule, now=world.now)
    n_used = occupancy.starts.store.n_used
    first = next_openings(occupancy, world.order.service, now=world.now, n=3)
    kept = occupancy.starts.store.n_used
    assert next_openings(occupancy, world.order.service, now=world.now, n=3) == first
    assert occupancy.starts.store.n_used == kept >= n_used
