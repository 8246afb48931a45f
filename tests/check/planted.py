"""Small random clinics with visits placed by a dumb clerk, who knows the rules by heart and shares no code.

The clerk works minute by minute: for each order she tries every start of the day, and for each role every resource, and
takes what is free for long enough. Where a rule is subtle she keeps well away from its edge: a visit stays inside one
segment of one session, every distance between two uses is the longest that any rule asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.model.appointment import Appointment, GroupOccurrence, PlacedStep, Reservation
from engine.model.calendar import Interval
from engine.model.hours import Hours
from engine.model.order import Condition
from engine.model.policy import Policy
from engine.model.resource import Changeover
from engine.model.schedule import Schedule
from engine.model.service import Gap, HeldResource, SameResource
from engine.model.session import Segment
from tests.factories import (
    equipment,
    order,
    patient,
    period,
    practitioner,
    problem,
    role,
    room,
    service,
    session,
    site,
    step,
    weekly,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.model.order import Order
    from engine.model.problem import Problem
    from engine.model.resource import Resource
    from engine.model.service import Role, Service, Step

ZONE = "Europe/Zurich"
SATURDAYS = (date(2026, 3, 7), date(2026, 3, 28), date(2026, 10, 24))
"""An ordinary one, and those before the clocks go forward and back."""
SEVEN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOSING_MIN = 6 * 60
"""Minutes after midnight at which everything closes."""
APART_MIN = 45
"""Longer than any clean-up, set-up or changeover in these clinics."""


@dataclass
class Clinic:
    """A problem with legal visits in it."""

    world: Problem
    now: datetime
    visits: list[Appointment] = field(default_factory=list)
    groups: list[GroupOccurrence] = field(default_factory=list)

    def schedule(self, visits: list[Appointment] | None = None) -> Schedule:
        return Schedule.of(self.world, self.visits if visits is None else visits, groups=tuple(self.groups))


class Clerk:
    """Places visits minute by minute."""

    def __init__(self, world: Problem, resources: Sequence[Resource]) -> None:
        self.world, self.resources = world, resources
        self.zero = world.horizon.start.astimezone(UTC)
        self.n = (world.horizon.end - world.horizon.start) // timedelta(minutes=1)
        clock = [(self.zero + timedelta(minutes=m)).astimezone(ZoneInfo(ZONE)) for m in range(self.n + 1)]
        self.day = [c.date() for c in clock]
        self.wall = [c.hour * 60 + c.minute for c in clock]
        self.used: dict[str, list[int]] = {r.id: [0] * self.n for r in world.resources}
        self.windows: dict[str, list[tuple[int, int]]] = {r.id: [] for r in world.resources}
        self.patients: dict[str, list[bool]] = {p.id: [False] * self.n for p in world.patients}
        self.quota: dict[tuple[str, str, int], int] = {}
        self.parts = [
            (str(held.owner), (str(held.owner), str(held.id), i), part, inside[0], inside[-1] + 1)
            for held in world.sessions
            for i, part in enumerate(held.segments)
            if (
                inside := [
                    m for m in range(self.n) if self.day[m] == held.day and part.start <= self.wall[m] < part.end
                ]
            )
        ]

    def at(self, minute: int) -> datetime:
        return self.zero + timedelta(minutes=minute)

    def place(
        self, wanted: Order, site: str, id: str, *, is_group: bool = False
    ) -> Appointment | GroupOccurrence | None:
        """The first legal visit for an order, booked; None where the clerk finds none."""
        for start in (m for m in range(0, self.n, 5) if self.wall[m] < CLOSING_MIN):
            steps = self.try_at(wanted, site, start, is_group=is_group)
            if steps is not None:
                if is_group:
                    return GroupOccurrence(id=id, service=wanted.service, seats=2, steps=tuple(steps))
                return self.visit(wanted, id, tuple(steps))
        return None

    def visit(self, wanted: Order, id: str, steps: tuple[PlacedStep, ...], **fields: Any) -> Appointment:
        return Appointment(
            id=id,
            patient=wanted.patient,
            service=wanted.service,
            order=wanted.id,
            priority=wanted.priority,
            steps=steps,
            booked_at=self.zero - timedelta(days=30),
            **fields,
        )

    def try_at(self, wanted: Order, site: str, start: int, *, is_group: bool) -> list[PlacedStep] | None:
        asked: Service = self.world.service_by_id[wanted.service]
        times: list[tuple[Step, int, int, list[tuple[Role, Resource, int, int, int, int]]]] = []
        taken: dict[str, list[tuple[int, int, int]]] = {}
        same: dict[str, list[Resource]] = {}
        at = start
        for i, part in enumerate(asked.steps):
            at += part.gap.min_min if i else 0
            found = self.fill(asked, part, wanted, site, at, taken, same)
            if found is None:
                return None
            end, uses = found
            times.append((part, at, end, uses))
            at = end
        for held in asked.held:
            chosen = self.choose(asked, held.role, wanted, site, start, at, taken, [])
            if chosen is None:
                return None
            times[0][3].extend(chosen)
        if at > self.n or not self.suits_patient(asked, wanted, times, is_group=is_group):
            return None
        return [self.commit(part, a, b, site, uses) for part, a, b, uses in times]

    def fill(
        self,
        asked: Service,
        part: Step,
        wanted: Order,
        site: str,
        start: int,
        taken: dict[str, list[tuple[int, int, int]]],
        same: dict[str, list[Resource]],
    ) -> tuple[int, list[tuple[Role, Resource, int, int, int, int]]] | None:
        """End and reservations of a step from `start` on."""
        window = part.start_window
        if start >= self.n or (window is not None and not window.start <= self.wall[start] < window.end):
            return None
        assert part.duration is not None
        # As long as anybody here takes, so that it is long enough for whoever is chosen.
        slowest = max(part.duration.minutes, *part.duration.by_practitioner.values(), 1)
        tick = self.world.tick_min
        end = start + -(-(slowest + sum(part.duration.by_modifier.get(m, 0) for m in wanted.modifiers)) // tick) * tick
        uses: list[tuple[Role, Resource, int, int, int, int]] = []
        for needed in part.roles:
            only = same.get(needed.id) if any(needed.id == ref.role for s in asked.same for ref in s.roles) else None
            chosen = self.choose(asked, needed, wanted, site, start, end, taken, uses, only)
            if chosen is None:
                return None
            uses.extend(chosen)
            same[needed.id] = [c[1] for c in chosen]
        return end, uses

    def choose(
        self,
        asked: Service,
        needed: Role,
        wanted: Order,
        site: str,
        start: int,
        end: int,
        taken: dict[str, list[tuple[int, int, int]]],
        others: list[tuple[Role, Resource, int, int, int, int]],
        only: list[Resource] | None = None,
    ) -> list[tuple[Role, Resource, int, int, int, int]] | None:
        """Resources for a role over its window around `[start, end)`."""
        tick = self.world.tick_min
        first = (start if needed.start.anchor == "start" else end) + needed.start.minutes // tick * tick
        last = (start if needed.end.anchor == "start" else end) - (-needed.end.minutes // tick) * tick
        chosen: list[tuple[Role, Resource, int, int, int, int]] = []
        fixed = {getattr(o[1], "fixed_in", None) for o in others} - {None}
        for resource in self.resources:
            if resource.kind is not needed.kind or resource.site != site:
                continue
            if only is not None and resource not in only:
                continue
            if needed.kind == "room" and fixed and resource.id not in fixed:
                continue
            before = -(-(needed.setup_min + resource.setup_min) // tick) * tick
            after = -(-(needed.cleanup_min + resource.cleanup_min) // tick) * tick
            if resource.buffers == "overlap":
                before = after = 0
            a, b = first - before, last + after
            if self.is_free(resource, asked, wanted, a, b, needed.units, (first, last), taken.get(resource.id, [])):
                chosen.append((needed, resource, a, b, first, last))
            if len(chosen) == needed.count:
                break
        else:
            return None
        for _, resource, a, b, *_ in chosen:
            taken.setdefault(resource.id, []).append((a, b, needed.units))
        return chosen

    def is_free(
        self,
        resource: Resource,
        asked: Service,
        wanted: Order,
        a: int,
        b: int,
        units: int,
        window: tuple[int, int],
        taken: list[tuple[int, int, int]],
    ) -> bool:
        if a < 0 or b > self.n or any(w >= CLOSING_MIN for w in self.wall[a:b]):
            return False
        mine = sum(n for c, d, n in taken if c < b and a < d)
        if max(self.used[resource.id][a:b]) + mine + units > resource.lanes:
            return False
        if resource.changeovers or resource.buffers == "overlap":
            near = [*self.windows[resource.id], *((c, d) for c, d, _ in taken)]
            if any(window[0] < d + APART_MIN and c < window[1] + APART_MIN for c, d in near):
                return False
        return resource.use == "when-open" or self.part_of(resource, asked, wanted, a, b) is not None

    def part_of(self, resource: Resource, asked: Service, wanted: Order, a: int, b: int) -> tuple[str, str, int] | None:
        """The segment of a session that holds `[a, b)` and still takes the visit."""
        for owner, key, part, first, last in self.parts:
            named = part.services is None or asked.id in part.services
            is_full = part.quota is not None and self.quota.get(key, 0) + len(asked.steps) > part.quota
            is_kept = part.is_kept_for_urgent and wanted.priority == "routine"
            if owner == resource.id and first <= a and b <= last and named and not is_full and not is_kept:
                return key
        return None

    def suits_patient(self, asked: Service, wanted: Order, times: list[Any], *, is_group: bool) -> bool:
        start, end = times[0][1], times[-1][2]
        if asked.is_same_day and len({self.day[t[1]] for t in times}) > 1:
            return False
        if asked.max_span_min is not None and end - start > asked.max_span_min:
            return False
        if not is_group:
            if wanted.earliest_start is not None and self.at(start) < wanted.earliest_start:
                return False
            if wanted.deadline is not None and self.at(end) > wanted.deadline:
                return False
            stretches = [(a, b) for _, a, b, _ in times]
            stretches[0] = (stretches[0][0] - asked.arrive_before_min, stretches[0][1])
            if not self.take_patient(wanted, stretches):
                return False
        return all(
            self.part_of(r, asked, wanted, a, b) is not None or r.use == "when-open"
            for *_, uses in times
            for _, r, a, b, _, _ in uses
        )

    def take_patient(self, wanted: Order, stretches: list[tuple[int, int]]) -> bool:
        busy = self.patients[wanted.patient]
        away = self.world.patient_by_id[wanted.patient].unavailable
        for a, b in stretches:
            if any(a_.start < self.at(b) and self.at(a) < a_.end for a_ in away):
                return False
            if any(busy[m] for m in range(max(0, a), b)):
                return False
        for a, b in stretches:
            busy[max(0, a) : b] = [True] * (b - max(0, a))
        return True

    def commit(self, part: Step, start: int, end: int, site: str, uses: list[Any]) -> PlacedStep:
        reservations = []
        for needed, resource, a, b, first, last in uses:
            for m in range(a, b):
                self.used[resource.id][m] += needed.units
            self.windows[resource.id].append((first, last))
            for owner, key, _, begins, ends in self.parts:
                if owner == resource.id and begins <= a < ends:
                    self.quota[key] = self.quota.get(key, 0) + 1
            reservations.append(
                Reservation(
                    role=needed.id, resource=resource.id, start=self.at(a), end=self.at(b), units=needed.units,
                    use=needed.use,
                )
            )  # fmt: skip
        return PlacedStep(
            step=part.id, start=self.at(start), end=self.at(end), site=site, reservations=tuple(reservations)
        )


def _services(draw: st.DrawFn) -> list[Service]:
    minutes = st.sampled_from([10, 17, 20, 30])
    small = st.sampled_from([0, 0, 3, 5, 10])
    doctor = role("doctor", start=draw(st.sampled_from(["start", "start+5"])), cleanup_min=draw(small))
    place = role(
        "place", "room", start=draw(st.sampled_from(["start", "start-5", "start-7"])), setup_min=draw(small),
        cleanup_min=draw(small), tag=draw(st.sampled_from([None, "infectious"])),
    )  # fmt: skip
    machine = role("machine", "equipment", units=draw(st.integers(1, 2)))
    both = role("doctor", count=2)
    slow = {"minutes": draw(minutes), "by_practitioner": {"dr-0": draw(minutes)}, "by_modifier": {"new": 10}}
    single = service(
        "single", step("visit", roles=[doctor, place], duration=slow), arrive_before_min=draw(small),
        eligibility={"min_age": 18},
    )  # fmt: skip
    scan = service("scan", step("scan", draw(minutes), [machine, place], start_window=period("00:00", "04:00")))
    chain = service(
        "chain", step("one", draw(minutes), [doctor]),
        step("two", draw(minutes), [machine], gap=Gap(min_min=draw(st.sampled_from([0, 5, 20])), max_min=20)),
        step("three", draw(minutes), [doctor], gap=Gap(max_min=0)),
        same=(SameResource(roles=("one.doctor", "three.doctor")),), is_same_day=True, max_span_min=180,
        held=(HeldResource(role=role("chair", "room", cleanup_min=draw(small)), first="one", last="three"),)
        if draw(st.booleans()) else (),
    )  # fmt: skip
    together = service("together", step("visit", draw(minutes), [both]), group_size=2)
    return [single, scan, chain, together]


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    """Clinics with a handful of legal visits, over a weekend on which the clocks may change."""
    saturday = draw(st.sampled_from(SATURDAYS))
    sites = ["main", "far"][: draw(st.integers(1, 2))]
    resources: list[Resource] = []
    for i in range(draw(st.integers(2, 4))):
        where = sites[i % len(sites)]
        in_sessions = draw(st.booleans())
        resources.append(
            practitioner(
                f"dr-{i}", site=where, use="in-sessions" if in_sessions else "when-open", setup_min=5 * (i == 1)
            )
        )
    for i in range(draw(st.integers(2, 4))):
        rule = draw(st.sampled_from(["add", "overlap"]))
        tags = (Changeover(before="infectious", minutes=30),) if draw(st.booleans()) else ()
        lanes = draw(st.integers(1, 2))
        resources.append(
            room(f"room-{i}", site=sites[i % len(sites)], buffers=rule, cleanup_min=5 * (i == 0), lanes=lanes,
                 changeovers=tags if lanes == 1 else ())
        )  # fmt: skip
    resources += [
        equipment("fixed", lanes=2, fixed_in="room-0"),
        equipment("mobile", lanes=3, site=sites[-1]),
    ]
    services = _services(draw)
    sessions = []
    for who in resources:
        if who.use == "in-sessions":
            for n in range(2):
                quota = draw(st.sampled_from([None, None, 3, 6]))
                parts = (
                    Segment(start="00:00", end="04:00", quota=quota),
                    Segment(start="04:00", end="05:00", is_kept_for_urgent=True),
                    Segment(start="05:00", end="06:00", services=("single", "together")),
                )
                day = saturday + timedelta(days=n)
                sessions.append(
                    session(f"s-{who.id}-{n}", who.id, day, "00:00", "06:00", segments=parts, site=who.site)
                )
    zero = datetime(saturday.year, saturday.month, saturday.day, tzinfo=ZoneInfo(ZONE))
    end = zero + timedelta(days=2)
    away = Interval(start=zero + timedelta(hours=1), end=zero + timedelta(hours=2))
    people = [patient(f"p{i}", unavailable=(away,) if i == 0 else (), birth_date=date(1980, 1, 1)) for i in range(3)]
    kinds = draw(st.lists(st.sampled_from(["single", "scan", "chain"]), min_size=1, max_size=7))
    orders = [
        order(
            f"o{i}",
            patient=f"p{i % 3}",
            service=kind,
            priority=draw(st.sampled_from(["routine", "urgent"])),
            modifiers=("new",) if draw(st.booleans()) else (),
            earliest_start=zero + timedelta(minutes=draw(st.sampled_from([0, 30, 120, 24 * 60]))),
            deadline=end if draw(st.booleans()) else None,
            conditions=(Condition(kind="consent", status="met"),),
        )
        for i, kind in enumerate(kinds)
    ]
    seats = [order(f"g{i}", patient=f"p{i}", service="together") for i in range(2)]
    always = Hours(weekly=(weekly("00:00", "06:00", SEVEN_DAYS),))
    world = problem(
        resources,
        services,
        horizon=Interval(start=zero, end=end),
        tick_min=draw(st.sampled_from([1, 5])),
        sites=tuple(site(s, hours=always) for s in sites),
        patients=people,
        orders=(*orders, *seats),
        sessions=sessions,
        policy=Policy(min_notice_min=60),
    )
    clerk = Clerk(world, draw(st.permutations(world.resources)))
    clinic = Clinic(world, zero - timedelta(days=1))
    if draw(st.booleans()):
        meeting = clerk.place(seats[0], draw(st.sampled_from(sites)), "group", is_group=True)
        if isinstance(meeting, GroupOccurrence):
            clinic.groups.append(meeting)
            bare = tuple(s.model_copy(update={"reservations": ()}) for s in meeting.steps)
            first, last = (int((t - clerk.zero) / timedelta(minutes=1)) for t in (bare[0].start, bare[-1].end))
            for i, seat in enumerate(seats):
                if clerk.take_patient(seat, [(first, last)]):
                    clinic.visits.append(clerk.visit(seat, f"seat-{i}", bare, group="group"))
    for wanted in orders:
        visit = clerk.place(wanted, draw(st.sampled_from(sites)), f"v-{wanted.id}")
        if isinstance(visit, Appointment):
            clinic.visits.append(visit)
    return clinic
