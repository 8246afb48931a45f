"""What a brute force knows of one order in one schedule: clocks, bookings, and each rule by itself.

Written from the words of `docs/reference/rules.md`, in minutes, slow and plain on purpose; shares nothing with
`engine.search`. `oracle` puts the rules together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.model.hours import open_intervals
from engine.model.order import Priority
from engine.model.patient import age_on
from engine.model.requirement import capabilities_on, could_fill, required_steps
from engine.model.resource import BuffersRule, LimitKind, Practitioner, UseRule
from engine.model.service import Modality, RoleUse
from engine.model.timegrid import epoch_minute, from_epoch_minute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from engine.model.appointment import Appointment, GroupOccurrence
    from engine.model.ids import ResourceId, SiteId
    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Role, Step
    from engine.model.session import PatientClass, Session, SurgeryBlock


@dataclass(frozen=True)
class Use:
    """A reservation `[start, end)` with its role's window, in epoch minutes."""

    resource: Resource
    role: Role
    start: int
    end: int
    window: tuple[int, int]
    held: bool = False


@dataclass(frozen=True)
class Placed:
    """A step at its time with its reservations."""

    step: Step
    start: int
    end: int
    site: SiteId
    modality: Modality
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Booked:
    """A reservation of a visit, or of a group in which somebody has a seat, that is there already.

    `classes` are those of its patients.
    """

    visit: str
    classes: frozenset[str]
    resource: str
    start: int
    end: int
    window: tuple[int, int]
    units: int
    is_presence: bool
    site: SiteId
    role: Role | None


