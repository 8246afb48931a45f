"""Rules that a visit's resources meet together, asked of resources already chosen: exact, one visit at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.requirement import duration_min
from engine.model.resource import Equipment, Practitioner, ResourceKind
from engine.model.service import RoleUse
from engine.search import scan
from engine.search.blocks import owns
from engine.search.facts import needs_spacing
from engine.search.quotas import CLASSES
from engine.search.uses import Use

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.ids import SiteId
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query
    from engine.search.starts import RoleShape

__all__ = ["Own", "Together"]


@dataclass(frozen=True, slots=True)
class Own:
    """A reservation of the visit being placed.

    Parameters
    ----------
    step
        Its place in the service.
    reserved, window
        Ticks, half-open: with and without buffers.
    """

    step: int
    role: RolePlan
    r: int
    site: SiteId
    reserved: tuple[int, int]
    window: tuple[int, int]


class Together:
    """The rules, for one query."""

    def __init__(self, query: Query) -> None:
        self._query, self._occupancy, self._calendars = query, query.occupancy, query.calendars
        self._resources = query.problem.resources
        self._grid = query.occupancy.grid

    # --- one resource ---------------------------------------------------------------------------------------------

    def fits(self, own: Sequence[Own], new: Own) -> bool:
        """Whether one more reservation goes with those of the visit so far and with what is booked.

        `own` lacks `new`. Its calendar and capacity alone are known to allow it.
        """
        resource = self._resources[new.r]
        same = [o for o in own if o.r == new.r]
        if same and not self._occupancy.fits(new.r, [_load(o) for o in (*same, new)]):
            return False
        if isinstance(resource, Practitioner):
            if not all(self._can_travel(o, new) for o in same):
                return False
            is_told = new.role.shape.is_in_person and self._calendars.nature(new.r).is_told_where
            if is_told and not self._calendars.is_at(new.r, *new.reserved, new.site):
                return False
        spacing = self._occupancy.spacing
        if needs_spacing(resource):
            exclusive = [self._use(o) for o in (*same, new) if o.role.role.use is RoleUse.EXCLUSIVE]
            if not spacing.keeps_distance(new.r, exclusive):
                return False
        if not self._calendars.nature(new.r).has_breaks:
            return True
        return spacing.leaves_breaks(new.r, [self._use(o) for o in (*same, new)])

    def is_free(self, new: Own) -> bool:
        """Whether calendar and bookings of a resource allow a reservation: for other roles a row of starts says it."""
        shape, r, (first, stop) = new.role.shape, new.r, new.reserved
        occupancy, calendars = self._occupancy, self._calendars
        if first < 0 or stop > occupancy.n_ticks:
            return False
        if not scan.all_in_range(occupancy.available(r, shape.use, shape.units), first, stop):
            return False
        layers = calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
        if not any(scan.all_in_range(layer.row, first, stop) for layer in layers):
            return False
        kept = calendars.kept(r, self._query.now)[1] if self._query.is_routine else None
        if kept is not None and scan.any_in_range(kept, first, stop):
            return False
        if isinstance(self._resources[r], Practitioner):
            reachable = occupancy.spacing.travel_free(r, new.site)
            if reachable is not None and not scan.all_in_range(reachable, first, stop):
                return False
        use = self._use(new)
        starts = (a <= use.window_start < b for a, b in occupancy.quotas.segments.full(r))
        owner = r * len(CLASSES) + CLASSES.index(self._query.order.patient_class)
        inside = (a <= use.start and use.end <= b for a, b in occupancy.quotas.classes.full(owner))
        return not any(starts) and not any(inside)

    def free_until(self, shape: RoleShape, r: int, site: SiteId, first: int) -> int:
        """How long a resource is free from a tick on, at most, as far as calendar and bookings go."""
        layers = self._calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
        longest = max((scan.free_after(layer.row, first) for layer in layers), default=0)
        longest = min(longest, scan.free_after(self._occupancy.available(r, shape.use, shape.units), first))
        if isinstance(self._resources[r], Practitioner):
            reachable = self._occupancy.spacing.travel_free(r, site)
            longest = longest if reachable is None else min(longest, scan.free_after(reachable, first))
        return first + longest

    def _can_travel(self, one: Own, other: Own) -> bool:
        if one.site == other.site:
            return True
        first, second = sorted((one, other), key=lambda o: o.reserved)
        needed = self._query.problem.travel_min.get((first.site, second.site), 0)
        return (second.reserved[0] - first.reserved[1]) * self._grid.tick_min >= needed

    def _use(self, o: Own) -> Use:
        zero, tick, role = self._grid.start_minute, self._grid.tick_min, o.role.role
        start, end, window_start, window_end = (zero + t * tick for t in (*o.reserved, *o.window))
        return Use(start, end, window_start, window_end, o.site, role.use, role.setup_min, role.cleanup_min, role.tag)

    # --- the resources of a step ----------------------------------------------------------------------------------

    def is_length(self, i: int, variant: Variant, used: Sequence[int]) -> bool:
        """Whether a step takes as long as its variant says, with these resources."""
        step = self._query.steps[i].step
        if step.nights is not None or variant.meeting is not None:
            return True  # a variant has only the starts at which it is so long
        minutes = duration_min(step, self._query.modifiers, [self._resources[r] for r in used])
        return self._grid.ticks(minutes) == variant.length

    def is_asked(self, variant: Variant, used: Sequence[int]) -> bool:
        """Whether practitioners who are asked for do what they can do of a step."""
        return all(
            asked in used
            for asked in self._query.asked
            if any(r.is_treating and r.held is None and asked in r.could for r in variant.roles)
        )

    def go_together(self, variant: Variant, own: Sequence[Own], during: Sequence[tuple[RolePlan, int]]) -> bool:
        """Whether reservations of a step go with all that the step uses, resources held across it included."""
        rooms = {self._resources[r].id for _, r in during if self._resources[r].kind is ResourceKind.ROOM}
        has_room = any(r.role.kind is ResourceKind.ROOM and r.held is None for r in variant.roles)
        for o in own:
            resource = self._resources[o.r]
            fixed_in = resource.fixed_in if isinstance(resource, Equipment) else None
            if fixed_in is not None and has_room and fixed_in not in rooms:
                return False
            if has_room and self._calendars.nature(o.r).names_rooms:
                inside = self._calendars.admitting(o.r, *o.reserved, o.role.shape.service, o.site)
                if inside and not any(not s.rooms or rooms & set(s.rooms) for s in inside):
                    return False
            if self._calendars.blocks.is_theatre(o.r) and not self._is_owned(o, [r for _, r in during]):
                return False
        return True

    def _is_owned(self, theatre: Own, during: Sequence[int]) -> bool:
        """Whether an owner is there for every surgery block, not released yet, that a reservation overlaps."""
        first, stop = theatre.reserved
        blocks = self._calendars.blocks.unreleased(theatre.r, self._query.now)
        return all(
            any(owns(self._resources[r], b.block) for r in during)
            for b in blocks
            if b.touched[0] < stop and first < b.touched[1]
        )


def _load(o: Own) -> tuple[int, int, int, bool]:
    role = o.role.role
    return *o.reserved, role.units, role.use is RoleUse.PRESENCE
