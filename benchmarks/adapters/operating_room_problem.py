"""A week of operating-room booking in our own words, for `engine.jobs.book_orders`, and our answer back in its words.

The translation is exact: what the public problem allows, our rules allow, and the reverse. (A case of no minutes takes
one.)

- A room is a theatre with a session on each of its room-days. The public problem knows no time of day, only a number of
  minutes; here a session lasts so many minutes, and cases follow each other in it.
- A case is an order of its patient, and its length, ward and stay are a service. Its priority is ours, with weights
  under which one case counts more than all cases of lower priority, so that "left out" is lexicographic.
- A ward is a bed with a lane for every case that may need it. A stay is reserved from the surgery, so many days back,
  until so many days later after the theatres close. *All stays of a day, and no others, therefore overlap in the minute
  in which theatres close*, and there the lanes that the ward has not got are closed, by an entry without a patient.
- A case that is fixed is a pinned visit, placed behind the other fixed ones of its room-day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from benchmarks.adapters.operating_room import PRIORITIES, RoomDay
from engine.model.appointment import Appointment, PlacedStep, Reservation
from engine.model.base import DAY_MIN
from engine.model.calendar import Interval, LocalPeriod, Weekday
from engine.model.codes import PenaltyCode
from engine.model.hours import Hours, WeeklyPeriod
from engine.model.ids import (
    AppointmentId,
    OrderId,
    PatientId,
    ResourceId,
    RoleId,
    ServiceId,
    SessionId,
    SiteId,
    StepId,
)
from engine.model.order import Order, Priority
from engine.model.patient import Patient
from engine.model.policy import Policy, PriorityWeights
from engine.model.problem import Problem
from engine.model.resource import Bed, ResourceKind, Room, Site, UseRule
from engine.model.schedule import Schedule
from engine.model.service import Role, Service, Step
from engine.model.session import PatientClass, Segment, Session
from engine.model.shorthand import Duration, Offset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from benchmarks.adapters.operating_room import Assignment, Case, Instance

__all__ = ["Week", "assignment", "week_of"]

ZONE = "Europe/Rome"
MONDAY = date(2023, 2, 6)
"""Day 1 of every week; the clocks change neither in the weeks before it nor in those after it."""
OPENING_MIN = 8 * 60
SITE = SiteId("hospital")
THEATRE, BED = RoleId("theatre"), RoleId("bed")
SURGERY = StepId("surgery")
OUR_PRIORITY = dict(zip(PRIORITIES, (Priority.STAT, Priority.ASAP, Priority.URGENT, Priority.ROUTINE), strict=True))


class Week(NamedTuple):
    """A week to be booked: the schedule as it is, and when it is looked at."""

    schedule: Schedule
    now: datetime


class Stay(NamedTuple):
    """Days in the ward of a specialty before and after the day of surgery, as far as the ward's beds are limited."""

    ward: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What cases with the same service have in common; `stay` is None where no bed is limited."""

    specialty: int
    minutes: int
    stay: Stay | None

    @property
    def service(self) -> ServiceId:
        """The id of the service."""
        stay = "" if self.stay is None else f"-stay-{self.stay.before}-{self.stay.after}"
        return ServiceId(f"surgery-{self.specialty}-{self.minutes}{stay}")


def week_of(instance: Instance, *, respect_specialty: bool = False) -> Week:
    """Translate an instance.

    Parameters
    ----------
    respect_specialty
        Whether a room-day takes cases of its own specialties alone. The published problem does not ask for it.

    Raises
    ------
    ValueError
        If a room-day has more minutes than a day has.
    """
    if not 0 < instance.limit_min < DAY_MIN:
        raise ValueError(f"{instance.name}: a room-day takes {instance.limit_min} min, expected less than a day")
    return _Translator(instance, respect_specialty=respect_specialty).week()


def assignment(schedule: Schedule) -> Assignment:
    """Return room and day of every case that has a visit, of a schedule that began as `week_of`."""
    found: dict[int, RoomDay] = {}
    for visit in schedule.appointments:
        if visit.order is None:
            continue
        day = visit.start.astimezone(ZoneInfo(ZONE)).date()
        theatre = next(r.resource for s in visit.steps for r in s.reservations if r.role == THEATRE)
        name = schedule.problem.resource(theatre).name
        found[int(visit.order.removeprefix("case-"))] = RoomDay(name, (day - MONDAY).days + 1)
    return found


def _day(number: int) -> date:
    return MONDAY + timedelta(days=number - 1)


class _Translator:
    def __init__(self, instance: Instance, *, respect_specialty: bool) -> None:
        self.instance = instance
        self.respect_specialty = respect_specialty
        self.opening_min = min(OPENING_MIN, DAY_MIN - 1 - instance.limit_min)
        self.closing_min = self.opening_min + instance.limit_min
        self.days = sorted({place.day for place in instance.specialties})
        self.theatres = {
            name: ResourceId(f"theatre-{i}")
            for i, name in enumerate(sorted({place.room for place in instance.specialties}), start=1)
        }
        self.stays = {case.id: self._stay(case) for case in instance.cases.values()}
        self.kinds = {
            case.id: Kind(case.specialty, max(1, case.duration_min), self.stays[case.id])
            for case in instance.cases.values()
        }
        self.closed = dict(self._closed_beds())
        self.services = {kind.service: self._service(kind) for kind in self.kinds.values()}

    def week(self) -> Week:
        cases = sorted(self.instance.cases.values(), key=lambda case: case.id)
        bed_days = [day for _, day in self.closed]
        first, last = min([*self.days, *bed_days]), max([*self.days, *bed_days])
        horizon = Interval(start=self._at(first, 0), end=self._at(last + 1, 0))
        problem = Problem(
            name=self.instance.name,
            time_zone=ZONE,
            horizon=horizon,
            tick_min=1,
            policy=self._policy(),
            sites=(_site(),),
            resources=(*self._rooms(), *self._wards()),
            services=(*self.services.values(), *(_closing(ward, n) for ward, n in self._closings())),
            sessions=tuple(self._sessions()),
            patients=tuple(Patient(id=PatientId(f"patient-{case.id}"), name=f"Case {case.id}") for case in cases),
            orders=tuple(self._order(case) for case in cases),
        )
        return Week(Schedule.of(problem, (*self._closed_entries(), *self._given())), horizon.start)

    def _at(self, day: int, minute: int) -> datetime:
        return datetime.combine(_day(day), datetime.min.time(), ZoneInfo(ZONE)) + timedelta(minutes=minute)

    def _policy(self) -> Policy:
        """One case weighs more than all of lower priority together; nothing else costs anything."""
        count = {p: sum(case.priority == p for case in self.instance.cases.values()) for p in PRIORITIES}
        weight = {4: 1}
        for priority in (3, 2, 1):
            weight[priority] = weight[priority + 1] * (count[priority + 1] + 1)
        return Policy(
            priority=PriorityWeights(**{OUR_PRIORITY[p].value: weight[p] for p in PRIORITIES}),
            weights={PenaltyCode.UNPLACED: 1, PenaltyCode.ACCESS_DELAY: 0},
            start_grid_min=1,
        )

    # --- theatres

    def _rooms(self) -> Iterator[Room]:
        for name, theatre in self.theatres.items():
            yield Room(id=theatre, name=name, site=SITE, capabilities=("theatre",), use=UseRule.IN_SESSIONS)

    def _sessions(self) -> Iterator[Session]:
        period = LocalPeriod(start=self.opening_min, end=self.closing_min)
        for place, owners in sorted(self.instance.specialties.items()):
            segments: tuple[Segment, ...] = ()
            if self.respect_specialty:
                services = self._services_of(owners)
                if not services:
                    continue  # nobody waits for it
                segments = (Segment(start=period.start, end=period.end, services=services),)
            yield Session(
                id=SessionId(f"{self.theatres[place.room]}-day-{place.day}"),
                owner=self.theatres[place.room],
                site=SITE,
                day=_day(place.day),
                period=period,
                segments=segments,
            )

    def _services_of(self, specialties: Collection[int]) -> tuple[ServiceId, ...]:
        return tuple(dict.fromkeys(kind.service for kind in self.kinds.values() if kind.specialty in specialties))

    # --- cases

    def _service(self, kind: Kind) -> Service:
        roles = [Role(id=THEATRE, kind=ResourceKind.ROOM, capabilities=("theatre",))]
        if kind.stay is not None:
            start, end = self._bed_window(kind.stay)
            roles.append(
                Role(
                    id=BED,
                    kind=ResourceKind.BED,
                    any_of=(_ward_id(kind.stay.ward),),
                    start=Offset(anchor="start", minutes=start),
                    end=Offset(anchor="start", minutes=end),
                )
            )
        return Service(
            id=kind.service,
            name=f"Surgery of specialty {kind.specialty}, {kind.minutes} min",
            steps=(Step(id=SURGERY, duration=Duration(minutes=kind.minutes), roles=tuple(roles)),),
        )

    def _bed_window(self, stay: Stay) -> tuple[int, int]:
        """Minutes from the start of surgery, which is not after the theatres close and up to a session before that.

        The stay therefore begins before the closing minute of its first day, ends after that of its last day, and
        before that of the next.
        """
        return -stay.before * DAY_MIN, stay.after * DAY_MIN + self.instance.limit_min + 1

    def _order(self, case: Case) -> Order:
        return Order(
            id=OrderId(f"case-{case.id}"),
            patient=PatientId(f"patient-{case.id}"),
            service=self.kinds[case.id].service,
            priority=OUR_PRIORITY[case.priority],
            patient_class=PatientClass.INPATIENT if case.needs_bed else PatientClass.OUTPATIENT,
        )

    def _given(self) -> Iterator[Appointment]:
        taken: defaultdict[RoomDay, int] = defaultdict(int)
        for case_id, place in sorted(self.instance.given.items()):
            kind, case = self.kinds[case_id], self.instance.cases[case_id]
            start = self._at(place.day, self.opening_min + taken[place])
            end = start + timedelta(minutes=kind.minutes)
            taken[place] += kind.minutes
            uses = [Reservation(role=THEATRE, resource=self.theatres[place.room], start=start, end=end)]
            if kind.stay is not None:
                first, last = (start + timedelta(minutes=m) for m in self._bed_window(kind.stay))
                uses.append(Reservation(role=BED, resource=_ward_id(kind.stay.ward), start=first, end=last))
            order = self._order(case)
            yield Appointment(
                id=AppointmentId(f"given-{case_id}"),
                patient=order.patient,
                service=order.service,
                order=order.id,
                priority=order.priority,
                patient_class=order.patient_class,
                is_pinned=True,
                steps=(PlacedStep(step=SURGERY, start=start, end=end, site=SITE, reservations=tuple(uses)),),
            )

    # --- wards

    def _stay(self, case: Case) -> Stay | None:
        """The days in the ward, none of them outside the days for which the instance limits its beds."""
        limited = [day for ward, day in self.instance.beds if ward == case.specialty]
        if not case.needs_bed or not limited:
            return None
        before = min(case.days_before, self.days[-1] - min(limited))
        after = min(case.days_after, max(limited) - self.days[0])
        return Stay(case.specialty, max(0, before), max(0, after))

    def _lanes(self) -> Mapping[int, int]:
        """A lane for every case that may need a bed of the ward."""
        lanes: defaultdict[int, int] = defaultdict(int)
        for stay in self.stays.values():
            if stay is not None:
                lanes[stay.ward] += 1
        return lanes

    def _wards(self) -> Iterator[Bed]:
        for ward, lanes in sorted(self._lanes().items()):
            yield Bed(id=_ward_id(ward), name=f"Ward of specialty {ward}", site=SITE, lanes=lanes)

    def _closed_beds(self) -> Iterator[tuple[tuple[int, int], int]]:
        """How many lanes are closed, by (ward, day), where any are and somebody could be there that day."""
        lanes = self._lanes()
        for (ward, day), beds in sorted(self.instance.beds.items()):
            stays = [stay for stay in self.stays.values() if stay is not None and stay.ward == ward]
            is_reached = any(self.days[0] - s.before <= day <= self.days[-1] + s.after for s in stays)
            if is_reached and beds < lanes[ward]:
                yield (ward, day), lanes[ward] - beds

    def _closings(self) -> list[tuple[int, int]]:
        return sorted({(ward, n) for (ward, _), n in self.closed.items()})

    def _closed_entries(self) -> Iterator[Appointment]:
        for (ward, day), n in self.closed.items():
            start = self._at(day, self.closing_min)
            end = start + timedelta(minutes=1)
            use = Reservation(role=BED, resource=_ward_id(ward), start=start, end=end, units=n)
            yield Appointment(
                id=AppointmentId(f"closed-{ward}-day-{day}"),
                service=_closing_id(ward, n),
                is_pinned=True,
                steps=(PlacedStep(step=StepId("closed"), start=start, end=end, site=SITE, reservations=(use,)),),
            )


def _site() -> Site:
    always = WeeklyPeriod(days=tuple(Weekday), start=0, end=DAY_MIN)
    return Site(id=SITE, name="Hospital", time_zone=ZONE, hours=Hours(weekly=(always,)))


def _ward_id(specialty: int) -> ResourceId:
    return ResourceId(f"ward-{specialty}")


def _closing_id(ward: int, beds: int) -> ServiceId:
    return ServiceId(f"closed-{ward}-{beds}")


def _closing(ward: int, beds: int) -> Service:
    role = Role(id=BED, kind=ResourceKind.BED, any_of=(_ward_id(ward),), units=beds)
    step = Step(id=StepId("closed"), duration=Duration(minutes=1), roles=(role,), is_patient_present=False)
    return Service(id=_closing_id(ward, beds), name=f"{beds} beds closed", steps=(step,))
