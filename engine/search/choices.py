"""Whom to try: the order in which a step's roles are filled, and who could fill one at a start."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import Equipment, ResourceKind
from engine.search import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.search.draft import Draft
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query

__all__ = ["Choices", "matters_later"]


class Choices:
    """Choices of one query.

    Attributes
    ----------
    named
        Practitioners who are asked for or preferred.
    """

    def __init__(self, query: Query) -> None:
        self._query = query
        self.named = frozenset(r for r in (*query.asked, query.preferred) if r is not None)
        led = query.steps[query.lead_step].variants if query.diary and query.lead_step is not None else ()
        self._leads = frozenset(r for v in led if v.lead is not None for r in v.roles[v.lead].resources)
        """Whoever could lead the visit, where who does makes a difference to its cost."""
        self._orders: dict[Variant, tuple[list[RolePlan], int]] = {}
        self._rooms = {v: _deciding_room(query, v) for s in query.steps for v in s.variants}
        self._slots = {
            role: np.array([e.slot for e in role.entries], np.int64)
            for s in query.steps
            for v in s.variants
            for role in v.roles
        }

    def ordered(self, i: int, variant: Variant) -> tuple[list[RolePlan], int]:
        """The roles in the order in which they are filled, and how many of them make a difference to what follows."""
        if variant not in self._orders:
            self._orders[variant] = self._make_order(i, variant)
        return self._orders[variant]

    def _make_order(self, i: int, variant: Variant) -> tuple[list[RolePlan], int]:
        def is_decisive(role: RolePlan) -> bool:
            people = self.named | self._leads
            return matters_later(self._query, i, role) or not people.isdisjoint(role.resources)

        decisive = [r for r in variant.roles if is_decisive(r)]
        rest = [r for r in variant.roles if not is_decisive(r)]
        return [*decisive, *sorted(rest, key=lambda r: r.role.kind is not ResourceKind.ROOM)], len(decisive)

    def matters(self, draft: Draft, rest: Sequence[int]) -> object:
        """Whatever resources chosen so far make a difference to the steps that are left, or to the cost."""
        used = {o.r for o in draft.own} | {r for h in draft.held for r in h.resources}
        flags: tuple[object, ...] = (draft.lead is None, *(n in used for n in self.named))
        if self._leads:
            flags += tuple(sorted((o.r, o.reserved, o.step, o.role.role.id) for o in draft.own if o.r in self._leads))
        if not rest:
            return flags
        reach = self._query.reach_of(rest)
        again = sorted((o.r, o.reserved, o.window, o.site, o.role.role.id) for o in draft.own if o.r in reach)
        held = tuple((draft.placed[h.since], h.role, h.until, h.resources) for h in draft.held if h.until >= rest[0])
        return flags, tuple(again), held, tuple(sorted((g, tuple(sorted(b))) for g, b in draft.bound.items()))

    def at(
        self, draft: Draft, i: int, variant: Variant, role: RolePlan, start: int, groups: Iterable[int]
    ) -> Iterable[tuple[int, ...]]:
        """Resources that could fill a role of step `i` at a start: those asked for or preferred, then the least scarce.

        The entries of a role stand in that order; what is equally scarce, in the order of the problem.

        Parameters
        ----------
        groups
            Of roles that the same resources fill; those chosen before bind.
        """
        rows = self._query.occupancy.starts.store.rows
        is_there = (rows[self._slots[role], start >> 6] >> np.uint64(start & 63)) & np.uint64(1)
        options = list(dict.fromkeys(e.r for e, there in zip(role.entries, is_there.tolist(), strict=True) if there))
        if self._rooms[variant] is not None:
            options = [r for r in options if self._goes_with_rooms(draft, i, variant, role, r, start)]
        bound = [draft.bound[g] for g in groups if g in draft.bound]
        if bound:
            same = bound[0]
            is_possible = all(b == same for b in bound) and len(same) == role.role.count and same <= set(options)
            return [tuple(r for r in options if r in same)] if is_possible else []
        if not role.pool.isdisjoint(self.named):
            options.sort(key=lambda r: r not in self.named)
        return combinations(options, role.role.count)

    def _goes_with_rooms(self, draft: Draft, i: int, variant: Variant, role: RolePlan, r: int, start: int) -> bool:
        """Whether a resource goes with a room chosen before, or a room with resources chosen before.

        Only a short cut, for a step that takes place in one room: `Together` has the last word.
        """
        room = self._rooms[variant]
        chosen = [o for o in draft.own if o.step == i and o.role.held is None]
        if role is room:
            return all(self._uses_room(o.role, o.r, start, r) for o in chosen)
        return all(self._uses_room(role, r, start, o.r) for o in chosen if o.role is room)

    def _uses_room(self, role: RolePlan, r: int, start: int, room: int) -> bool:
        resource, name = self._query.problem.resources[r], self._query.problem.resources[room].id
        if isinstance(resource, Equipment) and resource.fixed_in not in (None, name):
            return False
        rows = self._query.occupancy.starts.store.rows
        return any(
            e.r == r and (e.rooms is None or name in e.rooms) and scan.is_set(rows[e.slot], start) for e in role.entries
        )


def matters_later(query: Query, i: int, role: RolePlan) -> bool:
    """Whether who fills a role of step `i` can make a difference to the steps behind it."""
    if role.held is not None or (query.steps[i].step.id, role.role.id) in query.same:
        return True
    return not query.reach_of(query.left_after(i)).isdisjoint(role.resources)


def _deciding_room(query: Query, variant: Variant) -> RolePlan | None:
    """The role of the only room of a step, where others depend on which room it is; else None."""
    rooms = [r for r in variant.roles if r.role.kind is ResourceKind.ROOM]
    if len(rooms) != 1 or rooms[0].role.count != 1:
        return None
    if any(h.role.kind is ResourceKind.ROOM for h in query.service.held):
        return None
    machines = (query.problem.resources[r] for role in variant.roles for r in role.pool)
    is_fixed = any(isinstance(m, Equipment) and m.fixed_in is not None for m in machines)
    return rooms[0] if is_fixed or any(e.rooms is not None for r in variant.roles for e in r.entries) else None
