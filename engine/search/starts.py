"""At which starts of a step a resource can fill a role: one row of bits per resource, kept up as it is booked.

The rows live in one matrix; a pool is an array of row numbers into it. Whatever a resource's own calendar and bookings
say is in its row: opening hours, sessions, kept-back time, lanes, buffers, quotas, travel, changeover. What depends on
the other resources of the step, or on the patient, is not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.model.ids import ServiceId
from engine.model.resource import Practitioner, ResourceKind
from engine.model.service import RoleUse
from engine.search import bits, morphology
from engine.search.facts import needs_spacing
from engine.search.quotas import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.model.ids import ResourceId, SiteId, Tag
    from engine.model.resource import Resource
    from engine.model.service import Role
    from engine.model.session import PatientClass
    from engine.search.bits import Row
    from engine.search.occupancy import Occupancy

__all__ = ["Entry", "RoleShape", "Starts"]

_MAX_BYTES = 48 << 20
"""Of rows kept; beyond it they are dropped and made again as they are asked for."""


@dataclass(frozen=True, slots=True)
class RoleShape:
    """What of a role and its step decides when a resource can fill it. Ticks from the step's start, half-open.

    Parameters
    ----------
    window
        Time of use, buffers apart.
    is_in_person
        Whether the step is; of a practitioner it decides whether the site matters.
    """

    service: ServiceId
    site: SiteId
    is_in_person: bool
    kind: ResourceKind
    use: RoleUse
    units: int
    window: tuple[int, int]
    setup_min: int
    cleanup_min: int
    tag: Tag | None

    def reserved(self, resource: Resource, tick_min: int) -> tuple[int, int]:
        """The reservation of a resource: the window, and the buffers unless the resource's buffers overlap."""
        if resource.buffers == "overlap":
            return self.window
        before = -(-(self.setup_min + resource.setup_min) // tick_min)
        after = -(-(self.cleanup_min + resource.cleanup_min) // tick_min)
        return self.window[0] - before, self.window[1] + after


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of a pool with one of its rows.

    Parameters
    ----------
    r
        Row number of the resource in the problem.
    slot
        Row number of its starts in the store.
    rooms
        Of a session that names rooms: the step must use one of these; None: any.
    """

    r: int
    slot: int
    rooms: frozenset[ResourceId] | None


class Starts:
    """Rows of starts of an occupancy's resources."""

    def __init__(self, occupancy: Occupancy) -> None:
        self._occupancy = occupancy
        self.store = occupancy.followed
        self.n_changes = 0
        """How often the rows of a resource have been dropped; what is booked changes rows in place."""
        self.versions = np.zeros(len(occupancy.problem.resources), np.int64)
        """The same by resource; the number of every row that was dropped is another's."""
        self._shapes: dict[RoleShape, int] = {}
        self._anywhere: dict[int, int] = {}
        self._entries: dict[int, dict[tuple[int, PatientClass | None, int], tuple[Entry, ...]]] = {}
        self._sites: dict[int, set[SiteId]] = {}
        self._inside: dict[tuple[int, int], Row] = {}

    def forget(self, r: int) -> None:
        """Drop the rows of a resource."""
        if self._entries.pop(r, None) is not None:
            self.n_changes += 1
            self.versions[r] += 1
            self.store.forget(r)
            self._sites.pop(r, None)

    def use(self, r: int, site: SiteId) -> None:
        """Drop the rows of a resource in which more changes with a use at a site than where it is free.

        Its changeovers; and, of a practitioner with rows for other sites, the way there.
        """
        sites = self._sites.get(r)
        is_elsewhere = sites is not None and (len(sites) > 1 or site not in sites)
        if is_elsewhere or r in self._kept_apart:
            self.forget(r)

    @cached_property
    def _kept_apart(self) -> frozenset[int]:
        return frozenset(r for r, resource in enumerate(self._occupancy.problem.resources) if needs_spacing(resource))

    def make_room(self) -> bool:
        """Drop all rows when they have become too many, and say so. Not while a query holds row numbers."""
        is_full: bool = self.store.n_used * self.store.rows.shape[1] * 8 > _MAX_BYTES
        for r in list(self._entries) if is_full else ():
            self.forget(r)
        return is_full

    def number(self, shape: RoleShape) -> int:
        """The number by which `entries` knows a shape."""
        return self._shapes.setdefault(shape, len(self._shapes))

    def entries(
        self, r: int, shape: RoleShape, number: int, patient_class: PatientClass, now: datetime, *, is_routine: bool
    ) -> tuple[Entry, ...]:
        """The starts at which a resource can fill a role, one entry for each set of rooms its sessions name.

        Parameters
        ----------
        shape, number
            The role, and its number.
        now
            Kept-back time that is released by then is open to routine visits.
        """
        since, kept = self._occupancy.calendars.kept(r, now) if is_routine else (0, None)
        # Rows that cannot differ are shared: where nothing is kept back, without class quotas, without sessions.
        key = (
            number if self._occupancy.calendars.nature(r).is_scheduled else self._number_anywhere(shape, number),
            patient_class if len(self._occupancy.quotas.classes) else None,
            0 if kept is None else since,
        )
        known = self._entries.setdefault(r, {})
        if key not in known:
            known[key] = tuple(self._make(r, shape, patient_class, kept))
        return known[key]

    def _number_anywhere(self, shape: RoleShape, number: int) -> int:
        """The number that a shape shares with those of other services; for resources without sessions and blocks."""
        if number not in self._anywhere:
            self._anywhere[number] = self.number(replace(shape, service=ServiceId("")))
        return self._anywhere[number]

    def _make(self, r: int, shape: RoleShape, patient_class: PatientClass, kept: Row | None) -> Iterable[Entry]:
        occupancy = self._occupancy
        n_ticks, resource = occupancy.n_ticks, occupancy.problem.resources[r]
        window = shape.reserved(resource, occupancy.grid.tick_min)
        bases = self._bases(r, shape, kept, window)
        if not bases:
            return
        free = morphology.eroded_window(occupancy.available(r, shape.use, shape.units), *window, n_ticks)
        for rooms, base in bases.items():
            self._restrict(r, shape, patient_class, window, base)
            if base.any():
                limiting = None if np.array_equal(base, self._everywhere(window)) else base
                is_presence = shape.use is RoleUse.PRESENCE
                slot = self.store.follow(r, free & base, limiting, window, units=shape.units, is_presence=is_presence)
                yield Entry(r, slot, rooms)

    def _everywhere(self, window: tuple[int, int]) -> Row:
        """The starts around which a window lies inside the horizon."""
        if window not in self._inside:
            row = bits.make(self._occupancy.n_ticks)
            bits.fill(self._occupancy.n_ticks, row)
            self._inside[window] = morphology.eroded_window(row, *window, self._occupancy.n_ticks)
        return self._inside[window]

    def _bases(
        self, r: int, shape: RoleShape, kept: Row | None, window: tuple[int, int]
    ) -> dict[frozenset[ResourceId] | None, Row]:
        """The starts around which a resource could be reserved if it were free, by the rooms that its sessions name."""
        occupancy = self._occupancy
        every = occupancy.calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
        layers = [layer for layer in every if layer.row.any()]
        outside: list[Row] = [] if kept is None else [kept]
        if layers and isinstance(occupancy.problem.resources[r], Practitioner):
            self._sites.setdefault(r, set()).add(shape.site)
            reachable = occupancy.spacing.travel_free(r, shape.site)
            if reachable is not None:
                outside.append(~reachable)
        by_rooms: dict[frozenset[ResourceId] | None, Row] = {}
        for layer in layers:
            row = layer.row.copy()
            for other in outside:
                bits.andnot(row, other)
            morphology.erode_window(row, *window, occupancy.n_ticks, row)
            if layer.rooms in by_rooms:
                bits.or_(by_rooms[layer.rooms], row)
            else:
                by_rooms[layer.rooms] = row
        return by_rooms

    def _restrict(
        self, r: int, shape: RoleShape, patient_class: PatientClass, reserved: tuple[int, int], row: Row
    ) -> None:
        """Take out the starts that a changeover or a full quota forbids."""
        occupancy, (first, stop) = self._occupancy, shape.window
        if shape.use is RoleUse.EXCLUSIVE:
            apart = occupancy.spacing.window_free(r, shape.setup_min, shape.cleanup_min, shape.tag)
            if apart is not None:
                bits.and_(row, morphology.eroded_window(apart, first, stop, occupancy.n_ticks))
        quotas, grid = occupancy.quotas, occupancy.grid
        zero, tick = grid.start_minute, grid.tick_min
        for start, end in quotas.segments.full(r):  # no window may start inside
            bits.clear_range(row, -((zero - start) // tick) - first, -((zero - end) // tick) - first)
        for start, end in quotas.classes.full(r * len(CLASSES) + CLASSES.index(patient_class)):
            # no reservation may lie inside
            bits.clear_range(row, -((zero - start) // tick) - reserved[0], (end - zero) // tick - reserved[1] + 1)


def shape_of(role: Role, service: ServiceId, site: SiteId, window: tuple[int, int], *, is_in_person: bool) -> RoleShape:
    """The shape of a role whose window is `window` ticks from the step's start."""
    return RoleShape(
        service,
        site,
        is_in_person,
        role.kind,
        role.use,
        role.units,
        window,
        role.setup_min,
        role.cleanup_min,
        role.tag,
    )
