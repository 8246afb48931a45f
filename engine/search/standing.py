"""Why there is no visit at one start, for plain visits: what keeps each resource, looked at and added up.

Where tables say everything about a visit (`plain`), obstacles simply add up: each role is filled by whoever has the
fewest, and whoever a room goes with is looked at room by room. Nothing is taken away and asked again, so that the
answer takes about as long as looking at everybody once; tests hold it to what `inquiry` finds.
"""

from __future__ import annotations

from functools import reduce
from heapq import heapify, heapreplace
from operator import or_
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from engine.model.codes import ConstraintCode
from engine.model.explanation import BlockerKind
from engine.model.order import Priority
from engine.model.resource import Equipment, ResourceKind, UseRule
from engine.model.service import Modality, RoleUse
from engine.search import scan
from engine.search.hindrance import Asker, hindrances
from engine.search.limits import StartLimits
from engine.search.masks import PATIENT, Masks
from engine.search.neighbours import Neighbours
from engine.search.obstacles import Obstacle, ordered
from engine.search.options import Options, Way
from engine.search.patienttime import PatientTime
from engine.search.pools import Placing
from engine.search.quick import is_alone
from engine.search.windows import CLOSED, FULL, looked_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from engine.model.ids import ResourceId
    from engine.model.order import Order
    from engine.search.kind import Kind
    from engine.search.occupancy import Occupancy
    from engine.search.plans import RolePlan, Variant

__all__ = ["Found", "Standing"]


_Kept: TypeAlias = "tuple[tuple[BlockerKind, ConstraintCode], ...]"
_Used: TypeAlias = "tuple[tuple[RolePlan, tuple[int, ...]], ...]"

_CLOSED = (BlockerKind.NOT_AVAILABLE, ConstraintCode.OPENING_HOURS)
_FULL = (BlockerKind.BOOKED, ConstraintCode.CAPACITY)
_NO_SESSION = (BlockerKind.NO_SESSION, ConstraintCode.SESSION)
_BY_FLAGS: dict[int, _Kept] = {0: (), CLOSED: (_CLOSED,), FULL: (_FULL,), CLOSED | FULL: (_CLOSED, _FULL)}


class Found(NamedTuple):
    """The fewest obstacles, and the visit that could be without them."""

    obstacles: tuple[Obstacle, ...]
    placing: Placing


