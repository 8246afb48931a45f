"""Which visits are plain: whether rows of starts, and the room that a step takes place in, say all there is to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.resource import Equipment, LimitKind, Practitioner, ResourceKind, UseRule
from engine.search import bits
from engine.search.between import may_meet
from engine.search.facts import needs_spacing
from engine.search.ownership import Ownership

if TYPE_CHECKING:
    from engine.search.calendars import Layer
    from engine.search.plans import RolePlan, Variant
    from engine.search.query import Query

__all__ = ["is_plain", "layers_of"]

MOST_IN_ANY_ORDER = 5
"""Steps free in order; each order is looked at by itself."""


def is_plain(query: Query) -> bool:
    """Whether tables can say everything of a service's visits."""
    if query.service.group_size > 1 or query.service.held:
        return False
    if not query.steps or not all(step.variants for step in query.steps):
        return False
    variants = [v for step in query.steps for v in step.variants]
    zones = {query.problem.zone_of(v.site) for v in variants}
    clock = query.calendars.clock(variants[0].site)
    if len(zones) > 1 or clock.halves is None:
        return False
    return all(_can_say(query, i, v) for i, s in enumerate(query.steps) for v in s.variants) and _can_follow(query)


def _can_follow(query: Query) -> bool:
    """Whether the steps of a bundle do not depend on each other's resources, the visit's lead apart."""
    n = len(query.steps)
    if n == 1:
        return not query.service.same and query.service.max_span_min is None
    if query.is_any_order and (n > MOST_IN_ANY_ORDER or not all(s.is_patient_present for s in query.required)):
        return False
    if len(query.service.same) > 1 or not _is_same_lead(query):
        return False
    return not any(may_meet(query, i, j) for i in range(n) for j in range(n) if i < j or (i > j and query.is_any_order))


def _is_same_lead(query: Query) -> bool:
    """Whether the roles that one resource fills in several steps are those of the visit's lead."""
    for entry in query.service.same:
        roles = {(ref.step, ref.role) for ref in entry.roles}
        if query.lead_step is None or query.steps[query.lead_step].step.id not in {step for step, _ in roles}:
            return False
        for step in query.steps:
            wanted = [role for name, role in roles if name == step.step.id]
            for variant in step.variants if wanted else ():
                if variant.lead is None or wanted != [variant.roles[variant.lead].role.id]:
                    return False
    return True


def _can_say(query: Query, i: int, variant: Variant) -> bool:
    seen: set[int] = set()
    rooms = [r for r in variant.roles if r.role.kind is ResourceKind.ROOM]
    if variant.lead is not None and variant.roles[variant.lead].role.count > 1:
        return False
    for role in variant.roles:
        if not seen.isdisjoint(role.resources):
            return False
        seen.update(role.resources)
        if not all(_is_simple(query, role, r, len(rooms)) for r in role.resources):
            return False
    if rooms and (len(rooms) > 1 or rooms[0].role.count > 1):
        return False
    ownership = Ownership.of(query, variant.roles)
    if ownership is not None and ownership.kept and ownership.owning and not ownership.is_of_one_role:
        return False
    return _has_one_length(query, i, variant)


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
    names_rooms = any(layer.rooms is not None for layer in layers_of(query, role, r))
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
    return any(layer.rooms is not None and bool((layer.row & blocks).any()) for layer in layers_of(query, role, r))


def _has_one_length(query: Query, i: int, variant: Variant) -> bool:
    """Whether whoever is in the pools of a variant takes just as long as it says, whoever the others are."""
    duration = query.required[i].duration
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


def layers_of(query: Query, role: RolePlan, r: int) -> tuple[Layer, ...]:
    """When a resource may be reserved for a role of the query's service, opening hours apart."""
    shape = role.shape
    return query.calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
