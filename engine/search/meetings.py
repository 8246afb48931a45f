"""Group occurrences that meet already: which of them have a seat for the patient of a query.

Seats are lanes of the occurrence, which has the reservations. One in which nobody has a seat takes nothing, so that its
time may be gone; it is proposed anew where it still can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model.requirement import could_fill, roles_in
from engine.model.resource import Practitioner, ResourceKind
from engine.model.service import RoleUse
from engine.model.timegrid import epoch_minute
from engine.search.limits import suits_patient
from engine.search.quotas import CLASSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.appointment import Appointment, GroupOccurrence, PlacedStep
    from engine.model.ids import StepId
    from engine.search.query import Query

__all__ = ["Meeting", "meetings_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """A group occurrence with a free seat.

    Parameters
    ----------
    steps
        Ticks `[start, end)` of each step, and as what it is placed.
    resources
        All that it reserves.
    lead
        Whoever leads the step that decides it, see `Variant.lead`; None: nobody does.
    """

    group: GroupOccurrence
    steps: dict[StepId, tuple[int, int, PlacedStep]]
    resources: frozenset[int]
    lead: int | None


def meetings_of(query: Query) -> tuple[Meeting, ...]:
    """The group occurrences to come, on whole ticks, with a seat for a query's patient, by their ids."""
    return tuple(_found(query)) if query.service.group_size > 1 else ()


def _found(query: Query) -> Iterator[Meeting]:
    bookings, grid = query.occupancy.bookings, query.occupancy.grid
    now = epoch_minute(query.now)
    own = [g for g in bookings.groups.values() if g.service == query.service.id]
    coming = {g.id: g for g in own if min(epoch_minute(s.start) for s in g.steps) >= now}
    for name in sorted(coming):
        group, seats = coming[name], bookings.seats_in(name)
        if not 0 < len(seats) < min(group.seats, query.service.group_size):
            continue
        placed = {s.step: (grid.floor(s.start), grid.floor(s.end), s) for s in group.steps}
        is_on_ticks = all(
            grid.instant(a) == s.start and grid.instant(b) == s.end and 0 <= a < b <= query.occupancy.n_ticks
            for a, b, s in placed.values()
        )
        if is_on_ticks and _is_whole(query, group) and _suits(query, group, seats):
            resources = frozenset(query.occupancy.row_by_id[v.resource] for s in group.steps for v in s.reservations)
            yield Meeting(group, placed, resources, _lead(query, group))


def _is_whole(query: Query, group: GroupOccurrence) -> bool:
    """Whether an occurrence has the service's steps, once each, and known resources.

    Its steps are no shorter than they must be, and its stays end at their discharge.
    """
    lengths = {step.id: min(minutes) for step, minutes in zip(query.required, query.lengths, strict=True)}
    if sorted(lengths) != sorted(s.step for s in group.steps):
        return False
    for s in group.steps:
        step, minutes = query.required[query.index(s.step)], epoch_minute(s.end) - epoch_minute(s.start)
        if minutes < lengths[s.step] or any(v.resource not in query.occupancy.row_by_id for v in s.reservations):
            return False
        if step.nights is not None:
            ticks = query.stays(step, s.site)[query.occupancy.grid.floor(s.start)]
            if minutes != ticks * query.problem.tick_min:
                return False
    return True


def _suits(query: Query, group: GroupOccurrence, seats: list[Appointment]) -> bool:
    """Whether those whom an occurrence reserves may have the patient, and are those who are asked for."""
    is_new_class = all(a.patient_class is not query.order.patient_class for a in seats)
    asked = {query.problem.resources[r].id for r in query.asked}
    used = {v.resource for s in group.steps for v in s.reservations}
    if not used.issuperset(asked):
        return False
    for placed in group.steps:
        step = query.required[query.index(placed.step)]
        here = {v.resource for v in placed.reservations}
        for who in asked - here:
            resource = query.problem.resource(who)
            does = (r for r in roles_in(step, placed.modality) if r.use is RoleUse.EXCLUSIVE)
            if any(r.kind is ResourceKind.PRACTITIONER and could_fill(resource, r) for r in does):
                return False
        day = query.calendars.clock(placed.site).date_of(placed.start)
        for v in placed.reservations:
            resource, is_exclusive = query.problem.resource(v.resource), v.use is RoleUse.EXCLUSIVE
            if not suits_patient(resource, query.patient, day, is_exclusive=is_exclusive):
                return False
            owner = query.occupancy.row_by_id[v.resource] * len(CLASSES) + CLASSES.index(query.order.patient_class)
            full = query.occupancy.quotas.classes.full(owner) if is_new_class else ()
            if any(a <= epoch_minute(v.start) and epoch_minute(v.end) <= b for a, b in full):
                return False
    return True


def _lead(query: Query, group: GroupOccurrence) -> int | None:
    if query.lead_step is None:
        return None
    step = query.required[query.lead_step]
    held = [h.role for h in query.service.held if h.first == step.id]
    (placed,) = (s for s in group.steps if s.step == step.id)
    roles = (*roles_in(step, placed.modality), *held)
    for role in sorted(roles, key=lambda r: (step.id, r.id) not in query.same):  # who binds other steps before all
        for v in placed.reservations:
            resource = query.problem.resource(v.resource)
            if v.role == role.id and isinstance(resource, Practitioner) and v.use is RoleUse.EXCLUSIVE:
                return query.occupancy.row_by_id[v.resource]
    return None
