"""What the first step of a visit takes at least at one start: one of a few sets of obstacles has to go whole."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.model.explanation import BlockerKind
from engine.model.service import Modality
from engine.search import scan
from engine.search.obstacles import Obstacle
from engine.search.pools import Placing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from engine.search.limits import StartLimits
    from engine.search.plans import RolePlan, Variant
    from engine.search.pools import Pools
    from engine.search.query import Query

__all__ = ["least_of_first_step"]

_LIFTED_OTHERWISE = {BlockerKind.BLOCK_OWNED, BlockerKind.QUOTA}
"""Kinds that somebody else in the step, or taking away what is booked, makes up for."""


def least_of_first_step(
    plan: Query, limits: StartLimits, pools: Pools, start: int, known: Collection[Obstacle]
) -> list[frozenset[Obstacle]]:
    """The smallest sets of obstacles one of which has to go whole, whatever the steps behind the first one take.

    Parameters
    ----------
    plan
        The question without the rules of the order and the calendar.
    limits
        These rules.
    start
        Tick of the plan's occupancy.
    known
        The obstacles that may be taken away; others are not named.
    """
    found: list[frozenset[Obstacle]] = []
    for variant in plan.steps[0].variants:
        common = set(_common(plan, limits, variant, start))
        roles = [
            _smallest(frozenset(_kept(pools, variant, role, r, start)) for r in pools.members(variant, role))
            for role in variant.roles
            if role.held is None
        ]
        found.extend(frozenset(common.union(*chosen).intersection(known)) for chosen in product(*roles))
    return _smallest(found)


def _common(plan: Query, limits: StartLimits, variant: Variant, start: int) -> Iterator[Obstacle]:
    """What stands in the way whoever is there."""
    for code in limits.broken(variant.site, start):
        yield Obstacle(BlockerKind.RULE, code)
    step, clock = plan.steps[0].step, plan.calendars.clock(variant.site)
    if step.start_window is not None and not scan.is_set(clock.within(step.start_window), start):
        yield Obstacle(BlockerKind.RULE, ConstraintCode.TIME_OF_DAY)
    is_in_person, arrive = variant.modality is Modality.IN_PERSON, plan.service.arrive_before_min
    if step.is_patient_present and not plan.patient_time.is_free(
        start, variant.length, arrive, variant.site, is_in_person=is_in_person
    ):
        yield Obstacle(BlockerKind.PATIENT)


def _kept(pools: Pools, variant: Variant, role: RolePlan, r: int, start: int) -> Iterator[Obstacle]:
    """What keeps a resource from a role, as far as one obstacle alone makes up for it."""
    pool = pools.number(0, role)
    for kind, code in pools.kept_by(Placing(0, start, variant, ()), role, r):
        if kind is BlockerKind.RULE:
            yield Obstacle(kind, code)
        elif kind not in _LIFTED_OTHERWISE and code is not ConstraintCode.FLOATING_BREAK:
            yield Obstacle(kind, pool=pool)


def _smallest(sets: Iterable[frozenset[Obstacle]]) -> list[frozenset[Obstacle]]:
    """Those that no other one is a part of."""
    found: list[frozenset[Obstacle]] = []
    for candidate in sorted(dict.fromkeys(sets), key=len):
        if not any(smaller <= candidate for smaller in found):
            found.append(candidate)
    return found
