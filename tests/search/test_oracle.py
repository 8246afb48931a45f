"""Search finds what brute force finds: the same starts, at the same costs, in the same order.

Each feature of `tests.strategies` exercises one coupling or rule by itself; the last tests mix them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.model.requirement import duration_min
from engine.model.resource import ResourceKind
from engine.model.service import RoleUse
from tests.search.worlds import N_WORLDS, found, oracle
from tests.strategies import FEATURES, worlds

if TYPE_CHECKING:
    from engine.model.service import Role
    from tests.search.rules_alone import Placed
    from tests.strategies import World

thorough = settings(max_examples=N_WORLDS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def agree(world: World) -> None:
    expected = oracle(world).costs_by_start()
    got = found(world)
    assert {c.start: c.cost for c in got} == expected
    assert [(c.cost, c.start) for c in got] == sorted((cost, start) for start, cost in expected.items())
    assert all(sum(t.cost for t in c.terms) == c.cost for c in got)


@pytest.mark.parametrize("feature", FEATURES)
def test_every_start_and_its_cost(feature):
    @thorough
    @given(worlds(feature))
    def agrees(world):
        agree(world)

    agrees()


@pytest.mark.parametrize("feature", sorted({*FEATURES} - {"diary"}))
def test_what_is_done_to_diaries(feature):
    """Idle time beside a visit and sessions opened, whatever else decides where its lead's time begins and ends."""

    @settings(thorough, max_examples=N_WORLDS // 2)
    @given(worlds("diary", feature))
    def agrees(world):
        agree(world)

    agrees()


@settings(thorough, max_examples=5 * N_WORLDS)
@given(worlds(extra=6))
def test_features_together(world):
    agree(world)


@settings(thorough, max_examples=2 * N_WORLDS)
@given(worlds("costs", extra=3), st.integers(1, 4))
def test_the_first_k_are_the_cheapest(world, k):
    expected = sorted((cost, start) for start, cost in oracle(world).costs_by_start().items())
    assert [(c.cost, c.start) for c in found(world, k)] == expected[:k]


def group_of(world: World, visit: tuple[Placed, ...]) -> tuple[object, ...]:
    """Half-day and lead of a visit, as `docs/reference/search-rules.md` has them."""
    zone = ZoneInfo(world.problem.zone_of(visit[0].site))
    start = world.problem.grid.instant((visit[0].start - world.problem.grid.start_minute) // world.problem.tick_min)
    local = start.astimezone(zone)
    order = world.order
    held = {h.first: h.role for h in world.problem.service(order.service).held}
    same = {(ref.step, ref.role) for entry in world.problem.service(order.service).same for ref in entry.roles}
    roles = [(s, r) for s in visit for r in (*s.step.roles, held.get(s.step.id)) if r is not None and leads(r)]
    bound = [(s, r) for s, r in roles if (s.step.id, r.id) in same]
    does = [s for s, _ in bound or roles]
    longest = max(does, key=lambda s: s.step.nights or duration_min(s.step, order.modifiers, ()), default=None)
    uses = [] if longest is None else sorted((u for u in longest.uses if leads(u.role)), key=lambda u: u.held)
    bound_uses = [u for u in uses if longest is not None and (longest.step.id, u.role.id) in same]
    return local.date(), local.hour < 12, next((u.resource.id for u in bound_uses or uses), None)


def leads(role: Role) -> bool:
    return role.kind is ResourceKind.PRACTITIONER and role.use is RoleUse.EXCLUSIVE


@pytest.mark.parametrize("features", [("costs",), ("costs", "diary")], ids="-".join)
def test_diverse_offers_are_the_cheapest_of_each_half_day_and_lead(features):
    @settings(thorough, max_examples=3 * N_WORLDS)
    @given(worlds(*features, extra=2), st.integers(1, 5))
    def agrees(world, k):
        agree_on_diverse(world, k)

    agrees()


def agree_on_diverse(world, k):
    asked = oracle(world)
    best: dict[tuple[object, ...], tuple[int, int]] = {}
    for visit in asked.visits():
        if any(role.count > 1 for s in visit for role in s.step.roles if role.kind is ResourceKind.PRACTITIONER):
            return  # who of several leads is a matter of their order
        tick = (visit[0].start - asked.first) // asked.tick
        group, at = group_of(world, visit), (asked.cost(visit), tick)
        best[group] = min(at, best.get(group, at))
    expected = sorted(best.values())[:k]
    offers = [(c.cost, c.start) for c in found(world, k, diverse=True)]
    others = asked.costs_by_start().items() - {(start, cost) for cost, start in expected}
    rest = sorted((cost, start) for start, cost in others if start not in {s for _, s in expected})
    assert offers == sorted([*expected, *rest[: k - len(expected)]])


def test_a_world_with_nothing_to_find_is_no_fluke():
    """The oracle must say no often and yes often, or agreeing with it would prove little."""
    answers = []

    @settings(thorough, max_examples=60)
    @given(worlds(extra=4))
    def ask(world):
        answers.append(bool(oracle(world).costs_by_start()))

    ask()
    assert 0.2 < sum(answers) / len(answers) < 0.95
