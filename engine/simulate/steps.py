"""Where one step of a visit fits: all its roles together, with everything that couples them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.calendar import instant_at
from engine.model.requirement import could_fill, duration_min, roles_in
from engine.model.resource import LimitKind, Practitioner, ResourceKind, UseRule
from engine.model.service import RoleUse
from engine.simulate.couplings import Couplings, Placed, Use
from engine.simulate.timeline import bits_of, eroded, run, shifted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from engine.model.ids import ResourceId, SiteId
    from engine.model.patient import Patient
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Modality, Role, Service, Step
    from engine.simulate.couplings import Ask
    from engine.simulate.dice import Dice
    from engine.simulate.openings import Openings
    from engine.simulate.timeline import Taken

__all__ = ["StepFinder"]

_TURN = (ResourceKind.PRACTITIONER, ResourceKind.EQUIPMENT, ResourceKind.ROOM, ResourceKind.BED)
"""Roles are filled in this order: who has a session says which rooms there are, and a machine says which room it is."""


class StepFinder:
    """Finds places for steps, given what is taken.

    Parameters
    ----------
    taken
        By resource; changed by whoever books.
    """

    def __init__(self, problem: Problem, openings: Openings, taken: Mapping[ResourceId, Taken], dice: Dice) -> None:
        self._problem = problem
        self._openings = openings
        self._taken = taken
        self._dice = dice
        self._pools: dict[tuple[Role, SiteId], tuple[Resource, ...]] = {}
        self._couplings = Couplings(problem, openings, taken)

    def places(self, ask: Ask, step: Step, starts: int, before: Sequence[Placed]) -> Iterator[Placed]:
        """Places of a step that starts at one of the ticks `starts`, the earliest first for each length it can have."""
        if not starts:
            return
        wish = ask.order.preference.modality
        modality = wish if wish in step.modalities else step.modalities[0]
        filled = [(role, self._candidates(ask, step, role, before)) for role in roles_in(step, modality)]
        filled.sort(key=lambda pair: _turn(*pair))
        roles, pools = [role for role, _ in filled], [pool for _, pool in filled]
        own = _own(before)
        if step.nights is not None:
            for start in bits_of(starts):
                stop = self._discharge(ask.site, start, step.nights)
                yield from self._of_length(ask, step, modality, roles, pools, 1 << start, stop - start, own)
            return
        for minutes, narrowed in self._lengths(ask, step, pools):
            length = self._problem.grid.ticks(minutes)
            yield from self._of_length(ask, step, modality, roles, narrowed, starts, length, own)

    def held_starts(self, ask: Ask, step: Step, role: Role, least_min: int) -> int:
        """Ticks at which a step may start so that a resource can be held from then for at least so many minutes."""
        mask, length = 0, self._problem.grid.ticks(least_min)
        for resource in self._candidates(ask, step, role, ()):
            mask |= self._starts(ask, role, resource, length)
        return mask

    def held(self, ask: Ask, role: Role, first: Placed, last: Placed, others: Sequence[Use]) -> Use | None:
        """A resource that is free from the start of one step to the end of another."""
        length, used = last.stop - first.start, {u.resource.id for u in others}
        for resource in self._candidates(ask, first.step, role, ()):
            if resource.id in used or not self._starts(ask, role, resource, length) >> first.start & 1:
                continue
            use = self._use(role, resource, first.start, length)
            if self._couplings.fits(ask, use, [], None) is not None:
                return use
        return None

    def note(self, ask: Ask, placed: Placed) -> None:
        """Remember a step that was booked."""
        self._couplings.note(ask, placed)

    # --- who could fill a role ---------------------------------------------------------------------------------------

    def _candidates(self, ask: Ask, step: Step, role: Role, before: Sequence[Placed]) -> tuple[Resource, ...]:
        """Resources for a role, in random order, time apart."""
        key = role, ask.site
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = tuple(
                r for r in self._problem.resources if could_fill(r, role) and self._is_at(r, ask.site)
            )
        same = self._same(ask.service, step, role, before)
        if same:
            return same
        if role.use is RoleUse.EXCLUSIVE:
            pool = tuple(r for r in pool if r.id == ask.order.required_practitioner) or pool
        able = [r for r in pool if self._may_treat(r, role, ask.patient)]
        if role.use is RoleUse.EXCLUSIVE:
            able = [r for r in able if r.id == ask.wished] or able
        return tuple(self._dice.shuffled(able))

    def _same(self, service: Service, step: Step, role: Role, before: Sequence[Placed]) -> tuple[Resource, ...]:
        for entry in service.same:
            refs = {(ref.step, ref.role) for ref in entry.roles}
            if (step.id, role.id) in refs:
                for placed in before:
                    found = tuple(u.resource for u in placed.uses if (placed.step.id, u.role.id) in refs)
                    if found:
                        return found
        return ()

    def _is_at(self, resource: Resource, site: SiteId) -> bool:
        if not isinstance(resource, Practitioner):
            return resource.site == site
        return resource.site == site or site in resource.other_sites

    def _may_treat(self, resource: Resource, role: Role, patient: Patient) -> bool:
        if isinstance(resource, Practitioner):
            is_barred = role.use is RoleUse.EXCLUSIVE and not resource.accepts_new
            if is_barred and resource.id not in patient.known_to:
                return False
        for limit in resource.limits:
            value = patient.measures.get(limit.kind)
            if limit.kind is not LimitKind.AGE_YEARS and value is not None:
                low = limit.minimum if limit.minimum is not None else value
                high = limit.maximum if limit.maximum is not None else value
                if not low <= value <= high:
                    return False
        return True

    # --- when -------------------------------------------------------------------------------------------------------

    def _lengths(
        self, ask: Ask, step: Step, pools: Sequence[tuple[Resource, ...]]
    ) -> Iterator[tuple[int, list[tuple[Resource, ...]]]]:
        """Each duration in minutes the step can have, with the resources that give it that duration."""
        assert step.duration is not None  # a stay has its own branch
        slow = {**step.duration.by_practitioner, **step.duration.by_equipment}
        usual = [tuple(r for r in pool if r.id not in slow) for pool in pools]
        variants: list[tuple[int, list[tuple[Resource, ...]]]] = []
        if all(usual) or not pools:
            variants.append((duration_min(step, ask.order.modifiers, ()), usual))
        for i, pool in enumerate(pools):
            for resource in pool:
                if resource.id in slow:
                    narrowed = [(resource,) if j == i else others for j, others in enumerate(usual)]
                    variants.append((duration_min(step, ask.order.modifiers, (resource,)), narrowed))
        yield from self._dice.shuffled(variants)

    def _discharge(self, site: SiteId, start: int, nights: int) -> int:
        zone = self._problem.zone_of(site)
        day = self._problem.grid.local_date(start, zone)
        leaves = instant_at(day.fromordinal(day.toordinal() + nights), self._problem.policy.discharge_at, zone)
        return self._problem.grid.floor(leaves)

    def _use(self, role: Role, resource: Resource, start: int, length: int) -> Use:
        """The reservation of a step that starts at tick `start`."""
        tick = self._problem.grid.tick_min
        opens = start + role.start.minutes // tick + (length if role.start.anchor == "end" else 0)
        closes = start - -role.end.minutes // tick + (length if role.end.anchor == "end" else 0)
        ticks = self._problem.grid.ticks
        return Use(
            role,
            resource,
            opens - ticks(role.setup_min + resource.setup_min),
            closes + ticks(role.cleanup_min + resource.cleanup_min),
            opens,
            closes,
        )

    def _starts(self, ask: Ask, role: Role, resource: Resource, length: int, own: int = 0) -> int:
        """Ticks at which the step may start as far as one resource goes; `own` are those taken by the same visit."""
        use = self._use(role, resource, 0, length)
        busy = self._taken[resource.id].busy(role.units, role.use) | own
        free = 0
        is_urgent = ask.order.priority.is_urgent
        for layer in self._openings.layers(resource, ask.service.id, ask.site, is_urgent=is_urgent):
            free |= eroded(layer & ~busy, use.stop - use.start)
        return shifted(free, -use.start)

    def _of_length(
        self,
        ask: Ask,
        step: Step,
        modality: Modality,
        roles: Sequence[Role],
        pools: Sequence[tuple[Resource, ...]],
        starts: int,
        length: int,
        own: Mapping[ResourceId, int],
    ) -> Iterator[Placed]:
        if starts.bit_length() - 1 + length > self._problem.grid.n_ticks:
            starts &= run(0, max(0, self._problem.grid.n_ticks - length + 1))
        masks: list[list[tuple[Resource, int]]] = []
        for role, pool in zip(roles, pools, strict=True):
            of_role, any_of, count = [], 0, 0
            for resource in pool:
                mask = self._starts(ask, role, resource, length, own.get(resource.id, 0)) & starts
                if mask:
                    of_role.append((resource, mask))
                    any_of |= mask
                    count += 1
            starts &= any_of
            if count < role.count or not starts:
                return
            masks.append(of_role)
        for start in bits_of(starts):
            uses = self._filled(ask, roles, masks, start, length)
            if uses is not None:
                yield Placed(step, ask.site, modality, start, start + length, uses)

    # --- everything at once -----------------------------------------------------------------------------------------

    def _filled(
        self,
        ask: Ask,
        roles: Sequence[Role],
        masks: Sequence[Sequence[tuple[Resource, int]]],
        start: int,
        length: int,
    ) -> list[Use] | None:
        """A resource for every place of every role, or None; tries all combinations that the couplings leave."""
        places = [i for i, role in enumerate(roles) for _ in range(role.count)]
        has_room = any(role.kind is ResourceKind.ROOM for role in roles)

        def fill(at: int, uses: list[Use], rooms: frozenset[ResourceId] | None) -> list[Use] | None:
            if at == len(places):
                return uses
            i = places[at]
            taken = {u.resource.id for u in uses}
            for resource, mask in masks[i]:
                if not mask >> start & 1 or resource.id in taken:
                    continue
                if resource.kind is ResourceKind.ROOM and rooms is not None and resource.id not in rooms:
                    continue
                use = self._use(roles[i], resource, start, length)
                allowed = self._couplings.fits(ask, use, uses, rooms if has_room else None)
                if allowed is None:
                    continue
                rest = fill(at + 1, [*uses, use], allowed[0])
                if rest is not None:
                    return rest
            return None

        return fill(0, [], None)


def _turn(role: Role, pool: Sequence[Resource]) -> int:
    """When a role is filled; staff without sessions last, for any of them will do wherever the others are."""
    is_staff = role.kind is ResourceKind.PRACTITIONER and all(r.use is UseRule.WHEN_OPEN for r in pool)
    return len(_TURN) if is_staff else _TURN.index(role.kind)


def _own(before: Sequence[Placed]) -> dict[ResourceId, int]:
    """The ticks that the steps placed so far take of each resource."""
    taken: dict[ResourceId, int] = {}
    for placed in before:
        for use in placed.uses:
            taken[use.resource.id] = taken.get(use.resource.id, 0) | run(use.start, use.stop)
    return taken
