"""What all orders of a kind have in common, worked out once: who could do their one step where, as tables for `walk`.

A kind is all that decides who could do a step, whenever it may be: the service with needs and modifiers, the site asked
for, whether time kept back is open to it. What changes with bookings are rows of starts; they are looked up again when
a resource has been booked anew. What changes with time (kept-back time and blocks that are released) ends a kind.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.model.columns import NEVER
from engine.model.resource import Equipment, LimitKind, Practitioner, ResourceKind, UseRule
from engine.model.service import Modality
from engine.model.timegrid import epoch_minute
from engine.search import bits, walk
from engine.search.facts import needs_spacing
from engine.search.ownership import Ownership
from engine.search.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from engine.model.ids import ResourceId, RoleId, SiteId
    from engine.model.order import Order
    from engine.model.patient import Patient
    from engine.model.service import RoleUse
    from engine.search.bits import Row
    from engine.search.calendars import Layer
    from engine.search.occupancy import Occupancy
    from engine.search.plans import RolePlan, Variant
    from engine.search.starts import RoleShape

__all__ = ["Kind", "Kinds"]

_MOST_KINDS = 2_000
_MOST_ROOMS = 64
_ALL_ROOMS = (1 << _MOST_ROOMS) - 1


@dataclass(frozen=True, slots=True)
class _Part:
    """The entries of one resource in one role that come from one set of rooms of its sessions.

    Parameters
    ----------
    base
        The rooms that its sessions name; None: any.
    narrowed
        For each entry: its place in the table, and the starts beside which its row is kept; None: all.
    """

    r: int
    shape: RoleShape
    number: int
    base: frozenset[ResourceId] | None
    narrowed: tuple[tuple[int, Row | None], ...]


class Kind:
    """Orders of one kind, where everything about them can be said in tables: see `walk` for their columns.

    Attributes
    ----------
    ways
        Modality, site and ticks of each way to do the step; `table` has a row for each.
    used
        Of each entry (role, resource, first and last tick of the reservation from the start, units, use).
    resource_of
        Whose each entry is.
    n_filled, n_used
        How many entries a visit uses, by variant and at most.
    leads, others
        Whoever could be the lead of each variant, and all who could do something else in one.
    """

    def __init__(self, occupancy: Occupancy, query: Query) -> None:
        self._occupancy, self._now = occupancy, query.now
        self._class, self._is_routine = query.order.patient_class, query.is_routine
        variants = query.steps[0].variants
        self.ways: list[tuple[Modality, SiteId, int]] = [(v.modality, v.site, v.length) for v in variants]
        self.step, self.arrive_min = query.required[0], query.service.arrive_before_min
        self.used: list[tuple[RoleId, ResourceId, int, int, int, RoleUse]] = []
        self.leads: list[frozenset[int]] = []
        self.others: set[int] = set()
        self._parts: dict[int, list[_Part]] = {}
        self._own_slots: list[int] = []
        self._slot_by_place: dict[int, int] = {}
        entries: list[tuple[int, int]] = []
        rooms: list[int] = []
        roles: list[tuple[int, int, int, bool, bool]] = []
        table: list[tuple[int, ...]] = []
        for variant in variants:
            table.append(self._add_variant(query, variant, entries, rooms, roles))
        self.entries = np.array(entries, np.int64).reshape(-1, 2)
        self.rooms = np.array(rooms, np.uint64)
        self.roles = np.array(roles, np.int64).reshape(-1, 5)
        self.table = np.array(table, np.int64).reshape(-1, 11)
        self.resource_of = [r for _, r in entries]
        self.n_filled = [sum(r.role.count for r in v.roles) for v in variants]
        self.n_used = max(self.n_filled, default=0)
        self._resources = np.array(sorted(self._parts), np.int64)
        self._versions = np.full(len(self._resources), -1, np.int64)
        self._n_changes = -1
        self.since, self.until = self._valid()

    # --- making ---------------------------------------------------------------------------------------------------

    def _add_variant(
        self,
        query: Query,
        variant: Variant,
        entries: list[tuple[int, int]],
        rooms: list[int],
        roles: list[tuple[int, int, int, bool, bool]],
    ) -> tuple[int, ...]:
        first = len(roles)
        room = next((k for k, r in enumerate(variant.roles) if r.role.kind is ResourceKind.ROOM), None)
        bit_of: dict[ResourceId, int] = {}
        ownership = Ownership.of(query, variant.roles)
        if room is not None:
            there = [r for r in variant.roles[room].resources if _layers(query, variant.roles[room], r)]
            bit_of = {query.problem.resources[r].id: 1 << j for j, r in enumerate(there)}
        is_decisive = False
        for k, role in enumerate(variant.roles):
            begin = len(entries)
            for r in role.resources:
                for part, allowed in self._parts_of(query, role, r, len(entries), ownership):
                    self._parts.setdefault(r, []).append(part)
                    for names in allowed:
                        entries.append((0, r))
                        is_anywhere = names is None or room is None or k == room
                        rooms.append(_ALL_ROOMS if is_anywhere else sum(bit_of.get(n, 0) for n in names or ()))
                        self.used.append(self._use(query, role, r))
            is_coupled = any(mask != _ALL_ROOMS for mask in rooms[begin:])
            is_decisive |= is_coupled
            roles.append((begin, len(entries), role.role.count, role.role.kind is ResourceKind.ROOM, is_coupled))
        lead = next((k for k, r in enumerate(variant.roles) if r.is_lead), None)
        self.leads.append(frozenset() if lead is None else frozenset(variant.roles[lead].could))
        self.others |= {r for k, role in enumerate(variant.roles) if k != lead for r in role.could}
        site = next(i for i, s in enumerate(query.problem.sites) if s.id == variant.site)
        return (
            first,
            len(roles),
            -1 if lead is None else first + lead,
            first + room if room is not None and is_decisive else -1,
            variant.length,
            self._keep(self._calendar(query, variant)),
            site,
            int(variant.modality is Modality.IN_PERSON),
            self.arrive_min if self.step.is_patient_present else -1,
            0,
            0,
        )

    def _parts_of(
        self, query: Query, role: RolePlan, r: int, place: int, ownership: Ownership | None
    ) -> Iterator[tuple[_Part, list[frozenset[ResourceId] | None]]]:
        """The entries of a resource in a role, from a place in the table on, with the rooms that they go with."""
        shape, resource = role.shape, query.problem.resources[r]
        reserved = shape.reserved(resource, query.occupancy.grid.tick_min)
        mask = query.calendars.privileged(r, role.role.capabilities, shape.site)
        if query.calendars.blocks.is_theatre(r):
            owners = frozenset(o for p in (ownership.owning if ownership else ()) for o in p.resources)
            free = query.calendars.blocks.starts(r, owners, reserved, query.now)
            mask = free if mask is None else mask & free
        for base in dict.fromkeys(layer.rooms for layer in _layers(query, role, r)):
            allowed = base
            if isinstance(resource, Equipment) and resource.fixed_in is not None:
                allowed = frozenset((resource.fixed_in,)) if base is None else base & {resource.fixed_in}
            ways: list[tuple[frozenset[ResourceId] | None, Row | None]] = [(allowed, None)]
            if ownership is not None and ownership.kept and role in ownership.owning:
                ways = list(ownership.ways(r, allowed))
            masks = [_both(mask, row) for _, row in ways]
            narrowed = tuple((place + i, row) for i, row in enumerate(masks))
            place += len(ways)
            number = query.occupancy.starts.number(shape)
            yield _Part(r, shape, number, base, narrowed), [rooms for rooms, _ in ways]

    def _use(self, query: Query, role: RolePlan, r: int) -> tuple[RoleId, ResourceId, int, int, int, RoleUse]:
        resource = query.problem.resources[r]
        lo, hi = role.shape.reserved(resource, self._occupancy.grid.tick_min)
        return role.role.id, resource.id, lo, hi, role.role.units, role.role.use

    def _calendar(self, query: Query, variant: Variant) -> Row:
        """The starts that the site's grid and the step's time of day allow."""
        clock, problem = query.calendars.clock(variant.site), query.problem
        row = clock.on_grid(problem.start_grid_min(variant.site)).copy()
        if self.step.start_window is not None:
            row &= clock.within(self.step.start_window)
        return row

    def _keep(self, row: Row) -> int:
        slot = self._occupancy.starts.store.put(row)
        self._own_slots.append(slot)
        return slot

    def _valid(self) -> tuple[int, int]:
        """Between which epoch minutes nothing is released that the kind may use."""
        minute, calendars = epoch_minute(self._now), self._occupancy.calendars
        instants = [b.release for r in self._parts for b in calendars.blocks.of(r)]
        if self._is_routine:
            instants += [release for r in self._parts for release in calendars.releases(r)]
        return (
            max((i for i in instants if i <= minute), default=-NEVER),
            min((i for i in instants if i > minute), default=NEVER),
        )

    # --- keeping up -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look the rows up again of every resource that has been booked anew."""
        starts = self._occupancy.starts
        if self._n_changes == starts.n_changes:
            return
        now = starts.versions[self._resources]
        for r in self._resources[now != self._versions].tolist():
            for part in self._parts[r]:
                self._look_up(part)
        self._versions, self._n_changes = now, starts.n_changes

    def _look_up(self, part: _Part) -> None:
        starts = self._occupancy.starts
        found = starts.entries(part.r, part.shape, part.number, self._class, self._now, is_routine=self._is_routine)
        slot = next((e.slot for e in found if e.rooms == part.base), 0)
        for place, beside in part.narrowed:
            if beside is None or slot == 0:
                self.entries[place, walk.SLOT] = slot
                continue
            own = self._slot_by_place.get(place)
            if own is None:
                own = self._slot_by_place[place] = self._keep(starts.store.rows[slot])
            np.bitwise_and(starts.store.rows[slot], beside, out=starts.store.rows[own])
            self.entries[place, walk.SLOT] = own

    def drop(self) -> None:
        """Give the rows back that are this kind's own."""
        self._occupancy.starts.store.drop(self._own_slots)
        self._own_slots = []


