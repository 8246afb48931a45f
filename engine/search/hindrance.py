"""What keeps one resource from one reservation, whatever else the visit needs: each kind, hardest to lift first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.codes import ConstraintCode
from engine.model.explanation import BlockerKind
from engine.model.resource import LimitKind, Practitioner
from engine.model.service import RoleUse
from engine.search import scan
from engine.search.blocks import owns
from engine.search.facts import needs_spacing
from engine.search.limits import ages
from engine.search.quotas import CLASSES
from engine.search.uses import Use

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date, datetime

    from engine.model.service import Role
    from engine.model.session import PatientClass
    from engine.search.occupancy import Occupancy
    from engine.search.starts import RoleShape

__all__ = ["Asker", "hindrances"]


@dataclass(frozen=True, slots=True)
class Asker:
    """What of an order and its patient decides what a resource may be reserved for."""

    now: datetime
    is_routine: bool
    patient_class: PatientClass
    birth_date: date | None


def hindrances(
    occupancy: Occupancy,
    asker: Asker,
    role: Role,
    shape: RoleShape,
    r: int,
    start: int,
    present: Collection[int] = (),
) -> Iterator[tuple[BlockerKind, ConstraintCode]]:
    """What keeps a resource from a role of a step that starts at a tick.

    Parameters
    ----------
    present
        Who else is in the step, and may own the theatre's time.
    """
    calendars, resource = occupancy.calendars, occupancy.problem.resources[r]
    lo, hi = shape.reserved(resource, occupancy.grid.tick_min)
    first, stop = start + lo, start + hi
    yield from _rules(occupancy, asker, role, shape, r, start)
    use = _use(occupancy, role, shape, (first, stop), start)
    is_open = scan.all_in_range(calendars.open[r], first, stop)
    has_breaks = calendars.nature(r).has_breaks
    if not is_open:
        yield BlockerKind.NOT_AVAILABLE, ConstraintCode.OPENING_HOURS
    elif has_breaks and not occupancy.spacing.leaves_breaks(r, [use], beside_booked=False):
        yield BlockerKind.NOT_AVAILABLE, ConstraintCode.FLOATING_BREAK
    layers = calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
    if not any(scan.all_in_range(layer.row, first, stop) for layer in layers):
        yield BlockerKind.NO_SESSION, ConstraintCode.SESSION
    elif (
        isinstance(resource, Practitioner)
        and shape.is_in_person
        and calendars.nature(r).is_told_where
        and not calendars.is_at(r, first, stop, shape.site)
    ):
        yield BlockerKind.NO_SESSION, ConstraintCode.ONE_SITE
    if calendars.blocks.is_theatre(r):
        owners = [occupancy.problem.resources[i] for i in present]
        for b in calendars.blocks.unreleased(r, asker.now):
            is_met = b.touched[0] < stop and first < b.touched[1]
            if is_met and not any(owns(p, b.block) for p in owners):
                yield BlockerKind.BLOCK_OWNED, ConstraintCode.BLOCK_OWNER
                break
    booked = tuple(_bookings(occupancy, shape, r, (first, stop), use, is_open=is_open))
    yield from booked
    kept = calendars.kept(r, asker.now)[1] if asker.is_routine else None
    if occupancy.quotas.has_any:  # what is booked is an obstacle of its own, and without it quotas have room
        yield from _quotas(occupancy, asker, shape, r, (first, stop), start, unbooked=bool(booked))
    if kept is not None and scan.any_in_range(kept, first, stop):
        yield BlockerKind.KEPT_FOR_URGENT, ConstraintCode.KEPT_BACK


def _rules(
    occupancy: Occupancy, asker: Asker, role: Role, shape: RoleShape, r: int, start: int
) -> Iterator[tuple[BlockerKind, ConstraintCode]]:
    calendars, resource = occupancy.calendars, occupancy.problem.resources[r]
    in_force = calendars.privileged(r, role.capabilities, shape.site)
    if in_force is not None and not scan.is_set(in_force, start):
        yield BlockerKind.RULE, ConstraintCode.PRIVILEGE
    for limit in resource.limits:
        if limit.kind is LimitKind.AGE_YEARS and asker.birth_date is not None:
            first, last = ages(asker.birth_date, limit.minimum, limit.maximum)
            day = occupancy.grid.local_date(start, calendars.clock(shape.site).zone)
            if (first is not None and day < first) or (last is not None and day > last):
                yield BlockerKind.RULE, ConstraintCode.RESOURCE_LIMIT
                return


def _use(occupancy: Occupancy, role: Role, shape: RoleShape, reserved: tuple[int, int], start: int) -> Use:
    zero, tick = occupancy.grid.start_minute, occupancy.grid.tick_min
    times = (*reserved, start + shape.window[0], start + shape.window[1])
    begin, end, window_start, window_end = (zero + t * tick for t in times)
    return Use(begin, end, window_start, window_end, shape.site, shape.use, role.setup_min, role.cleanup_min, role.tag)


def _bookings(
    occupancy: Occupancy, shape: RoleShape, r: int, reserved: tuple[int, int], use: Use, *, is_open: bool
) -> Iterator[tuple[BlockerKind, ConstraintCode]]:
    """The one kind, for whatever reason a booking stands in the way."""
    (first, stop), resource = reserved, occupancy.problem.resources[r]
    if is_open:
        has_room = scan.all_in_range(occupancy.available(r, shape.use, shape.units), first, stop)
    else:
        inside = max(0, first), min(stop, occupancy.n_ticks)
        is_presence = shape.use is RoleUse.PRESENCE
        has_room = inside[0] >= inside[1] or occupancy.fits(r, [(*inside, shape.units, is_presence)])
    if not has_room:
        yield BlockerKind.BOOKED, ConstraintCode.CAPACITY
        return
    if isinstance(resource, Practitioner):
        reachable = occupancy.spacing.travel_free(r, shape.site)
        if reachable is not None and not scan.all_in_range(reachable, first, stop):
            yield BlockerKind.BOOKED, ConstraintCode.STAFF_TRAVEL
            return
    is_exclusive = shape.use is RoleUse.EXCLUSIVE and needs_spacing(resource)
    if is_exclusive and not occupancy.spacing.keeps_distance(r, [use]):
        yield BlockerKind.BOOKED, ConstraintCode.CHANGEOVER
        return
    has_breaks = occupancy.calendars.nature(r).has_breaks
    if (
        has_breaks
        and occupancy.spacing.leaves_breaks(r, [use], beside_booked=False)
        and not occupancy.spacing.leaves_breaks(r, [use])
    ):
        yield BlockerKind.BOOKED, ConstraintCode.FLOATING_BREAK


def _quotas(
    occupancy: Occupancy,
    asker: Asker,
    shape: RoleShape,
    r: int,
    reserved: tuple[int, int],
    start: int,
    *,
    unbooked: bool,
) -> Iterator[tuple[BlockerKind, ConstraintCode]]:
    zero, tick, quotas = occupancy.grid.start_minute, occupancy.grid.tick_min, occupancy.quotas
    at = zero + (start + shape.window[0]) * tick
    first, stop = zero + reserved[0] * tick, zero + reserved[1] * tick
    if any(a <= at < b for a, b in quotas.segments.full(r, unbooked=unbooked)):
        yield BlockerKind.QUOTA, ConstraintCode.SEGMENT_QUOTA
    elif any(
        a <= first and stop <= b
        for a, b in quotas.classes.full(r * len(CLASSES) + CLASSES.index(asker.patient_class), unbooked=unbooked)
    ):
        yield BlockerKind.QUOTA, ConstraintCode.CLASS_QUOTA
