"""Where an order could start, by bits alone: never too few starts, and few too many.

AND over the roles of the OR over their pools is not exact where a value couples roles: the site (a variant each), the
room that equipment is fixed in or a session names, the same resource in several steps. There it is AND inside each
value and OR outside. What bits cannot say (two roles that want one resource, a block's owner among several
practitioners, resources held over the real stretch) is left to `confirm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.search import bits, morphology
from engine.search.anyorder import find_in_any_order, reaching_any
from engine.search.variantrows import any_role_of, has_any_role, variant_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.search.bits import Row
    from engine.search.plans import Variant
    from engine.search.query import Query

__all__ = ["find_candidates", "starts_led", "starts_with", "variant_row"]


def find_candidates(query: Query) -> Row:
    """The starts of the whole visit as far as bits can say.

    Also sets the row of every variant to the starts from which the steps behind it can follow.
    """
    for step in query.steps:
        for variant in step.variants:
            variant.row = variant_row(query, variant)
    if query.is_any_order:
        return find_in_any_order(query)
    first = _chain(query, [[v.row for v in s.variants] for s in query.steps], keep=True)
    for group in range(len(query.service.same)):
        chains = _same(query, group)
        if chains is None:
            continue
        for i, step in enumerate(query.steps):
            for j, variant in enumerate(step.variants):
                of_any = [chain[i][j] for chain in chains.values()]
                bits.and_(variant.row, np.bitwise_or.reduce([bits.make(query.occupancy.n_ticks), *of_any]))
        bits.and_(first, np.bitwise_or.reduce([v.row for v in query.steps[0].variants]))
        if len(query.service.same) == 1:
            query.chains = chains
    for variant in query.steps[0].variants if query.steps else ():
        bits.and_(variant.row, first)
    return first


def starts_with(query: Query, r: int) -> Row:
    """The starts from which a visit could have a resource in one of its roles. After `find_candidates`."""
    found = bits.make(query.occupancy.n_ticks)
    if query.is_any_order:
        return reaching_any(query, lambda _, v: any_role_of(query, v, r) if has_any_role(v, r) else None)
    rows = [[v.row for v in s.variants] for s in query.steps]
    for i, step in enumerate(query.steps):
        if any(has_any_role(v, r) for v in step.variants):
            with_it = [v.row & any_role_of(query, v, r) for v in step.variants]
            bits.or_(found, _chain(query, [*rows[:i], with_it, *rows[i + 1 :]]))
    return found


def starts_led(query: Query, by_variant: Sequence[Row], without: frozenset[int | None]) -> Row:
    """The starts from which a visit could be led by somebody who is wanted. After `find_candidates`.

    Parameters
    ----------
    by_variant
        Starts of each variant of the step that decides the lead at which somebody who is wanted leads it.
    without
        Who is not wanted.
    """
    lead_step = query.lead_step or 0
    if query.is_any_order:
        rows_led = dict(zip(query.steps[lead_step].variants, by_variant, strict=True))
        return reaching_any(query, lambda i, v: rows_led[v] if i == lead_step else None)
    rows = [[v.row for v in s.variants] for s in query.steps]
    found = _chain(query, [*rows[:lead_step], by_variant, *rows[lead_step + 1 :]])
    step = query.steps[lead_step]
    leads = [None if v.lead is None else v.roles[v.lead].role.id for v in step.variants]
    if all((step.step.id, lead) in query.same for lead in leads if lead is not None) and None not in leads:
        others = [row for r, chain in query.chains.items() if r not in without for row in chain[0]]
        if query.chains:
            bits.and_(found, np.bitwise_or.reduce([bits.make(query.occupancy.n_ticks), *others]))
    return found


# --- chains -------------------------------------------------------------------------------------------------------


def _chain(query: Query, rows: Sequence[Sequence[Row]], *, keep: bool = False) -> Row:
    """The starts of the first step from which every later one can follow; a new row.

    Parameters
    ----------
    rows
        Starts of each variant of each step.
    keep
        Whether the rows are narrowed in place to what can be followed.
    """
    n_ticks = query.occupancy.n_ticks
    following: Row | None = None
    for i in range(len(query.steps) - 1, -1, -1):
        here = bits.make(n_ticks)
        for variant, given in zip(query.steps[i].variants, rows[i], strict=True):
            row = given
            if following is not None:
                row = given & _reaching(query, i, variant, following)
                if keep:
                    given[:] = row
            bits.or_(here, row)
        following = here
    return bits.make(n_ticks) if following is None else following


def _reaching(query: Query, i: int, variant: Variant, following: Row) -> Row:
    """The starts of step `i` after which a start of the next step is in reach; a new row."""
    n_ticks = query.occupancy.n_ticks
    first, last = query.reach(i, variant.length)
    if query.service.is_same_day and query.has_one_zone:
        corridor = query.calendars.clock(variant.site).same_day_as_next
        return morphology.dilated_through(following, corridor, first, last, n_ticks)
    return morphology.dilated(following, first, last, n_ticks)


def _same(query: Query, group: int) -> dict[int, list[list[Row]]] | None:
    """For each resource that could fill all roles of a group: starts of each variant of each step from which it can.

    None where that cannot be said of resources one by one.
    """
    wanted = {(ref.step, ref.role) for ref in query.service.same[group].roles}
    places = [
        [[k for k, r in enumerate(v.roles) if (s.step.id, r.role.id) in wanted] for v in s.variants]
        for s in query.steps
    ]
    roles = [
        v.roles[k]
        for s, by_variant in zip(query.steps, places, strict=True)
        for v, found in zip(s.variants, by_variant, strict=True)
        for k in found
    ]
    if not roles or any(r.role.count > 1 for r in roles) or query.meetings:
        return None
    chains: dict[int, list[list[Row]]] = {}
    for r in sorted(frozenset().union(*(role.pool for role in roles))):
        chains[r] = [
            [
                v.row & variant_row(query, v, {k: frozenset((r,)) for k in found}) if found else v.row.copy()
                for v, found in zip(s.variants, by_variant, strict=True)
            ]
            for s, by_variant in zip(query.steps, places, strict=True)
        ]
        _chain(query, chains[r], keep=True)
    return chains