def _layers(query: Query, role: RolePlan, r: int) -> tuple[Layer, ...]:
    shape = role.shape
    return query.calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)


def _both(one: Row | None, other: Row | None) -> Row | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


class Kinds:
    """The kinds that were asked about, by what makes them; the least recently asked are let go."""

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        self._known: OrderedDict[object, Kind | None] = OrderedDict()
        resources = occupancy.problem.resources
        self._closed = frozenset(r.id for r in resources if isinstance(r, Practitioner) and not r.accepts_new)
        self._has_limits = any(r.limits for r in resources)

    def of(self, order: Order, patient: Patient, now: datetime, *, is_routine: bool) -> Kind | None:
        """The kind of an order, up to date; None where tables cannot say everything."""
        key = (
            order.service,
            order.modifiers,
            order.required_site,
            order.patient_class,
            order.preference.modality,
            is_routine,
            patient.needs,
            frozenset(patient.known_to) & self._closed if self._closed else None,
            tuple(sorted(patient.measures.items())) if self._has_limits else None,
        )
        kind = self._known.get(key)
        if kind is not None and not kind.since <= epoch_minute(now) < kind.until:
            kind.drop()
            del self._known[key]
        if key not in self._known:
            self._known[key] = self._make(order, now)
            if len(self._known) > _MOST_KINDS:
                _, gone = self._known.popitem(last=False)
                if gone is not None:
                    gone.drop()
        else:
            self._known.move_to_end(key)
        kind = self._known[key]
        if kind is not None:
            kind.refresh()
        return kind

    def clear(self) -> None:
        """Let go of all."""
        for kind in self._known.values():
            if kind is not None:
                kind.drop()
        self._known.clear()

    def _make(self, order: Order, now: datetime) -> Kind | None:
        plain = order.model_copy(
            update={
                "required_practitioner": None,
                "conditions": (),
                "prerequisites": (),
                "separations": (),
                "target": None,
                "deadline": None,
                "earliest_start": None,
            }
        )
        with Query(self._occupancy, plain, now=now) as query:
            return Kind(self._occupancy, query) if not query.missing and _is_plain(query) else None


