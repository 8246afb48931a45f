"""Where an order could start, by bits alone: never too few starts, and few too many.

AND over the roles of the OR over their pools is not exact where a value couples roles: the site (a variant each), the
room that equipment is fixed in or a session names, the same resource in several steps. There it is AND inside each
value and OR outside. What bits cannot say (two roles that want one resource, a block's owner among several
practitioners, resources held over the real stretch) is left to `confirm`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import Equipment, ResourceKind
from engine.search import bits, morphology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.model.ids import ResourceId
    from engine.search.bits import Row
    from engine.search.plans import Variant
    from engine.search.query import Query
    from engine.search.starts import Entry

__all__ = ["find_candidates", "starts_led", "starts_with", "variant_row"]


def find_candidates(query: Query) -> Row:
    """The starts of the whole visit as far as bits can say.

    Also sets the row of every variant to the starts from which the steps behind it can follow.
    """
    for step in query.steps:
        for variant in step.variants:
            variant.row = variant_row(query, variant)
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
    rows = [[v.row for v in s.variants] for s in query.steps]
    for i, step in enumerate(query.steps):
        if any(r in role.pool for v in step.variants for role in v.roles):
            with_it = [v.row & _any_role_of(query, v, r) for v in step.variants]
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
    rows = [[v.row for v in s.variants] for s in query.steps]
    found = _chain(query, [*rows[:lead_step], by_variant, *rows[lead_step + 1 :]])
    step = query.steps[lead_step]
    leads = [None if v.lead is None else v.roles[v.lead].role.id for v in step.variants]
    if all((step.step.id, lead) in query.same for lead in leads if lead is not None) and None not in leads:
        others = [row for r, chain in query.chains.items() if r not in without for row in chain[0]]
        if query.chains:
            bits.and_(found, np.bitwise_or.reduce([bits.make(query.occupancy.n_ticks), *others]))
    return found


def variant_row(query: Query, variant: Variant, only: Mapping[int, frozenset[int]] | None = None) -> Row:
    """The starts of one variant of a step; a new row.

    Parameters
    ----------
    only
        Which resources alone may fill a role, by its place among the variant's roles.
    """
    if variant.is_hopeless:
        return bits.make(query.occupancy.n_ticks)
    entries = [
        tuple(e for e in role.entries if only is None or k not in only or e.r in only[k])
        for k, role in enumerate(variant.roles)
    ]
    row = variant.allowed.copy()
    for asked in query.asked:
        _ask_for(query, variant, asked, entries, row)
    room = _deciding_room(query, variant)
    if room is None:
        for role, pool in zip(variant.roles, entries, strict=True):
            bits.and_(row, _pool_row(query, pool, role.role.count))
        return row
    found = bits.make(query.occupancy.n_ticks)
    others = [(role.role.count, *_by_room(query, entries[k])) for k, role in enumerate(variant.roles) if k != room]
    for count, anywhere, by_room in others:
        if not by_room:  # the same for every room
            bits.and_(row, _pool_row(query, anywhere, count))
    for here in entries[room]:
        name = query.problem.resources[here.r].id
        inside = query.occupancy.starts.store.rows[here.slot] & row
        for count, anywhere, by_room in others:
            if by_room:
                bits.and_(inside, _pool_row(query, (*anywhere, *by_room.get(name, ())), count))
        bits.or_(found, inside)
    return found


def _deciding_room(query: Query, variant: Variant) -> int | None:
    """The role whose room the others may depend on: the only one of kind room, for one room; else None."""
    rooms = [k for k, r in enumerate(variant.roles) if r.role.kind is ResourceKind.ROOM]
    is_plain = len(rooms) == 1 and variant.roles[rooms[0]].role.count == 1
    if is_plain and not any(h.role.kind is ResourceKind.ROOM for h in query.service.held):
        return rooms[0]
    return None


def _by_room(query: Query, entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], dict[ResourceId, list[Entry]]]:
    """Entries that go with every room, and those that go with some, by room."""
    anywhere: list[Entry] = []
    by_room: dict[ResourceId, list[Entry]] = {}
    for entry in entries:
        resource = query.problem.resources[entry.r]
        rooms = entry.rooms
        if isinstance(resource, Equipment) and resource.fixed_in is not None:
            rooms = frozenset((resource.fixed_in,)) if rooms is None else rooms & {resource.fixed_in}
        if rooms is None:
            anywhere.append(entry)
        for room in rooms or ():
            by_room.setdefault(room, []).append(entry)
    return tuple(anywhere), by_room


def _pool_row(query: Query, entries: Sequence[Entry], count: int) -> Row:
    """The starts at which at least `count` different resources are there; a new row."""
    n_ticks, rows = query.occupancy.n_ticks, query.occupancy.starts.store.rows
    out = bits.make(n_ticks)
    if count == 1:
        bits.or_rows(rows, np.array([e.slot for e in entries], np.int64), out)
        return out
    of: dict[int, list[int]] = {}
    for e in entries:
        of.setdefault(e.r, []).append(e.slot)
    if len(of) < count:
        return out
    united = np.array([np.bitwise_or.reduce(rows[slots]) for slots in of.values()])
    return bits.at_least(united, count, n_ticks)


def _any_role_of(query: Query, variant: Variant, r: int) -> Row:
    return _pool_row(query, [e for role in variant.roles for e in role.entries if e.r == r], 1)


def _ask_for(query: Query, variant: Variant, asked: int, entries: list[tuple[Entry, ...]], row: Row) -> None:
    """Leave the starts at which a practitioner who is asked for does what they can do of the step."""
    could = [
        k for k, role in enumerate(variant.roles) if role.is_treating and role.held is None and asked in role.could
    ]
    if not could:
        return
    places = [k for k, role in enumerate(variant.roles) if asked in role.could]
    if len(places) == 1 and variant.roles[places[0]].role.count == 1:
        entries[places[0]] = tuple(e for e in entries[places[0]] if e.r == asked)
    else:
        bits.and_(row, _any_role_of(query, variant, asked))


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
    if not roles or any(r.role.count > 1 for r in roles):
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