class Standing:
    """A plain visit, at one start or another.

    Parameters are those of `find`; `asked` is the row number of the practitioner who must do it, None: anybody.

    Attributes
    ----------
    asker
        What of the order decides what resources may be reserved for.
    steps
        The id of the visit's one step.
    """

    def __init__(self, occupancy: Occupancy, order: Order, kind: Kind, *, now: datetime, asked: int | None) -> None:
        problem = occupancy.problem
        self._occupancy, self._order, self._kind, self._asked = occupancy, order, kind, asked
        self._service, self._patient = problem.service(order.service), problem.patient(order.patient)
        self._is_routine = order.priority is Priority.ROUTINE
        self.asker = Asker(now, self._is_routine, order.patient_class, self._patient.birth_date)
        self.steps = (kind.step.id,)
        self._patient_time = PatientTime(occupancy, self._patient)
        self._limits = StartLimits.of(
            occupancy.calendars,
            order,
            self._service,
            self._patient,
            Neighbours(),
            occurrence=0,
            now=now,
            least=min(v.length for v in kind.variants),
        )
        roles = dict.fromkeys(r.role.id for v in kind.variants for r in v.roles)
        self._pools = {role: i for i, role in enumerate(roles)}
        self._known: dict[tuple[int, int], dict[int, _Kept]] = {}
        self._rough: set[tuple[int, int, int]] = set()
        self._masks = Masks()

    @classmethod
    def about(
        cls, occupancy: Occupancy, order: Order, *, now: datetime, occurrence: int, practitioner: ResourceId | None
    ) -> Standing | None:
        """That of an order; None where it takes more than looking at everybody once."""
        problem = occupancy.problem
        service, patient = problem.service(order.service), problem.patient(order.patient)
        wanted = {p for p in (order.required_practitioner, practitioner) if p is not None}
        if occurrence or len(wanted) > 1 or not is_alone(occupancy, order, service, patient):
            return None
        kind = occupancy.kinds.of(order, patient, now, is_routine=order.priority is Priority.ROUTINE)
        if kind is None or not kind.variants or kind.orders.shape[1] > 1:
            return None
        asked = next((occupancy.row_by_id[problem.resource(p).id] for p in wanted), None)
        if asked is not None and not all(sum(asked in r.could for r in v.roles) == 1 for v in kind.variants):
            return None
        blocks = occupancy.calendars.blocks
        rooms = (r for v in kind.variants for role in v.roles if role.role.kind is ResourceKind.ROOM for r in role.pool)
        if any(blocks.of(r) for r in dict.fromkeys(rooms)):
            return None
        return cls(occupancy, order, kind, now=now, asked=asked)

    def fewest(self, start: int) -> Found | None:
        """The fewest obstacles at a start; None where it lies outside of what can be looked at."""
        occupancy, best = self._occupancy, dict[int, tuple[int, int, _Used]]()
        if not occupancy.calendars.within[0] <= start < occupancy.calendars.within[1]:
            return None
        anew = dict(enumerate(self._kind.variants))
        while True:
            for v, variant in anew.items():
                if start + variant.length > occupancy.calendars.within[1]:
                    return None
                common = self._common(variant, start)
                ways = [
                    (self._masks.weight(common | mask), common | mask, u) for mask, u in self._fillings(variant, start)
                ]
                best.pop(v, None)
                if ways:
                    best[v] = min(ways, key=lambda w: w[0])
            if not best:
                return None
            v = min(best, key=lambda i: best[i][0])
            variant, (_, mask, used) = self._kind.variants[v], best[v]
            if not self._look_closer(variant, used, start):
                return Found(ordered(self._masks.obstacles(mask)), Placing(0, start, variant, used))
            anew = {v: variant}

    def _common(self, variant: Variant, start: int) -> int:
        """What stands in the way whoever is there."""
        occupancy, deadline = self._occupancy, self._order.deadline
        broken = set(self._limits.broken(variant.site, start))
        if deadline is not None and start + variant.length > occupancy.grid.floor(deadline):
            broken.add(ConstraintCode.DEADLINE)
        window = self._kind.step.start_window
        if window is not None and not scan.is_set(occupancy.calendars.clock(variant.site).within(window), start):
            broken.add(ConstraintCode.TIME_OF_DAY)
        mask = self._masks.of(0, tuple((BlockerKind.RULE, code) for code in sorted(broken)))
        is_in_person = variant.modality is Modality.IN_PERSON
        if self._kind.step.is_patient_present and not self._patient_time.is_free(
            start, variant.length, self._kind.arrive_min, variant.site, is_in_person=is_in_person
        ):
            mask |= PATIENT
        return mask

    # --- resources --------------------------------------------------------------------------------------------------

    def number(self, _: int, role: RolePlan) -> int:
        """The number of a role's pool."""
        return self._pools[role.role.id]

    def members(self, _: Variant, role: RolePlan) -> tuple[int, ...]:
        """Who could fill a role; whoever was asked for alone."""
        return (self._asked,) if self._asked in role.resources and role.is_treating else role.resources

    def kept_by(self, placing: Placing, role: RolePlan, r: int) -> Sequence[tuple[BlockerKind, ConstraintCode]]:
        """What keeps a resource from a role; of one that is not used in the placing at least some of it."""
        return self._looked_at(placing.variant, role, placing.start)[r]

    def _look_closer(self, variant: Variant, used: _Used, start: int) -> bool:
        """Look at resources again that were looked at in passing; whether that shows more than was known."""
        is_more = False
        for role, resources in used:
            known = self._looked_at(variant, role, start)
            for r in resources:
                if (id(role), start, r) in self._rough:
                    self._rough.discard((id(role), start, r))
                    kept = tuple(hindrances(self._occupancy, self.asker, role.role, role.shape, r, start))
                    is_more |= {k for k, _ in kept} != {k for k, _ in known[r]}
                    known[r] = kept
        return is_more

    def _looked_at(self, variant: Variant, role: RolePlan, start: int) -> dict[int, _Kept]:
        """What keeps each resource from a role: of most, a look at their windows says it."""
        key = id(role), start
        known = self._known.get(key)
        if known is not None:
            return known
        occupancy, resources, shape = self._occupancy, self._occupancy.problem.resources, role.shape
        tick, members = occupancy.grid.tick_min, self.members(variant, role)
        windows = [(r, *shape.reserved(resources[r], tick)) for r in members]
        chosen = np.array(windows, np.int64).reshape(-1, 3)
        chosen[:, 1:] += start
        flags = np.empty(len(chosen), np.int64)
        looked_at(occupancy.calendars.open, occupancy.used, occupancy.lanes, chosen, shape.units, flags)
        known = self._known[key] = {}
        for r, flag in zip(members, flags.tolist(), strict=True):
            if self._is_simple(role, r):
                known[r] = _BY_FLAGS[flag]
                continue
            passing = self._in_passing(role, r, start, flag)
            if passing:
                known[r] = passing
                self._rough.add((id(role), start, r))
            else:
                known[r] = tuple(hindrances(occupancy, self.asker, role.role, shape, r, start))
        self._look_closer_at_the_nearest(variant, role, start)
        return known

    def _look_closer_at_the_nearest(self, variant: Variant, role: RolePlan, start: int) -> None:
        """See to it that whoever has the fewest obstacles really has no more."""
        known = self._known[id(role), start]
        queue = [
            (self._masks.weight(self._masks.of(self._pools[role.role.id], kept)), i, r)
            for i, (r, kept) in enumerate(known.items())
        ]
        heapify(queue)
        while queue and self._look_closer(variant, ((role, (queue[0][2],)),), start):
            _, i, r = queue[0]
            heapreplace(queue, (self._masks.weight(self._masks.of(self._pools[role.role.id], known[r])), i, r))

    def _in_passing(self, role: RolePlan, r: int, start: int, flag: int) -> _Kept:
        """Some of what keeps a resource, at a glance: there may be more."""
        occupancy, shape = self._occupancy, role.shape
        if role.role.use is not RoleUse.EXCLUSIVE or occupancy.present(r).size or occupancy.spare(r).size:
            return ()
        lo, hi = shape.reserved(occupancy.problem.resources[r], occupancy.grid.tick_min)
        layers = occupancy.calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
        if any(scan.all_in_range(layer.row, start + lo, start + hi) for layer in layers):
            return _BY_FLAGS[flag]
        return (*_BY_FLAGS[flag], _NO_SESSION)

    def _is_simple(self, role: RolePlan, r: int) -> bool:
        """Whether a resource may be used whenever it is open and has room."""
        occupancy = self._occupancy
        resource = occupancy.problem.resources[r]
        return (
            role.role.kind is not ResourceKind.PRACTITIONER
            and resource.use is UseRule.WHEN_OPEN
            and not occupancy.calendars.nature(r).is_scheduled
            and role.role.use is RoleUse.EXCLUSIVE
            and not occupancy.present(r).size
            and not occupancy.spare(r).size
        )

    def _ways(self, variant: Variant, role: RolePlan, start: int) -> Iterator[Way]:
        """Each resource in a role, with what stands in the way; one that is somewhere by a session in two ways."""
        calendars, resources = self._occupancy.calendars, self._occupancy.problem.resources
        shape, pool = role.shape, self._pools[role.role.id]
        no_session = self._masks.of(pool, (_NO_SESSION,))
        for r, kept in self._looked_at(variant, role, start).items():
            mask = self._masks.of(pool, kept)
            resource, rooms = resources[r], None
            if isinstance(resource, Equipment) and resource.fixed_in is not None:
                rooms = frozenset((resource.fixed_in,))
            if mask & no_session or not calendars.nature(r).names_rooms:
                yield Way(mask, rooms, r)
                continue
            lo, hi = shape.reserved(resource, self._occupancy.grid.tick_min)
            layers = calendars.layers(r, shape.service, shape.site, is_in_person=shape.is_in_person)
            inside = [w.rooms for w in layers if scan.all_in_range(w.row, start + lo, start + hi)]
            if None not in inside:
                named = frozenset(n for names in inside for n in names or ())
                yield Way(mask, named if rooms is None else named & rooms, r)
                mask |= no_session
            yield Way(mask, rooms, r)

    def _fillings(self, variant: Variant, start: int) -> Iterator[tuple[int, _Used]]:
        """For each room that makes a difference, the fewest obstacles with who would be there."""
        options = [
            Options(self._ways(variant, role, start), role.role.count, self._masks.weight) for role in variant.roles
        ]
        room = next((k for k, r in enumerate(variant.roles) if r.role.kind is ResourceKind.ROOM), None)
        names = {name for o in options for name in o.by_room}
        resources = self._occupancy.problem.resources
        tried: list[Way | None] = [None]
        if room is not None and names:
            # Of the rooms that nobody names the one with the fewest obstacles stands for all.
            others = [w for w in options[room].ways if resources[w.r].id not in names]
            tried = [w for w in options[room].ways if resources[w.r].id in names]
            tried += sorted(others, key=lambda w: self._masks.weight(w.mask))[:1]
        for chosen in tried:
            here = None if chosen is None else resources[chosen.r].id
            filled = [
                (chosen.mask, (chosen.r,)) if chosen is not None and k == room else o.best(here)
                for k, o in enumerate(options)
            ]
            if None not in filled:
                found = [f for f in filled if f is not None]
                used = tuple((role, rs) for role, (_, rs) in zip(variant.roles, found, strict=True))
                yield reduce(or_, (mask for mask, _ in found), 0), used