def _is_plain(query: Query) -> bool:
    """Whether a service's visits are of one step that tables can say everything of."""
    if len(query.required) != 1 or query.service.held or query.service.same or query.service.max_span_min is not None:
        return False
    variants = query.steps[0].variants
    zones = {query.problem.zone_of(v.site) for v in variants}
    clock = query.calendars.clock(variants[0].site) if variants else None
    return (
        len(zones) == 1 and clock is not None and clock.halves is not None and all(_can_say(query, v) for v in variants)
    )


def _can_say(query: Query, variant: Variant) -> bool:
    seen: set[int] = set()
    rooms = [r for r in variant.roles if r.role.kind is ResourceKind.ROOM]
    lead = next((r for r in variant.roles if r.is_lead), None)
    if lead is not None and lead.role.count > 1:
        return False
    for role in variant.roles:
        if not seen.isdisjoint(role.resources):
            return False
        seen.update(role.resources)
        if not all(_is_simple(query, role, r, len(rooms)) for r in role.resources):
            return False
    if rooms and (len(rooms) > 1 or rooms[0].role.count > 1 or len(rooms[0].resources) > _MOST_ROOMS):
        return False
    ownership = Ownership.of(query, variant.roles)
    if ownership is not None and ownership.kept and ownership.owning and not ownership.is_of_one_role:
        return False
    return _has_one_length(query, variant)


