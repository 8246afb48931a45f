"""Brute force: every visit that an order could have, minute by minute, from the words of `docs/reference/rules.md`.

Shares nothing with `engine.search`. Slow and plain on purpose: it walks every tick, every way to do a step and every
choice of resources, and asks each rule by itself. For worlds of a few dozen open ticks.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

from engine.model.calendar import instant_at
from engine.model.requirement import could_fill, duration_min, roles_in
from engine.model.resource import Equipment, Practitioner, ResourceKind
from engine.model.service import Modality, RoleUse
from engine.model.timegrid import epoch_minute
from tests.search.rules_alone import Placed, Use
from tests.search.rules_diary import DiaryRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.model.appointment import PlacedStep
    from engine.model.ids import SiteId
    from engine.model.service import Step


class Oracle(DiaryRules):
    """One order's visits in one schedule."""

    # --- answers ----------------------------------------------------------------------------------------------------

    def visits(self) -> Iterator[tuple[Placed, ...]]:
        """Every visit that breaks no rule."""
        if not self._may_be_booked():
            return
        for start in range(self.first, self.last, self.tick):
            if self._may_start(start):
                tried = self._extend((), start) if self.service.is_ordered else self._in_any_order((), start)
                yield from (v for v in tried if self._is_allowed(v))
        yield from self._seats()

    def costs_by_start(self) -> dict[int, int]:
        """The least cost of a visit at each tick at which one can start."""
        best: dict[int, int] = {}
        for visit in self.visits():
            tick = (visit[0].start - self.first) // self.tick
            cost = self.cost(visit)
            best[tick] = min(cost, best.get(tick, cost))
        return best

    def _seats(self) -> Iterator[tuple[Placed, ...]]:
        """Every visit as a seat in a group that somebody else comes to."""
        for group, taken in self.groups:
            if group.service != self.service.id or len(taken) >= min(group.seats, self.service.group_size):
                continue
            visit = tuple(self._as_placed(s) for s in sorted(group.steps, key=lambda s: s.start))
            if not self.first <= visit[0].start < self.last or not self._may_start(visit[0].start):
                continue
            has_met = False
            for s in visit:
                at = self.steps.index(s.step)
                in_time = s.step.start_window is None or s.step.start_window.holds(self._minute(s.start, s.site))
                is_here = self.order.required_site in (None, s.site)
                if not (in_time and is_here and self._patient_can(at, s.start, s.end, s.site, s.modality, not has_met)):
                    break
                if not all(self._suits_patient(u, self._day(s.start, s.site)) for u in s.uses):
                    break
                has_met |= s.step.is_patient_present
            else:
                is_new = all(a.patient_class is not self.order.patient_class for a in taken)
                is_welcome = not is_new or all(self._has_class_quota(u) for s in visit for u in s.uses)
                if is_welcome and self._asked_for(visit) and self._steps_together(visit) and self._order_allows(visit):
                    self.seated.append(visit)
                    yield visit

    def _as_placed(self, placed: PlacedStep) -> Placed:
        step = next(s for s in self.steps if s.id == placed.step)
        uses = []
        for v in placed.reservations:
            role = next(r for r in step.roles if r.id == v.role)
            start, end = epoch_minute(v.start), epoch_minute(v.end)
            uses.append(Use(self.p.resource(v.resource), role, start, end, (start, end)))
        times = epoch_minute(placed.start), epoch_minute(placed.end)
        return Placed(step, *times, placed.site, placed.modality, tuple(uses))

    # --- all that could be tried ------------------------------------------------------------------------------------

    def _extend(self, placed: tuple[Placed, ...], start: int) -> Iterator[tuple[Placed, ...]]:
        i = len(placed)
        for here in self._ways_known(i, start, not any(s.step.is_patient_present for s in placed)):
            visit = (*placed, here)
            if i + 1 == len(self.steps):
                yield from self._with_held(visit)
                continue
            gap = self.steps[i + 1].gap
            latest = self.last if gap.max_min is None else here.end + gap.max_min
            low = here.end + gap.min_min
            low += -(low - self.first) % self.tick
            for following in range(low, min(latest + 1, self.last), self.tick):
                yield from self._extend(visit, following)

    def _in_any_order(self, placed: tuple[Placed, ...], start: int) -> Iterator[tuple[Placed, ...]]:
        """Every visit whose steps start one after the other or at once, then in the order of the service."""
        done = [self.steps.index(s.step) for s in placed]
        for i in (j for j in range(len(self.steps)) if j not in done):
            if done and placed[-1].start == start and i < done[-1]:
                continue
            for here in self._ways_known(i, start, not any(s.step.is_patient_present for s in placed)):
                visit = (*placed, here)
                if len(visit) == len(self.steps):
                    yield visit
                elif self._steps_together(visit):  # what is broken already stays so
                    for following in range(start, self.last, self.tick):
                        yield from self._in_any_order(visit, following)

    def _ways_known(self, i: int, start: int, is_arriving: bool) -> list[Placed]:
        key = (i, start, is_arriving)
        if key not in self._known:
            self._known[key] = list(self._ways(i, start, is_arriving))
        return self._known[key]

    def _ways(self, i: int, start: int, is_arriving: bool) -> Iterator[Placed]:
        """Every way to do a step at a time, without the resources held across steps.

        `is_arriving`: no step before it has the patient.
        """
        step = self.steps[i]
        for modality, site in product(step.modalities, self.p.sites):
            if self.order.required_site not in (None, site.id):
                continue
            if step.start_window is not None and not step.start_window.holds(self._minute(start, site.id)):
                continue
            roles = roles_in(step, modality)
            for end in self._ends(step, start, site.id):
                if not self._patient_can(i, start, end, site.id, modality, is_arriving):
                    continue
                pools = [
                    [
                        u
                        for r in self.p.resources
                        if (u := self._use(r, role, start, end)) is not None
                        and self._alone(u, site.id, modality, start)
                    ]
                    for role in roles
                ]
                for choice in product(
                    *(list(combinations(p, role.count)) for p, role in zip(pools, roles, strict=True))
                ):
                    uses = tuple(u for chosen in choice for u in chosen)
                    if self._load_fits(uses):
                        yield Placed(step, start, end, site.id, modality, uses)

    def _with_held(self, visit: tuple[Placed, ...]) -> Iterator[tuple[Placed, ...]]:
        """A visit with every choice of the resources that are held across its steps."""
        index = {s.step.id: i for i, s in enumerate(visit)}
        choices: list[list[tuple[int, tuple[Use, ...]]]] = []
        for held in self.service.held:
            at, last = index[held.first], index[held.last]
            first = visit[at]
            if held.role.modalities is not None and first.modality not in held.role.modalities:
                continue
            pool = [
                u
                for r in self.p.resources
                if (u := self._use(r, held.role, first.start, visit[last].end, held=True)) is not None
                and self._alone(u, first.site, first.modality, first.start)
            ]
            choices.append([(at, chosen) for chosen in combinations(pool, held.role.count)])
        for choice in product(*choices):
            steps = list(visit)
            for at, uses in choice:
                s = steps[at]
                steps[at] = Placed(s.step, s.start, s.end, s.site, s.modality, (*s.uses, *uses))
            whole = tuple(steps)
            if all(self._is_duration(s) for s in whole):
                yield whole

    def _ends(self, step: Step, start: int, site: SiteId) -> set[int]:
        d = step.duration
        if d is None:
            assert step.nights is not None
            leaves = self._day(start, site) + timedelta(days=step.nights)
            return {epoch_minute(instant_at(leaves, self.p.policy.discharge_at, self.p.zone_of(site)))}
        own = {d.minutes, *d.by_practitioner.values(), *d.by_equipment.values()}
        extra = sum(d.by_modifier.get(m, 0) for m in self.modifiers)
        return {start - (-max(1, minutes + extra) // self.tick) * self.tick for minutes in own}

    def _is_duration(self, s: Placed) -> bool:
        if s.step.nights is not None:
            return True  # it has been given no other end
        needed = duration_min(s.step, self.modifiers, [u.resource for u in s.uses])
        return s.end - s.start == -(-needed // self.tick) * self.tick

    # --- rules on reservations together -----------------------------------------------------------------------------

    def _is_allowed(self, visit: tuple[Placed, ...]) -> bool:
        uses = [(u, s) for s in visit for u in s.uses]
        return (
            self._load_fits([u for u, _ in uses])
            and all(self._couples(s, visit) for s in visit)
            and self._asked_for(visit)
            and self._same(visit)
            and all(
                self._is_far_enough((u.start, u.end, s.site), (x.start, x.end, t.site))
                for (u, s), (x, t) in combinations(uses, 2)
                if u.resource.id == x.resource.id and isinstance(u.resource, Practitioner)
            )
            and self._changeovers(uses)
            and self._breaks(uses)
            and self._steps_together(visit)
            and self._order_allows(visit)
        )

    def _during(self, s: Placed, visit: tuple[Placed, ...]) -> list[Use]:
        """What a step uses, resources held across it included."""
        found = list(s.uses)
        index = {x.step.id: i for i, x in enumerate(visit)}
        at = index[s.step.id]
        for held in self.service.held:
            first, last = index[held.first], index[held.last]
            if first < at <= last:
                found += [u for u in visit[first].uses if u.held and u.role.id == held.role.id]
        return found

    def _couples(self, s: Placed, visit: tuple[Placed, ...]) -> bool:
        during = self._during(s, visit)
        rooms = {u.resource.id for u in during if u.resource.kind is ResourceKind.ROOM}
        needs_room = any(r.kind is ResourceKind.ROOM for r in roles_in(s.step, s.modality))
        for u in s.uses:
            r = u.resource
            if isinstance(r, Equipment) and r.fixed_in is not None and needs_room and r.fixed_in not in rooms:
                return False
            inside = [x for x, a, b in self._sessions(r.id) if self._admits(x, a, b, u, s.site)]
            if needs_room and inside and not any(not x.rooms or rooms & set(x.rooms) for x in inside):
                return False
            if not isinstance(r, Practitioner):
                for block, a, b, where in self._blocks(r):
                    if not (a < u.end and u.start < b):
                        continue
                    is_kept = block.release is None or self.now < epoch_minute(
                        block.release.instant(block.day, self.p.zone_of(where))
                    )
                    if is_kept and not any(self._owns(x.resource, block) for x in during):
                        return False
        return True

    def _asked_for(self, visit: tuple[Placed, ...]) -> bool:
        asked = self.order.required_practitioner
        if asked is None:
            return True
        resource = self.p.resource(asked)
        for s in visit:
            could = any(
                r.kind is ResourceKind.PRACTITIONER and r.use is RoleUse.EXCLUSIVE and could_fill(resource, r)
                for r in roles_in(s.step, s.modality)
            )
            if could and asked not in {u.resource.id for u in s.uses}:
                return False
        return asked in {u.resource.id for s in visit for u in s.uses}

    def _same(self, visit: tuple[Placed, ...]) -> bool:
        for same in self.service.same:
            sets = []
            for ref in same.roles:
                s = next(x for x in visit if x.step.id == ref.step)
                chosen = {u.resource.id for u in s.uses if u.role.id == ref.role}
                if chosen:
                    sets.append(chosen)
            if any(x != sets[0] for x in sets):
                return False
        return True

    def _is_way_made(self, a: Placed, b: Placed) -> bool:
        """Whether the patient, who is at two sites for two steps, has the time for the way."""
        there = [s for s in (a, b) if s.step.is_patient_present and s.modality is Modality.IN_PERSON]
        if len(there) < 2 or a.site == b.site:
            return True
        return b.start - a.end >= max(self.p.travel_min.get((a.site, b.site), 0), self.patient.travel_min or 0)

    def _steps_together(self, visit: tuple[Placed, ...]) -> bool:
        for a, b in pairwise(visit) if self.service.is_ordered else ():
            gap = b.start - a.end
            most = b.step.gap.max_min
            if gap < b.step.gap.min_min or (most is not None and gap > most):
                return False
        if any(not self._is_way_made(a, b) for a, b in combinations(visit, 2)):
            return False
        if self.service.is_same_day and len({self._day(s.start, s.site) for s in visit}) > 1:
            return False
        if not self.service.is_ordered and not self._are_apart(visit):
            return False
        span = self.service.max_span_min
        return span is None or max(s.end for s in visit) - visit[0].start <= span

    def _are_apart(self, visit: tuple[Placed, ...]) -> bool:
        """Of steps free in order: each starts on the grid, and the patient is in one of them at a time."""
        if any(self._minute(s.start, s.site) % self.p.start_grid_min(s.site) for s in visit):
            return False
        present = [s for s in visit if s.step.is_patient_present]
        return all(a.end <= b.start or b.end <= a.start for a, b in combinations(present, 2))
