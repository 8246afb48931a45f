"""Steps free in order, by bits: from which starts of a step those that are left can follow, whatever their order.

A dynamic program over the sets of steps that are left, as for the shortest round trip (Held and Karp, 1962): what can
follow depends on which steps are left, not on the order of those before. Steps without the patient may overlap others;
where they stand between two steps with the patient, the rows know only of neighbours, and `confirm` of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search import bits, morphology
from engine.search.plans import Turn
from engine.search.variantrows import variant_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.search.bits import Row
    from engine.search.plans import Variant
    from engine.search.query import Query

__all__ = ["AnyOrder", "find_in_any_order", "reaching_any"]

_MOST = 8
"""Sets of so many steps are worked out exactly; of larger ones each step by itself must be in reach."""


class AnyOrder:
    """Starts of one query whose steps are free in order.

    Parameters
    ----------
    rows
        Starts of each variant of each step; None: the variants' own.
    """

    def __init__(self, query: Query, rows: Callable[[Variant], Row] | None = None) -> None:
        self._query = query
        self._row = rows or (lambda v: v.row)
        self._united: dict[frozenset[int], tuple[Row, Row]] = {}
        self._after: dict[tuple[object, ...], Row] = {}

    def first(self) -> Row:
        """The starts of the whole visit, whichever step comes first; a new row."""
        found = bits.make(self._query.occupancy.n_ticks)
        for i, variant in self._query.first_ways:
            bits.or_(found, self.of_first(i, variant))
        return found

    def of_first(self, i: int, variant: Variant) -> Row:
        """The starts of a variant that begins the visit from which all other steps can follow; a new row."""
        rest = tuple(j for j in range(len(self._query.steps)) if j != i)
        return self._row(variant) & self.after(i, variant, rest)

    def after(self, i: int, variant: Variant, rest: Sequence[int]) -> Row:
        """The starts of step `i` after which the steps in `rest` can follow. Not to be written to."""
        query, left = self._query, frozenset(rest)
        key = (query.costs.is_present(i), variant.length, query.problem.zone_of(variant.site), left)
        known = self._after.get(key)
        if known is None:
            known = self._after[key] = self._reaching(i, variant, left)
        return known

    def _reaching(self, i: int, variant: Variant, left: frozenset[int]) -> Row:
        query = self._query
        n_ticks = query.occupancy.n_ticks
        row = bits.make(n_ticks)
        if len(left) > _MOST or not left:
            bits.fill(n_ticks, row)
            for j in left:
                bits.and_(row, self.after(i, variant, (j,)))
            return row
        with_patient, without = self._unite(left)
        last = n_ticks
        if query.service.max_span_min is not None:
            last = query.service.max_span_min // query.occupancy.grid.tick_min - query.least_of(left)
        for following, first in ((with_patient, variant.length), (without, 0)):
            first = first if query.costs.is_present(i) else 0
            if first > last or not following.any():
                continue
            if query.service.is_same_day and query.has_one_zone:
                corridor = query.calendars.clock(variant.site).same_day_as_next
                bits.or_(row, morphology.dilated_through(following, corridor, first, last, n_ticks))
            else:
                bits.or_(row, morphology.dilated(following, first, last, n_ticks))
        return row

    def _unite(self, left: frozenset[int]) -> tuple[Row, Row]:
        """The starts at which the steps in `left` can begin: with one that has the patient, with one that has not."""
        known = self._united.get(left)
        if known is None:
            n_ticks = self._query.occupancy.n_ticks
            known = self._united[left] = bits.make(n_ticks), bits.make(n_ticks)
            for i in left:
                for variant in self._query.steps[i].variants:
                    if variant.turn is Turn.LATER:
                        row = self._row(variant) & self.after(i, variant, tuple(left - {i}))
                        bits.or_(known[not self._query.costs.is_present(i)], row)
        return known


def find_in_any_order(query: Query) -> Row:
    """The starts of a visit whose steps are free in order; sets the rows of the ways to begin it."""
    query.any_order = AnyOrder(query)
    for i, variant in query.first_ways:
        variant.row = query.any_order.of_first(i, variant)
    first = query.any_order.first()
    for group in range(len(query.service.same)):
        of_any = bits.make(query.occupancy.n_ticks)
        for rows in _same_in_any_order(query, group):
            bits.or_(of_any, AnyOrder(query, rows.__getitem__).first())
        bits.and_(first, of_any)
    for variant in query.first_variants:
        bits.and_(variant.row, first)
    return first


def _same_in_any_order(query: Query, group: int) -> Iterator[dict[Variant, Row]]:
    """For each resource that could fill all roles of a group: starts of every variant at which it does."""
    wanted = {(ref.step, ref.role) for ref in query.service.same[group].roles}
    places = {
        v: [k for k, r in enumerate(v.roles) if (s.step.id, r.role.id) in wanted]
        for s in query.steps
        for v in s.variants
    }
    roles = [v.roles[k] for v, found in places.items() for k in found]
    if not roles or any(r.role.count > 1 for r in roles) or query.meetings:
        yield {v: v.row for v in places}
        return
    for r in sorted(frozenset().union(*(role.pool for role in roles))):
        yield {
            v: v.row & variant_row(query, v, {k: frozenset((r,)) for k in found}) if found else v.row
            for v, found in places.items()
        }


def reaching_any(query: Query, narrowed: Callable[[int, Variant], Row | None]) -> Row:
    """The starts of a visit, steps free in order, from which one of some starts of its steps is in reach; a new row.

    Parameters
    ----------
    narrowed
        Of a step and a way to do it, the starts that count; None: none.
    """
    n_ticks = query.occupancy.n_ticks
    begun, later = bits.make(n_ticks), bits.make(n_ticks)
    for step in query.steps:
        for variant in step.variants:
            row = narrowed(step.index, variant)
            if row is not None:
                bits.or_(begun if variant.turn is Turn.FIRST else later, variant.row & row)
    span = query.service.max_span_min
    last = n_ticks if span is None else span // query.occupancy.grid.tick_min
    first = np.bitwise_or.reduce([begun, *(v.row for v in query.first_variants)])
    bits.and_(first, morphology.dilated(later, 0, last, n_ticks))
    bits.or_(begun, first)
    return begun
