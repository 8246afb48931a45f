"""Whether a visit needs more of a few resources at a time than there are, whenever it is.

A necessary condition, by bipartite matching, asked once for a query: two roles and one person who could fill either, a
machine held across a step that needs the only one of its kind. Without it every start of the horizon is tried in vain.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from engine.model.service import RoleUse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.search.plans import RolePlan, StepPlan, Variant
    from engine.search.query import Query

__all__ = ["is_crowded"]

_Demand: TypeAlias = "tuple[int, frozenset[int]]"
"""How many uses of one tick, and by whom each could be taken."""


def is_crowded(query: Query) -> bool:
    """Whether some step can be done in no way for want of resources; False may still mean that it cannot."""
    return any(s.variants and all(_is_short(query, s, v) for v in s.variants) for s in query.steps)


def _is_short(query: Query, step: StepPlan, variant: Variant) -> bool:
    return variant.meeting is None and any(not _can_meet(query, d) for d in _demands(query, step, variant))


def _demands(query: Query, step: StepPlan, variant: Variant) -> Iterator[list[_Demand]]:
    """What a step needs at each of its ticks at which a role begins."""
    own = [r for r in variant.roles if r.held is None and r.role.use is RoleUse.EXCLUSIVE]
    held = [(role.role.count * role.role.units, pool) for role, pool in _held_across(query, step.index)]
    for first in {r.shape.window[0] for r in own if 0 <= r.shape.window[0] < variant.length}:
        there = [r for r in own if r.shape.window[0] <= first < r.shape.window[1]]
        yield [*held, *((r.role.count * r.role.units, frozenset(r.resources)) for r in there)]


def _held_across(query: Query, i: int) -> Iterator[tuple[RolePlan, frozenset[int]]]:
    """Roles that are filled by the same resources for the whole of a step and more."""
    if query.is_any_order:
        return
    seen: set[str] = set()
    for plan in query.steps[: i + 1]:
        for role in chain.from_iterable(v.roles for v in plan.variants):
            held = role.held
            if held is None or role.role.id in seen or query.index(held.last) < i:
                continue
            seen.add(role.role.id)
            is_whole = role.role.start.anchor == "start" and role.role.end.anchor == "end"
            is_whole = is_whole and role.role.start.minutes <= 0 <= role.role.end.minutes
            if is_whole and role.role.use is RoleUse.EXCLUSIVE and all(_has(v, role) for v in plan.variants):
                pools = (r.resources for v in plan.variants for r in v.roles if r.held is held)
                yield role, frozenset(chain.from_iterable(pools))


def _has(variant: Variant, role: RolePlan) -> bool:
    return any(r.held is role.held for r in variant.roles)


def _can_meet(query: Query, demands: Sequence[_Demand]) -> bool:
    """Whether the demands can be dealt out to lanes, by augmenting paths."""
    n_uses = sum(n for n, _ in demands)
    if all(len(pool) >= n_uses for _, pool in demands):
        return True
    occupancy = query.occupancy
    if any(occupancy.spare(r).size for _, pool in demands for r in pool):
        return True  # how many lanes there are depends on the time
    lanes = {r: int(occupancy.lanes[r]) for _, pool in demands for r in pool}
    taken: dict[int, list[int]] = {r: [] for r in lanes}
    uses = [k for k, (n, _) in enumerate(demands) for _ in range(n)]

    def take(k: int, tried: set[int]) -> bool:
        for r in sorted(demands[k][1] - tried):
            tried.add(r)
            if len(taken[r]) < lanes[r]:
                taken[r].append(k)
                return True
            for j, other in enumerate(taken[r]):
                if take(other, tried):
                    taken[r][j] = k
                    return True
        return False

    return all(take(k, set()) for k in uses)
