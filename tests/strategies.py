"""Small random worlds for hypothesis: valid problems with bookings and an order, a few dozen open ticks in all.

A world is drawn for the features that a test is about; each adds its own choices to a plain clinic of one or two
mornings. Bookings lie on whole ticks and may clash with each other: what search must respect is what is taken, not how
it came to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import reject
from hypothesis import strategies as st

from engine.errors import InvalidProblemError
from engine.model.appointment import Appointment, GroupOccurrence, PlacedStep, Reservation
from engine.model.calendar import Interval, Weekday, instant_at
from engine.model.hours import Hours, HoursException
from engine.model.order import (
    Condition,
    Occurrence,
    Order,
    Preference,
    Prerequisite,
    Separation,
    TargetDate,
    Tie,
)
from engine.model.policy import Policy
from engine.model.requirement import could_fill, roles_in
from engine.model.resource import Bed, Changeover, Privilege, ResourceLimit, Travel
from engine.model.schedule import Schedule
from engine.model.service import Eligibility, Gap, HeldResource, NeedRule, Role, SameResource, Service, Step
from engine.model.session import ClassQuota, FloatingBreak, Pool, Release, Segment, Session, SurgeryBlock
from engine.model.shorthand import Duration, RoleRef
from tests import factories as f

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.model.problem import Problem
    from engine.model.resource import Resource

FEATURES = (
    "age",
    "any-order",
    "blocks",
    "breaks",
    "buffers",
    "changeover",
    "chain",
    "costs",
    "diary",
    "durations",
    "fixed-equipment",
    "groups",
    "held",
    "k-of-n",
    "kept-back",
    "lanes",
    "modalities",
    "needs",
    "neighbours",
    "night",
    "order",
    "overbooking",
    "patient",
    "presence",
    "privileges",
    "quotas",
    "required",
    "same",
    "segments",
    "series",
    "session-rooms",
    "sites",
    "stay",
    "three-steps",
    "two-roles",
    "waits",
    "zones",
)
"""What a world can be about."""


_SEVERAL_STEPS = {"any-order", "chain", "held", "same", "three-steps", "waits"}


@dataclass(frozen=True)
class World:
    """A schedule, an order in it without a visit, and the time at which somebody asks."""

    schedule: Schedule
    order_id: str
    now: datetime
    occurrence: int = 0

    @property
    def problem(self) -> Problem:
        return self.schedule.problem

    @cached_property
    def order(self) -> Order:
        return self.problem.order_by_id[self.order_id]


@st.composite
def worlds(draw: st.DrawFn, *features: str, extra: int = 0) -> World:
    """A world about `features`, and up to `extra` more of them."""
    about = set(features)
    if extra:
        about |= set(draw(st.lists(st.sampled_from(FEATURES), max_size=extra, unique=True)))
    return _Maker(draw, about).world()


class _Maker:
    """Draws one world."""

    def __init__(self, draw: st.DrawFn, about: set[str]) -> None:
        self.draw, self.about = draw, about
        self.tick = draw(st.sampled_from([15, 30]))
        over_days = {"age", "chain", "costs", "neighbours", "order", "privileges", "series", "waits"}
        self.days = draw(st.sampled_from([1, 2])) if about & over_days else 1
        length = draw(st.sampled_from([2, 3, 4])) if self.days == 1 else draw(st.sampled_from([1, 2]))
        self.first_day, self.open_min = f.MONDAY, 8 * 60
        if "night" in about:  # nights in which the clocks go forward, go back, or do neither
            self.first_day = draw(st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), f.MONDAY]))
            self.open_min, length = draw(st.sampled_from([22, 23])) * 60, 4 if about & _SEVERAL_STEPS else length + 2
        if "stay" in about:  # over nights in which the clocks change, or do not
            self.first_day = draw(st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), f.MONDAY]))
        self.length_min = length * 60
        self.site_ids = ["main", "east"] if about & {"sites", "zones"} else ["main"]

    def has(self, *features: str) -> bool:
        return bool(self.about & set(features))

    def pick(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def maybe(self, percent: int = 50) -> bool:
        return self.draw(st.integers(0, 99)) < percent

    def ticks(self, low: int, high: int) -> int:
        """Minutes: a whole number of ticks."""
        return self.draw(st.integers(low, high)) * self.tick

    def minutes(self, *values: int) -> int:
        """Minutes, on ticks or off."""
        return int(self.pick(*values, self.tick, 0))

    def at(self, minute: int = 0, day: int = 0) -> datetime:
        """Minutes of elapsed time after opening on a day of the world."""
        opening = f.at(f"{self.first_day + timedelta(days=day)} {_wall(self.open_min)}")
        return (opening.astimezone(UTC) + timedelta(minutes=minute)).astimezone(opening.tzinfo)

    def date(self, day: int) -> date:
        return self.first_day + timedelta(days=day)

    # --- the world ------------------------------------------------------------------------------------------------

    def world(self) -> World:
        resources = self.resources()
        services = self.services(resources)
        sessions = self.sessions(resources)
        patients = (self.patient(resources), f.patient("pat-2"), f.patient("pat-3"))
        orders, ties = self.orders(resources)
        start = f.at(f"{self.first_day} 00:00")
        days = self.days + (self.open_min + self.length_min > 24 * 60) + (self.pick(1, 2, 3) if self.has("stay") else 0)
        hours = Hours(weekly=(self.weekly(self.length_min),))
        problem = self.problem(
            resources,
            services,
            horizon=Interval(start=start, end=start + timedelta(days=days)),
            tick_min=self.tick,
            policy=self.policy(),
            sites=tuple(f.site(s, hours=hours, time_zone=self.zone(s)) for s in self.site_ids),
            travel=(Travel(origin="main", destination="east", minutes=self.pick(0, 20, 30, 60)),)
            if len(self.site_ids) > 1
            else (),
            sessions=sessions,
            blocks=self.blocks(resources),
            needs=self.needs(),
            patients=patients,
            orders=orders,
            ties=ties,
        )
        now = self.at(30) if self.has("order", "kept-back", "blocks") and self.maybe() else self.at(-20 * 60)
        booked = self.bookings(problem)
        groups, seats = self.groups(problem) if self.has("groups") else ((), [])
        return World(
            Schedule.of(problem, [*booked, *seats], groups=groups),
            "ord-1",
            now,
            1 if self.has("series") and self.maybe(30) else 0,
        )

    def problem(self, *args: Any, **fields: Any) -> Problem:
        """The problem, where it does not contradict itself; a few draws do."""
        try:
            return f.problem(*args, **fields)
        except InvalidProblemError:
            reject()

    def zone(self, site: str) -> str:
        return (
            f.ZONE if site == "main" or not self.has("zones") else self.pick("Europe/London", "Asia/Kathmandu", f.ZONE)
        )

    def weekly(self, length_min: int) -> Any:
        return f.weekly(_wall(self.open_min), _until(self.open_min + length_min), days=tuple(Weekday))

    def policy(self) -> Policy:
        fields: dict[str, Any] = {"start_grid_min": self.pick(self.tick, self.tick, 2 * self.tick)}
        if self.has("stay"):
            fields["discharge_at"] = self.pick("09:00", "10:30", "24:00")
        if self.has("order"):
            fields["min_notice_min"] = self.pick(0, 0, 45)
            fields["max_ahead_days"] = self.pick(None, 1, 2)
        if self.has("costs"):
            fields["weights"] = {"patient-wait": self.pick(0, 1), "tardiness": self.pick(0, 2)}
        if self.has("waits"):
            fields["weights"] = {"patient-wait": self.pick(1, 3), "tardiness": self.pick(0, 2, 90)}
        if self.has("diary"):
            weights = {"idle-gap": self.pick(0, 1, 3), "opened-session": self.pick(0, 2, 40)}
            fields["weights"] = {**fields.get("weights", {}), **weights}
            fields["useful_gap_min"] = self.pick(15, 31, 60, 120)
        return Policy(**fields)

    # --- resources ------------------------------------------------------------------------------------------------

    def resources(self) -> tuple[Resource, ...]:
        n_rooms = self.draw(st.integers(2, 3)) if self.has("fixed-equipment", "session-rooms", "blocks") else 2
        n_staff = self.draw(st.integers(1, 2 if self.has("three-steps") else 3))
        staff = [self.person(i) for i in range(n_staff)]
        rooms = [self.thing(f.room, f"room-{i}") for i in range(n_rooms)]
        machines = []
        for i in range(2 if self.has("fixed-equipment") else 1):
            fixed = self.pick(None, *(r.id for r in rooms)) if self.has("fixed-equipment") else None
            site = next((r.site for r in rooms if r.id == fixed), None)
            machines.append(self.thing(f.equipment, f"scan-{i}", fixed_in=fixed, **({"site": site} if site else {})))
        return (*staff, *rooms, *machines, *(self.bed(f"bed-{i}") for i in range(2) if self.has("stay")))

    def bed(self, id: str) -> Resource:
        """Open day and night, but for an hour perhaps."""
        fields = {k: v for k, v in self.common().items() if k not in ("hours", "buffers", "changeovers")}
        closed = self.at(self.pick(0, 20 * 60, 25 * 60))
        away = (
            (HoursException(kind="closure", start=closed, end=closed + timedelta(hours=1)),) if self.maybe(25) else ()
        )
        weekly = f.weekly("00:00", "24:00", days=tuple(Weekday))
        site = self.pick(*self.site_ids)
        return Bed(id=id, name=id, **{**fields, "site": site, "hours": Hours(weekly=(weekly,), exceptions=away)})

    def common(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if self.has("lanes") and self.maybe():
            fields["lanes"] = 2
        if self.maybe(25):
            fields["hours"] = Hours(weekly=(self.weekly(self.pick(60, 90, 150)),))
        elif self.maybe(25):
            off = self.at(self.pick(0, 60, 80))
            away = HoursException(kind="leave", start=off, end=off + timedelta(minutes=self.pick(20, 30, 60)))
            fields["hours"] = Hours(exceptions=(away,))
        if self.has("buffers", "changeover"):
            fields["buffers"] = self.pick("add", "overlap")
            fields["setup_min"], fields["cleanup_min"] = self.minutes(10), self.minutes(10, 40)
        if self.has("changeover") and self.maybe(70):
            pairs = [(None, None), ("wet", None), (None, "wet"), ("wet", "wet")]
            chosen = self.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=3, unique=True))
            fields["changeovers"] = tuple(
                Changeover(before=a, after=b, minutes=self.minutes(10, 40, 70)) for a, b in chosen
            )
            fields["capabilities"] = ("wet-room",)
        if self.has("age") and self.maybe():
            fields["limits"] = (
                ResourceLimit(kind="age-years", **self.pick({"minimum": 17}, {"maximum": 16}, {"maximum": 17})),
            )
        if self.has("patient") and self.maybe(30):
            fields["limits"] = (ResourceLimit(kind="weight-kg", maximum=self.pick(80, 120)),)
        return fields

    def person(self, i: int) -> Resource:
        fields = self.common()
        if self.has("sites", "zones"):
            fields["site"] = self.pick(*self.site_ids)
            fields["other_sites"] = self.pick((), tuple(s for s in self.site_ids if s != fields["site"]))
        if self.has("session-rooms", "segments", "quotas", "kept-back", "breaks", "overbooking"):
            fields["use"] = self.pick("in-sessions", "when-open")
        if self.has("blocks"):
            fields["use"] = self.pick("in-sessions", "when-open")
            fields["specialties"] = self.pick((), ("bone",), ("eye",))
        if self.has("presence"):
            fields["presence_limit"] = self.pick(0, 1, 2)
        if self.has("patient", "needs"):
            fields["accepts_new"] = self.maybe(70)
        if self.has("privileges"):
            fields["capabilities"] = self.pick((), ("cut",))
            dates = st.sampled_from([None, self.date(0), self.date(1)])
            fields["privileges"] = tuple(
                Privilege(capability="cut", valid_from=self.draw(dates), valid_until=self.draw(dates))
                for _ in range(self.pick(0, 1, 2))
            )
            fields["privileges"] = tuple(
                p
                for p in fields["privileges"]
                if not (p.valid_from and p.valid_until and p.valid_until <= p.valid_from)
            )
        return f.practitioner(f"dr-{i}", **fields)

    def thing(self, make: Callable[..., Resource], id: str, **more: Any) -> Resource:
        fields = self.common()
        if self.has("sites", "zones"):
            fields["site"] = self.pick(*self.site_ids)
        return make(id, **{**fields, **more})

    # --- services -------------------------------------------------------------------------------------------------

    def services(self, resources: tuple[Resource, ...]) -> tuple[Service, ...]:
        n = (
            3
            if self.has("three-steps") or (self.has("any-order") and self.maybe(40))
            else 2
            if self.has(*_SEVERAL_STEPS)
            else 1
        )
        steps = [self.step(i, resources) for i in range(n)]
        fields: dict[str, Any] = {"is_ordered": not self.has("any-order")}
        if self.has("groups"):
            fields["group_size"] = self.pick(2, 2, 3)
        if n > 1:
            if self.maybe(30):
                fields["is_same_day"] = True
            if self.maybe(40):
                fields["max_span_min"] = self.ticks(3, 10)
        if self.has("same") or (self.has("waits") and self.maybe(30)):
            roles = [RoleRef(step=s.id, role="doctor") for s in steps if any(r.id == "doctor" for r in s.roles)]
            if len(roles) > 1 and len({next(r.count for r in s.roles if r.id == "doctor") for s in steps}) == 1:
                fields["same"] = (SameResource(roles=tuple(roles)),)
        if fields["is_ordered"] and (self.has("held") or (self.has("waits") and self.maybe(40))):
            kind = self.pick("room", "equipment", "practitioner")
            offsets = self.window(50)
            last = steps[self.draw(st.integers(1, n - 1))].id
            role = Role(id="kept", kind=kind, **offsets)
            fields["held"] = (HeldResource(role=role, first=steps[0].id, last=last),)
        if self.has("patient"):
            fields["arrive_before_min"] = self.pick(0, 0, 10, 30)
        if self.has("age"):
            fields["eligibility"] = Eligibility(min_age=self.pick(None, 17), max_age=self.pick(None, 17))
        if self.has("order"):
            fields["min_notice_min"] = self.pick(0, 0, 90)
        other = f.service(
            "other",
            f.step(
                "use",
                self.tick,
                roles=(
                    f.role("doctor", tag=self.pick(None, "wet")),
                    f.role("room", "room"),
                    f.role("scan", "equipment"),
                    *([f.role("bed", "bed")] if self.has("stay") else []),
                ),
            ),
            arrive_before_min=fields.get("arrive_before_min", 0),
        )
        return f.service("visit", *steps, **fields), other

    def step(self, i: int, resources: tuple[Resource, ...]) -> Step:
        roles = [self.role("doctor", "practitioner")]
        if self.has("privileges") and self.maybe(80):
            roles = [self.role("doctor", "practitioner", capabilities=("cut",))]
        if self.has("fixed-equipment", "session-rooms", "blocks", "sites", "lanes", "buffers", "zones") or self.maybe(
            30
        ):
            roles.append(self.role("room", "room"))
        if self.has("fixed-equipment", "durations") or self.maybe(20):
            roles.append(self.role("scan", "equipment"))
        if self.has("two-roles"):
            roles.append(self.role("second", "practitioner"))
        if self.has("presence"):
            roles.append(self.role("boss", "practitioner", use="presence"))
        if self.has("k-of-n"):
            at = self.draw(st.integers(0, len(roles) - 1))
            roles[at] = roles[at].model_copy(update={"count": 2})
        fields: dict[str, Any] = {}
        if self.has("stay") and (i == 0 or self.maybe(40)):
            fields["nights"] = self.pick(1, 1, 2)
            short = {"end": "start+30"}
            at = self.pick({}, short, short, short, {"start": "end-30"}, {"start": "end-30", "end": "end+10"})
            roles = [role.model_copy(update=dict(f.role(role.id, role.kind, **at))) for role in roles]
            roles = [roles[0], *(role for role in roles[1:] if self.maybe(30))]
            roles.append(self.role("bed", "bed", **self.pick({}, {}, {"cleanup_min": 30}, {"end": "end+30"})))
        else:
            fields["duration"] = self.duration(resources)
        fields["roles"] = roles
        if i > 0 and not self.has("any-order"):
            low = self.minutes(10, 20)
            fields["gap"] = Gap(min_min=low, max_min=self.pick(None, low, low + 35, low + 60))
            if self.has("waits"):
                fields["gap"] = Gap(min_min=low, max_min=self.pick(None, None, low + 26 * 60))
        if self.has("any-order", "chain", "order") and self.maybe(25):
            fields["start_window"] = f.period(
                _wall(self.pick(0, self.open_min + 30)), self.pick(_until(self.open_min + 60), "24:00")
            )
        if self.has("modalities"):
            fields["modalities"] = self.pick(("in-person",), ("video", "in-person"), ("video",))
        if self.has("any-order", "chain", "three-steps", "modalities", "patient", "waits"):
            fields["is_patient_present"] = self.maybe(80)
        return f.step(f"step-{i}", **fields)

    def duration(self, resources: tuple[Resource, ...]) -> Duration:
        fields: dict[str, Any] = {"minutes": self.pick(self.tick, 2 * self.tick, 20)}
        if self.has("durations"):
            by = [r.id for r in resources if r.kind == "practitioner" and self.maybe()]
            fields["by_practitioner"] = {r: self.pick(10, self.tick, 2 * self.tick, 3 * self.tick) for r in by}
            machines = [r.id for r in resources if r.kind == "equipment" and self.maybe(40)]
            fields["by_equipment"] = {r: self.pick(self.tick, 2 * self.tick, 3 * self.tick) for r in machines}
            fields["by_modifier"] = {"new": self.pick(-5, self.tick)}
        return Duration(**fields)

    def window(self, percent: int) -> dict[str, Any]:
        if not self.maybe(percent):
            return {}
        fields = {
            "start": self.pick("start", "start", "start-10", "start-30", "end-10"),
            "end": self.pick("end", "end+10", "end+30"),
        }
        return {**fields, "setup_min": self.minutes(10), "cleanup_min": self.minutes(10, 30)}

    def role(self, id: str, kind: str, **fields: Any) -> Role:
        if self.has("buffers", "changeover", "presence"):
            fields.update(self.window(50))
        if self.has("changeover"):
            fields["tag"] = self.pick(None, "wet")
        if self.has("modalities") and self.maybe(30):
            fields["modalities"] = self.pick(("in-person",), ("in-person", "video"))
        if self.has("lanes") and self.maybe(20):
            fields["units"] = 2
        return f.role(id, kind, **fields)

    def needs(self) -> tuple[NeedRule, ...]:
        if not self.has("needs"):
            return ()
        helper = Role(id="helper", kind="practitioner", **self.window(50))
        return (NeedRule(need="help", adds_min=self.pick(0, 10, 30), roles=self.pick((), (helper,))),)

    # --- sessions and blocks --------------------------------------------------------------------------------------

    def sessions(self, resources: tuple[Resource, ...]) -> tuple[Session, ...]:
        if not self.has("session-rooms", "segments", "quotas", "kept-back", "breaks", "overbooking", "sites", "night"):
            return ()
        owners: list[Any] = [r.id for r in resources if r.kind == "practitioner"] + ["scan-0"]
        if self.maybe(20):
            owners.append(Pool(kind="practitioner"))
        sites = {r.id: (r.site, *getattr(r, "other_sites", ())) for r in resources}
        until: dict[Any, int] = {}
        found = []
        for j in range(self.draw(st.integers(1, 4))):
            owner = self.draw(st.sampled_from(owners))
            day = self.draw(st.integers(0, self.days - 1))
            start = until.get((owner, day), self.open_min) + self.pick(0, 0, 30, 60)
            end = until[owner, day] = start + self.draw(st.integers(2, 5)) * 30
            fields: dict[str, Any] = {"site": self.pick(*sites.get(owner, ("main",)))}
            if self.has("session-rooms"):
                fields["rooms"] = self.rooms(resources, fields["site"])
            if self.has("segments", "quotas", "kept-back"):
                fields["segments"] = self.segments(start, end)
            if self.has("quotas") and self.maybe():
                fields["class_quotas"] = (ClassQuota(patient_class="outpatient", quota=self.pick(0, 1, 2)),)
            if self.has("overbooking"):
                fields["overbooking_lanes"] = self.pick(0, 1)
            if self.has("breaks"):
                low = start + self.pick(0, 30)
                high = min(end, low + self.pick(60, 90))
                minutes = self.pick(20, 30, 45)
                if high - low >= minutes:
                    window = {"start": _wall(low % 1440), "end": _until(high)}
                    fields["breaks"] = (FloatingBreak(minutes=minutes, **window),)
            period = f.period(_wall(start % 1440), _until(end))
            day += start // 1440
            found.append(Session(id=f"ses-{j}", owner=owner, day=self.date(day), period=period, **fields))
        return tuple(found)

    def rooms(self, resources: tuple[Resource, ...], site: str) -> tuple[str, ...]:
        here = [r.id for r in resources if r.kind == "room" and r.site == site]
        return tuple(r for r in here if self.maybe()) if self.maybe(80) else ()

    def segments(self, start: int, end: int) -> tuple[Segment, ...]:
        if self.maybe(20):
            return ()
        middle = self.draw(st.integers(start // 15 + 1, end // 15 - 1)) * 15
        parts = [(start, middle), (middle, end)]
        found = []
        for a, b in parts[: self.pick(1, 2, 2, 2)]:
            fields: dict[str, Any] = {"services": self.pick(None, ("visit",), ("visit",), ("other",))}
            if self.has("quotas"):
                fields["quota"] = self.pick(None, 0, 1, 2)
            if self.has("kept-back") and self.maybe(60):
                fields["is_kept_for_urgent"] = True
                fields["release"] = self.pick(
                    None, Release(days_before=0, at="08:00"), Release(days_before=1, at="18:00")
                )
            found.append(Segment(start=_wall(a % 1440), end=_until(b), **fields))
        return tuple(found)

    def blocks(self, resources: tuple[Resource, ...]) -> tuple[SurgeryBlock, ...]:
        if not self.has("blocks"):
            return ()
        staff = [r.id for r in resources if r.kind == "practitioner"]
        found = []
        until = {"room-0": self.open_min, "room-1": self.open_min}
        for j in range(self.draw(st.integers(1, 3))):
            theatre = self.pick("room-0", "room-1")
            start = until[theatre] + self.pick(0, 0, 30, 60)
            end = until[theatre] = start + self.draw(st.integers(2, 5)) * 30
            owner = self.pick({"practitioner": self.pick(*staff)}, {"specialty": "bone"}, {"specialty": "eye"})
            found.append(
                SurgeryBlock(
                    id=f"block-{j}",
                    day=self.date(start // 1440),
                    theatre=theatre,
                    period=f.period(_wall(start % 1440), _until(end)),
                    services=self.pick(None, None, ("visit",), ("other",)),
                    release=self.pick(None, Release(days_before=0, at="08:00"), Release(days_before=1, at="18:00")),
                    **owner,
                )
            )
        return tuple(found)

    # --- patients and orders --------------------------------------------------------------------------------------

    def patient(self, resources: tuple[Resource, ...]) -> Any:
        fields: dict[str, Any] = {}
        if self.has("patient"):
            off = self.at(self.draw(st.integers(0, 20)) * 10)
            fields["unavailable"] = self.pick(
                (), (Interval(start=off, end=off + timedelta(minutes=self.pick(10, 40, 60))),)
            )
            fields["travel_min"] = self.pick(None, 0, 40)
            fields["measures"] = self.pick({}, {"weight-kg": 100})
            fields["known_to"] = self.pick((), ("dr-0",))
        if self.has("age"):
            fields["birth_date"] = self.pick(None, date(2009, 3, 3), date(2008, 3, 3), date(2009, 3, 2))
        if self.has("needs"):
            fields["needs"] = self.pick((), ("help",))
        if self.has("costs"):
            fields["preferred_practitioner"] = self.pick(None, "dr-0")
        return f.patient(**fields)

    def instant(self) -> datetime:
        """Some time of the world's open hours, on ticks or off."""
        return self.at(self.draw(st.integers(0, 24)) * 10, self.draw(st.integers(0, self.days - 1)))

    def orders(self, resources: tuple[Resource, ...]) -> tuple[tuple[Order, ...], tuple[Tie, ...]]:
        staff = [r.id for r in resources if r.kind == "practitioner"]
        fields: dict[str, Any] = {}
        others: list[Order] = []
        ties: tuple[Tie, ...] = ()
        if self.has("order", "kept-back"):
            fields["priority"] = self.pick("routine", "routine", "urgent", "stat")
        if self.has("order"):
            fields["earliest_start"] = self.pick(None, self.instant())
            fields["deadline"] = self.pick(None, None, self.instant() + timedelta(hours=1))
            if fields["earliest_start"] and fields["deadline"] and fields["deadline"] <= fields["earliest_start"]:
                fields["deadline"] = None
            valid = self.pick((None, None), (self.date(1), None), (None, self.date(0)))
            fields["conditions"] = self.pick(
                (),
                (Condition(kind="referral", status="met", valid_from=valid[0], valid_until=valid[1]),),
                (Condition(kind="consent", blocks=self.pick("booking", "performing")),),
            )
        if self.has("costs", "waits"):
            fields["due"] = self.pick(None, self.instant())
        if self.has("costs"):
            fields["priority"] = self.pick("routine", "urgent")
            fields["preferred_practitioner"] = self.pick(None, *staff)
            fields["preferred_sites"] = self.pick((), (self.site_ids[-1],))
            fields["preference"] = Preference(
                modality=self.pick(None, "video", "in-person") if self.has("modalities") else None,
                weekdays=self.pick((), ("tue",)),
                times=self.pick((), (f.period(_wall(self.open_min + 30), _until(self.open_min + 60)),)),
            )
        if self.has("modalities") and not self.has("costs"):
            fields["preference"] = Preference(modality=self.pick(None, "video", "in-person"))
        if self.has("costs", "order"):
            day = self.pick(None, self.date(0), self.date(1))
            fields["target"] = (
                None if day is None else TargetDate(day=day, before_days=self.pick(0, 1), after_days=self.pick(0, 1))
            )
        if self.has("required"):
            fields["required_practitioner"] = self.pick(*staff)
            fields["required_site"] = self.pick(None, *self.site_ids)
        if self.has("durations"):
            fields["modifiers"] = self.pick((), ("new",))
        if self.has("series"):
            fields["series"] = (
                Occurrence(offset_days=0),
                Occurrence(
                    offset_days=1,
                    before_days=self.pick(0, 1),
                    after_days=self.pick(0, 1),
                    duration_min=self.pick(None, 30),
                ),
            )
        if self.has("neighbours"):
            least = self.pick(0, 30)
            link = Prerequisite(order="ord-2", min_min=least, max_min=self.pick(None, least + 60))
            back = Prerequisite(order="ord-1", min_min=least, max_min=self.pick(None, least + 90))
            fields["prerequisites"] = self.pick((), (link,))
            fields["separations"] = self.pick(
                (), (Separation(minutes=self.pick(20, 60), service="other"),), (Separation(minutes=45, order="ord-2"),)
            )
            others.append(f.order("ord-2", service="other", patient=self.pick("pat-1", "pat-2")))
            others.append(
                f.order(
                    "ord-3",
                    service="other",
                    prerequisites=self.pick((), () if fields["prerequisites"] else (back,)),
                    separations=self.pick((), (Separation(minutes=40, service="visit"),)),
                )
            )
            if self.maybe(30):
                ties = (
                    Tie(
                        id="tie",
                        kind=self.pick("same-day", "one-trip"),
                        orders=("ord-1", "ord-2"),
                        max_wait_min=self.pick(None, 60),
                    ),
                )
        return (f.order(**fields), *others), ties

    # --- bookings -------------------------------------------------------------------------------------------------

    def bookings(self, problem: Problem) -> list[Appointment]:
        found: list[Appointment] = []
        roles = {"practitioner": "doctor", "room": "room", "equipment": "scan", "bed": "bed"}
        for j in range(self.draw(st.integers(0, 5))):
            day = self.draw(st.integers(0, self.days - 1))
            minute = self.ticks(0, self.length_min // self.tick - 1)
            start, end = self.at(minute, day), self.at(minute + self.ticks(1, 3), day)
            if self.has("stay") and self.maybe(40):
                start, end = self.at(minute, day + 1), self.at(minute + self.pick(60, 23 * 60), day + 1)
            chosen = self.draw(
                st.lists(st.sampled_from(problem.resources), min_size=1, max_size=2, unique_by=lambda r: r.kind)
            )
            use = "presence" if self.has("presence") and self.maybe(40) else "exclusive"
            reservations = tuple(
                Reservation(
                    role=roles[r.kind],
                    resource=r.id,
                    start=start,
                    end=end,
                    use=use if r.kind == "practitioner" else "exclusive",
                )
                for r in chosen
            )
            found.append(
                Appointment(
                    id=f"app-{j}",
                    patient=self.pick("pat-1", "pat-2", "pat-2")
                    if self.has("patient", "neighbours", "sites", "zones")
                    else "pat-2",
                    service="other",
                    steps=(
                        PlacedStep(
                            step="use", start=start, end=end, site=self.pick(*self.site_ids), reservations=reservations
                        ),
                    ),
                    patient_class=self.pick("outpatient", "inpatient") if self.has("quotas") else "outpatient",
                    booked_at=f.at("2026-02-01 09:00"),
                )
            )
        if self.has("neighbours"):
            found = self.of_orders(problem, found)
        if self.has("series") and found and self.maybe(70):
            found[0] = found[0].model_copy(
                update={"order": "ord-1", "service": "visit", "patient": "pat-1", "occurrence": 0}
            )
        return found

    def groups(self, problem: Problem) -> tuple[tuple[GroupOccurrence, ...], list[Appointment]]:
        """Group occurrences of the service asked for, with seats taken in them; they may break rules and clash."""
        service, found, seats = problem.service("visit"), [], []
        for j in range(self.pick(1, 1, 2)):
            minute, day, site = (
                self.ticks(0, self.length_min // self.tick - 1),
                self.pick(*range(self.days)),
                self.pick(*self.site_ids),
            )
            steps = []
            for step in service.steps:
                start = self.at(minute, day)
                minute += -(-(step.duration.minutes if step.duration else 60) // self.tick) * self.tick + self.pick(
                    0, 0, self.tick
                )
                if step.nights is not None:
                    leaves = start.astimezone(ZoneInfo(problem.zone_of(site))).date() + timedelta(days=step.nights)
                    end = instant_at(leaves, problem.policy.discharge_at, problem.zone_of(site))
                    minute = (end - self.at(0, day)) // timedelta(minutes=1)
                steps.append(self.placed(problem, step, start, self.at(minute, day), site))
                minute += self.pick(0, 0, self.tick, -self.tick)
            found.append(GroupOccurrence(id=f"grp-{j}", service="visit", seats=self.pick(2, 3), steps=tuple(steps)))
            bare = tuple(s.model_copy(update={"reservations": ()}) for s in steps)
            for patient in self.pick((), ("pat-2",), ("pat-2",), ("pat-2",), ("pat-2", "pat-3")):
                seats.append(
                    Appointment(
                        id=f"seat-{j}-{patient}",
                        patient=patient,
                        service="visit",
                        steps=bare,
                        status=self.pick("booked", "booked", "booked", "cancelled"),
                        patient_class=self.pick("outpatient", "inpatient") if self.has("quotas") else "outpatient",
                        priority=self.pick("routine", "urgent"),
                        booked_at=f.at("2026-02-01 09:00"),
                        group=f"grp-{j}",
                    )
                )
        return tuple(found), seats

    def placed(self, problem: Problem, step: Step, start: datetime, end: datetime, site: str) -> PlacedStep:
        """A step of a group, with resources that could fill its roles, as far as there are."""
        modality, reservations = self.pick(*step.modalities), []
        for role in roles_in(step, modality):
            pool = [r for r in problem.resources if could_fill(r, role)]
            for resource in pool[: role.count]:
                reservations.append(
                    Reservation(
                        role=role.id, resource=resource.id, start=start, end=end, units=role.units, use=role.use
                    )
                )
        return PlacedStep(
            step=step.id, start=start, end=end, site=site, modality=modality, reservations=tuple(reservations)
        )

    def of_orders(self, problem: Problem, found: list[Appointment]) -> list[Appointment]:
        """Some of the bookings as visits of the other orders."""
        for order, j in (("ord-2", 0), ("ord-3", 1)):
            if j < len(found) and self.maybe(70):
                patient = problem.order_by_id[order].patient
                found[j] = found[j].model_copy(update={"order": order, "patient": patient})
        return found


def _wall(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _until(minute: int) -> str:
    """The wall-clock time at which a period ends, minutes since midnight of the day it starts on."""
    return _wall((minute - 1) % 1440 + 1)
