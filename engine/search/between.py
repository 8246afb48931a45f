"""Least time between two steps of a plain bundle, as far as it goes for a resource that is used in both."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import Practitioner

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query

__all__ = ["is_led", "may_meet", "ticks_between"]

_Way = tuple[int, "Variant"]
"""A step and how it is done."""


def is_led(query: Query, i: int) -> bool:
    """Whether the visit's lead does something in a step: the one that decides it, or one that binds the same person."""
    if i == query.lead_step or query.lead_step is None:
        return i == query.lead_step
    bound = {ref.step for entry in query.service.same for ref in entry.roles}
    return query.steps[i].step.id in bound


def may_meet(query: Query, i: int, j: int) -> bool:
    """Whether a resource could be used in step `i` and then in step `j` in a way that tables cannot tell apart.

    They can where there is always time enough between the steps, and of the visit's lead: `ticks_between`.
    """
    between = 0
    if not query.is_any_order:
        between = query.least_between(i, j) - query.least_between(j, j) - query.least_between(i, i)
    for before, after in product(query.steps[i].variants, query.steps[j].variants):
        led = _of_lead(query, (i, before), (j, after))
        if len(set(led.values())) > 1 or any(needed > 0 and _has_lanes(query, r) for r, needed in led.items()):
            return True
        for role, role_after in product(before.roles, after.roles):
            shared = set(role.resources) & set(role_after.resources)
            if any(_has_quota(query, r) for r in shared):
                return True
            if not (led and role is _lead(before) and role_after is _lead(after)):
                needed = (_needed(query, r, (before, role), (after, role_after)) for r in shared)
                if any(n > between for n in needed):
                    return True
    return False


def ticks_between(query: Query, ways: Sequence[_Way]) -> NDArray[np.int64]:
    """Fewest ticks from the end of a step to the start of another, where both are done by the visit's lead.

    Parameters
    ----------
    ways
        Of each variant, its step.

    Returns
    -------
    NDArray
        Shape `(ways, ways)`, by the first step done and the later one; 0 where nothing is asked for.
    """
    found = np.zeros((len(ways), len(ways)), np.int64)
    for (v, before), (u, after) in product(enumerate(ways), repeat=2):
        if before[0] != after[0]:
            found[v, u] = max(0, *_of_lead(query, before, after).values(), 0)
    return found


def _of_lead(query: Query, before: _Way, after: _Way) -> dict[int, int]:
    """What each who leads both steps needs, in ticks from the end of the one to the start of the other."""
    (i, variant), (j, later) = before, after
    one, other = _lead(variant), _lead(later)
    if one is None or other is None or not (is_led(query, i) and is_led(query, j)):
        return {}
    return {r: _needed(query, r, (variant, one), (later, other)) for r in set(one.resources) & set(other.resources)}


def _lead(variant: Variant) -> RolePlan | None:
    return None if variant.lead is None else variant.roles[variant.lead]


def _needed(query: Query, r: int, one: tuple[Variant, RolePlan], other: tuple[Variant, RolePlan]) -> int:
    """Ticks that a resource needs from the end of one step to the start of another: what it is reserved for beside
    them and, of a practitioner, the way.
    """
    (before, role), (after, role_after) = one, other
    resource, tick = query.problem.resources[r], query.occupancy.grid.tick_min
    way = 0
    if isinstance(resource, Practitioner) and before.site != after.site:
        way = query.problem.travel_min.get((before.site, after.site), 0)
    return (
        role.shape.reserved(resource, tick)[1]
        - before.length
        - role_after.shape.reserved(resource, tick)[0]
        - (-way // tick)
    )


def _has_lanes(query: Query, r: int) -> bool:
    """Whether a resource could be in both steps at a time."""
    of_sessions = (s.session.overbooking_lanes for s in query.calendars.sessions(r))
    return query.problem.resources[r].lanes > 1 or any(of_sessions)


def _has_quota(query: Query, r: int) -> bool:
    return any(s.session.has_quotas for s in query.calendars.sessions(r))
