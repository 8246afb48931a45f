"""Why not: what stands in the way of a visit, in words that give nothing away.

An obstacle names a resource and its kind, never another patient, never why a colleague is away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.model.codes import ConstraintCode
from engine.model.columns import NEVER
from engine.model.explanation import Blocker, BlockerKind
from engine.model.resource import Practitioner
from engine.model.timegrid import from_epoch_minute
from engine.search import bits, morphology, scan
from engine.search.candidates import find_candidates, variant_row
from engine.search.rank import best_starts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.search.bits import Row
    from engine.search.plans import RolePlan, StepPlan, Variant
    from engine.search.query import Query

__all__ = ["find_blockers"]

_SAID = {
    BlockerKind.NOT_AVAILABLE: "is not available",
    BlockerKind.BOOKED: "is booked",
    BlockerKind.NO_SESSION: "has no session for this service",
    BlockerKind.KEPT_FOR_URGENT: "is kept for urgent orders",
    BlockerKind.BLOCK_OWNED: "is in another owner's surgery block",
    BlockerKind.QUOTA: "has reached the quota",
    BlockerKind.RULE: "may not be used",
}


@dataclass(frozen=True, slots=True)
class _Obstacle:
    kind: BlockerKind
    code: ConstraintCode


def find_blockers(query: Query) -> tuple[Blocker, ...]:
    """What stands in the way of every start that a query asks about; empty where there is a visit.

    Parameters
    ----------
    query
        Of a whole horizon or, for one start, of its tick alone.
    """
    if query.missing:
        return tuple(
            Blocker(kind=BlockerKind.RULE, code=code, message=f"Order {query.order.id} cannot be booked: {what}.")
            for code, what in query.missing
        )
    found = tuple(_of_limits(query))
    if found:
        return found
    for step in query.steps:
        if not step.variants:
            return tuple(_of_pools(query, step))
        found = tuple(_of_roles(query, step))
        if found:
            return found
    if best_starts(query, 1):
        return ()
    return tuple(_of_all_together(query))


def _of_limits(query: Query) -> Iterator[Blocker]:
    """The rule on starts that leaves none, at any site."""
    codes: dict[ConstraintCode, None] = {}
    for site in query.sites:
        left = query.asked_starts()
        for code, row in query.limits.rows(site):
            bits.and_(left, row)
            if not left.any():
                codes[code] = None
                break
        else:
            return
    for code in codes:
        yield Blocker(
            kind=BlockerKind.RULE, code=code, message=f"No start that was asked for is allowed: {_LIMITS[code]}."
        )


_LIMITS = {
    ConstraintCode.HORIZON: "the visit must lie inside the planned time, and not too far ahead",
    ConstraintCode.NOTICE: "it is too short a notice",
    ConstraintCode.EARLIEST_START: "it is before the order's earliest start",
    ConstraintCode.DEADLINE: "it would end after the order's deadline",
    ConstraintCode.TARGET_WINDOW: "it is not within the tolerance of the target date",
    ConstraintCode.CONDITION: "a condition of the order is not valid on that day",
    ConstraintCode.ELIGIBILITY: "the patient is not of the age for this service on that day",
    ConstraintCode.SERIES: "it is not within the tolerance of the series",
    ConstraintCode.PREREQUISITE: "it is too soon or too late after the order that comes first",
    ConstraintCode.SEPARATION: "it is too close to another visit of the patient",
    ConstraintCode.TIE: "the visits of tied orders belong on one day",
    ConstraintCode.START_GRID: "visits start on the site's grid only",
}


def _of_pools(query: Query, step: StepPlan) -> Iterator[Blocker]:
    """Of a step that nobody could do for this patient: the roles."""
    for role in query.planner.unfilled(step.index) or ("resource",):
        message = f"There is nobody and nothing that could be the {role} of step {step.step.id} for this patient."
        yield Blocker(kind=BlockerKind.RULE, code=ConstraintCode.CAPABLE, message=message)


def _of_roles(query: Query, step: StepPlan) -> Iterator[Blocker]:
    """Of a step with a role that nobody can fill at any start asked for: what keeps each resource of its pool."""
    said: dict[tuple[int, BlockerKind], Blocker] = {}
    hopeful = [v for v in step.variants if not v.is_hopeless]
    for variant in hopeful or step.variants[:1]:
        if not variant.allowed.any():
            if variant.calendar.any():
                said[-1, BlockerKind.PATIENT] = _PATIENT
            continue
        role = next((r for r in variant.roles if not _is_filled(query, variant, r)), None)
        if role is None:
            return
        for r in role.resources:
            obstacle = _obstacle(query, variant, role, r)
            if obstacle is not None:
                said[r, obstacle.kind] = _blocker(query, r, obstacle, "whenever the visit could be", role, variant)
    yield from said.values()
    if not said:
        window = f"No start of step {step.step.id} is inside its time of day."
        yield Blocker(kind=BlockerKind.RULE, code=ConstraintCode.TIME_OF_DAY, message=window)


_PATIENT = Blocker(
    kind=BlockerKind.PATIENT,
    code=ConstraintCode.PATIENT_AVAILABLE,
    message="The patient is not free whenever it could be.",
)


def _is_filled(query: Query, variant: Variant, role: RolePlan) -> bool:
    alone = _only(query, variant, role)
    return bool(alone.any())


def _only(query: Query, variant: Variant, role: RolePlan) -> Row:
    """Starts of a variant if it had this role alone."""
    rows = query.occupancy.starts.store.rows
    of: dict[int, list[int]] = {}
    for e in role.alone:
        of.setdefault(e.r, []).append(e.slot)
    if len(of) < role.role.count:
        return bits.make(query.occupancy.n_ticks)
    united = np.array([np.bitwise_or.reduce(rows[slots]) for slots in of.values()])
    return bits.at_least(united, role.role.count, query.occupancy.n_ticks) & variant.allowed


def _obstacle(query: Query, variant: Variant, role: RolePlan, r: int) -> _Obstacle | None:
    """What keeps a resource from a role at every allowed start; the first that, with those before it, leaves none."""
    occupancy, calendars, n = query.occupancy, query.calendars, query.occupancy.n_ticks
    resource, shape = query.problem.resources[r], role.shape
    lo, hi = shape.reserved(resource, occupancy.grid.tick_min)
    usable = calendars.open[r].copy()

    def left(row: Row) -> bool:
        return bool((morphology.eroded_window(row, lo, hi, n) & variant.allowed).any())

    if not left(usable):
        return _Obstacle(BlockerKind.NOT_AVAILABLE, ConstraintCode.OPENING_HOURS)
    layers = calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
    if not any(left(usable & layer.row) for layer in layers):
        return _Obstacle(BlockerKind.NO_SESSION, ConstraintCode.SESSION)

    def narrowed(by: Row, kind: BlockerKind, code: ConstraintCode) -> _Obstacle | None:
        bits.and_(usable, by)
        return None if any(left(usable & layer.row) for layer in layers) else _Obstacle(kind, code)

    kept = calendars.kept(r, query.now)[1] if query.is_routine else None
    steps: list[tuple[Row | None, BlockerKind, ConstraintCode]] = [
        (None if kept is None else ~kept, BlockerKind.KEPT_FOR_URGENT, ConstraintCode.KEPT_BACK),
        (
            calendars.blocks.free(r, query.owners(variant), query.now) if calendars.blocks.is_theatre(r) else None,
            BlockerKind.BLOCK_OWNED,
            ConstraintCode.BLOCK_OWNER,
        ),
        (occupancy.available(r, shape.use, shape.units), BlockerKind.BOOKED, ConstraintCode.CAPACITY),
        (
            occupancy.spacing.travel_free(r, shape.site) if isinstance(resource, Practitioner) else None,
            BlockerKind.BOOKED,
            ConstraintCode.STAFF_TRAVEL,
        ),
    ]
    for by, kind, code in steps:
        found = None if by is None else narrowed(by, kind, code)
        if found is not None:
            return found
    apart = occupancy.spacing.window_free(r, shape.setup_min, shape.cleanup_min, shape.tag)
    if apart is not None and not (morphology.eroded_window(apart, *shape.window, n) & variant.allowed).any():
        return _Obstacle(BlockerKind.BOOKED, ConstraintCode.CHANGEOVER)
    if not any((query.occupancy.starts.store.rows[e.slot] & variant.allowed).any() for e in role.alone if e.r == r):
        return _Obstacle(BlockerKind.QUOTA, ConstraintCode.SEGMENT_QUOTA)
    return None


def _of_all_together(query: Query) -> Iterator[Blocker]:
    """Where each resource is there at some time, but never all that are needed together."""
    kept = [v.allowed for s in query.steps for v in s.variants]
    for s in query.steps:
        for v in s.variants:
            v.allowed = v.calendar
    has_more = bool(find_candidates(query).any()) and bool(best_starts(query, 1))
    for v, row in zip((v for s in query.steps for v in s.variants), kept, strict=True):
        v.allowed = row
    if has_more:
        yield _PATIENT
        return
    for step in query.steps:
        if not any(variant_row(query, v).any() for v in step.variants):
            message = f"Whoever and whatever step {step.step.id} needs is never free together when it could be."
            yield Blocker(kind=BlockerKind.BOOKED, code=ConstraintCode.ROLE_FILLED, message=message)
            return
    message = "All that the visit needs is never free together, in the right order and for the whole time."
    yield Blocker(kind=BlockerKind.BOOKED, code=ConstraintCode.ROLE_FILLED, message=message)


def _blocker(
    query: Query, r: int, obstacle: _Obstacle, when: str, role: RolePlan | None = None, variant: Variant | None = None
) -> Blocker:
    resource, until = query.problem.resources[r], None
    if obstacle.kind is BlockerKind.KEPT_FOR_URGENT and role is not None and variant is not None:
        lo, hi = role.shape.reserved(resource, query.occupancy.grid.tick_min)
        start = scan.first_set(variant.allowed, 0, query.occupancy.n_ticks)
        release = query.calendars.kept_until(r, start + lo, start + hi, query.now)
        until = from_epoch_minute(release) if 0 < release < NEVER else None
    return Blocker(
        kind=obstacle.kind,
        code=obstacle.code,
        resource=resource.id,
        until=until,
        message=f"{resource.name} {_SAID[obstacle.kind]} {when}.",
    )
