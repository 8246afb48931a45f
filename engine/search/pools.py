"""Pools: the resources that the same roles draw on, and a visit that could be were it not for the obstacles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.search.hindrance import Asker, hindrances

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.codes import ConstraintCode
    from engine.model.explanation import BlockerKind
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query

__all__ = ["Placing", "Pool", "Pools"]


@dataclass(frozen=True, slots=True)
class Pool:
    """All resources that some roles draw on, for this patient and whoever was asked for."""

    members: tuple[int, ...]
    roles: frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Placing:
    """A step of a visit as it could be were it not for the obstacles.

    Parameters
    ----------
    start
        Tick of the excerpt.
    used
        Resources by the role that they fill.
    """

    step: int
    start: int
    variant: Variant
    used: tuple[tuple[RolePlan, tuple[int, ...]], ...]


class Pools:
    """The pools of a planned query: no two have a resource in common."""

    def __init__(self, query: Query) -> None:
        self._query, self._asked = query, query.asked
        order, patient = query.order, query.patient
        self.asker = Asker(query.now, query.is_routine, order.patient_class, patient.birth_date)
        of_role: dict[tuple[int, str], dict[int, None]] = {}
        for i, step in enumerate(query.steps):
            for variant in step.variants:
                for role in variant.roles:
                    of_role.setdefault((i, role.role.id), {}).update(dict.fromkeys(self.members(variant, role)))
        self.all: list[Pool] = []
        for key, resources in of_role.items():
            met = [p for p in self.all if not resources.keys().isdisjoint(p.members)]
            roles = frozenset((key,)).union(*(p.roles for p in met))
            joined = dict.fromkeys(r for p in met for r in p.members) | resources
            place = self.all.index(met[0]) if met else len(self.all)
            self.all = [p for p in self.all if p not in met]
            self.all.insert(place, Pool(tuple(sorted(joined)), roles))

    def members(self, variant: Variant, role: RolePlan) -> tuple[int, ...]:
        """Who could fill a role; whoever was asked for alone, where only this role could be theirs."""
        asked = [a for a in self._asked if a in role.could]
        places = [r for r in variant.roles if asked and asked[0] in r.could]
        if len(asked) == 1 and len(places) == 1 and role.is_treating and role.held is None and role.role.count == 1:
            return tuple(r for r in role.resources if r == asked[0])
        return role.resources

    def number(self, step: int, role: RolePlan) -> int:
        """The number of a role's pool."""
        return next(i for i, p in enumerate(self.all) if (step, role.role.id) in p.roles)

    def kept_by(self, placing: Placing, role: RolePlan, r: int) -> Sequence[tuple[BlockerKind, ConstraintCode]]:
        """What keeps a resource from a role of a step."""
        present = [other for _, used in placing.used for other in used]
        occupancy = self._query.occupancy
        return tuple(hindrances(occupancy, self.asker, role.role, role.shape, r, placing.start, present))
