"""The steps of a query: who could do each, where, for how long, and at which starts each resource is there."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from engine.model.codes import ConstraintCode
from engine.model.requirement import roles_in
from engine.model.resource import LimitKind
from engine.model.service import Modality, RoleUse
from engine.search import bits
from engine.search.limits import ages, suits_patient
from engine.search.ownership import Ownership
from engine.search.plans import RolePlan, StepPlan, Turn, Variant
from engine.search.starts import Entry, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.model.ids import RoleId, SiteId
    from engine.model.resource import Resource
    from engine.model.service import HeldResource, Role, Step
    from engine.search.bits import Row
    from engine.search.query import Query

__all__ = ["Planner"]

_Pool: TypeAlias = "tuple[Role, HeldResource | None, list[int]]"
"""A role, what the service says of it if it is held across steps, and who could fill it."""


class Planner:
    """Works out the steps of one query."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._occupancy, self._calendars = query.occupancy, query.calendars
        self._resources = query.problem.resources

    def plan(self) -> list[StepPlan]:
        """Every step with all its variants."""
        query, ticks = self._query, self._occupancy.grid.ticks
        found: list[StepPlan] = []
        for i, step in enumerate(query.required):
            variants = [v for m in self._modalities(step) for v in self._seats(i, m)]
            variants += [v for m in self._modalities(step) for v in self._variants(i, m)]
            most = step.gap.max_min
            gap = ticks(step.gap.min_min), None if most is None else most // self._occupancy.grid.tick_min
            found.append(StepPlan(i, step, variants, gap))
        self._set_reach(found)
        return found

    def _set_reach(self, steps: list[StepPlan]) -> None:
        """Tell every step whom it and later ones may use; a resource held counts until it is let go.

        Of steps free in order, which has no later ones, whom it may use itself.
        """
        pools = [set[int]().union(*(r.resources for v in s.variants for r in v.roles)) for s in steps]
        if self._query.is_any_order:
            for plan, pool in zip(steps, pools, strict=True):
                plan.reach = frozenset(pool)
            return
        for s in steps:
            for role in (r for v in s.variants for r in v.roles):
                if role.held is not None:
                    for j in range(s.index + 1, self._query.index(role.held.last) + 1):
                        pools[j].update(role.resources)
        reach = list(accumulate(reversed(pools), set[int].union))[::-1]
        for plan, later in zip(steps, reach, strict=True):
            plan.reach = frozenset(later)

    # --- variants -------------------------------------------------------------------------------------------------

    def _modalities(self, step: Step) -> list[Modality]:
        """A step's modalities, the patient's preferred one first."""
        wish = self._query.order.preference.modality
        return sorted(step.modalities, key=lambda m: m is not wish)

    def _turns(self, i: int) -> list[tuple[Turn | None, bool, int]]:
        """When it may be the turn of a step, whether it begins the visit, and minutes of arrival before it."""
        required, minutes = self._query.required, self._query.service.arrive_before_min
        present = [j for j, step in enumerate(required) if step.is_patient_present]
        if not self._query.is_any_order:
            return [(None, i == 0, minutes if present and i == present[0] else 0)]
        is_present = i in present
        turns: list[tuple[Turn | None, bool, int]] = [
            (Turn.FIRST, True, minutes if is_present else 0),
            (Turn.LATER, False, 0),
        ]
        if is_present and len(present) < len(required):
            turns.append((Turn.ARRIVING, False, minutes))
        return turns

    def _variants(self, i: int, modality: Modality) -> list[Variant]:
        query, step = self._query, self._query.required[i]
        found: list[Variant] = []
        for site in query.sites:
            pools = self._pools(step, modality, site)
            if any(len(pool) < role.count for role, _, pool in pools):
                continue
            turns = [(*turn, self._allowed(step, site, is_first=turn[1])) for turn in self._turns(i)]
            for length, starts in self._lengths(i, site, turns):
                roles = self._roles(i, site, modality, length, pools)
                if roles is None:
                    continue
                anywhen, lead = turns[0][3], self._lead_of(step, roles)
                variant = Variant(modality, site, length, roles, anywhen, anywhen, anywhen, lead)
                found.extend(self._placed(i, variant, turns, starts))
        return sorted(found, key=lambda v: not self._is_home(v))

    def _lead_of(self, step: Step, roles: Sequence[RolePlan]) -> int | None:
        treating = [k for k, role in enumerate(roles) if role.is_treating]
        bound = [k for k in treating if (step.id, roles[k].role.id) in self._query.same]
        return next(iter(bound or treating), None)

    def _placed(
        self, i: int, variant: Variant, turns: Sequence[tuple[Turn | None, bool, int, Row]], starts: Row | None
    ) -> Iterator[Variant]:
        """A way to do a step at every turn of it, with the starts that calendar and patient allow."""
        query, step, length = self._query, self._query.required[i], variant.length
        for turn, _, arrive, base in turns:
            calendar = base.copy() if starts is None else base & starts
            if query.is_any_order or i == len(query.required) - 1:
                latest = self._calendars.within[1] - length
                if query.order.deadline is not None and ConstraintCode.DEADLINE not in query.lifted:
                    latest = min(latest, self._occupancy.grid.floor(query.order.deadline) - length)
                bits.clear_range(calendar, latest + 1, self._occupancy.n_ticks)
            allowed = calendar.copy()
            if step.is_patient_present and ConstraintCode.PATIENT_AVAILABLE not in query.lifted:
                is_in_person = variant.modality is Modality.IN_PERSON
                query.patient_time.clear(allowed, length, arrive, variant.site, is_in_person=is_in_person)
            yield replace(variant, calendar=calendar, allowed=allowed, row=allowed, turn=turn)

    def _seats(self, i: int, modality: Modality) -> Iterator[Variant]:
        """A step as a seat in each group occurrence that has it in this modality."""
        query, step = self._query, self._query.required[i]
        for meeting in query.meetings:
            start, stop, placed = meeting.steps[step.id]
            if placed.modality is not modality or placed.site not in query.sites:
                continue
            turns = [(*turn, self._allowed(step, placed.site, is_first=turn[1])) for turn in self._turns(i)]
            row = bits.make(self._occupancy.n_ticks)
            bits.set_range(row, start, start + 1, self._occupancy.n_ticks)
            seat = Variant(modality, placed.site, stop - start, (), row, row, row, None, meeting=meeting)
            yield from self._placed(i, seat, turns, row)

    def _lengths(
        self, i: int, site: SiteId, turns: Sequence[tuple[Turn | None, bool, int, Row]]
    ) -> Iterator[tuple[int, Row | None]]:
        """The lengths in ticks of a step at a site, each with the starts at which it is so long; None: all.

        A stay is as long as it is from its start to its discharge: a way to do it for each such length. Those at which
        nothing may start are left out, but for one, so that it can be said what stands in the way.
        """
        query, step = self._query, self._query.required[i]
        if step.nights is None:
            yield from ((n, None) for n in sorted({self._occupancy.grid.ticks(m) for m in query.lengths[i]}))
            return
        stays, allowed = query.stays(step, site), np.zeros(self._occupancy.n_ticks, np.bool_)
        bits.to_bool(np.bitwise_or.reduce([base for *_, base in turns]), allowed)
        for length in np.unique(stays[allowed]).tolist() or [int(stays.min())]:
            row = bits.make(self._occupancy.n_ticks)
            bits.from_bool(allowed & (stays == length), row)
            yield length, row

    def _is_home(self, variant: Variant) -> bool:
        """Whether somebody who could do it works at its site; a step that is not in person might be anywhere."""
        roles = variant.roles
        return not roles or any(self._resources[r].site == variant.site for r in roles[0].pool)

    def _allowed(self, step: Step, site: SiteId, *, is_first: bool) -> Row:
        """Starts of a step at a site that the order and the calendar allow; a new row."""
        if is_first:
            row = self._query.asked_starts()
            bits.and_(row, self._query.limits.row(site))
        else:
            row = bits.make(self._occupancy.n_ticks)
            bits.fill(self._occupancy.n_ticks, row)
            if self._query.is_any_order:
                bits.and_(row, self._calendars.clock(site).on_grid(self._query.problem.start_grid_min(site)))
        if step.start_window is not None and ConstraintCode.TIME_OF_DAY not in self._query.lifted:
            bits.and_(row, self._calendars.clock(site).within(step.start_window))
        return row

    # --- pools ----------------------------------------------------------------------------------------------------

    def unfilled(self, i: int) -> list[RoleId]:
        """Roles of a step that too few resources could fill for this patient, at whatever site and time."""
        step = self._query.required[i]
        by_site = [
            {role.id for role, _, pool in self._pools(step, modality, site) if len(pool) < role.count}
            for modality in self._modalities(step)[:1]
            for site in self._query.sites
        ]
        return sorted(set.intersection(*by_site)) if by_site else []

    def _pools(self, step: Step, modality: Modality, site: SiteId) -> list[_Pool]:
        """The roles of a step, then those held from it on, each with who could fill it at a site."""
        roles: list[tuple[Role, HeldResource | None]] = [(role, None) for role in roles_in(step, modality)]
        roles += [
            (held.role, held)
            for held in self._query.service.held
            if held.first == step.id and (held.role.modalities is None or modality in held.role.modalities)
        ]
        return [(role, held, self._pool(role, site)) for role, held in roles]

    def _pool(self, role: Role, site: SiteId) -> list[int]:
        """Resources that could fill a role at a site for this patient, time apart."""
        return [r for r in self._calendars.pool(role, site) if self._suits(self._resources[r], role)]

    def _suits(self, resource: Resource, role: Role) -> bool:
        return suits_patient(resource, self._query.patient, None, is_exclusive=role.use is RoleUse.EXCLUSIVE)

    # --- roles ----------------------------------------------------------------------------------------------------

    def _roles(
        self, i: int, site: SiteId, modality: Modality, length: int, pools: Sequence[_Pool]
    ) -> tuple[RolePlan, ...] | None:
        """The roles of a variant with the rows of their pools; None where a role has no time in a step so short."""
        query, starts = self._query, self._occupancy.starts
        fitting = self._of_length(query.required[i], length, pools)
        owners = frozenset(r for _, _, pool in fitting for r in pool)
        owners |= {r for h in query.service.held for r in self._calendars.pool(h.role, site)}
        plans: list[RolePlan] = []
        for role, held, pool in fitting:
            stretch = length
            if held is not None:
                stretch += query.least_between(i, query.index(held.last)) - query.least_between(i, i)
            window = query.window(role, stretch)
            if window[0] >= window[1]:
                return None
            shape = shape_of(role, query.service.id, site, window, is_in_person=modality is Modality.IN_PERSON)
            number = starts.number(shape)
            entries: list[Entry] = []
            for r in pool:
                if held is not None and role.start.anchor == "end":
                    entries.append(self._anytime(r))  # its window is known only once the last step is placed
                    continue
                made = starts.entries(
                    r, shape, number, query.order.patient_class, query.now, is_routine=query.is_routine
                )
                reserved = shape.reserved(self._resources[r], self._occupancy.grid.tick_min)
                entries.extend(self._restricted(e, role, site, owners, reserved) for e in made)
            could = frozenset(self._calendars.pool(role, site))
            plans.append(RolePlan(role, shape, tuple(pool), tuple(entries), could, held))
        ownership = None if query.service.held else Ownership.of(query, plans)
        if ownership is not None and ownership.is_of_one_role:
            self._tie_owners(ownership)
        return tuple(plans)

    def _tie_owners(self, ownership: Ownership) -> None:
        """Tie the practitioners who own surgery blocks to the theatres in which they may work at a time."""
        store, entries = self._occupancy.starts.store, list[Entry]()
        for e in ownership.owning[0].entries:
            for rooms, row in ownership.ways(e.r, e.rooms):
                mine = None if row is None else row & store.rows[e.slot]
                if mine is None or mine.any():
                    entries.append(Entry(e.r, e.slot if mine is None else self._query.put(mine), rooms))
        ownership.owning[0].narrow(entries)

    def _of_length(self, step: Step, length: int, pools: Sequence[_Pool]) -> list[_Pool]:
        """The pools without the resources with whom the step takes longer; too many are left, never too few."""
        duration = step.duration
        if duration is None or not (duration.by_practitioner or duration.by_equipment):
            return list(pools)
        extra = sum(duration.by_modifier.get(m, 0) for m in self._query.modifiers)
        own = {**duration.by_practitioner, **duration.by_equipment}
        ticks = self._occupancy.grid.ticks

        def lasts(r: int) -> int | None:
            minutes = own.get(self._resources[r].id)
            return None if minutes is None else ticks(max(1, minutes + extra))

        ordinary = ticks(max(1, duration.minutes + extra))
        deciding = [k for k, (_, _, pool) in enumerate(pools) if any(lasts(r) is not None for r in pool)]
        is_one = len(deciding) == 1 and pools[deciding[0]][0].count == 1
        found: list[_Pool] = []
        for k, (role, held, pool) in enumerate(pools):
            if is_one and k == deciding[0]:
                kept = [r for r in pool if (lasts(r) or ordinary) == length]
            else:
                kept = [r for r in pool if (lasts(r) or 0) <= length]
            found.append((role, held, kept))
        return found

    def _restricted(
        self, entry: Entry, role: Role, site: SiteId, owners: frozenset[int], reserved: tuple[int, int]
    ) -> Entry:
        """An entry with what depends on the day, the patient or the others in the step taken out of its row."""
        query, r, resource = self._query, entry.r, self._resources[entry.r]
        limits: list[Row] = []
        in_force = self._calendars.privileged(r, role.capabilities, site)
        if in_force is not None and ConstraintCode.PRIVILEGE not in query.lifted:
            limits.append(in_force)
        for limit in resource.limits if ConstraintCode.RESOURCE_LIMIT not in query.lifted else ():
            if limit.kind is LimitKind.AGE_YEARS and query.patient.birth_date is not None:
                days = ages(query.patient.birth_date, limit.minimum, limit.maximum)
                limits.append(self._calendars.clock(site).between_dates(*days))
        if self._calendars.blocks.is_theatre(r):
            limits.append(self._calendars.blocks.starts(r, owners, reserved, query.now))
        if not limits:
            return entry
        row = np.bitwise_and.reduce([self._occupancy.starts.store.rows[entry.slot], *limits])
        return Entry(r, query.put(row), entry.rooms)

    def _anytime(self, r: int) -> Entry:
        row = bits.make(self._occupancy.n_ticks)
        bits.fill(self._occupancy.n_ticks, row)
        return Entry(r, self._query.put(row), None)