class OneRule:
    """Rules that one reservation can break alone, and the patient's time."""

    def __init__(
        self,
        problem: Problem,
        appointments: Sequence[Appointment],
        order: Order,
        now: datetime,
        occurrence: int = 0,
        groups: Sequence[GroupOccurrence] = (),
    ) -> None:
        self.p, self.order, self.occurrence, self.now = problem, order, occurrence, epoch_minute(now)
        self.booked = [a for a in appointments if a.blocks_at(now)]
        self.service, self.patient = problem.service(order.service), problem.patient(order.patient)
        self.tick = problem.tick_min
        self.first = epoch_minute(problem.horizon.start)
        self.last = epoch_minute(problem.horizon.end)
        self.is_group = self.service.group_size > 1
        self.steps = (
            self.service.steps
            if self.is_group
            else required_steps(problem, self.service, self.patient, order, occurrence)
        )
        self.modifiers = () if self.is_group else order.modifiers
        seats = {g.id: [a for a in self.booked if a.group == g.id] for g in groups}
        self.groups = [(g, seats[g.id]) for g in groups if seats[g.id]]
        self.reserved = [use for a in self.booked for use in self._reservations(a, {a.patient_class})]
        for g, taken in self.groups:
            self.reserved += self._reservations(g, {a.patient_class for a in taken})
        self.seated: list[tuple[Placed, ...]] = []
        """The visits that are seats in groups."""
        self._known: dict[tuple[int, int, bool], list[Placed]] = {}
        span = timedelta(days=3)
        self.open = {
            r.id: [
                (epoch_minute(a), epoch_minute(b))
                for a, b in open_intervals(
                    problem.hours_of(r),
                    problem.horizon.start - span,
                    problem.horizon.end + span,
                    problem.zone_of(r.site),
                )
            ]
            for r in problem.resources
        }

    def _alone(self, u: Use, site: SiteId, modality: Modality, step_start: int) -> bool:
        return (
            self._suits_patient(u, self._day(step_start, site))
            and self._is_privileged(u, self._day(step_start, site))
            and any(a <= u.start and u.end <= b for a, b in self.open[u.resource.id])
            and self._is_in_session(u, site)
            and self._is_at_site(u, site, modality)
            and not self._is_kept_back(u)
            and self._has_quota(u)
            and self._can_travel(u, site)
            and self._load_fits([u])
        )

    def _suits_patient(self, u: Use, day: date) -> bool:
        r, patient = u.resource, self.patient
        is_closed = isinstance(r, Practitioner) and not r.accepts_new and u.role.use is RoleUse.EXCLUSIVE
        if is_closed and r.id not in patient.known_to:
            return False
        for limit in r.limits:
            if limit.kind is LimitKind.AGE_YEARS:
                value = None if patient.birth_date is None else age_on(patient.birth_date, day)
            else:
                value = patient.measures.get(limit.kind)
            if value is not None:
                if limit.minimum is not None and value < limit.minimum:
                    return False
                if limit.maximum is not None and value > limit.maximum:
                    return False
        return True

    def _is_privileged(self, u: Use, day: date) -> bool:
        return set(u.role.capabilities) <= set(capabilities_on(u.resource, day))

    def _sessions(self, resource: ResourceId) -> list[tuple[Session, int, int]]:
        found = []
        for s in self.p.sessions_by_resource.get(resource, ()):
            a, b = s.bounds(self.p.zone_of(s.site))
            found.append((s, epoch_minute(a), epoch_minute(b)))
        return found

    def _blocks(self, resource: Resource) -> list[tuple[SurgeryBlock, int, int, SiteId]]:
        """Blocks of a theatre, or of a practitioner who owns them."""
        found = []
        for block in self.p.blocks:
            theatre = self.p.resource(block.theatre)
            if block.theatre == resource.id or self._owns(resource, block):
                a, b = block.bounds(self.p.zone_of(theatre.site))
                found.append((block, epoch_minute(a), epoch_minute(b), theatre.site))
        return found

    @staticmethod
    def _owns(resource: Resource, block: SurgeryBlock) -> bool:
        return isinstance(resource, Practitioner) and (
            resource.id == block.practitioner or block.specialty in resource.specialties
        )

    def _admits(self, session: Session, a: int, b: int, u: Use, site: SiteId) -> bool:
        if session.site != site or not (a <= u.start and u.end <= b):
            return False
        if not session.segments:
            return True
        zone = self.p.zone_of(session.site)
        bounds = [session.part_bounds(p, zone) for p in session.segments]
        parts = [(p, epoch_minute(c), epoch_minute(d)) for p, (c, d) in zip(session.segments, bounds, strict=True)]
        for minute in range(u.start, u.end, 5):  # all clock times of these worlds are multiples of 5
            here = [p for p, c, d in parts if c <= minute < d]
            if not here or any(p.services is not None and self.service.id not in p.services for p in here):
                return False
        return True

    def _is_in_session(self, u: Use, site: SiteId) -> bool:
        sessions = self._sessions(u.resource.id)
        touches = any(a < u.end and u.start < b for _, a, b in sessions)
        if u.resource.use is UseRule.WHEN_OPEN and not touches:
            return True
        if any(self._admits(s, a, b, u, site) for s, a, b in sessions):
            return True
        return any(
            where == site
            and a <= u.start
            and u.end <= b
            and (block.services is None or self.service.id in block.services)
            for block, a, b, where in self._blocks(u.resource)
        )

    def _is_at_site(self, u: Use, site: SiteId, modality: Modality) -> bool:
        r = u.resource
        if not isinstance(r, Practitioner):
            return r.site == site
        if modality is not Modality.IN_PERSON:
            return True
        sites = {s.site for s, a, b in self._sessions(r.id) if a <= u.start and u.end <= b}
        sites |= {where for _, a, b, where in self._blocks(r) if a <= u.start and u.end <= b}
        return site in (sites or {r.site, *r.other_sites})

    def _is_kept_back(self, u: Use) -> bool:
        if self.order.priority is not Priority.ROUTINE:
            return False
        for s, _, _ in self._sessions(u.resource.id):
            zone = self.p.zone_of(s.site)
            for part in s.segments:
                a, b = (epoch_minute(t) for t in s.part_bounds(part, zone))
                if part.is_kept_for_urgent and a < u.end and u.start < b:
                    release = part.release
                    if release is None or self.now < epoch_minute(release.instant(s.day, zone)):
                        return True
        return False

    def _has_quota(self, u: Use) -> bool:
        for s, _, _ in self._sessions(u.resource.id):
            zone = self.p.zone_of(s.site)
            own = [x for x in self.reserved if x.resource == u.resource.id]
            for part in s.segments:
                c, d = (epoch_minute(t) for t in s.part_bounds(part, zone))
                if part.quota is not None and c <= u.window[0] < d:
                    taken = {x.visit for x in own if c <= x.window[0] < d}
                    if len(taken) >= part.quota:
                        return False
        return self._has_class_quota(u)

    def _has_class_quota(self, u: Use) -> bool:
        for s, a, b in self._sessions(u.resource.id):
            own = [x for x in self.reserved if x.resource == u.resource.id]
            for limit in s.class_quotas:
                if limit.patient_class is self.order.patient_class and a <= u.start and u.end <= b:
                    taken = {x.visit for x in own if a <= x.start and x.end <= b and limit.patient_class in x.classes}
                    if len(taken) >= limit.quota:
                        return False
        return True

    def _can_travel(self, u: Use, site: SiteId) -> bool:
        if not isinstance(u.resource, Practitioner):
            return True
        others = [(x.start, x.end, x.site) for x in self.reserved if x.resource == u.resource.id]
        return all(self._is_far_enough((u.start, u.end, site), other) for other in others)

    def _is_far_enough(self, one: tuple[int, int, SiteId], other: tuple[int, int, SiteId]) -> bool:
        if one[2] == other[2]:
            return True
        first, second = sorted((one, other))
        return second[0] - first[1] >= self.p.travel_min.get((first[2], second[2]), 0)

    def _use(self, resource: Resource, role: Role, start: int, end: int, *, held: bool = False) -> Use | None:
        if not could_fill(resource, role):
            return None
        a = (start if role.start.anchor == "start" else end) + role.start.minutes // self.tick * self.tick
        b = (start if role.end.anchor == "start" else end) - (-role.end.minutes // self.tick) * self.tick
        before, after = role.setup_min + resource.setup_min, role.cleanup_min + resource.cleanup_min
        if resource.buffers is BuffersRule.OVERLAP:
            before = after = 0
        before, after = -(-before // self.tick) * self.tick, -(-after // self.tick) * self.tick
        return Use(resource, role, a - before, b + after, (a, b), held)

    def _load_fits(self, uses: Sequence[Use]) -> bool:
        """Lanes and supervision, tick by tick."""
        for r in {u.resource.id: u.resource for u in uses}.values():
            own = [u for u in uses if u.resource.id == r.id]
            there = [x for x in self.reserved if x.resource == r.id]
            for u in own:
                for minute in range(u.start, u.end, self.tick):
                    units = sum(
                        x.role.units for x in own if x.role.use is RoleUse.EXCLUSIVE and x.start <= minute < x.end
                    )
                    units += sum(x.units for x in there if not x.is_presence and x.start <= minute < x.end)
                    present = sum(1 for x in own if x.role.use is RoleUse.PRESENCE and x.start <= minute < x.end)
                    present += sum(1 for x in there if x.is_presence and x.start <= minute < x.end)
                    extra = max((s.overbooking_lanes for s, a, b in self._sessions(r.id) if a <= minute < b), default=0)
                    if units + (present > 0) > r.lanes + extra or present > r.presence_limit:
                        return False
        return True

    def _patient_can(self, i: int, start: int, end: int, site: SiteId, modality: Modality, is_arriving: bool) -> bool:
        if not self.steps[i].is_patient_present:
            return True
        if is_arriving:
            start -= self.service.arrive_before_min
        for away in self.patient.unavailable:
            if start < epoch_minute(away.end) and epoch_minute(away.start) < end:
                return False
        for a, b, where in self._patient_stretches():
            if start < b and a < end:
                return False
            if modality is Modality.IN_PERSON and where is not None and where != site:
                first, second = sorted(((start, end, site), (a, b, where)))
                way = max(self.p.travel_min.get((first[2], second[2]), 0), self.patient.travel_min or 0)
                if second[0] - first[1] < way:
                    return False
        return True

    def _patient_stretches(self) -> Iterator[tuple[int, int, SiteId | None]]:
        for a in self.booked:
            if a.patient != self.patient.id:
                continue
            service = self.p.service(a.service)
            absent = {s.id for s in service.steps if not s.is_patient_present}
            present = sorted((s for s in a.steps if s.step not in absent), key=lambda s: s.start)
            for i, s in enumerate(present):
                arrive = service.arrive_before_min if i == 0 else 0
                where = s.site if s.modality is Modality.IN_PERSON else None
                yield epoch_minute(s.start) - arrive, epoch_minute(s.end), where

    def _day(self, minute: int, site: SiteId) -> date:
        return from_epoch_minute(minute).astimezone(ZoneInfo(self.p.zone_of(site))).date()

    def _minute(self, minute: int, site: SiteId) -> int:
        local = from_epoch_minute(minute).astimezone(ZoneInfo(self.p.zone_of(site)))
        return local.hour * 60 + local.minute

    def _visit_day(self, a: Appointment) -> date:
        first = min(a.steps, key=lambda s: s.start)
        return self._day(epoch_minute(first.start), first.site)

    def _reservations(self, a: Appointment | GroupOccurrence, classes: set[PatientClass]) -> Iterator[Booked]:
        service = self.p.service(a.service)
        for placed in a.steps:
            step = next((s for s in service.steps if s.id == placed.step), None)
            for v in placed.reservations:
                start, end = epoch_minute(v.start), epoch_minute(v.end)
                role = next((r for r in step.roles if r.id == v.role), None) if step else None
                window = (start, end)
                if role is not None:
                    s, e = epoch_minute(placed.start), epoch_minute(placed.end)
                    window = (
                        (s if role.start.anchor == "start" else e) + role.start.minutes // self.tick * self.tick,
                        (s if role.end.anchor == "start" else e) - (-role.end.minutes // self.tick) * self.tick,
                    )
                for held in service.held if role is None else ():
                    if held.first == placed.step and held.role.id == v.role:
                        role = held.role
                        s = epoch_minute(placed.start)
                        e = next(epoch_minute(x.end) for x in a.steps if x.step == held.last)
                        window = (
                            (s if role.start.anchor == "start" else e) + role.start.minutes // self.tick * self.tick,
                            (s if role.end.anchor == "start" else e) - (-role.end.minutes // self.tick) * self.tick,
                        )
                yield Booked(
                    a.id,
                    frozenset(classes),
                    v.resource,
                    start,
                    end,
                    window,
                    v.units,
                    v.use is RoleUse.PRESENCE,
                    placed.site,
                    role,
                )

    def _changeovers(self, uses: list[tuple[Use, Placed]]) -> bool:
        """Judged between one use and the next of a resource with one lane."""
        for r in {u.resource.id: u.resource for u, _ in uses}.values():
            if r.lanes != 1 or (r.buffers is BuffersRule.ADD and not r.changeovers):
                continue
            own = [
                (u.window, u.role, True) for u, _ in uses if u.resource.id == r.id and u.role.use is RoleUse.EXCLUSIVE
            ]
            there = [(x.window, x.role, False) for x in self.reserved if x.resource == r.id and not x.is_presence]
            everyone = own + there
            for (a, role_a, own_a), (b, role_b, own_b) in product(everyone, repeat=2):
                if not (own_a or own_b) or a[1] > b[0]:
                    continue
                between = any(a[1] <= c[0] and c[1] <= b[0] for c, _, _ in everyone)
                if not between and b[0] - a[1] < self._changeover_min(r, role_a, role_b):
                    return False
        return True

    @staticmethod
    def _changeover_min(r: Resource, first: Role | None, second: Role | None) -> int:
        named = {t for c in r.changeovers for t in (c.before, c.after)}
        before = first.tag if first and first.tag in named else None
        after = second.tag if second and second.tag in named else None
        needed = max((c.minutes for c in r.changeovers if (c.before, c.after) == (before, after)), default=0)
        if r.buffers is BuffersRule.OVERLAP:
            needed = max(needed, r.cleanup_min + (first.cleanup_min if first else 0))
            needed = max(needed, r.setup_min + (second.setup_min if second else 0))
        return needed

    def _breaks(self, uses: list[tuple[Use, Placed]]) -> bool:
        for r in {u.resource.id for u, _ in uses}:
            taken = [(u.start, u.end) for u, _ in uses if u.resource.id == r]
            there = [(x.start, x.end) for x in self.reserved if x.resource == r]
            for s, _, _ in self._sessions(r):
                for wanted in s.breaks:
                    a, b = (epoch_minute(t) for t in s.part_bounds(wanted, self.p.zone_of(s.site)))
                    if not any(c < b and a < d for c, d in taken):
                        continue
                    run = longest = 0
                    for minute in range(a, b, 5):
                        run = 0 if any(c <= minute < d for c, d in taken + there) else run + 5
                        longest = max(longest, run)
                    if longest < wanted.minutes:
                        return False
        return True
