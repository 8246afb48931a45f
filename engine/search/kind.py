"""What all orders of a kind have in common, worked out once: who could do their steps where, as tables.

`walk` reads them for one step, `chain` for several. A kind is all that decides who could do a step, whenever it may be:
the service with needs and modifiers, the site asked for, whether time kept back is open to it. What changes with
bookings are rows of starts, which follow them in place; only where the rows of a resource were dropped are they looked
up again. What changes with time (kept-back time and blocks that are released) ends a kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np

from engine.model.columns import NEVER
from engine.model.resource import Equipment, ResourceKind
from engine.model.service import Modality
from engine.model.timegrid import epoch_minute
from engine.search import bits, tables
from engine.search.between import is_led, ticks_between
from engine.search.choices import matters_later
from engine.search.ownership import Ownership
from engine.search.plain import layers_of
from engine.search.plans import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from engine.model.ids import ResourceId, RoleId, SiteId
    from engine.model.service import RoleUse
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query
    from engine.search.starts import RoleShape

__all__ = ["Kind", "in_words"]

_WORD = (1 << 64) - 1
_ALL_ROOMS = -1
"""As a number whose bits are rooms."""


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
    """Orders of one kind, where everything about them can be said in tables: see `tables` for their columns.

    Attributes
    ----------
    variants
        The ways to do each step as the query plans them; their rows of starts are not kept up to date.
    ways
        Step, modality, site and ticks of each way to do a step; `table` has a row for each.
    steps, orders, led, lead_of, between, n_rows
        Of a bundle, what `chain` asks for beside; steps free in order come twice, as the first and as a later one.
    later_steps, unled_steps
        The rows of `steps` that nobody begins with, and those in which the visit's lead does nothing.
    used
        Of each entry (role, resource, first and last tick of the reservation from the start, units, use).
    resource_of
        Whose each entry is.
    n_filled, n_used
        How many entries a visit uses, by variant and at most.
    leads, pools, others
        Of each variant in which the visit's lead does something, whoever could be the lead, and those of them to whom
        the patient may go; and all who could do something else.
    """

    def __init__(self, occupancy: Occupancy, query: Query) -> None:
        self._occupancy, self._now = occupancy, query.now
        self._class, self._is_routine = query.order.patient_class, query.is_routine
        self.ways: list[tuple[int, Modality, SiteId, int]] = []
        self.variants: list[Variant] = []
        self.step, self.arrive_min = query.required[0], query.service.arrive_before_min
        self.used: list[tuple[RoleId, ResourceId, int, int, int, RoleUse]] = []
        self.leads: list[frozenset[int]] = []
        self.pools: list[frozenset[int]] = []
        self.others: set[int] = set()
        self._parts: dict[int, list[_Part]] = {}
        self._own_slots: list[int] = []
        self._led = {i for i in range(len(query.steps)) if is_led(query, i)}
        self._narrowed: dict[int, tuple[int, int]] = {}
        entries: list[tuple[int, int]] = []
        rooms: list[int] = []
        roles: list[tuple[int, int, int, bool, bool, bool]] = []
        table: list[tuple[int, ...]] = []
        steps: list[tuple[int, ...]] = []
        self.n_filled: list[int] = []
        done: list[tuple[int, Variant]] = []
        for turn in (Turn.FIRST, Turn.LATER) if query.is_any_order else (None,):
            for i, step in enumerate(query.steps):
                first = len(table)
                for variant in step.variants:
                    if variant.turn is turn:
                        self.variants.append(variant)
                        table.append(self._add_variant(query, i, variant, entries, rooms, roles))
                        self.n_filled.append(sum(r.role.count for r in variant.roles))
                        done.append((i, variant))
                low, high = (0, None) if query.is_any_order else step.gap
                steps.append((first, len(table), low, tables.FAR if high is None else high, i in self._led))
        self.steps = np.array(steps, np.int64)
        self.orders = self._orders(query)
        self.between = ticks_between(query, done)
        self.later_steps = [s for s in range(len(steps)) if s not in self.orders[:, 0]]
        self.unled_steps = [s for s, step in enumerate(steps) if not step[tables.IS_LED]]
        self.is_led_by_way = [i in self._led for i, *_ in self.ways]
        self.entries = np.array(entries, np.int64).reshape(-1, 2)
        self.rooms = in_words(rooms)
        self.roles = np.array(roles, np.int64).reshape(-1, 6)
        self.table = np.array(table, np.int64).reshape(-1, 12)
        self.resource_of = [r for _, r in entries]
        self.n_used = sum(max(self.n_filled[first:stop], default=0) for first, stop, *_ in steps)
        self.lead_of, self.led, self.n_rows = self._led_rows()
        self._resources = np.array(sorted(self._parts), np.int64)
        self._versions = np.full(len(self._resources), -1, np.int64)
        self._n_changes = -1
        self.since, self.until = self._valid()

    @cached_property
    def reserved(self) -> NDArray[np.int64]:
        """Of each entry the first and last tick of the reservation from the start, half-open, shape `(entries, 2)`."""
        return np.array([use[2:4] for use in self.used], np.int64).reshape(-1, 2)

    @cached_property
    def could_lead(self) -> frozenset[int]:
        """Whoever may be the visit's lead."""
        return frozenset().union(*self.pools)

    # --- making ---------------------------------------------------------------------------------------------------

    def _add_variant(
        self,
        query: Query,
        i: int,
        variant: Variant,
        entries: list[tuple[int, int]],
        rooms: list[int],
        roles: list[tuple[int, int, int, bool, bool, bool]],
    ) -> tuple[int, ...]:
        first = len(roles)
        room = next((k for k, r in enumerate(variant.roles) if r.role.kind is ResourceKind.ROOM), None)
        bit_of: dict[ResourceId, int] = {}
        ownership = Ownership.of(query, variant.roles)
        if room is not None:
            there = [r for r in variant.roles[room].resources if layers_of(query, variant.roles[room], r)]
            bit_of = {query.problem.resources[r].id: 1 << j for j, r in enumerate(there)}
        is_first = [matters_later(query, i, role) for role in variant.roles]
        is_room_decisive = False
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
            is_room_decisive |= is_coupled
            is_room = role.role.kind is ResourceKind.ROOM
            roles.append((begin, len(entries), role.role.count, is_room, is_coupled, is_first[k]))
        lead = variant.lead
        has_lead = i in self._led and lead is not None
        self.ways.append((i, variant.modality, variant.site, variant.length))
        leads = variant.roles[lead] if has_lead and lead is not None else None
        self.leads.append(frozenset() if leads is None else leads.could)
        self.pools.append(frozenset() if leads is None else frozenset(leads.resources))
        self.others |= {r for k, role in enumerate(variant.roles) if k != lead or not has_lead for r in role.could}
        site = next(i for i, s in enumerate(query.problem.sites) if s.id == variant.site)
        return (
            first,
            len(roles),
            -1 if lead is None else first + lead,
            first + room if room is not None and is_room_decisive else -1,
            variant.length,
            self._keep(self._calendar(query, i, variant)),
            site,
            int(variant.modality is Modality.IN_PERSON),
            self._arrive_min(query, i, variant),
            lead is not None and is_first[lead],
            0,
            0,
        )

    def _arrive_min(self, query: Query, i: int, variant: Variant) -> int:
        """How many minutes before a step the patient arrives; below 0: not at all."""
        present = [j for j, step in enumerate(query.required) if step.is_patient_present]
        if i not in present:
            return -1
        is_first = variant.turn is Turn.FIRST if query.is_any_order else i == present[0]
        return query.service.arrive_before_min if is_first else 0

    def _orders(self, query: Query) -> NDArray[np.int64]:
        """Each order in which the steps may be done, as rows of `steps`."""
        n = len(query.steps)
        if not query.is_any_order:
            return np.arange(n).reshape(1, n)
        return np.array([(p[0], *(n + i for i in p[1:])) for p in permutations(range(n))], np.int64)

    def _led_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Who could lead a visit, -1: nobody; for each of them and each variant the entries, and the row; how many."""
        first_of: dict[int, dict[int, tuple[int, int]]] = {}
        for v, (i, *_) in enumerate(self.ways):
            if i in self._led:
                lead = int(self.table[v, tables.LEAD])
                if lead < 0:
                    first_of.setdefault(-1, {})[v] = 0, 1
                for e in range(*self.roles[lead, : tables.STOP_ENTRY + 1].tolist()) if lead >= 0 else ():
                    of_lead = first_of.setdefault(self.resource_of[e], {})
                    of_lead[v] = of_lead.get(v, (e, e))[0], e + 1
        n_rows = len(self.ways)
        self.table[:, tables.ROW] = np.arange(n_rows)
        found = np.full((max(1, len(first_of)), len(self.ways), 3), -1, np.int64)
        for k, of_lead in enumerate(first_of.values()):
            for v, (first, stop) in of_lead.items():
                found[k, v] = first, stop, n_rows
                n_rows += 1
        return np.array(list(first_of) or [-1], np.int64), found, n_rows

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
        for base in dict.fromkeys(layer.rooms for layer in layers_of(query, role, r)):
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

    def _calendar(self, query: Query, i: int, variant: Variant) -> Row:
        """The starts that the step's time of day allows and, of the first step, the site's grid."""
        clock, window = query.calendars.clock(variant.site), query.required[i].start_window
        row = bits.make(query.occupancy.n_ticks)
        if i == 0 or query.is_any_order:
            row |= clock.on_grid(query.problem.start_grid_min(variant.site))
        else:
            bits.fill(query.occupancy.n_ticks, row)
        if window is not None:
            row &= clock.within(window)
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
        """Look the rows up again of every resource whose rows have been dropped; the others follow the bookings."""
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
            self._narrowed.pop(place, None)  # dropped with the rows of the resource
            own = slot
            if beside is not None and slot != 0:
                own = starts.store.narrow(part.r, slot, beside)
                if own != 0:
                    self._narrowed[place] = part.r, own
            self.entries[place, tables.SLOT] = own

    def drop(self) -> None:
        """Give the rows back that are this kind's own."""
        starts = self._occupancy.starts
        is_current = dict(
            zip(self._resources.tolist(), starts.versions[self._resources] == self._versions, strict=True)
        )
        for r, slot in self._narrowed.values():
            if is_current[r]:
                starts.store.leave(r, slot)
        starts.store.drop(self._own_slots)
        self._own_slots, self._narrowed = [], {}


def _both(one: Row | None, other: Row | None) -> Row | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def in_words(masks: Sequence[int]) -> NDArray[np.uint64]:
    """Numbers as rows of bits, shape `(masks, words)`; of -1 all are set."""
    n_words = max(1, -(-max((m.bit_length() for m in masks), default=0) // 64))
    return np.array([[m >> 64 * w & _WORD for w in range(n_words)] for m in masks], np.uint64).reshape(-1, n_words)