def _is_simple(query: Query, role: RolePlan, r: int, n_rooms: int) -> bool:
    """Whether a resource's rows say all about it, its room apart."""
    resource, nature = query.problem.resources[r], query.calendars.nature(r)
    if needs_spacing(resource) or nature.has_breaks or any(i.kind is LimitKind.AGE_YEARS for i in resource.limits):
        return False
    has_blocks = bool(query.calendars.blocks.of(r))
    if query.calendars.blocks.is_theatre(r) and role.role.kind is not ResourceKind.ROOM:
        return False
    if has_blocks and isinstance(resource, Practitioner) and resource.use is UseRule.WHEN_OPEN:
        return False
    names_rooms = any(layer.rooms is not None for layer in _layers(query, role, r))
    is_fixed = isinstance(resource, Equipment) and resource.fixed_in is not None
    if (names_rooms or is_fixed) and n_rooms == 1 and role.role.count > 1:
        return False
    if names_rooms and role.role.kind is ResourceKind.ROOM:
        return False
    if names_rooms and has_blocks and _block_meets_session(query, role, r):
        return False
    return not (n_rooms > 1 and (names_rooms or is_fixed))


def _block_meets_session(query: Query, role: RolePlan, r: int) -> bool:
    """Whether an own block overlaps a session that names a room: then the rows would leave the room open."""
    n, blocks = query.occupancy.n_ticks, bits.make(query.occupancy.n_ticks)
    for b in query.calendars.blocks.of(r):
        bits.set_range(blocks, *b.touched, n)
    return any(layer.rooms is not None and bool((layer.row & blocks).any()) for layer in _layers(query, role, r))


def _has_one_length(query: Query, variant: Variant) -> bool:
    """Whether whoever is in the pools of a variant takes just as long as it says, whoever the others are."""
    duration = query.required[0].duration
    if duration is None:
        return False
    own = {**duration.by_practitioner, **duration.by_equipment}
    resources, ticks = query.problem.resources, query.occupancy.grid.ticks
    extra = sum(duration.by_modifier.get(m, 0) for m in query.order.modifiers)
    deciding = [r for r in variant.roles if any(resources[i].id in own for i in r.resources)]
    if not deciding:
        return variant.length == ticks(max(1, duration.minutes + extra))
    if len(deciding) > 1 or deciding[0].role.count > 1:
        return False
    minutes = [own.get(resources[i].id, duration.minutes) + extra for i in deciding[0].resources]
    return all(ticks(max(1, m)) == variant.length for m in minutes)
