"""Where one way to do a step could start, by bits: AND inside each value that couples its roles, OR outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.model.resource import Equipment, ResourceKind
from engine.search import bits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from engine.model.ids import ResourceId
    from engine.search.bits import Row
    from engine.search.plans import Variant
    from engine.search.query import Query
    from engine.search.starts import Entry

__all__ = ["any_role_of", "has_any_role", "variant_row"]


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


def has_any_role(variant: Variant, r: int) -> bool:
    """Whether a resource could fill one of the roles of a variant at some time."""
    is_there = variant.meeting is not None and r in variant.meeting.resources
    return is_there or any(r in role.pool for role in variant.roles)


def any_role_of(query: Query, variant: Variant, r: int) -> Row:
    """The starts at which a resource could fill one of the roles of a variant; a new row."""
    if variant.meeting is not None:
        row = bits.make(query.occupancy.n_ticks)
        if r in variant.meeting.resources:
            bits.fill(query.occupancy.n_ticks, row)
        return row
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
        bits.and_(row, any_role_of(query, variant, asked))
